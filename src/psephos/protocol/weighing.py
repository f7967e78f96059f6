"""Chains of weighings, chunk by chunk (`spec/phases.md#weighing`, `spec/checks.md`, 7)."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from psephos.crypto.column import take
from psephos.crypto.weighing import check_weighing, first_rows, weigh, weighed_rows
from psephos.errors import VerificationError
from psephos.protocol.ballot_box import Rows
from psephos.protocol.definition import Definition
from psephos.protocol.enrolment import Roster
from psephos.protocol.entry import Weighing

Place = tuple[int, int, int]
"""Region, day, chunk."""


@dataclass
class Chain:
    """The rows of one chunk and who has weighed them so far."""

    place: Place
    width: int
    first: bytes
    """Rows 0: X and Y of every row, `64 * width` bytes each."""
    start: int
    """Place of the chunk's first row among the day's."""
    last: bytes = b""
    weighers: list[int] = field(default_factory=list)
    completed: int | None = None
    """Index of the entry that brought the chain to its length."""

    def __post_init__(self) -> None:
        self.last = self.first

    @property
    def size(self) -> int:
        """Number of rows."""
        return len(self.first) // (64 * self.width)

    @property
    def head(self) -> bytes:
        """What the next weighing must name as `previous`."""
        return hashlib.sha256(self.last).digest()


def chains(definition: Definition, roster: Roster, day: int, rows: Rows) -> list[Chain]:
    """The chunks of a sealed day, none weighed yet."""
    style = definition.regions[roster.region].style
    width, size = style.width, style.chunk_rows
    if not rows:
        return []
    first = first_rows(take(roster.weights, 64, rows.cards), bytes(rows.ciphertexts), width)
    row_bytes = 64 * width
    return [
        Chain(
            (roster.region, day, chunk), width, first[start * row_bytes : (start + size) * row_bytes], start
        )
        for chunk, start in enumerate(range(0, len(rows), size))
    ]


@dataclass
class _Claim:
    """A weighing in its place whose proofs are still to be checked."""

    index: int
    chain: Chain
    weigher: int
    rows: bytes


@dataclass
class Scales:
    """All chains of the referendum."""

    election: bytes
    key: bytes
    length: int
    """Weighers that complete a chain: the threshold."""
    chains: dict[Place, Chain] = field(default_factory=dict)

    def add(self, run: Sequence[tuple[int, int, Weighing]]) -> Iterator[tuple[int, VerificationError]]:
        """Take weighings as (log index, weigher, payload) in log order; yield what is void.

        Proofs are checked together as long as no chain comes twice.
        """
        claims: dict[Place, _Claim] = {}
        for index, weigher, weighing in run:
            place = (weighing.region, weighing.day, weighing.chunk)
            if place in claims:
                yield from self._settle(list(claims.values()))
                claims.clear()
            try:
                claims[place] = _Claim(index, self._in_place(weigher, weighing), weigher, weighing.rows)
            except VerificationError as error:
                yield index, error
        yield from self._settle(list(claims.values()))

    def _in_place(self, weigher: int, weighing: Weighing) -> Chain:
        """Check 7.1."""

        def refuse(message: str) -> VerificationError:
            return VerificationError("7.1", f"trustee {weigher}", message)

        chain = self.chains.get((weighing.region, weighing.day, weighing.chunk))
        if chain is None:
            raise refuse(f"region {weighing.region}, day {weighing.day} has no sealed chunk {weighing.chunk}")
        where = "region {}, day {}, chunk {}".format(*chain.place)
        if len(chain.weighers) == self.length:
            raise refuse(f"{where}: weighed {self.length} times already")
        if weighing.position != len(chain.weighers) + 1:
            raise refuse(f"{where}: position {weighing.position} after {len(chain.weighers)}")
        if weigher in chain.weighers:
            raise refuse(f"{where}: weighed it before")
        if weighing.previous != chain.head:
            raise refuse(f"{where}: does not start from the chain's head")
        if len(weighing.rows) != chain.size * (64 * chain.width + 224):
            raise refuse(f"{where}: {len(weighing.rows)} bytes are not {chain.size} weighed rows")
        return chain

    def _settle(self, claims: Sequence[_Claim]) -> Iterator[tuple[int, VerificationError]]:
        """Check 7.2 for all claims, then extend the chains."""
        for width in sorted({claim.chain.width for claim in claims}):
            same = [claim for claim in claims if claim.chain.width == width]
            bad = self._unproven(same, width)
            for number, claim in enumerate(same):
                if number in bad:
                    row, reason = bad[number]
                    where = "region {}, day {}, chunk {}".format(*claim.chain.place)
                    message = f"{where}, row {row}: {reason}"
                    yield claim.index, VerificationError("7.2", f"trustee {claim.weigher}", message)
                else:
                    self._extend(claim)

    def _unproven(self, claims: Sequence[_Claim], width: int) -> dict[int, tuple[int, str]]:
        places = [(*c.chain.place, len(c.chain.weighers) + 1, c.weigher) for c in claims]
        sizes = [claim.chain.size for claim in claims]
        before = b"".join(claim.chain.last for claim in claims)
        after = b"".join(claim.rows for claim in claims)
        bad = check_weighing(self.election, self.key, places, sizes, before, after, width)
        return {number: (row, reason) for number, row, reason in reversed(bad)}

    def _extend(self, claim: _Claim) -> None:
        chain = claim.chain
        chain.last = weighed_rows(claim.rows, chain.width)
        chain.weighers.append(claim.weigher)
        if len(chain.weighers) == self.length:
            chain.completed = claim.index

    def weigh(self, chain: Chain, weigher: int, seed: bytes) -> Weighing:
        """The weighing with which a trustee extends a chain; `seed` is 32 random bytes."""
        position = len(chain.weighers) + 1
        rows = weigh(
            self.election, self.key, (*chain.place, position, weigher), chain.last, chain.width, seed
        )
        return Weighing(*chain.place, position, chain.head, rows)
