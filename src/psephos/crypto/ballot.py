"""Ballots: made, signed, parsed, checked, challenged (`spec/proofs.md#ballot`, `spec/entries.md#ballot`)."""

from typing import Final

from psephos._core import (
    ballot_ciphertexts,
    check_ballots,
    check_opening,
    encrypt_ballots,
    parse_ballots,
    sign_ballots,
)

__all__ = [
    "BLANK",
    "ballot_ciphertexts",
    "check_ballots",
    "check_opening",
    "encrypt_ballots",
    "parse_ballots",
    "sign_ballots",
]

BLANK: Final = 0xFFFF
"""The choice of no option."""
