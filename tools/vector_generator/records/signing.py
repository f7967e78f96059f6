"""Entries by whom one likes, and bytes a little wrong."""

from __future__ import annotations

import hashlib
from collections.abc import Callable

from psephos.crypto.signature import SigningKey
from psephos.protocol.entries import Payload
from psephos.simulation.referendum import Referendum

Write = Callable[[Referendum], list[bytes]]
OUTSIDER = SigningKey(hashlib.sha256(b"a stranger").digest())
"""Nobody whom a definition names."""
APPEALS = SigningKey(hashlib.sha256(b"the court of appeals").digest())
"""Whoever hears appeals, where a definition names them."""


def by(referendum: Referendum, party: str, *payloads: Payload) -> list[bytes]:
    """Entries by a party, by the name that reports give it."""
    keys = {"organiser": referendum.keys.organiser, "board": referendum.keys.board}
    keys |= {f"registrar {number}": key for number, key in enumerate(referendum.keys.registrars, 1)}
    keys |= {f"trustee {index}": key for index, key in enumerate(referendum.keys.trustees, 1)}
    keys |= {f"witness {index}": key for index, key in enumerate(referendum.keys.witnesses, 1)}
    keys |= {"appeals": APPEALS, "stranger": OUTSIDER}
    return [referendum.write(payload, keys[party]) for payload in payloads]


def said(party: str, *payloads: Payload) -> Write:
    """Entries by a party."""
    return lambda referendum: by(referendum, party, *payloads)


def nothing(_: Referendum) -> list[bytes]:
    """No more entries."""
    return []


def flipped(data: bytes, position: int = -1) -> bytes:
    """One bit of one byte changed."""
    whole = bytearray(data)
    whole[position] ^= 1
    return bytes(whole)
