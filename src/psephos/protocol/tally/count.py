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
    open_signs,
)
from psephos.errors import VerificationError
from psephos.protocol.enrolment.roster import Roster
from psephos.protocol.multipart import Multipart
from psephos.protocol.proofs import Proofs
from psephos.protocol.setup.areas import Area
from psephos.protocol.setup.definition import Definition
from psephos.protocol.storage import ROWS
from psephos.protocol.tally.closing import CountedRows, needed_chunks
from psephos.protocol.tally.sums import Added, Chunk, Sums, gathered
from psephos.protocol.tally.tally import Tally
from psephos.protocol.tally.weighing import Chain, ChunkId
from psephos.protocol.voting.rows import BallotRows

SIGNS, SUMS = 1, 2
PROOF = 96
"""Bytes of a chunk's proof behind its shares."""


@dataclass(frozen=True)
class SharesDue:
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
class Counting:
    """The state of counting once the referendum is closed."""

    definition: Definition
    election: bytes
    publics: Mapping[int, bytes]
    rosters: Sequence[Roster]
    days: Mapping[tuple[int, int], BallotRows]
    chains: Mapping[ChunkId, Chain]
    sets: list[CountedRows]
    sealed: Mapping[tuple[int, int], Added]
    """Of each region and day what its seal added up."""
    proofs: Proofs
    shares: dict[int, dict[int, Multipart]] = field(default_factory=lambda: {SIGNS: {}, SUMS: {}})
    """Valid contents by stage and trustee, in log order."""
    refused: set[tuple[int, int, bytes]] = field(default_factory=set)
    """Stages, trustees, and bundles of theirs that were not shares: none is looked at twice."""
    signs: dict[ChunkId, bytes] = field(default_factory=dict)
    weights: dict[tuple[int, int], int] = field(default_factory=dict)
    """Of each area of enough enrolled, by contest and region: how much its cards weigh."""
    weighed: bool = False
    """Whether weights and signs are open: check 9.4 was made."""
    totals: dict[tuple[int, int], Tally] | None = None
    """By contest and by the region that names the area."""

    def __post_init__(self) -> None:
        known = (self.definition, self.rosters, self.days, self.chains, self.sets)
        self.sums = Sums(*known, self.sealed, self.signs, self.weights)
        if self.sums.plain:
            for contest, area in self.sums.enrolled_areas():
                self.weights[contest, area.region] = self._cards(area)

    def _cards(self, area: Area) -> int:
        return sum(self.rosters[region].cards for region in area.regions)

    @property
    def stage(self) -> int | None:
        """The stage whose shares are waited for, once closed."""
        if self.totals is not None:
            return None
        return SUMS if self.sums.plain or self.weighed or not self.sums.enrolled_areas() else SIGNS

    def selections(self) -> Iterator[Chunk]:
        """Chunks with counting rows, and which of their rows count."""
        return needed_chunks(self.definition, self.sets)

    def due(self, stage: int, trustee: int) -> Iterator[SharesDue]:
        """What a stage's shares are for, in order, some chunks at a time."""
        if stage == SUMS:
            sums = self.sums.ciphertexts()
            yield SharesDue([(stage, trustee, 0, 0, 0)], [len(sums) // 64], sums)
            return
        weights = self.sums.area_weights()
        yield SharesDue([(stage, trustee, 0, 0, 0)], [len(weights) // 64], weights)
        for some in gathered(self.selections(), ROWS):
            places = [(stage, trustee, *place) for place, _ in some]
            signs = b"".join(self._sign_ciphertexts(place, selected) for place, selected in some)
            yield SharesDue(places, [len(selected) for _, selected in some], signs)

    def _sign_ciphertexts(self, place: ChunkId, selected: array[int]) -> bytes:
        """The last X' of the counting rows of a chunk."""
        chain = self.chains[place]
        return take(columns(chain.last, 64 * chain.width, 0, 64), 64, selected)

    def check_due(self, trustee: int, stage: int, digest: bytes) -> None:
        """Check 9.1, before the shares themselves are looked at; `digest` names their bundle."""
        if stage != self.stage:
            raise VerificationError("9.1", "board", f"no shares of stage {stage} are due")
        if trustee in self.shares[stage]:
            raise VerificationError("9.1", "board", f"trustee {trustee} gave shares of stage {stage} before")
        if (stage, trustee, digest) in self.refused:
            raise VerificationError("9.1", "board", f"these shares of trustee {trustee} failed before")

    def opened(self, stage: int) -> bool:
        """Whether enough trustees have given shares of a stage."""
        return len(self.shares[stage]) >= self.definition.trustees.threshold

    def add_shares(self, trustee: int, stage: int, content: Multipart) -> None:
        """Checks 9.1 and 9.2 of shares that are due, then, with the t-th, 9.3 or 10.1."""
        culprit = f"trustee {trustee}"
        size = self.size(stage)
        if len(content) != size:
            self.refused.add((stage, trustee, content.name))
            raise VerificationError("9.1", culprit, f"content: {len(content)} bytes instead of {size}")
        public, at = self.publics[trustee], 0
        for due in self.due(stage, trustee):
            excerpt, inputs = content.excerpt(at, at + due.size), due.inputs
            bad = self.proofs.check_shares(self.election, public, due.places, due.counts, inputs, excerpt)
            if bad:
                self.refused.add((stage, trustee, content.name))
                place = due.places[bad[0]][2:]
                raise VerificationError("9.2", culprit, f"stage {stage}, region, day, chunk {place}")
            at += due.size
        self.shares[stage][trustee] = content
        if self.opened(stage):
            self._open(stage)

    def size(self, stage: int) -> int:
        """Bytes of a stage's shares and proofs."""
        if stage == SUMS:
            return len(self.sums.ciphertexts()) // 2 + PROOF
        weights = 32 * len(self.sums.enrolled_areas()) + PROOF
        return weights + sum(32 * len(selected) + PROOF for _, selected in self.selections())

    def _open(self, stage: int) -> None:
        """What a stage was for, from the shares of the first who gave them."""
        given, at = self.shares[stage], 0
        for due in self.due(stage, 0):
            contents = [content.excerpt(at, at + due.size).data for content in given.values()]
            shares = [chunk_shares(due.counts, content) for content in contents]
            if stage == SIGNS and at == 0:
                self._open_weights(decrypt(due.ciphertexts, combine_shares(shares, list(given))))
            elif stage == SIGNS:
                self._open_signs(due, open_signs(due.ciphertexts, shares, list(given)))
            else:
                self._open_sums(decrypt(due.ciphertexts, combine_shares(shares, list(given))))
            at += due.size
        if stage == SIGNS:
            self.weighed = True
            self._check_weights()

    def _open_weights(self, points: bytes) -> None:
        """Check 9.3 of the weights of areas."""
        areas = self.sums.enrolled_areas()
        most = max((self._cards(area) for _, area in areas), default=0)
        for (contest, area), weight in zip(areas, discrete_logs(points, most), strict=True):
            if not 0 <= weight <= self._cards(area):
                message = f"contest {contest}, area {area.region}: weighs no number of its cards"
                raise VerificationError("9.3", "trustees", message)
            self.weights[contest, area.region] = weight

    def _check_weights(self) -> None:
        """Check 9.4."""
        guilty = set()
        for contest, area in self.sums.enrolled_areas():
            for number in range(1, len(self.definition.registrars) + 1):
                issued = sum(self.rosters[region].issued_by(number) for region in area.regions)
                guilty |= {number} if self.weights[contest, area.region] > issued else set()
        if guilty:
            culprits = ", ".join(f"registrar {number}" for number in sorted(guilty))
            raise VerificationError("9.4", culprits, "an area weighs more than was issued in it")

    def _open_signs(self, due: SharesDue, signs: bytes) -> None:
        """Check 9.3."""
        at = 0
        for (*_, region, day, chunk), count in zip(due.places, due.counts, strict=True):
            of, own = ChunkId(region, day, chunk), signs[at : at + count]
            if 0 in own:
                raise VerificationError("9.3", "trustees", f"{of}: a sign is neither +1 nor -1")
            self.signs[of], at = own, at + count

    def _open_sums(self, points: bytes) -> None:
        """Check 10.1."""
        rows = {counting.region: len(counting) for counting in self.sets}
        most = sum(rows.values())
        values = discrete_logs(points, most if self.sums.plain else 2 * most)
        totals, at = {}, 0
        for contest, area in self.sums.areas():
            end = at + len(self.definition.contests[contest].options)
            limit = sum(rows.get(region, 0) for region in area.regions)
            voted = limit if self.sums.plain else values[end]
            limit = min(limit, self.weights[contest, area.region])
            totals[contest, area.region] = self._total(contest, area, values[at:end], voted, limit)
            at = end if self.sums.plain else end + 1
        self.totals = totals

    def _total(self, contest: int, area: Area, sums: Sequence[int], voted: int, limit: int) -> Tally:
        def refuse(message: str) -> VerificationError:
            return VerificationError("10.1", "trustees", f"contest {contest}, area {area.region}: {message}")

        if -1 in (*sums, voted) or voted > limit:
            raise refuse(f"a total is larger than the {limit} ballots that count")
        if not self.sums.plain and any(value % 2 for value in sums):
            raise refuse("a sum is odd")
        votes = tuple(value if self.sums.plain else value // 2 for value in sums)
        tally = Tally(voted, votes)
        if tally.blank < 0 or (tally.blank and not self.definition.contests[contest].blank):
            raise refuse(f"{voted} voted and {sum(votes)} votes")
        return tally
