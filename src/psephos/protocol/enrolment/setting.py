"""In which referendum cards are enrolled: what every step of enrolment needs to know of it."""

from __future__ import annotations

from dataclasses import dataclass, field

from psephos.crypto.card import PLAIN_RECORD, RECORD
from psephos.protocol.enrolment.token_keys import RegistrarKeys
from psephos.protocol.setup.definition import Definition


@dataclass(frozen=True)
class Setting:
    """The definition, the election hash, the trustees' key H, and all registrars' token keys."""

    definition: Definition
    election: bytes
    key: bytes
    registrar_keys: RegistrarKeys = field(repr=False)

    @property
    def registrars(self) -> range:
        """The numbers of all, from 1."""
        return range(1, len(self.definition.registrars) + 1)

    @property
    def weighted(self) -> bool:
        """Whether cards have weights: not without decoys."""
        return self.definition.decoys > 0

    @property
    def width(self) -> int:
        """Bytes of a card record (`spec/proofs.md#card-record`)."""
        return RECORD if self.weighted else PLAIN_RECORD

    def author(self, registrar: int) -> bytes:
        """The Ed25519 key of a registrar."""
        return self.definition.registrars[registrar - 1].key

    def publics(self, registrar: int, region: int) -> bytes:
        """A registrar's token keys of a region: `V || D`, or V alone without decoys."""
        return b"".join(self.registrar_keys.of_region(registrar, region))
