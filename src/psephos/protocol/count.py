"""From the close to the totals: shares, signs, sums (`spec/phases.md#release`, `spec/phases.md#totals`)."""

from __future__ import annotations

from array import array
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from psephos.crypto.column import columns, take
from psephos.crypto.threshold import (
    check_shares,
    chunk_shares,
    combine_shares,
    decrypt,
    discrete_logs,
    make_shares,
    read_signs,
    signed_sums,
    sum_columns,
)
from psephos.errors import FormatError, PhaseError, VerificationError
from psephos.protocol.areas import Area, counting_areas
from psephos.protocol.ballot_box import Rows
from psephos.protocol.closing import Counting, needed_chunks
from psephos.protocol.definition import Definition
from psephos.protocol.enrolment import Roster
from psephos.protocol.rules import Tally
from psephos.protocol.weighing import Chain, Place

SIGNS, SUMS = 1, 2


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
    shares: dict[int, dict[int, bytes]] = field(default_factory=lambda: {SIGNS: {}, SUMS: {}})
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

    def sign_ciphertexts(self) -> list[tuple[Place, bytes]]:
        """Stage 1: the last X' of every counting row, chunk by chunk."""
        return [
            (place, take(columns(chain.last, 64 * chain.width, 0, 64), 64, selected))
            for place, selected in self.selections()
            for chain in (self.chains[place],)
        ]

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
        style, roster = self.definition.regions[counting.region].style, self.rosters[counting.region]
        options = style.width - 1
        parts, cards = [], array("I")
        for place, selected in self.selections():
            if place[0] != counting.region:
                continue
            day = self.days[place[0], place[1]]
            start = place[2] * style.chunk_rows
            if self.plain:
                chosen = array("I", [start + row for row in selected])
                parts.append(sum_columns(take(day.ciphertexts, 64 * options, chosen), options))
            else:
                chain = self.chains[place]
                width = 64 * chain.width
                last, first = take(chain.last, width, selected), take(chain.first, width, selected)
                parts.append(signed_sums(self.signs[place], last, first, chain.width))
                cards.extend(day.cards[start + row] for row in selected)
        votes = sum_columns(b"".join(parts), options) if parts else bytes(64 * options)
        weights = take(roster.weights, 64, cards)
        return votes, sum_columns(weights, 1) if weights else bytes(64)

    # -- shares

    def _inputs(
        self, stage: int, trustee: int
    ) -> tuple[list[tuple[int, int, int, int, int]], list[int], bytes]:
        """Places, counts and first components of what a stage's shares are for."""
        chunks = self.sign_ciphertexts() if stage == SIGNS else [((0, 0, 0), self.sum_ciphertexts())]
        places = [(stage, trustee, *place) for place, _ in chunks]
        counts = [len(ciphertexts) // 64 for _, ciphertexts in chunks]
        return places, counts, columns(b"".join(c for _, c in chunks), 64, 0, 32)

    def release(self, trustee: int, secret: bytes, seed: bytes) -> tuple[int, bytes]:
        """The stage that is due and a trustee's shares for it; it takes no ciphertext from outside.

        The fold that made this state has verified batches, ballots and every chain.
        `secret` is x_j; `seed` is 32 bytes.
        """
        stage = self.stage
        if stage is None:
            raise PhaseError("nothing is to be released: the totals are known")
        places, counts, inputs = self._inputs(stage, trustee)
        return stage, make_shares(self.election, places, counts, inputs, secret, seed)

    def check_due(self, trustee: int, stage: int) -> None:
        """Check 9.1, before the shares themselves are looked at."""
        culprit = f"trustee {trustee}"
        if stage != self.stage:
            raise VerificationError("9.1", culprit, f"no shares of stage {stage} are due")
        if trustee in self.shares[stage]:
            raise VerificationError("9.1", culprit, f"gave shares of stage {stage} before")

    def add_shares(self, trustee: int, stage: int, content: bytes) -> None:
        """Checks 9.1 and 9.2 of shares that are due, then, with the t-th, 9.3 or 10.1."""
        culprit = f"trustee {trustee}"
        places, counts, inputs = self._inputs(stage, trustee)
        try:
            bad = check_shares(self.election, places, counts, inputs, self.publics[trustee], content)
        except FormatError as error:
            raise VerificationError("9.1", culprit, str(error)) from error
        if bad:
            raise VerificationError("9.2", culprit, f"stage {stage}, region, day, chunk {places[bad[0]][2:]}")
        self.shares[stage][trustee] = content
        if len(self.shares[stage]) == self.definition.trustees.threshold:
            self._open(stage, counts)

    def _open(self, stage: int, counts: Sequence[int]) -> None:
        given = self.shares[stage]
        combined = combine_shares([chunk_shares(counts, content) for content in given.values()], list(given))
        if stage == SIGNS:
            self._open_signs(combined)
        else:
            self._open_sums(combined)

    def _open_signs(self, combined: bytes) -> None:
        """Check 9.3."""
        at = 0
        for place, ciphertexts in self.sign_ciphertexts():
            end = at + len(ciphertexts) // 2
            signs = read_signs(decrypt(ciphertexts, combined[at:end]))
            if 0 in signs:
                where = "region {}, day {}, chunk {}".format(*place)
                raise VerificationError("9.3", "trustees", f"{where}: a sign is neither +1 nor -1")
            self.signs[place], at = signs, end

    def _open_sums(self, combined: bytes) -> None:
        """Check 10.1."""
        rows = {counting.region: len(counting) for counting in self.sets}
        most = sum(rows.values())
        values = discrete_logs(decrypt(self.sum_ciphertexts(), combined), most if self.plain else 2 * most)
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
