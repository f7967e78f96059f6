"""Relays as they are, on ports of their own, before registrars in this process."""

from __future__ import annotations

import os
import random
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from psephos.registrar.gateway import SealedPost
from psephos.relay.relay import Relay
from psephos.relay.served import Served as Known
from psephos.relay.store import RelayStore
from psephos.relay.web import application
from psephos.server.listening import Listener
from tests.booth.offered import Served, serve

HOLD = 3_600


class Relays:
    """Two relays, and what came to them; a test says when they forward."""

    def __init__(self, path: Path, booth: Path, **shape) -> None:
        self.now = int(time.time())
        self.lengths: set[int] = set()
        """Of the messages that relays forwarded."""
        self.path = path
        self.relays: dict[bytes, Relay | None] = {}
        self.others: dict[bytes, Relay | None] = {}
        self.listeners = [Listener(application(one), "127.0.0.1", 0) for one in (self.relays, self.others)]
        members = [
            {"name": f"Relay {number}", "address": f"http://127.0.0.1:{one.port}/relay"}
            for number, one in enumerate(self.listeners, 1)
        ]
        self.served = Served(path, booth, begun=False, relays=members, hold=HOLD, **shape)

    def begin(self, url: str) -> None:
        self.served.site = url
        self.served.begin()
        known = Known.of(self.served.referendum.record)
        assert known is not None
        for number, one in enumerate((self.relays, self.others)):
            store = RelayStore(self.path / f"relay-{number}")
            one[known.definition] = Relay(
                known, store, lambda: self.now, 1000, random.Random(number), self._forward
            )
        for listener in self.listeners:
            listener.start()

    def _forward(self, address: str, message: bytes) -> bytes:
        """To the gateway of the registrar at an address, as its post does it."""
        self.lengths.add(len(message))
        keys = self.served.referendum.record.registrar_keys.gateways
        [number] = [number for number, gateway in keys.items() if gateway.address == address]
        registrar = self.served.registrars[number]
        post = SealedPost(keys[number], registrar.secrets.gateway, os.urandom)
        [answer] = post.answer([message], registrar.admit, registrar.admit)
        return answer

    def reach_end(self) -> None:
        """The last second in which relays forward what they have got in this period."""
        for relay in self.relays.values():
            assert relay is not None
            window = relay.served.periods.window(self.now)
            assert window is not None
        self.now = window[1] - 1

    def turn(self) -> list[int]:
        """Let each relay forward what is due; how many messages that were."""
        return [self._turn(one) for one in (self.relays, self.others)]

    def _turn(self, relays: dict[bytes, Relay | None]) -> int:
        [relay] = relays.values()
        assert relay is not None
        return relay.turn()

    def close(self) -> None:
        for listener in self.listeners:
            listener.stop()
        self.served.close()


@contextmanager
def relaying(path: Path, booth: Path, **shape) -> Iterator[tuple[Relays, str]]:
    """Relays before a referendum that has begun, and its URL."""
    relays = Relays(path, booth, **shape)
    with serve(relays.served) as url, serve(relays.served) as elsewhere:
        relays.begin(elsewhere)  # where the registrars' posts are: another origin than the booth's
        yield relays, url
    relays.close()
