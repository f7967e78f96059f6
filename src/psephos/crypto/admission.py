"""Admission of cards by registrars (`spec/proofs.md#admission`)."""

from typing import Final

from psephos._core import check_admissions, make_admissions

__all__ = ["PROOF", "SHOWN", "check_admissions", "make_admissions"]

SHOWN: Final = 96
"""Bytes that a device shows of its token: `F || E`."""

PROOF: Final = 288
"""Bytes of the proof that it fits the card's record."""
