"""What the pages show: brought up to date by the thread that works, read by those that answer."""

from __future__ import annotations

from dataclasses import dataclass, field

from psephos.board.board import Board
from psephos.server.snapshot import Snapshot, take
from psephos.server.trackers import Trackers

_AT_ONCE = 8192


@dataclass
class Showcase:
    """The latest snapshot, which is replaced as a whole, and where to find entries."""

    snapshot: Snapshot | None = None
    trackers: Trackers = field(default_factory=Trackers)

    def update(self, board: Board) -> None:
        """Show the board's record as it is now."""
        for start in range(self.trackers.size, board.record.size, _AT_ONCE):
            stop = min(start + _AT_ONCE, board.record.size)
            self.trackers.add(board.record, board.store.entries(start, stop))
        self.snapshot = take(board.record)
