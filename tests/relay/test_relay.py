"""What a relay holds, until when, in which order it forwards, and what it forgets."""

from __future__ import annotations

import random
import sys
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from psephos.protocol.setup.periods import Periods
from psephos.relay.gateway import NotForwarded, NotTaken
from psephos.relay.relay import Full, Relay, Unknown
from psephos.relay.served import Served
from psephos.relay.store import Store
from tests.relay.gateways import CLOSES, HOLD, NOON, message, response_to, served

sys.path.insert(0, str(Path(__file__).parents[2] / "reference"))

import relays as reference


class Watched:
    """A relay on a disk, with a clock that the test sets and a gateway that it watches."""

    def __init__(self, path: Path, room: int = 1000) -> None:
        self.path, self.room, self.now, self.seed = path, room, NOON, 0
        self.got: list[tuple[str, bytes]] = []
        self.failure: Exception | None = None
        self.relay = self.start()

    def start(self) -> Relay:
        """As a new process would."""
        self.seed += 1
        where = served("http://one", "http://two")
        draw = random.Random(self.seed)
        self.store = Store(self.path)
        self.relay = Relay(where, self.store, lambda: self.now, self.room, draw, self.forward)
        return self.relay

    def forward(self, address: str, data: bytes) -> bytes:
        self.got.append((address, data))
        if self.failure is not None:
            raise self.failure
        return response_to(data)

    def hold(self, registrar: int = 1, data: bytes = b"") -> bytes:
        name = self.relay.hold(registrar, data or message())
        assert name is not None
        return name


@pytest.fixture
def watched(tmp_path: Path) -> Iterator[Watched]:
    held = Watched(tmp_path / "held.sqlite")
    yield held
    held.store.close()


TIMES = st.integers(0, 60)


@given(st.sets(TIMES, min_size=1, max_size=4), st.integers(1, 20), st.integers(0, 70))
def test_periods_are_those_of_the_reference(closes: set[int], hold: int, now: int) -> None:
    period = Periods(tuple(sorted(closes)), hold).at(now)
    assert period == reference.period(closes, hold, now)
    assert period is None or period[0] <= now < period[1]
    assert (period is None) is (now >= max(closes))


def test_it_holds_each_until_a_time_drawn_uniformly_within_the_period(watched: Watched) -> None:
    watched.now = NOON + HOLD // 2
    names = [watched.hold(data=message()) for _ in range(400)]
    assert len(set(names)) == 400
    assert {len(name) for name in names} == {32}
    forwarded = []
    for now in range(NOON + HOLD // 2, NOON + HOLD, 5):
        watched.now = now
        forwarded.append(watched.relay.turn())
    watched.now = NOON + HOLD
    forwarded.append(watched.relay.turn())
    assert sum(forwarded) == 400
    quarters = [sum(forwarded[at : at + 25]) for at in range(0, 100, 25)]
    assert all(60 < count < 140 for count in quarters), quarters
    assert watched.relay.turn() == 0


def test_it_forwards_in_an_order_drawn_uniformly(watched: Watched) -> None:
    sent = [message() for _ in range(30)]
    for data in sent:
        watched.hold(data=data)
    watched.now = NOON + HOLD
    watched.relay.turn()
    arrived = [data for _, data in watched.got]
    assert sorted(arrived) == sorted(sent)
    assert arrived != sent
    rises = sum(sent.index(a) < sent.index(b) for a, b in pairwise(arrived))
    assert 5 < rises < 25  # of 29, 14.5 in any order


def test_nothing_is_lost_and_nothing_doubled_when_it_is_killed(watched: Watched) -> None:
    sent = {watched.hold(1 + at % 2, data): data for at, data in enumerate([message() for _ in range(20)])}
    watched.now = NOON + HOLD // 2
    first = watched.relay.turn()
    watched.start()  # nothing was closed
    watched.now = NOON + HOLD
    assert first + watched.relay.turn() == 20
    assert sorted(data for _, data in watched.got) == sorted(sent.values())
    watched.start()
    assert {name: watched.relay.response(name) for name in sent} == {
        name: response_to(data) for name, data in sent.items()
    }
    assert {address for address, _ in watched.got} == {"http://one", "http://two"}


def test_a_response_is_kept_for_two_periods(watched: Watched) -> None:
    data = message()
    name = watched.hold(data=data)
    assert watched.relay.response(name) == b""
    watched.now = NOON + HOLD
    watched.relay.turn()
    for now, response in ((NOON + 3 * HOLD - 1, response_to(data)), (NOON + 3 * HOLD, None)):
        watched.now = now
        watched.start().turn()
        assert watched.relay.response(name) == response
    assert watched.relay.response(bytes(32)) is None


def test_it_tries_again_until_the_period_ends(watched: Watched) -> None:
    data = message()
    name = watched.hold(data=data)
    watched.failure = NotForwarded("away")
    for now in range(NOON, NOON + HOLD, 10):
        watched.now = now
        watched.relay.turn()
    assert len(watched.got) > 1
    assert watched.relay.response(name) == b""
    watched.failure = None
    watched.now = NOON + HOLD - 1
    watched.relay.turn()
    watched.now = NOON + HOLD
    watched.relay.turn()
    assert watched.relay.response(name) == response_to(data)


def test_what_no_gateway_took_by_the_end_is_forgotten(watched: Watched) -> None:
    name = watched.hold()
    watched.failure = NotForwarded("away")
    watched.now = NOON + HOLD  # the relay was away all the time: it tries once
    assert watched.relay.turn() == 1
    assert watched.relay.response(name) is None
    assert watched.store.count() == 0


def test_what_a_gateway_refuses_is_forgotten(watched: Watched) -> None:
    name = watched.hold()
    watched.failure = NotTaken("to another key")
    watched.now = NOON + HOLD
    watched.relay.turn()
    assert watched.relay.response(name) is None


def test_one_gateway_that_is_away_is_waited_for_once_a_pass(watched: Watched) -> None:
    for _ in range(200):
        watched.hold(1)
    watched.failure = NotForwarded("away")
    watched.now = NOON + HOLD
    watched.relay.turn()
    assert len(watched.got) <= 64  # each of 32 threads may have begun before the first has failed


def test_it_holds_no_more_than_it_has_room_for(tmp_path: Path) -> None:
    watched = Watched(tmp_path / "held.sqlite", room=2)
    watched.relay.turn()
    watched.hold()
    watched.hold()
    with pytest.raises(Full):
        watched.relay.hold(1, message())
    watched.now = NOON + 3 * HOLD
    watched.relay.turn()
    watched.now += 60
    watched.relay.turn()
    watched.hold()
    watched.store.close()


def test_it_knows_no_other_registrar_and_holds_nothing_after_the_last_close(watched: Watched) -> None:
    for registrar in (0, 3):
        with pytest.raises(Unknown):
            watched.relay.hold(registrar, message())
        with pytest.raises(Unknown):
            watched.relay.pass_on(registrar, message())
    watched.now = CLOSES
    assert watched.relay.hold(1, message()) is None
    data = message()
    assert watched.relay.pass_on(2, data) == response_to(data)
    assert watched.got == [("http://two", data)]


def test_what_it_knows_of_a_referendum_comes_back() -> None:
    one = served("https://a.example/post/registrar-1", "https://b.example")
    assert Served.decode(one.encode()) == one


def test_nothing_on_its_disk_tells_in_which_order_requests_came(tmp_path: Path) -> None:
    """Nor is anything of them left there that was forwarded."""
    watched = Watched(tmp_path / "held.sqlite")
    names = [watched.hold(data=message()) for _ in range(50)]
    rows = [name for (name,) in watched.store._database.read("SELECT name FROM held")]
    assert rows == sorted(names) != names
    marked = b"\x01" + b"marked request " * 106
    watched.hold(data=marked)
    watched.now = NOON + HOLD
    watched.relay.turn()
    assert len(watched.got) == 51
    for file in tmp_path.iterdir():  # the log of transactions, too, of a relay that goes on
        assert marked[:64] not in file.read_bytes(), file.name
    assert not (tmp_path / "held.sqlite-wal").read_bytes()
    watched.store.close()
