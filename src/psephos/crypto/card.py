"""Voting cards: keys from secrets, records with an encrypted weight, their checks (`spec/proofs.md#card`)."""

from typing import Final

from psephos._core import (
    check_cards,
    check_sums,
    derive_cards,
    make_cards,
    make_plain_cards,
)

__all__ = [
    "PLAIN_RECORD",
    "RECORD",
    "check_cards",
    "check_sums",
    "derive_cards",
    "make_cards",
    "make_plain_cards",
]

RECORD: Final = 384
"""Bytes of a card record: `K || C || bit proof || signature`."""

PLAIN_RECORD: Final = 96
"""Bytes of a card record without a weight: `K || signature`."""
