"""From the close to the totals: shares, signs, sums (`spec/phases.md#release`, `spec/phases.md#totals`)."""

from __future__ import annotations

from array import array
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from psephos.crypto.column import columns, take
from psephos.crypto.threshold import (
    chunk_shares,
    combine_shares,
    decrypt,
    discrete_logs,
    make_shares,
    read_signs,
    signed_sums,
    sum_columns,
)
from psephos.errors import PhaseError, VerificationError
from psephos.protocol.areas import Area, counting_areas
from psephos.protocol.ballot_box import Rows
from psephos.protocol.bundle import Bundle
from psephos.protocol.closing import Counting, needed_chunks
from psephos.protocol.definition import Definition
from psephos.protocol.enrolment import Roster
from psephos.protocol.proofs import Proofs
from psephos.protocol.rules import Tally
from psephos.protocol.shelf import RUN
from psephos.protocol.weighing import Chain, Place

SIGNS, SUMS = 1, 2
PROOF = 96
"""Bytes of a chunk's proof behind its shares."""
_ROWS = 1 << 16
"""Rows that are added up together."""


@dataclass(frozen=True)
class Due:
    """Some chunks that shares of a stage are for."""

    places: list[tuple[int, int, int, int, int]]
    """Stage, trustee, region, day, chunk."""
    counts: list[int]
    """Of each the number of ciphertexts."""
    ciphertexts: bytes
    """Of all chunks, 64 bytes each."""

    @property
    def inputs(self) -> bytes:
        """The first components, 32 bytes each."""
        return columns(self.ciphertexts, 64, 0, 32)

    @property
    def size(self) -> int:
        """Bytes of their shares and proofs."""
        return 32 * sum(self.counts) + PROOF * len(self.counts)


@dataclass
class Count:
    """The state of counting once the referendum is closed."""

    definition: Definition
    election: bytes
    publics: Mapping[int, bytes]
    rosters: Sequence[Roster]
    days: Mapping[tuple[int, int], Rows]
    chains: Mapping[Place, Chain]
    sets: list[Counting]
    proofs: Proofs
    shares: dict[int, dict[int, Bundle]] = field(default_factory=lambda: {SIGNS: {}, SUMS: {}})
    """Valid contents by stage and trustee, in log order."""
    signs: dict[Place, bytes] = field(default_factory=dict)
    totals: dict[tuple[int, int], Tally] | None = None
    """By contest and by the region that names the area."""
    _sums: bytes | None = None

    @property
    def plain(self) -> bool:
        """Whether the referendum has no decoys, so no signs."""
        return self.definition.cards == 1

    @property
    def stage(self) -> int | None:
        """The stage whose shares are waited for, once closed."""
        if self.totals is not None:
            return None
        return SUMS if self.plain or self.signs or not any(map(len, self.sets)) else SIGNS

    # -- the rows that count

    def selections(self) -> Iterator[tuple[Place, array[int]]]:
        """Chunks with counting rows, and which of their rows count."""
        return needed_chunks(self.definition, self.sets)

    def due(self, stage: int, trustee: int) -> Iterator[Due]:
        """What a stage's shares are for, in order, some chunks at a time."""
        if stage == SUMS:
            sums = self.sum_ciphertexts()
            yield Due([(stage, trustee, 0, 0, 0)], [len(sums) // 64], sums)
            return
        for some in gathered(self.selections(), RUN // 64):
            places = [(stage, trustee, *place) for place, _ in some]
            signs = b"".join(self._sign_ciphertexts(place, selected) for place, selected in some)
            yield Due(places, [len(selected) for _, selected in some], signs)

    def _sign_ciphertexts(self, place: Place, selected: array[int]) -> bytes:
        """The last X' of the counting rows of a chunk."""
        chain = self.chains[place]
        return take(columns(chain.last, 64 * chain.width, 0, 64), 64, selected)

    def areas(self) -> list[tuple[int, Area]]:
        """Every counted area of every contest, in order."""
        voters = [roster.voters for roster in self.rosters]
        return [
            (contest.index, area)
            for contest in self.definition.contests
            for area in counting_areas(self.definition, contest.index, voters)
            if area.counted
        ]

    def sum_ciphertexts(self) -> bytes:
        """Stage 2: S of every option and, with decoys, T, area by area."""
        if self._sums is None:
            self._sums = self._add_up()
        return self._sums

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
        own = needed_chunks(self.definition, [counting])
        for some in gathered(own, RUN // (64 * width)):
            signs, last, first = b"", b"", b""
            for place, selected in some:
                signs += self.signs[place]
                last += take(self.chains[place].last, 64 * width, selected)
                first += take(self.chains[place].first, 64 * width, selected)
            yield signed_sums(signs, last, first, width)

    # -- shares

    def release(self, trustee: int, secret: bytes, seed: bytes) -> tuple[int, bytes]:
        """The stage that is due and a trustee's shares for it; it takes no ciphertext from outside.

        The fold that made this state has verified batches, ballots and every chain.
        `secret` is x_j; `seed` is 32 bytes.
        """
        stage = self.stage
        if stage is None:
            raise PhaseError("nothing is to be released: the totals are known")
        made = (
            make_shares(self.election, due.places, due.counts, due.inputs, secret, seed)
            for due in self.due(stage, trustee)
        )
        return stage, b"".join(made)

    def check_due(self, trustee: int, stage: int) -> None:
        """Check 9.1, before the shares themselves are looked at."""
        culprit = f"trustee {trustee}"
        if stage != self.stage:
            raise VerificationError("9.1", culprit, f"no shares of stage {stage} are due")
        if trustee in self.shares[stage]:
            raise VerificationError("9.1", culprit, f"gave shares of stage {stage} before")

    def add_shares(self, trustee: int, stage: int, content: Bundle) -> None:
        """Checks 9.1 and 9.2 of shares that are due, then, with the t-th, 9.3 or 10.1."""
        culprit = f"trustee {trustee}"
        size = self._size(stage)
        if len(content) != size:
            raise VerificationError("9.1", culprit, f"content: {len(content)} bytes instead of {size}")
        public, at = self.publics[trustee], 0
        for due in self.due(stage, trustee):
            excerpt, inputs = content.excerpt(at, at + due.size), due.inputs
            bad = self.proofs.check_shares(self.election, public, due.places, due.counts, inputs, excerpt)
            if bad:
                place = due.places[bad[0]][2:]
                raise VerificationError("9.2", culprit, f"stage {stage}, region, day, chunk {place}")
            at += due.size
        self.shares[stage][trustee] = content
        if len(self.shares[stage]) == self.definition.trustees.threshold:
            self._open(stage)

    def _size(self, stage: int) -> int:
        """Bytes of a stage's shares and proofs."""
        if stage == SUMS:
            return len(self.sum_ciphertexts()) // 2 + PROOF
        return sum(32 * len(selected) + PROOF for _, selected in self.selections())

    def _open(self, stage: int) -> None:
        at = 0
        for due in self.due(stage, 0):
            shares = [
                chunk_shares(due.counts, content.excerpt(at, at + due.size).data)
                for content in self.shares[stage].values()
            ]
            points = decrypt(due.ciphertexts, combine_shares(shares, list(self.shares[stage])))
            if stage == SIGNS:
                self._open_signs(due, read_signs(points))
            else:
                self._open_sums(points)
            at += due.size

    def _open_signs(self, due: Due, signs: bytes) -> None:
        """Check 9.3."""
        at = 0
        for (*_, region, day, chunk), count in zip(due.places, due.counts, strict=True):
            own = signs[at : at + count]
            if 0 in own:
                where = f"region {region}, day {day}, chunk {chunk}"
                raise VerificationError("9.3", "trustees", f"{where}: a sign is neither +1 nor -1")
            self.signs[region, day, chunk], at = own, at + count

    def _open_sums(self, points: bytes) -> None:
        """Check 10.1."""
        rows = {counting.region: len(counting) for counting in self.sets}
        most = sum(rows.values())
        values = discrete_logs(points, most if self.plain else 2 * most)
        totals, at = {}, 0
        for contest, area in self.areas():
            end = at + len(self.definition.contests[contest].options)
            limit = sum(rows.get(region, 0) for region in area.regions)
            voted = limit if self.plain else values[end]
            totals[contest, area.region] = self._total(contest, area, values[at:end], voted, limit)
            at = end if self.plain else end + 1
        self.totals = totals

    def _total(self, contest: int, area: Area, sums: Sequence[int], voted: int, limit: int) -> Tally:
        def refuse(message: str) -> VerificationError:
            return VerificationError("10.1", "trustees", f"contest {contest}, area {area.region}: {message}")

        if -1 in (*sums, voted) or voted > limit:
            raise refuse(f"a total is larger than the {limit} ballots that count")
        if not self.plain and any(value % 2 for value in sums):
            raise refuse("a sum is odd")
        votes = tuple(value if self.plain else value // 2 for value in sums)
        tally = Tally(voted, votes)
        if tally.blank < 0 or (tally.blank and not self.definition.contests[contest].blank):
            raise refuse(f"{voted} voted and {sum(votes)} votes")
        return tally


def gathered(
    chunks: Iterator[tuple[Place, array[int]]], rows: int
) -> Iterator[list[tuple[Place, array[int]]]]:
    """Chunks, so many at a time that they have `rows` selected rows or a few more."""
    some: list[tuple[Place, array[int]]] = []
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


def _added(parts: Iterator[bytes], width: int) -> bytes:
    """The sum of rows of `width` ciphertexts that come some at a time; of none, zeros."""
    sums = b"".join(sum_columns(part, width) for part in parts)
    return sum_columns(sums, width) if sums else bytes(64 * width)
