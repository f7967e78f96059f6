"""Relays: who takes sealed messages to registrars, and where (`spec/definition.md#members`)."""

from __future__ import annotations

import re
from dataclasses import dataclass

from psephos.protocol.encoding.form import Form

ADDRESS = r"https?://[!\"$->@-~]*[!\"$-.0->@-~]"
"""Printable ASCII without # and ?, not ending in /."""


@dataclass(frozen=True)
class RelayAddress:
    """Who runs it, and its address, which does not end in a slash."""

    name: str
    address: str

    @classmethod
    def read(cls, form: Form) -> RelayAddress:
        """A relay."""
        members = form.members("name address")
        name, address = members["name"].text(), members["address"]
        address.text()
        return cls(name, address.match(re.compile(ADDRESS), "an http(s) address"))


def read_relays(form: Form, hold: Form) -> tuple[tuple[RelayAddress, ...], int]:
    """The relays, and how long a period of theirs is: 0 exactly without any."""
    relays = tuple(map(RelayAddress.read, form.items(0, 16)))
    if len({relay.address for relay in relays}) < len(relays):
        raise form.refuse("an address stands twice")
    return relays, hold.integer(1, 604_800) if relays else hold.integer(0, 0)
