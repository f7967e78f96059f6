"""What the pages show: brought up to date by the thread that works, read by those that answer."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from psephos.protocol.record import Record
from psephos.server.pages.snapshot import Snapshot, take
from psephos.server.pages.trackers import Trackers

_AT_ONCE = 8192

Entries = Callable[[int, int], list[bytes]]
"""Entries of a log from a first one up to, not including, a last."""


@dataclass
class PageData:
    """The latest snapshot, which is replaced as a whole, and where to find entries."""

    snapshot: Snapshot | None = None
    trackers: Trackers = field(default_factory=Trackers)

    def update(self, record: Record, entries: Entries) -> None:
        """Show a record as it is now; `entries` are those it was folded from."""
        for start in range(self.trackers.size, record.size, _AT_ONCE):
            self.trackers.add(record, entries(start, min(start + _AT_ONCE, record.size)))
        self.snapshot = take(record)
