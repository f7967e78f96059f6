"""What seals and opens a key store: an age identity (X25519), which may itself be sealed to a passphrase.

Files are in the format age-encryption.org/v1, so that any age program opens them with the same identity.
"""

from __future__ import annotations

from psephos.crypto import age
from psephos.errors import FormatError

FACTOR = 18
"""N = 2^18 of scrypt for new files: 256 MiB and about a second, on every machine at every moment."""
CEILING = 20
"""Above it nothing is opened: 1 GiB, and some four seconds, are what a command may take."""


class Lock:
    """An age identity, and the recipient that belongs to it, which is all that is ever shown."""

    __slots__ = ("_identity", "_recipient")

    def __init__(self, identity: str) -> None:
        """FormatError, which holds nothing of it, unless it is an identity of X25519."""
        self._identity = identity
        self._recipient = age.age_recipient(identity)

    def __repr__(self) -> str:
        return f"Lock({self._recipient})"

    @classmethod
    def draw(cls) -> Lock:
        """A fresh one, from the operating system's randomness."""
        return cls(age.age_identity())

    @classmethod
    def parse(cls, text: str) -> Lock:
        """From an identity file with one identity; FormatError, which holds nothing of it, for any other."""
        lines = [line for line in text.splitlines() if line and not line.startswith("#")]
        if len(lines) != 1:
            raise FormatError(f"age identity file: {len(lines)} identities instead of 1")
        return cls(lines[0])

    def encode(self) -> str:
        """The identity file, which opens everything: only for where nobody else reads it."""
        return f"# public key: {self._recipient}\n{self._identity}\n"

    def seal(self, data: bytes) -> bytes:
        """An age file that this lock opens."""
        return age.age_seal(data, self._identity)

    def open(self, sealed: bytes) -> bytes:
        """What an age file holds; FormatError unless it is whole and sealed to this lock."""
        return age.age_open(sealed, self._identity)

    def to_passphrase(self, passphrase: str, factor: int = FACTOR) -> bytes:
        """The identity file, sealed to a passphrase with N = 2^factor of scrypt."""
        return age.age_seal_to_passphrase(self.encode().encode(), passphrase, factor)

    @classmethod
    def from_passphrase(cls, sealed: bytes, passphrase: str) -> Lock:
        """The lock that was sealed to a passphrase.

        FormatError when it is another passphrase, the file is damaged, or it was made with a factor above
        CEILING.
        """
        text = age.age_open_with_passphrase(sealed, passphrase, CEILING)
        return cls.parse(text.decode(errors="replace"))
