"""Chains of weighings, chunk by chunk (`spec/phases.md#weighing`, `spec/checks.md`, 7)."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from psephos.crypto.weighing import first_rows, weigh, weighed_rows
from psephos.errors import VerificationError
from psephos.protocol.enrolment.roster import Roster
from psephos.protocol.entries import Weighing
from psephos.protocol.proofs import Claim, Proofs
from psephos.protocol.setup.definition import Definition
from psephos.protocol.storage import ROWS, ByteStore
from psephos.protocol.voting.rows import BallotRows


class ChunkId(NamedTuple):
    """Which rows a chain weighs: numbers of region, day and chunk."""

    region: int
    day: int
    chunk: int

    def __str__(self) -> str:
        return f"region {self.region}, day {self.day}, chunk {self.chunk}"


class Link(NamedTuple):
    """A weighing in its chain: its log index, who gave it, where its rows lie, and their hash."""

    entry: int
    weigher: int
    at: int
    head: bytes


@dataclass
class Chain:
    """The rows of one chunk and who has weighed them so far."""

    chunk: ChunkId
    width: int
    size: int
    """Number of rows."""
    length: int
    """Weighers that complete it: the threshold."""
    storage: ByteStore = field(repr=False)
    first_at: int
    """Where rows 0 lie: X and Y of every row, `64 * width` bytes each."""
    links: list[Link] = field(default_factory=list)
    failed: set[tuple[int, int]] = field(default_factory=set)
    """Positions, and who gave a weighing there whose proofs do not hold: it has no second try there."""

    @property
    def first(self) -> bytes:
        """Rows 0."""
        return self.storage.read(self.first_at, 64 * self.width * self.size)

    @property
    def last(self) -> bytes:
        """The rows that the next weighing takes."""
        at = self.links[-1].at if self.links else self.first_at
        return self.storage.read(at, 64 * self.width * self.size)

    @property
    def head(self) -> bytes:
        """What the next weighing must name as `previous`."""
        return self.links[-1].head if self.links else hashlib.sha256(self.first).digest()

    @property
    def weighers(self) -> list[int]:
        """Who has weighed it, in order."""
        return [link.weigher for link in self.links]

    @property
    def completed(self) -> int | None:
        """Index of the entry that brought the chain to its length."""
        return self.links[-1].entry if len(self.links) == self.length else None

    def extend(self, index: int, weigher: int, rows: bytes) -> None:
        """Add the weighing that the log has at `index`, with these rows and proofs."""
        given = weighed_rows(rows, self.width)
        self.links.append(Link(index, weigher, self.storage.append(given), hashlib.sha256(given).digest()))

    def back_to(self, index: int) -> None:
        """Take back the weighing at a log index, whose proofs do not hold, and all behind it."""
        position = next(at for at, link in enumerate(self.links, 1) if link.entry == index)
        self.failed.add((position, self.links[position - 1].weigher))
        del self.links[position - 1 :]


def chains(
    definition: Definition, roster: Roster, day: int, rows: BallotRows, storage: ByteStore
) -> Iterator[Chain]:
    """The chunks of a sealed day, none weighed yet."""
    style, length = definition.regions[roster.region].style, definition.trustees.threshold
    width, size = style.width, style.chunk_rows
    step = max(1, ROWS // size) * size
    for start in range(0, len(rows), step):
        cards = rows.cards[start : start + step]
        ciphertexts = rows.ciphertexts.read(start, start + step)
        at = storage.append(first_rows(roster.weights(cards), ciphertexts, width))
        for some in range(0, len(cards), size):
            chunk = ChunkId(roster.region, day, (start + some) // size)
            yield Chain(chunk, width, min(size, len(cards) - some), length, storage, at + 64 * width * some)


Weighed = tuple[int, int, Weighing]
"""Log index, weigher, payload."""


@dataclass
class WeighingChains:
    """All chains of the referendum."""

    election: bytes
    key: bytes
    length: int
    """Weighers that complete a chain: the threshold."""
    proofs: Proofs = field(default_factory=Proofs)
    chains: dict[ChunkId, Chain] = field(default_factory=dict)

    def add(self, run: Sequence[Weighed]) -> Iterator[tuple[int, VerificationError]]:
        """Take weighings in log order; yield what is void.

        All are put into their chains first, and all their proofs checked together. Where one does not hold,
        its chain goes back to before it, and what came behind it there is looked at again.
        """
        waiting = list(run)
        while waiting:
            claims, misplaced = self._put(waiting)
            broken: dict[ChunkId, int] = {}
            for claim, row, reason in self._unproven(claims):
                place = ChunkId(*claim.place[:3])
                if place not in broken:
                    broken[place] = claim.index
                    self.chains[place].back_to(claim.index)
                    message = f"{place}, row {row}: {reason}"
                    yield claim.index, VerificationError("7.2", f"trustee {claim.place[4]}", message)
            end = waiting[-1][0] + 1
            for index, place, error in misplaced:
                if index < broken.get(place, end):
                    yield index, error
            waiting = [one for one in waiting if one[0] > broken.get(_chunk(one[2]), end)]

    def _put(
        self, run: Sequence[Weighed]
    ) -> tuple[list[Claim], list[tuple[int, ChunkId, VerificationError]]]:
        """Extend chains as if all proofs held; returns what is to be checked, and what has no place."""
        claims, misplaced = [], []
        for index, weigher, weighing in run:
            try:
                chain = self.find_chain(weigher, weighing)
            except VerificationError as error:
                misplaced.append((index, _chunk(weighing), error))
                continue
            place = (*chain.chunk, weighing.position, weigher)
            source = chain.links[-1].entry if chain.links else None
            claims.append(Claim(index, place, source, chain.last, weighing.rows))
            chain.extend(index, weigher, weighing.rows)
        return claims, misplaced

    def find_chain(self, weigher: int, weighing: Weighing) -> Chain:
        """Check 7.1: the chain that a weighing would extend."""
        where = _chunk(weighing)

        def refuse(message: str, culprit: str = f"trustee {weigher}") -> VerificationError:
            return VerificationError("7.1", culprit, f"{where}: {message}")

        chain = self.chains.get(_chunk(weighing))
        if chain is None:
            raise refuse("no such chunk is sealed", "board")
        if len(chain.links) == self.length:
            raise refuse(f"weighed {self.length} times already", "board")
        if weighing.position != len(chain.links) + 1:
            raise refuse(f"position {weighing.position} after {len(chain.links)}", "board")
        if weigher in chain.weighers:
            raise refuse(f"trustee {weigher} weighed it before", "board")
        if (weighing.position, weigher) in chain.failed:
            raise refuse(f"trustee {weigher} failed at this position before", "board")
        if weighing.previous != chain.head:
            raise refuse("does not start from the chain's head")
        if len(weighing.rows) != chain.size * (64 * chain.width + 224):
            raise refuse(f"{len(weighing.rows)} bytes are not {chain.size} weighed rows")
        return chain

    def _unproven(self, claims: Sequence[Claim]) -> Iterator[tuple[Claim, int, str]]:
        """Check 7.2: claims that do not hold, in log order within a chain, with a row and what is wrong."""
        widths = [self.chains[ChunkId(*claim.place[:3])].width for claim in claims]
        for width in sorted(set(widths)):
            same = [claim for claim, its in zip(claims, widths, strict=True) if its == width]
            for number, row, reason in self.proofs.check_weighings(self.election, self.key, width, same):
                yield same[number], row, reason

    def weigh(self, chain: Chain, weigher: int, seed: bytes) -> Weighing:
        """The weighing with which a trustee extends a chain; `seed` is 32 random bytes."""
        position = len(chain.links) + 1
        rows = weigh(
            self.election, self.key, (*chain.chunk, position, weigher), chain.last, chain.width, seed
        )
        return Weighing(*chain.chunk, position, chain.head, rows)


def _chunk(weighing: Weighing) -> ChunkId:
    return ChunkId(weighing.region, weighing.day, weighing.chunk)
