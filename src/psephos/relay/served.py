"""What a relay knows of a referendum that its operator has given it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from psephos.errors import FormatError
from psephos.protocol.encoding import canonical_json
from psephos.protocol.encoding.form import Form
from psephos.protocol.record import Record
from psephos.protocol.setup.periods import Periods

_HASH = re.compile("[0-9a-f]{64}")


@dataclass(frozen=True)
class Served:
    """The definition hash, 32 bytes; the periods; the registrars' posts by their numbers from 1."""

    definition: bytes
    periods: Periods
    gateways: Mapping[int, str]

    @classmethod
    def of(cls, record: Record) -> Served | None:
        """None until all registrars have logged where they take messages.

        FormatError of a referendum without relays.
        """
        if not record.begun or not record.registrar_keys.complete:
            return None
        definition, gateways = record.definition, record.registrar_keys.gateways
        if not definition.relays:
            raise FormatError("this referendum's definition names no relays: its devices will not use any")
        addresses = {number: gateway.address for number, gateway in gateways.items() if gateway.address}
        return cls(definition.hash, Periods.of(definition), addresses)

    def encode(self) -> bytes:
        """The bytes to keep."""
        gateways = {str(number): address for number, address in self.gateways.items()}
        closes, hold = list(self.periods.closes), self.periods.hold
        members = {"definition": self.definition.hex(), "closes": closes, "hold": hold, "gateways": gateways}
        return canonical_json.encode(members)

    @classmethod
    def decode(cls, data: bytes) -> Served:
        """From the bytes kept."""
        members = Form(canonical_json.decode(data)).members("definition closes hold gateways")
        closes = tuple(time.integer(0, 2**53) for time in members["closes"].items(1, 1000))
        gateways = members["gateways"]
        if not isinstance(gateways.value, dict):
            raise gateways.refuse("not an object")
        addresses = {int(name): gateways.member(name).text() for name in gateways.value if name.isdecimal()}
        periods = Periods(closes, members["hold"].integer(1, 604_800))
        return cls(bytes.fromhex(members["definition"].match(_HASH, "a hash")), periods, addresses)
