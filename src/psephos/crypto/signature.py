"""Ed25519 (RFC 8032), with which institutions sign; cards sign with Schnorr in the core."""

from __future__ import annotations

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from psephos._core import check_ed25519, check_signing_keys, signed_entries
from psephos.errors import FormatError, VerificationError

__all__ = ["KEY_SIZE", "SIGNATURE_SIZE", "PublicKey", "SigningKey", "check_signing_keys", "signed_entries"]

KEY_SIZE = 32
SIGNATURE_SIZE = 64


class PublicKey:
    """An Ed25519 public key; `raw` is its 32 bytes (RFC 8032, 5.1.5)."""

    __slots__ = ("raw",)

    def __init__(self, raw: bytes) -> None:
        if len(raw) != KEY_SIZE:
            raise FormatError(f"Ed25519 public key: {len(raw)} bytes instead of {KEY_SIZE}")
        self.raw = bytes(raw)

    def verify(self, message: bytes, signature: bytes) -> None:
        """Raise FormatError unless the signature has 64 bytes, VerificationError unless it is right."""
        if len(signature) != SIGNATURE_SIZE:
            raise FormatError(f"Ed25519 signature: {len(signature)} bytes instead of {SIGNATURE_SIZE}")
        if not check_ed25519(self.raw, message, signature):
            raise VerificationError("signature", self.raw.hex(), "bad Ed25519 signature")

    def __eq__(self, other: object) -> bool:
        return isinstance(other, PublicKey) and self.raw == other.raw

    def __hash__(self) -> int:
        return hash(self.raw)

    def __repr__(self) -> str:
        return f"PublicKey({self.raw.hex()})"


class SigningKey:
    """An Ed25519 signing key from its 32-byte seed, drawn by the caller; only `public` is ever shown."""

    __slots__ = ("_key", "public")

    def __init__(self, seed: bytes) -> None:
        if len(seed) != KEY_SIZE:
            raise FormatError(f"Ed25519 seed: {len(seed)} bytes instead of {KEY_SIZE}")
        self._key = Ed25519PrivateKey.from_private_bytes(seed)
        self.public = PublicKey(self._key.public_key().public_bytes_raw())

    def sign(self, message: bytes) -> bytes:
        """The 64-byte signature, the same each time (RFC 8032, 5.1.6)."""
        return self._key.sign(message)

    def __repr__(self) -> str:
        return f"SigningKey(public={self.public.raw.hex()})"
