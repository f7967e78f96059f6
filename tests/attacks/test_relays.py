"""What a relay can do to those whose cards it passes on: see lengths and times, and lose what it is given."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Iterator, Sequence
from hashlib import sha256
from itertools import pairwise
from pathlib import Path

import pytest

from psephos.crypto.hpke import public_key
from psephos.errors import FormatError
from psephos.post.relayed import Gone
from psephos.protocol.enrolment.sealed import open_response, seal_all
from psephos.protocol.enrolment.token_keys import Gateway
from psephos.protocol.setup.periods import Periods
from psephos.registrar.gateway import SealedPost
from psephos.relay.gateway import NotForwarded, NotTaken
from psephos.relay.relay import Relay
from psephos.relay.served import Served
from psephos.relay.store import RelayStore
from tests.voter.enrolling import MemoryRelay, Stage

RELAYS = 2


def chunks(data: bytes, size: int = 16) -> set[bytes]:
    """All runs of so many bytes: two ciphertexts have none in common."""
    return {data[at : at + size] for at in range(len(data) - size + 1)}


def views(stage: Stage) -> list[tuple[int, bytes]]:
    return [one for relay in stage.relays.values() for one in relay.seen]


def sent(directory: Path, cards: int) -> Stage:
    """A voter who has so many cards has left them at a relay."""
    stage = Stage(directory, RELAYS)
    stage.begin(stage.referendum.draft(cards))
    stage.make()
    stage.send()
    return stage


def test_a_relay_sees_the_same_of_everybody_but_ciphertext(tmp_path: Path) -> None:
    """One card or all: as many messages to each registrar, all of one length, all at once."""
    most = 1 + Stage(tmp_path / "none").setting.definition.decoys
    stages = [sent(tmp_path / str(cards), cards) for cards in (1, 2, most)]
    shapes = [Counter((number, len(message)) for number, message in views(one)) for one in stages]
    assert shapes == [Counter({(1, 1591): most, (2, 1591): most})] * 3
    for stage in stages:
        messages = [message for _, message in views(stage)]
        assert {message[:7] for message in messages} == {
            bytes([number]) + bytes.fromhex("002000010003") for number in (1, 2)
        }
        bodies = [chunks(message[7:]) for message in messages]
        assert sum(map(len, bodies)) == len(set().union(*bodies)), "nothing stands in two of them"
        made = stage.memory.made
        assert made is not None
        plain = set().union(*(chunks(one) for row in made.messages for one in row))
        assert not plain & set().union(*bodies)


def test_the_responses_that_pass_through_it_are_of_one_length_too(tmp_path: Path) -> None:
    stage = sent(tmp_path, 2)
    for relay in stage.relays.values():
        relay.forward()
    responses = [one for relay in stage.relays.values() for one in relay.responses.values()]
    assert {len(one) for one in responses} == {1072}
    assert len(set().union(*map(chunks, responses))) == sum(len(chunks(one)) for one in responses)


class Cheating(MemoryRelay):
    """Does something to what it passes on, the first time."""

    def forward(self, lost=lambda at: False) -> None:
        super().forward()
        places = list(self.held)
        if self.name == "exchanges responses":
            turned = [self.responses[place] for place in places[1:] + places[:1]]
            self.responses = dict(zip(places, turned, strict=True))
        if self.name == "makes responses up":
            self.responses = {place: random.randbytes(1072) for place in places}
        if self.name == "repeats":
            for message, number in self.held.items():
                self._pass_on(number, message)

    def _pass_on(self, registrar: int, message: bytes) -> bytes:
        if self.name == "changes requests":
            message = message[:-1] + bytes([message[-1] ^ 1])
        if self.name == "sends to another registrar":
            registrar = 3 - registrar
        return super()._pass_on(registrar, message)

    def fetch(self, message: bytes) -> bytes | None:
        if self.name == "loses everything":
            raise Gone("nothing")
        return super().fetch(message)

    name = ""


@pytest.mark.parametrize(
    "name",
    ["exchanges responses", "makes responses up", "repeats", "loses everything"],
)
def test_a_relay_that_cheats_makes_a_device_send_again_at_most(tmp_path: Path, name: str) -> None:
    stage = Stage(tmp_path, 1)
    ((address, honest),) = stage.relays.items()
    cheat = Cheating(honest.registrars, honest.gateways, stage.life)
    cheat.name = name
    stage.relays[address] = cheat
    stage.begin(stage.referendum.draft(3))
    stage.make()
    stage.go_on()
    made = stage.memory.made
    assert made is not None
    answered = all(one for row in made.answers for one in row)
    assert answered == (name == "repeats")
    stage.relays[address] = honest
    stage.go_on()  # what the other one holds is lost
    stage.go_on()
    made = stage.memory.made
    assert made is not None
    assert all(one for row in made.answers for one in row)
    assert {len(registrar.admitted) for registrar in stage.referendum.registrars.values()} == {3}


@pytest.mark.parametrize("name", ["changes requests", "sends to another registrar"])
def test_what_a_relay_changes_does_not_open(tmp_path: Path, name: str) -> None:
    stage = sent(tmp_path, 3)
    for honest in stage.relays.values():
        cheat = Cheating(honest.registrars, honest.gateways, stage.life, held=honest.held)
        cheat.name = name
        if cheat.held:
            with pytest.raises(FormatError):
                cheat.forward()
    assert not any(registrar.admitted for registrar in stage.referendum.registrars.values())


class Held:
    """The relay that operators run, in memory, before a registrar that tells in which order cards come."""

    def __init__(self, directory: Path) -> None:
        self.stage = Stage(directory)
        private = random.randbytes(32)
        self.gateway = Gateway(1, public_key(private), "https://registrar-1.example/post")
        self.sealed = SealedPost(self.gateway, private, random.randbytes)
        self.now, self.came = 1_000, list[bytes]()
        served = Served(bytes(32), Periods((10_000,), 9_000), {1: self.gateway.address})
        self.store = RelayStore(directory / "held.sqlite")
        self.relay = Relay(served, self.store, lambda: self.now, 10_000, random.Random(5), self.forward)

    def forward(self, address: str, message: bytes) -> bytes:
        def refuse(requests: Sequence[bytes]) -> list[bytes]:
            if requests:
                raise NotTaken("it does not open")
            return []

        if address != self.gateway.address:
            raise NotForwarded("nobody is there")
        (response,) = self.sealed.answer([message], self.admit, refuse)
        return response

    def admit(self, admissions: Sequence[bytes]) -> list[bytes]:
        self.came += admissions
        return [b"receipt of " + one for one in admissions]


@pytest.fixture
def held(tmp_path: Path) -> Iterator[Held]:
    one = Held(tmp_path)
    yield one
    one.store.close()


def test_cards_reach_a_registrar_mixed_with_those_of_the_period(held: Held) -> None:
    """A registrar cannot tell by order or time whose cards came together."""
    openers: dict[bytes, tuple[bytes, bytes | None]] = {}
    for voter in range(30):
        admissions = [b"voter %d card %d" % (voter, card) for card in range(3)]
        for place, one in seal_all(held.gateway, admissions, 5, random.randbytes):
            held.relay.hold(1, one.message)
            openers[sha256(one.message).digest()] = one.opener, None if place is None else admissions[place]
    for now in (*range(10_000, 19_000, 300), 18_999):
        held.now = now
        held.relay.turn()
    assert len(held.came) == 90
    voters = [one.split()[1] for one in held.came]
    together = sum(a == b for a, b in pairwise(voters))
    assert together < 12  # of 89 neighbours; 2 are to be expected, 60 where voters' cards stayed together
    for name, (opener, admission) in openers.items():
        answer = open_response(opener, held.relay.response(name) or b"")
        assert answer == (b"receipt of " + admission if admission else b"")
