"""The relay of a rehearsal: holds and mixes sealed cards like any, and forwards them within this process."""

from __future__ import annotations

import os
import random
from collections.abc import Mapping

from psephos.errors import PsephosError
from psephos.protocol.record import Record
from psephos.registrar.gateway import SealedPost
from psephos.registrar.registrar import Registrar
from psephos.relay.relay import Relay
from psephos.relay.served import Served
from psephos.relay.store import RelayStore
from psephos.simulation.clock import Clock

ROOM = 10_000_000
"""Requests that it may hold: as many as a rehearsal has."""


def make_relay(record: Record, registrars: Mapping[int, Registrar], store: RelayStore, clock: Clock) -> Relay:
    """The relay of a record whose registrars have all logged where they take messages."""
    served = Served.of(record)
    if served is None:
        raise PsephosError("not all registrars have logged where they take messages")
    gateways = record.registrar_keys.gateways
    posts = {
        served.gateways[number]: (
            SealedPost(gateways[number], registrar.secrets.gateway, os.urandom),
            registrar,
        )
        for number, registrar in registrars.items()
    }

    def forward(address: str, message: bytes) -> bytes:
        post, registrar = posts[address]
        (answer,) = post.answer([message], registrar.admit, _refuse)
        return answer

    return Relay(served, store, clock, ROOM, random.SystemRandom(), forward)


def _refuse(requests: object) -> list[bytes]:
    """Nothing that a relay has been given here does not open."""
    if requests:
        raise PsephosError("a sealed request does not open")
    return []
