"""What is decrypted at the end: of every area the sums of what counts (`spec/phases.md#release`)."""

from __future__ import annotations

from array import array
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple, TypeAlias

from psephos.crypto.column import rows_where, take
from psephos.crypto.threshold import signed_sums, sum_columns
from psephos.protocol.batches import batches
from psephos.protocol.enrolment.roster import Roster
from psephos.protocol.setup.areas import Area, areas_of, partition
from psephos.protocol.setup.definition import Definition
from psephos.protocol.storage import ROWS
from psephos.protocol.tally.closing import CountedRows, needed_chunks
from psephos.protocol.tally.weighing import Chain, ChunkId
from psephos.protocol.voting.rows import BallotRows

Chunk: TypeAlias = "tuple[ChunkId, array[int]]"
"""A chunk with counting rows, and which of its rows count."""


class Added(NamedTuple):
    """Sums over rows of a region: of every option's ciphertexts Y, and of the cards' weights C."""

    votes: bytes
    weights: bytes
    """Empty without decoys."""

    def minus(self, other: Added) -> Added:
        """These sums without the others."""
        return Added(*map(_difference, self, other))


def add_up(roster: Roster, rows: BallotRows, selected: array[int] | None = None) -> Added:
    """The sums over a day's rows, or over those at the selected places."""
    selected = array("I", range(len(rows))) if selected is None else selected
    options = rows.ciphertexts.width // 64
    votes = _sum((rows.ciphertexts.take(some) for some in _some(selected)), options)
    if not roster.weighted:
        return Added(votes, b"")
    cards = (array("I", take(rows.cards, 4, some)) for some in _some(selected))
    return Added(votes, _sum(map(roster.weights, cards), 1))


@dataclass
class Sums:
    """The rows that count, and what they add up to."""

    definition: Definition
    rosters: Sequence[Roster]
    days: Mapping[tuple[int, int], BallotRows]
    chains: Mapping[ChunkId, Chain]
    sets: Sequence[CountedRows]
    sealed: Mapping[tuple[int, int], Added]
    """Over all rows of each sealed day, added up at its seal: so little is left to do after the close."""
    signs: Mapping[ChunkId, bytes]
    """Of every chunk with counting rows, once they are open: 1 or 255 for each such row."""
    weights: Mapping[tuple[int, int], int]
    """Of each area, by contest and region where it stands: how much its cards weigh, once that is known."""
    _ciphertexts: bytes | None = field(default=None, init=False)

    @property
    def plain(self) -> bool:
        """Whether the referendum has no decoys, so no signs."""
        return not self.definition.coercion_resistant

    def areas(self) -> list[tuple[int, Area]]:
        """Every counted area of every contest, in order: once weights are known, without those of too few."""
        least = self.definition.min_region
        found = self.enrolled_areas()
        return [one for one in found if self.weights.get((one[0], one[1].region), least) >= least]

    def enrolled_areas(self) -> list[tuple[int, Area]]:
        """Every area of every contest in which enough are enrolled, in order."""
        everywhere = partition(self.definition, [roster.enrolled for roster in self.rosters])
        return [
            (contest.index, area)
            for contest in self.definition.contests
            for area in areas_of(self.definition, contest.index, everywhere)
            if area.counted
        ]

    def area_weights(self) -> bytes:
        """The sum of C over all cards of each such area, 64 bytes each."""
        regions = {region for _, area in self.enrolled_areas() for region in area.regions}
        totals = {region: self.rosters[region].total_weight() for region in regions}
        areas = (area for _, area in self.enrolled_areas())
        return b"".join(sum_columns(b"".join(totals[one] for one in area.regions), 1) for area in areas)

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

    def _contest_sums(self, contest: int, region: int, sums: Mapping[int, Added]) -> bytes:
        """A region's S of one contest's options, then its T unless plain."""
        votes, voted = sums[region]
        at = 0
        for index, options, _blank in self.definition.regions[region].style.shape:
            if index == contest:
                return votes[64 * at : 64 * (at + options)] + (b"" if self.plain else voted)
            at += options
        raise ValueError(f"region {region} does not have contest {contest}")

    def _region_sums(self, counting: CountedRows) -> Added:
        """S of every option of a region's style, and T."""
        options = self.definition.regions[counting.region].style.width - 1
        days = [self._day_sums(counting.region, day, rows) for day, rows in counting.days.items()]
        votes = [one.votes for one in days] + ([] if self.plain else list(self._signed_votes(counting)))
        return Added(_sum(votes, options), b"" if self.plain else _sum((one.weights for one in days), 1))

    def _day_sums(self, region: int, day: int, counting: array[int]) -> Added:
        """Over a day's counting rows; most days that is all but the few whose cards voted again later."""
        rows, roster = self.days[region, day], self.rosters[region]
        rest = _rest(len(rows), counting)
        if len(rest) > len(counting):
            return add_up(roster, rows, counting)
        return (
            self.sealed[region, day].minus(add_up(roster, rows, rest)) if rest else self.sealed[region, day]
        )

    def _signed_votes(self, counting: CountedRows) -> Iterator[bytes]:
        """`sum sign*Y'` over counting rows, some chunks at a time."""
        width = self.definition.regions[counting.region].style.width
        for some in gathered(needed_chunks(self.definition, [counting]), ROWS):
            signs = b"".join(self.signs[place] for place, _ in some)
            last = b"".join(take(self.chains[place].last, 64 * width, rows) for place, rows in some)
            yield signed_sums(signs, last, b"", width)


def gathered(chunks: Iterable[Chunk], rows: int) -> Iterator[list[Chunk]]:
    """Chunks, so many at a time that they have `rows` selected rows or a few more."""
    return batches(chunks, lambda chunk: len(chunk[1]), rows)


def _some(rows: array[int]) -> Iterator[array[int]]:
    for start in range(0, len(rows), ROWS):
        yield rows[start : start + ROWS]


def _rest(size: int, rows: array[int]) -> array[int]:
    """Which of `size` rows are not among these."""
    left = bytearray(b"\1") * size
    for row in rows:
        left[row] = 0
    return array("I", rows_where(left, 1, b"\1"))


def _sum(parts: Iterable[bytes], width: int) -> bytes:
    """The sum of rows of `width` ciphertexts that come some at a time; of none, zeros."""
    sums = b"".join(sum_columns(part, width) for part in parts)
    return sum_columns(sums, width) if sums else bytes(64 * width)


def _difference(one: bytes, other: bytes) -> bytes:
    """Ciphertext by ciphertext; the core passes over a first one, which is a row's weight."""
    return signed_sums(b"\xff", bytes(64) + other, bytes(64) + one, len(one) // 64 + 1) if one else b""
