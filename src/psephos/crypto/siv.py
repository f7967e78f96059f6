"""Sealing under a key of one's own: AES-SIV, RFC 5297, which takes no nonce. Equal things look equal."""

from __future__ import annotations

from collections.abc import Iterable

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESSIV

from psephos.errors import FormatError

KEY_SIZE = 64  # AES-256 for authentication, and for encryption


def seal_each(key: bytes, plaintexts: Iterable[bytes], context: bytes) -> list[bytes]:
    """16 bytes more than each plaintext, which is not empty; opens in the same context alone."""
    cipher = AESSIV(key)
    return [cipher.encrypt(plaintext, [context]) for plaintext in plaintexts]


def open_each(key: bytes, sealed: Iterable[bytes], context: bytes) -> list[bytes]:
    """What was sealed; FormatError unless all of it was sealed under this key in this context."""
    try:
        cipher = AESSIV(key)
        return [cipher.decrypt(one, [context]) for one in sealed]
    except (InvalidTag, ValueError):
        raise FormatError("sealed bytes: do not open") from None


def seal(key: bytes, plaintext: bytes, context: bytes) -> bytes:
    """As `seal_each`, of one."""
    return seal_each(key, [plaintext], context)[0]


def open_sealed(key: bytes, sealed: bytes, context: bytes) -> bytes:
    """As `open_each`, of one."""
    return open_each(key, [sealed], context)[0]
