"""What is decrypted at the end: of every area the sums of what counts (`spec/phases.md#release`)."""

from __future__ import annotations

from array import array
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TypeAlias

from psephos.crypto.column import take
from psephos.crypto.threshold import signed_sums, sum_columns
from psephos.protocol.areas import Area, counting_areas
from psephos.protocol.closing import Counting, needed_chunks
from psephos.protocol.definition import Definition
from psephos.protocol.enrolment import Roster
from psephos.protocol.rows import Rows
from psephos.protocol.shelf import RUN
from psephos.protocol.weighing import Chain, Place

_ROWS = 1 << 16
"""Rows that are added up together."""

Chunk: TypeAlias = "tuple[Place, array[int]]"
"""A chunk with counting rows, and which of its rows count."""


@dataclass
class Sums:
    """The rows that count, and what they add up to."""

    definition: Definition
    rosters: Sequence[Roster]
    days: Mapping[tuple[int, int], Rows]
    chains: Mapping[Place, Chain]
    sets: Sequence[Counting]
    signs: Mapping[Place, bytes]
    """Of every chunk with counting rows, once they are open: 1 or 255 for each such row."""
    _ciphertexts: bytes | None = field(default=None, init=False)

    @property
    def plain(self) -> bool:
        """Whether the referendum has no decoys, so no signs."""
        return self.definition.cards == 1

    def areas(self) -> list[tuple[int, Area]]:
        """Every counted area of every contest, in order."""
        voters = [roster.voters for roster in self.rosters]
        return [
            (contest.index, area)
            for contest in self.definition.contests
            for area in counting_areas(self.definition, contest.index, voters)
            if area.counted
        ]

    def ciphertexts(self) -> bytes:
        """S of every option and, with decoys, T, area by area."""
        if self._ciphertexts is None:
            self._ciphertexts = self._add_up()
        return self._ciphertexts

    def _add_up(self) -> bytes:
        sums = {counting.region: self._region_sums(counting) for counting in self.sets}
        joined = b""
        for contest, area in self.areas():
            parts = [self._contest_sums(contest, region, sums) for region in area.regions if region in sums]
            joined += sum_columns(b"".join(parts), len(parts[0]) // 64)
        return joined

    def _contest_sums(self, contest: int, region: int, sums: Mapping[int, tuple[bytes, bytes]]) -> bytes:
        """A region's S of one contest's options, then its T unless plain."""
        votes, voted = sums[region]
        at = 0
        for index, options, _blank in self.definition.regions[region].style.shape:
            if index == contest:
                return votes[64 * at : 64 * (at + options)] + (b"" if self.plain else voted)
            at += options
        raise ValueError(f"region {region} does not have contest {contest}")

    def _region_sums(self, counting: Counting) -> tuple[bytes, bytes]:
        """S of every option of a region's style, and T."""
        options = self.definition.regions[counting.region].style.width - 1
        if self.plain:
            return _added(self._votes(counting), options), b""
        return _added(self._doubled_votes(counting), options), _added(self._weights(counting), 1)

    def _votes(self, counting: Counting) -> Iterator[bytes]:
        for day, rows in _by_day(counting):
            yield self.days[counting.region, day].ciphertexts.take(rows)

    def _weights(self, counting: Counting) -> Iterator[bytes]:
        for day, rows in _by_day(counting):
            cards = array("I", take(self.days[counting.region, day].cards, 4, rows))
            yield self.rosters[counting.region].weights(cards)

    def _doubled_votes(self, counting: Counting) -> Iterator[bytes]:
        """Sums that encrypt twice the votes, some chunks at a time."""
        width = self.definition.regions[counting.region].style.width
        for some in gathered(needed_chunks(self.definition, [counting]), RUN // (64 * width)):
            signs = b"".join(self.signs[place] for place, _ in some)
            last = b"".join(take(self.chains[place].last, 64 * width, rows) for place, rows in some)
            first = b"".join(take(self.chains[place].first, 64 * width, rows) for place, rows in some)
            yield signed_sums(signs, last, first, width)


def gathered(chunks: Iterable[Chunk], rows: int) -> Iterator[list[Chunk]]:
    """Chunks, so many at a time that they have `rows` selected rows or a few more."""
    some: list[Chunk] = []
    count = 0
    for one in chunks:
        some.append(one)
        count += len(one[1])
        if count >= rows:
            yield some
            some, count = [], 0
    if some:
        yield some


def _by_day(counting: Counting) -> Iterator[tuple[int, array[int]]]:
    """Days and counting rows of a region, some at a time."""
    for day, rows in counting.days.items():
        for start in range(0, len(rows), _ROWS):
            yield day, rows[start : start + _ROWS]


def _added(parts: Iterable[bytes], width: int) -> bytes:
    """The sum of rows of `width` ciphertexts that come some at a time; of none, zeros."""
    sums = b"".join(sum_columns(part, width) for part in parts)
    return sum_columns(sums, width) if sums else bytes(64 * width)
