"""A relay's homes, one a referendum: what it knows of it, and what it holds."""

from __future__ import annotations

import random
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial

from psephos.cli.home.home import Home, HomeOptions, open_home
from psephos.cli.process.stop import FAILED, WAITING, Stop, stopping
from psephos.files import write_whole
from psephos.relay.gateway import forward, leads_nowhere_public
from psephos.relay.relay import Relay
from psephos.relay.served import Served
from psephos.relay.store import RelayStore

_SERVED, _HELD = "served.json", "held.sqlite"


@contextmanager
def open_relay(
    options: HomeOptions, room: int, clock: Callable[[], int], private: bool
) -> Iterator[RelayHome]:
    """A home at work; Stop while there is no pin. `private`: registrars may be on this machine."""
    with open_home(options, "relay") as home:
        store = RelayStore(home.directory / _HELD)
        opened = RelayHome(home, store, room, clock, private)
        try:
            yield opened
        finally:
            opened.close()


class RelayHome:
    """One referendum, and its relay once the log says where the registrars take messages."""

    def __init__(
        self, home: Home, store: RelayStore, room: int, clock: Callable[[], int], private: bool
    ) -> None:
        self._home, self._store, self._room, self._clock = home, store, room, clock
        self._private = private
        self.definition = home.pin.definition
        self.relay: Relay | None = None

    def learn(self) -> Relay:
        """The relay; Stop while the log does not say enough. What it has said is kept: it never changes."""
        if self.relay is None:
            served = self._kept() or self._read()
            self._warn(served)
            to_gateway = partial(forward, private=self._private)
            draw = random.SystemRandom()
            self.relay = Relay(served, self._store, self._clock, self._room, draw, to_gateway)
        return self.relay

    def close(self) -> None:
        """Wait for what is under way, and close the file."""
        if self.relay is not None:
            self.relay.close()
        self._store.close()

    def _warn(self, served: Served) -> None:
        """Say which registrars get nothing from here, and what allows it."""
        for number, address in served.gateways.items():
            if not self._private and leads_nowhere_public(address):
                print(
                    f"registrar {number} has logged {address}, which leads to this machine or into a private "
                    "network: nothing is forwarded there. If that is right, run with --private-networks.",
                    file=sys.stderr,
                )

    def _kept(self) -> Served | None:
        path = self._home.directory / _SERVED
        with stopping(FAILED, str(path)):
            return Served.decode(path.read_bytes()) if path.exists() else None

    def _read(self) -> Served:
        with self._home.record() as record:
            served = Served.of(record)
        if served is None:
            raise Stop("waits for the registrars: not all have logged where they take messages", WAITING)
        write_whole(self._home.directory / _SERVED, served.encode())
        return served
