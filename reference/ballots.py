"""Rows, chunks and weighing chains of a region's day: spec/phases.md#rows, spec/phases.md#weighing."""

from __future__ import annotations

from dataclasses import dataclass, field
from hashlib import sha256

import proofs
from group import G, add, decode, encode, multiply, negate

PROOF = 224


@dataclass(frozen=True)
class Row:
    """A card's last valid ballot of a day; `cells` are its ciphertexts Y, all contests joined."""

    card: bytes
    serial: int
    body_hash: bytes
    cells: bytes


@dataclass
class Chunk:
    """A weighing chain: rows as the last position left them."""

    rows: list[bytes]
    authors: list[int] = field(default_factory=list)
    failed: set[tuple[int, int]] = field(default_factory=set)  # positions, trustees: no second try
    complete_at: int = -1

    @property
    def previous(self) -> bytes:
        """SHA256 of the rows that the next position takes: spec/entries.md#weighing"""
        return sha256(b"".join(self.rows)).digest()

    def claims(
        self, election: bytes, joint: bytes, chunk: tuple[int, int, int], trustee: int, wire: bytes
    ) -> list[tuple[bytes, bytes, tuple[int, ...], bytes, bytes]]:
        """What proofs.weighing checks of the next position; `where` is region, day, chunk."""
        weighed = proofs.split(wire, len(wire) // len(self.rows))
        place = (*chunk, len(self.authors) + 1, trustee)
        return [
            (election, joint, (*place, i), before, after)
            for i, (before, after) in enumerate(zip(self.rows, weighed, strict=True))
        ]


def cells(contests: tuple[proofs.Contest, ...], votes: bytes) -> bytes:
    """The ciphertexts of all contests, without proofs."""
    ciphertexts, offset = b"", 0
    for _, options, blank in contests:
        ciphertexts += votes[offset : offset + 64 * options]
        offset += proofs.vote_size(options, blank)
    return ciphertexts


def last_rows(valid: list[Row]) -> list[Row]:
    """Of each card the row with the highest serial, then the lowest hash, in log order."""
    best: dict[bytes, Row] = {}
    for row in valid:
        best_row = best.get(row.card)
        if best_row is None or (-row.serial, row.body_hash) < (-best_row.serial, best_row.body_hash):
            best[row.card] = row
    return [row for row in valid if best[row.card] is row]


def chunk_size(width: int) -> int:
    """How many weighed rows of so many ciphertexts fit an entry: spec/phases.md#rows"""
    return (65_535 - 256) // (64 * width + PROOF)


def chunks(rows: list[Row], weights: dict[bytes, bytes], width: int) -> list[Chunk]:
    """Chains at their start: rows 0 are (2*C - (0,G), Y..): spec/proofs.md#weighing"""
    size = chunk_size(width)
    zeroth = [sign_ciphertext(weights[row.card]) + row.cells for row in rows]
    return [Chunk(zeroth[start : start + size]) for start in range(0, len(zeroth), size)]


def sign_ciphertext(weight: bytes) -> bytes:
    """2*C - (0,G), which encrypts +1 or -1."""
    first, second = (multiply(2, decode(half)) for half in proofs.split(weight))
    return encode(first) + encode(add(second, negate(G)))
