"""What counts, and the close that trustees sign over it (`spec/phases.md#rows`, `spec/phases.md#close`)."""

from __future__ import annotations

import hashlib
from array import array
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from psephos.crypto.column import cut_rows, latest_rows
from psephos.errors import VerificationError
from psephos.protocol.entries import Close
from psephos.protocol.labels import COUNTING_SET_PREFIX
from psephos.protocol.setup.areas import counted_regions
from psephos.protocol.setup.definition import Definition
from psephos.protocol.storage import RUN
from psephos.protocol.tally.weighing import ChunkId, WeighingChains
from psephos.protocol.voting.ballot_box import BallotBox
from psephos.protocol.voting.rows import BallotRows
from psephos.protocol.voting.window import Windows
from psephos.protocol.witnessed import Witnessed


@dataclass(frozen=True)
class CountedRows:
    """The counting rows of one region: its rows of each day, by their place among the day's rows."""

    region: int
    days: Mapping[int, array[int]]

    def __len__(self) -> int:
        return sum(map(len, self.days.values()))


def counting_set(region: int, cards: int, days: Mapping[int, BallotRows]) -> CountedRows:
    """Of each card the row of its latest day (`spec/phases.md#rows`); `days` are all sealed."""
    last = latest_rows([days[day].cards for day in sorted(days)], cards)
    chosen = {day: array("I", rows) for day, rows in zip(sorted(days), last, strict=True)}
    return CountedRows(region, {day: rows for day, rows in chosen.items() if rows})


def counting_hash(sets: Sequence[CountedRows], days: Mapping[tuple[int, int], BallotRows]) -> bytes:
    """`spec/entries.md#close`."""
    state = hashlib.sha256(COUNTING_SET_PREFIX)
    for counting in sets:
        state.update(counting.region.to_bytes(2, "little") + len(counting).to_bytes(4, "little"))
        for day, rows in counting.days.items():
            for start in range(0, len(rows), RUN // 32):
                state.update(days[counting.region, day].hashes.take(rows[start : start + RUN // 32]))
    return state.digest()


def needed_chunks(
    definition: Definition, sets: Sequence[CountedRows]
) -> Iterator[tuple[ChunkId, array[int]]]:
    """Chunks with counting rows of these sets, and which of their rows count."""
    for counting in sets:
        size = definition.regions[counting.region].style.chunk_rows
        for day, rows in counting.days.items():
            for chunk, selected in cut_rows(rows, size):
                yield ChunkId(counting.region, day, chunk), array("I", selected)


@dataclass
class Closing:
    """On the way from the last seal to the close."""

    definition: Definition
    sets: list[CountedRows] | None = None
    """What counts, once the last day of every region that votes is sealed."""
    counted: list[CountedRows] = field(default_factory=list)
    """Of these, the sets of regions in areas that are counted."""
    right: Close | None = None
    """What every trustee must sign, once the close checkpoint is logged."""
    closed: int | None = None
    """Index of the entry that closed the referendum."""
    closers: set[int] = field(default_factory=set)
    """Who has signed what is right."""
    _wrong: dict[Close, set[int]] = field(default_factory=dict)
    _waiting: list[ChunkId] | None = None
    """Chunks with counting rows that may not be weighed yet; what is weighed stays so."""
    _last: int = 0
    """The last entry so far that the close point is not before."""

    def reach(
        self,
        windows: Sequence[Windows],
        box: BallotBox,
        weighing_chains: WeighingChains,
        checkpoints: Sequence[Witnessed],
    ) -> None:
        """Fix what counts and what must be signed, as soon as the record decides it."""
        if self.right is not None:
            return
        voting = [window for window in windows if window.opened]
        if not voting or not all(window.over for window in windows):
            return
        if self.sets is None:
            self.sets = [self._counting_set(window.region.index, box) for window in voting]
            regions = counted_regions(self.definition, [roster.enrolled for roster in box.rosters])
            self.counted = [counting for counting in self.sets if counting.region in regions]
        point = self._point(windows, weighing_chains)
        found = [c for c in checkpoints if point is not None and c.size > point]
        if found:
            self.right = Close(found[0].size, found[0].root, counting_hash(self.sets, box.days))

    @staticmethod
    def _counting_set(region: int, box: BallotBox) -> CountedRows:
        days = {day: rows for (where, day), rows in box.days.items() if where == region}
        return counting_set(region, box.rosters[region].cards, days)

    def _point(self, windows: Sequence[Windows], weighing_chains: WeighingChains) -> int | None:
        """The close point, when every chunk that holds a counting row is weighed."""
        if self._waiting is None:
            self._last = max(window.ended for window in windows)
            sets = self.counted if self.definition.coercion_resistant else []
            self._waiting = [place for place, _ in needed_chunks(self.definition, sets)]
        while self._waiting:
            completed = weighing_chains.chains[self._waiting[-1]].completed
            if completed is None:
                return None
            self._last = max(self._last, completed)
            self._waiting.pop()
        return self._last

    def add(self, index: int, trustee: int, close: Close, of_this_log: bool) -> None:
        """Checks 8.2 and 8.1; `of_this_log`: whether the log had that root at that size."""
        culprit, needed = f"trustee {trustee}", self.definition.trustees.close
        if self.right is None and of_this_log:
            raise VerificationError("8.1", "board", "a close before the close checkpoint")
        if close != self.right:
            signers = self._wrong.get(close, set()) | {trustee}
            if len(signers) >= needed:
                raise VerificationError("8.2", "trustees", f"{needed} of them signed one wrong close")
            self._wrong[close] = signers
            raise VerificationError("8.1", culprit, "not the close that follows from the record")
        if trustee in self.closers:
            raise VerificationError("8.1", "board", f"trustee {trustee} closed before")
        self.closers.add(trustee)
        if len(self.closers) == needed:
            self.closed = index
