"""Sealed files in the format age-encryption.org/v1, which any age program opens: the core."""

from psephos._core import (
    age_identity,
    age_open,
    age_open_with_passphrase,
    age_recipient,
    age_seal,
    age_seal_to_passphrase,
)

__all__ = [
    "age_identity",
    "age_open",
    "age_open_with_passphrase",
    "age_recipient",
    "age_seal",
    "age_seal_to_passphrase",
]
