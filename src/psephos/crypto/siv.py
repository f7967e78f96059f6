"""Sealing under a key of one's own: AES-SIV, RFC 5297, which takes no nonce. Equal things look equal."""

from __future__ import annotations

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESSIV

from psephos.errors import FormatError

KEY_SIZE = 64  # AES-256 for authentication, and for encryption


def seal(key: bytes, plaintext: bytes, context: bytes) -> bytes:
    """16 bytes more than the plaintext, which is not empty; opens in the same context alone."""
    return AESSIV(key).encrypt(plaintext, [context])


def open_sealed(key: bytes, sealed: bytes, context: bytes) -> bytes:
    """What was sealed; FormatError unless it was sealed under this key in this context."""
    try:
        return AESSIV(key).decrypt(sealed, [context])
    except (InvalidTag, ValueError):
        raise FormatError("sealed bytes: do not open") from None
