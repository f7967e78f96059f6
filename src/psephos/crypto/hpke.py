"""Sealing a share to a trustee: HPKE, RFC 9180, base mode (`spec/ceremony.md#deal`)."""

from __future__ import annotations

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.hpke import AEAD, KDF, KEM, Suite

from psephos.errors import FormatError

OVERHEAD = 48  # the encapsulated key and the tag of ChaCha20Poly1305

_SUITE = Suite(KEM.X25519, KDF.HKDF_SHA256, AEAD.CHACHA20_POLY1305)


def public_key(private: bytes) -> bytes:
    """The X25519 public key, 32 bytes, of a private key of 32 random bytes (RFC 7748)."""
    return X25519PrivateKey.from_private_bytes(private).public_key().public_bytes_raw()


def seal(plaintext: bytes, public: bytes, info: bytes) -> bytes:
    """`enc || ciphertext`, OVERHEAD bytes more than the plaintext; FormatError when the key has no use.

    The key pair that RFC 9180 makes for each message is drawn by the library: it takes none from outside.
    """
    try:
        return _SUITE.encrypt(plaintext, X25519PublicKey.from_public_bytes(public), info)
    except ValueError:
        raise FormatError("X25519 public key: wrong length or of small order") from None


def open_sealed(sealed: bytes, private: bytes, info: bytes) -> bytes:
    """What was sealed; FormatError unless it was sealed to this key with this info."""
    try:
        return _SUITE.decrypt(sealed, X25519PrivateKey.from_private_bytes(private), info)
    except (InvalidTag, ValueError):
        raise FormatError("sealed share: does not open") from None
