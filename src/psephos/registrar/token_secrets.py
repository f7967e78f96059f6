"""Secret token keys, drawn for one definition and used for no other (`spec/entries.md#token-keys`).

Tokens are blinded: whoever evaluates one cannot see of which referendum it is. So the secrets lie under the
hash of their definition, and are refused to every other.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from psephos.crypto import hpke
from psephos.crypto.group import base_multiples
from psephos.crypto.token import token_key
from psephos.crypto.transcript import transcript_hash
from psephos.errors import FormatError
from psephos.keystore.store import KeyStore
from psephos.protocol.labels import GIVEN
from psephos.protocol.setup.definition import Definition

NAME = "token-secrets"
"""What the key store calls them."""
_SCALAR = 32

Random = Callable[[int], bytes]
"""So many fresh random bytes."""


@dataclass(frozen=True)
class TokenSecrets:
    """All secrets of a registrar for one definition."""

    kinds: int
    """Keys of a region: v and d, or v alone without decoys."""
    gateway: bytes = field(repr=False)
    """The X25519 key to which sealed messages are sealed."""
    salts: bytes = field(repr=False)
    """From which the salts of `given` entries are derived."""
    scalars: bytes = field(repr=False)
    """`v || d`, or `v`, of each region in order."""

    @classmethod
    def draw(cls, definition: Definition, number: int, keys: KeyStore, random: Random) -> TokenSecrets:
        """The secrets for a definition, drawn the first time; FormatError where there are another's."""
        if keys.read(NAME) is None:
            kinds = _kinds(definition)
            drawn = [token_key(random(32))[0] for _ in range(kinds * len(definition.regions))]
            keys.write(NAME, _head(definition, number) + random(32) + random(32) + b"".join(drawn))
        return cls.read(definition, number, keys)

    @classmethod
    def read(cls, definition: Definition, number: int, keys: KeyStore) -> TokenSecrets:
        """The secrets that were drawn; FormatError where there are none, or those of another definition."""
        data, head = keys.read(NAME), _head(definition, number)
        if data is None:
            raise FormatError("token secrets: there are none yet; `psephos registrar run` draws them")
        if data[: len(head)] != head:
            raise FormatError(
                "token secrets: drawn for another definition or registrar; never use them again: make a new "
                "home with `psephos registrar init` for this one"
            )
        kinds, rest = _kinds(definition), data[len(head) :]
        if len(rest) != 64 + _SCALAR * kinds * len(definition.regions):
            raise FormatError("token secrets: damaged; put back the file of the key store")
        return cls(kinds, rest[:32], rest[32:64], rest[64:])

    def of_region(self, region: int) -> bytes:
        """`v || d`, or `v`, of a region: what `issued` publishes."""
        width = _SCALAR * self.kinds
        return self.scalars[width * region : width * (region + 1)]

    def of_kind(self, region: int, kind: int) -> bytes:
        """The secret for voter tokens (kind 1) or decoy tokens (kind 0) of a region."""
        place = _SCALAR * (1 - kind)
        return self.of_region(region)[place : place + _SCALAR]

    @property
    def publics(self) -> bytes:
        """The bundle of a token-keys entry."""
        return base_multiples(self.scalars)

    @property
    def gateway_key(self) -> bytes:
        """The public half of the gateway's key."""
        return hpke.public_key(self.gateway)

    def salt(self, count: int) -> bytes:
        """The salt of the `given` entry of a count, 32 bytes, the same each time."""
        return transcript_hash(GIVEN, ("secret", self.salts), ("message", count.to_bytes(8, "little")))


def _kinds(definition: Definition) -> int:
    return 2 if definition.decoys else 1


def _head(definition: Definition, number: int) -> bytes:
    return b"psephos token secrets\n" + definition.hash + bytes([number])
