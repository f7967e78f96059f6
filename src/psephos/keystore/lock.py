"""What seals and opens a key store: an age identity (X25519), which may itself be sealed to a passphrase.

Files are in the format age-encryption.org/v1, so that any age program opens them with the same identity.
"""

from __future__ import annotations

import pyrage
from pyrage import passphrase as scrypt
from pyrage.x25519 import Identity

from psephos.errors import FormatError


class Lock:
    """An age identity, and the recipient that belongs to it, which is all that is ever shown."""

    __slots__ = ("_identity",)

    def __init__(self, identity: Identity) -> None:
        self._identity = identity

    def __repr__(self) -> str:
        return f"Lock({self._identity.to_public()})"

    @classmethod
    def draw(cls) -> Lock:
        """A fresh one, from the operating system's randomness."""
        return cls(Identity.generate())

    @classmethod
    def parse(cls, text: str) -> Lock:
        """From an identity file with one identity; FormatError, which holds nothing of it, for any other."""
        lines = [line for line in text.splitlines() if line and not line.startswith("#")]
        if len(lines) != 1:
            raise FormatError(f"age identity file: {len(lines)} identities instead of 1")
        try:
            return cls(Identity.from_str(lines[0]))
        except pyrage.IdentityError:
            raise FormatError("age identity file: the identity is none of X25519") from None

    def encode(self) -> str:
        """The identity file, which opens everything: only for where nobody else reads it."""
        return f"# public key: {self._identity.to_public()}\n{self._identity}\n"

    def seal(self, data: bytes) -> bytes:
        """An age file that this lock opens."""
        return pyrage.encrypt(data, [self._identity.to_public()])

    def open(self, sealed: bytes) -> bytes:
        """What an age file holds; FormatError unless it is whole and sealed to this lock."""
        try:
            return pyrage.decrypt(sealed, [self._identity])
        except pyrage.DecryptError as error:
            raise FormatError(f"not whole, or not sealed to {self}: {error}") from None

    def to_passphrase(self, passphrase: str) -> bytes:
        """The identity file, sealed to a passphrase with age's scrypt, which takes a second or more."""
        return scrypt.encrypt(self.encode().encode(), passphrase)

    @classmethod
    def from_passphrase(cls, sealed: bytes, passphrase: str) -> Lock:
        """The lock that was sealed to a passphrase; FormatError when it is another passphrase, or damaged."""
        try:
            text = scrypt.decrypt(sealed, passphrase)
        except pyrage.DecryptError as error:
            raise FormatError(f"not whole, or another passphrase: {error}") from None
        return cls.parse(text.decode(errors="replace"))
