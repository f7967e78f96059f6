"""Ballots: made, signed, parsed, checked, challenged (`spec/proofs.md#ballot`, `spec/entries.md#ballot`)."""

from __future__ import annotations

from array import array
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final

from psephos._core import (
    MAX_SERIAL,
    ballot_ciphertexts,
    check_ballots,
    check_opening,
    encrypt_ballots,
    parse_ballots,
    sign_ballots,
)

__all__ = [
    "BLANK",
    "MAX_SERIAL",
    "Ballots",
    "ballot_ciphertexts",
    "check_ballots",
    "check_opening",
    "encrypt_ballots",
    "lengths",
    "parse_ballots",
    "sign_ballots",
]

BLANK: Final = 0xFFFF
"""The choice of no option."""


def lengths(entries: Sequence[bytes]) -> bytes:
    """Lengths of entries as the core takes them, u32 each."""
    return array("I", map(len, entries)).tobytes()


@dataclass(frozen=True)
class Ballots:
    """Entries that begin like ballots, parsed once into columns; row i of each is of entry i.

    Columns of rows that are not well formed are zeros.
    """

    entries: Sequence[bytes]
    joined: bytes = field(repr=False)
    lengths: bytes = field(repr=False)
    """Of each entry its length, u32."""
    status: bytes
    """0 for what is well formed, else why it is not (`parse_ballots`)."""
    regions: bytes
    """u16 each, as days are."""
    days: bytes
    serials: bytes
    """u8 each."""
    keys: bytes = field(repr=False)
    """Of cards, 32 bytes each."""
    hashes: bytes = field(repr=False)
    """Of bodies, 32 bytes each."""

    @classmethod
    def parse(
        cls,
        entries: Sequence[bytes],
        election: bytes,
        styles: Sequence[Sequence[tuple[int, int, int]]],
    ) -> Ballots:
        """Ballots of an election; `styles` has the contests of each region."""
        joined, sizes = b"".join(entries), lengths(entries)
        return cls(entries, joined, sizes, *parse_ballots(joined, sizes, election, styles))

    def select(self, rows: Sequence[int]) -> tuple[bytes, bytes]:
        """The entries of these ascending rows, joined, and their lengths."""
        if len(rows) == len(self.entries):
            return self.joined, self.lengths
        entries = [self.entries[row] for row in rows]
        return b"".join(entries), lengths(entries)
