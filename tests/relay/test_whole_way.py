"""A device's cards on their whole way: relay, gateway, registrar and back, over HTTP."""

from __future__ import annotations

import random
from collections.abc import Iterator
from contextlib import ExitStack
from functools import partial
from pathlib import Path

import pytest

from psephos.post.relayed import RelayPost
from psephos.protocol.enrolment.token_keys import Gateway
from psephos.protocol.setup.periods import Periods
from psephos.relay.gateway import forward
from psephos.relay.relay import Relay
from psephos.relay.served import Served
from psephos.relay.store import RelayStore
from psephos.relay.web import application
from psephos.server.listening import Listener
from psephos.voter.relaying import Relaying
from tests.server.test_gateway import Registrar
from tests.voter.enrolling import Stage


class WholeWay(Stage):
    """A device whose relay and registrars listen on this machine."""

    def __init__(self, directory: Path, opened: ExitStack) -> None:
        super().__init__(directory, relays=1)
        self.ends: dict[int, Registrar] = {}
        for number, registrar in self.referendum.registrars.items():
            end = Registrar(directory / f"registrar-{number}")
            opened.callback(end.stop)
            end.gateway = Gateway(number, end.gateway.key, end.gateway.address)
            end.sealed._gateway = end.gateway
            end._admit = lambda messages, admit=registrar.admit: [admit(one) for one in messages]  # type: ignore[method-assign,misc]
            self.setting.registrar_keys.gateways[number] = end.gateway
            self.ends[number] = end
        addresses = {number: end.gateway.address for number, end in self.ends.items()}
        definition = self.setting.definition
        served = Served(definition.hash, Periods.of(definition), addresses)
        store = RelayStore(directory / "held.sqlite")
        opened.callback(store.close)
        self.relay = Relay(
            served, store, lambda: self.now, 1_000, random.SystemRandom(), partial(forward, private=True)
        )
        listener = Listener(application({definition.hash: self.relay}), "127.0.0.1", 0, connections=100)
        listener.start()
        opened.callback(listener.stop)
        self.url = f"http://127.0.0.1:{listener.port}"

    def send(self):
        """Through the relay, wherever the definition says that it is."""
        way = RelayPost(self.url, self.setting.definition.hash)
        return Relaying(self.setting, self.memory, lambda _: way, self.rng.randbytes).run(self.now)


@pytest.fixture
def way(tmp_path: Path) -> Iterator[WholeWay]:
    with ExitStack() as opened:
        yield WholeWay(tmp_path, opened)


def test_cards_are_admitted_by_all_registrars_and_their_receipts_come_back(way: WholeWay) -> None:
    way.begin(way.referendum.draft(3))
    way.make()
    way.send()
    assert not any(one.admitted for one in way.referendum.registrars.values()), "they are held"
    made = way.memory.made
    assert made is not None
    assert all(envelope.taken for envelope in made.envelopes)
    way.now = made.due - 1
    assert way.relay.turn() == 2 * (1 + way.setting.definition.decoys)
    way.now = made.due
    way.send()
    made = way.memory.made
    assert made is not None
    assert all(answer for row in made.answers for answer in row)
    admitted = [set(one.admitted) for one in way.referendum.registrars.values()]
    assert admitted[0] == admitted[1]
    assert len(admitted[0]) == 3
