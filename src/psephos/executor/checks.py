"""Checks of proofs as jobs: each reads what it checks from the log (`spec/checks.md`, 4.3 to 9.2)."""

from __future__ import annotations

from array import array
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import ClassVar

from psephos.crypto.card import check_cards
from psephos.errors import ExecutorError
from psephos.executor.logged import Log
from psephos.executor.rows import ChunkRows, read, weighings
from psephos.protocol import entries
from psephos.protocol.entries import Part
from psephos.protocol.multipart import Excerpt
from psephos.protocol.proofs import Claim, Proofs, Styles


@dataclass(frozen=True)
class PartExcerpt:
    """An excerpt of a bundle without its bytes."""

    parts: tuple[int, ...]
    start: int
    size: int

    @classmethod
    def of(cls, excerpt: Excerpt) -> PartExcerpt:
        """Where the log has an excerpt."""
        return cls(excerpt.parts, excerpt.start, len(excerpt.data))

    def read(self, log: Log) -> Excerpt:
        """The excerpt as the log has it."""
        payloads = [entries.decode(data).payload for data in log.entries(self.parts)]
        data = b"".join(payload.data for payload in payloads if isinstance(payload, Part))
        data = data[self.start : self.start + self.size]
        if len(data) < self.size:
            raise ExecutorError(f"{log.location}: entries that were named as parts are none")
        return Excerpt(data, self.parts, self.start)


@dataclass(frozen=True)
class CheckCards:
    """4.3 of some records."""

    secret: ClassVar[bool] = False
    log: Log
    election: bytes
    region: int
    key: bytes
    records: PartExcerpt
    plain: bool

    def __call__(self) -> list[tuple[int, str]]:
        """(row, reason) of the bad, ascending."""
        data = self.records.read(self.log).data
        return check_cards(self.election, self.region, self.key, data, self.plain)


@dataclass(frozen=True)
class CheckBallots:
    """6.4 of some ballots."""

    secret: ClassVar[bool] = False
    log: Log
    election: bytes
    key: bytes
    styles: Styles
    indices: array[int]

    def __call__(self) -> list[tuple[int, str]]:
        """(row, reason) of the bad, ascending."""
        logged = self.log.entries(self.indices)
        lengths = array("I", map(len, logged)).tobytes()
        joined = b"".join(logged)
        return Proofs().check_ballots(self.election, self.key, self.styles, self.indices, joined, lengths)


@dataclass(frozen=True)
class Weighed:
    """A claim without the bytes that the log has."""

    index: int
    place: tuple[int, int, int, int, int]
    source: int | None
    before: ChunkRows

    @classmethod
    def of(cls, claim: Claim, width: int) -> Weighed:
        """A claim; it keeps rows 0, which no entry has."""
        before = ChunkRows(width, claim.source, claim.before if claim.source is None else b"")
        return cls(claim.index, claim.place, claim.source, before)


@dataclass(frozen=True)
class CheckWeighings:
    """7.2 of some weighings of one width."""

    secret: ClassVar[bool] = False
    log: Log
    election: bytes
    key: bytes
    width: int
    claims: Sequence[Weighed]

    def __call__(self) -> list[tuple[int, int, str]]:
        """(position, row, reason) of the bad, ascending."""
        after = weighings(self.log, [claim.index for claim in self.claims])
        before = read(self.log, [claim.before for claim in self.claims])
        claims = [
            Claim(claim.index, claim.place, claim.source, rows, given.rows)
            for claim, rows, given in zip(self.claims, before, after, strict=True)
        ]
        return Proofs().check_weighings(self.election, self.key, self.width, claims)


@dataclass(frozen=True)
class CheckShares:
    """9.2 of some chunks; what their shares are for comes along."""

    secret: ClassVar[bool] = False
    log: Log
    election: bytes
    public: bytes
    places: Sequence[tuple[int, int, int, int, int]]
    counts: Sequence[int]
    inputs: bytes = field(repr=False)
    content: PartExcerpt

    def __call__(self) -> list[int]:
        """The bad chunks, ascending."""
        content = self.content.read(self.log)
        return Proofs().check_shares(
            self.election, self.public, self.places, self.counts, self.inputs, content
        )
