"""Keys under which registrars evaluate tokens, and how many they gave (`spec/entries.md#token-keys`)."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field

from psephos.crypto import group
from psephos.errors import FormatError, VerificationError
from psephos.protocol.checks import out_of_phase
from psephos.protocol.entries import Entry, Given, TokenKeys
from psephos.protocol.multipart import Multipart
from psephos.protocol.setup.definition import Definition
from psephos.protocol.setup.relays import ADDRESS

IDENTITY = bytes(32)
LONGEST_ADDRESS = 400
"""Characters: a sealed request has room for an admission beside it."""


@dataclass(frozen=True)
class Gateway:
    """Where a registrar takes sealed messages: its number from 1, X25519 key of 32 bytes, and post."""

    number: int
    key: bytes
    address: str


@dataclass
class RegistrarKeys:
    """What the log has of all registrars, by number from 1."""

    definition: Definition
    publics: dict[int, list[bytes]] = field(default_factory=dict)
    """V and D of every region, in order; V alone without decoys."""
    entries: dict[int, bytes] = field(default_factory=dict)
    """Body hashes of the entries."""
    gateways: dict[int, Gateway] = field(default_factory=dict)
    """Where each takes sealed messages; the address is its post, and empty where it has none."""
    given: dict[int, int] = field(default_factory=dict)
    """To how many voters each has given tokens, as its last valid entry counts them."""
    givings: list[tuple[int, int, int]] = field(default_factory=list)
    """Index, registrar and count of every entry that says so."""
    digests: dict[int, bytes] = field(default_factory=dict)
    """What that entry says of who they are."""
    secrets: dict[tuple[int, int], bytes] = field(default_factory=dict)
    """By registrar and region, once it has listed whom it issued tokens: `v || d`, or `v`."""

    @property
    def kinds(self) -> int:
        """How many keys a region has."""
        return 2 if self.definition.decoys else 1

    @property
    def complete(self) -> bool:
        """Whether every registrar's are there."""
        return len(self.entries) == len(self.definition.registrars)

    @property
    def joined_entries(self) -> bytes:
        """What the election hash holds of them (`spec/proofs.md#election-hash`)."""
        return b"".join(self.entries[number] for number in sorted(self.entries))

    def of_region(self, registrar: int, region: int) -> list[bytes]:
        """V and D, or V, of a region."""
        return self.publics[registrar][self.kinds * region : self.kinds * (region + 1)]

    def add(self, registrar: int, keys: TokenKeys, entry: Entry, read: Callable[[], Multipart]) -> None:
        """Check 4.4."""

        def refuse(message: str) -> VerificationError:
            return VerificationError("4.4", f"registrar {registrar}", f"token keys: {message}")

        if registrar in self.entries:
            raise out_of_phase(f"token-keys: registrar {registrar} has them")
        if keys.address and not re.fullmatch(ADDRESS, keys.address):
            raise refuse("the address has another form")
        if self.definition.relays and not 1 <= len(keys.address) <= LONGEST_ADDRESS:
            raise refuse(f"no address of at most {LONGEST_ADDRESS} characters, to which relays could forward")
        content, size = read(), 32 * self.kinds * len(self.definition.regions)
        if len(content) != size:
            raise refuse(f"{len(content)} bytes instead of {size}")
        data = content.excerpt(0, size).data
        points = [data[at : at + 32] for at in range(0, size, 32)]
        if group.check_points(data, allow_identity=False):
            raise refuse("not all are canonical points, or one is the identity")
        if len(set(points)) < len(points):
            raise refuse("a key stands twice")
        self.publics[registrar], self.entries[registrar] = points, entry.body_hash
        self.gateways[registrar] = Gateway(registrar, keys.hpke_key, keys.address)

    def check_secrets(self, registrar: int, region: int, secrets: bytes) -> None:
        """Raise FormatError unless they are those of a region's keys."""
        if len(secrets) != 32 * self.kinds or IDENTITY in (secrets[:32], secrets[32:]):
            raise FormatError("secrets of another length, or zero")
        if group.base_multiples(secrets) != b"".join(self.of_region(registrar, region)):
            raise FormatError("not the secrets of the token keys")

    def add_given(self, registrar: int, given: Given, listed: int, index: int) -> None:
        """Check 4.8; `listed` are all on the registrar's rolls."""
        if given.count <= self.given.get(registrar, 0):
            raise out_of_phase(f"given: registrar {registrar} counted as many before")
        if given.count > listed:
            message = f"given: {given.count} tokens for {listed} people on its rolls"
            raise VerificationError("4.8", f"registrar {registrar}", message)
        self.given[registrar], self.digests[registrar] = given.count, given.digest
        self.givings.append((index, registrar, given.count))

    def given_since(self, registrar: int, index: int) -> int:
        """To how many voters a registrar has given tokens by entries behind that index."""
        counts = [count for at, number, count in self.givings if number == registrar and at <= index]
        return self.given.get(registrar, 0) - max(counts, default=0)
