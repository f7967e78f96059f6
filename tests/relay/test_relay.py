"""What a relay holds, until when, in which order it forwards, and what it forgets."""

from __future__ import annotations

import random
import threading
from collections.abc import Iterator
from hashlib import sha256
from itertools import pairwise
from pathlib import Path

import pytest
import relays as reference
from hypothesis import given
from hypothesis import strategies as st

from psephos.protocol.setup.periods import Periods
from psephos.relay.gateway import Away, NotForwarded, NotTaken
from psephos.relay.relay import Closed, Full, Relay, Unknown
from psephos.relay.served import Served
from psephos.relay.store import RelayStore
from tests.relay.gateways import CLOSES, HOLD, NOON, message, response_to, served
from tests.server.waiting import until


class Watched:
    """A relay on a disk, with a clock that the test sets and a gateway that it watches."""

    def __init__(self, path: Path, capacity: int = 1000) -> None:
        self.path, self.capacity, self.now, self.seed = path, capacity, NOON, 0
        self.got: list[tuple[str, bytes]] = []
        self.failure: Exception | None = None
        self.refused, self.away = set[bytes](), set[str]()
        self.slow, self.answer = set[str](), threading.Event()
        self.relay = self.start()

    def start(self) -> Relay:
        """As a new process would."""
        self.seed += 1
        where = served("http://one", "http://two")
        draw = random.Random(self.seed)
        self.store = RelayStore(self.path)
        self.relay = Relay(where, self.store, lambda: self.now, self.capacity, draw, self.forward)
        return self.relay

    def forward(self, address: str, data: bytes) -> bytes:
        self.got.append((address, data))
        if address in self.slow:
            self.answer.wait(120)
        if address in self.away:
            raise Away("nobody")
        if data in self.refused:
            raise NotForwarded("HTTP 503")
        if self.failure is not None:
            raise self.failure
        return response_to(data)

    def hold(self, registrar: int = 1, data: bytes = b"") -> bytes:
        data = data or message()
        self.relay.hold(registrar, data)
        return sha256(data).digest()


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
    assert Periods(tuple(sorted(closes)), hold).window(now) == reference.window(closes, hold, now)
    assert (period is None) is (now >= max(closes))


@pytest.mark.parametrize("came", [0, HOLD - 1])
def test_what_comes_in_a_period_is_forwarded_at_any_time_of_the_next_as_long(
    watched: Watched, came: int
) -> None:
    """Whoever sends in the last second of a period hides among the whole period's cards."""
    watched.now = NOON + came
    for _ in range(120):
        watched.hold()
    forwarded = []
    for now in (*range(NOON, NOON + 2 * HOLD, 50), NOON + 2 * HOLD - 1):
        watched.now = now
        forwarded.append(watched.relay.turn())
    assert sum(forwarded) == 120
    assert sum(forwarded[: HOLD // 50]) == 0, "nothing before the window"
    window = forwarded[HOLD // 50 :]
    quarters = [sum(window[at : at + 5]) for at in range(1, 21, 5)]
    assert all(10 < count < 55 for count in quarters), quarters


def test_what_came_in_the_last_period_is_held_like_all_else(watched: Watched) -> None:
    """A registrar that answers nobody until the last close sees no burst of what it turned away."""
    watched.now = CLOSES - 1
    name = watched.hold()
    watched.failure = NotForwarded("HTTP 503")
    for now in range(CLOSES - 1, CLOSES + HOLD, 50):
        watched.now = now
        watched.relay.turn()
    watched.failure = None
    watched.now = CLOSES + HOLD
    watched.relay.turn()
    assert watched.relay.turn() == 0
    for now in range(CLOSES + HOLD, CLOSES + 3 * HOLD + 100, 100):
        watched.now = now
        watched.relay.turn()
    assert watched.got.count(watched.got[0]) == len(watched.got) < 40, "one request, tried again and again"
    watched.now = CLOSES
    with pytest.raises(Closed):
        watched.relay.hold(1, message())
    assert watched.relay.response(name) is None, "forgotten two windows later"


def test_it_forwards_in_an_order_drawn_uniformly(watched: Watched) -> None:
    sent = [message() for _ in range(30)]
    for data in sent:
        watched.hold(data=data)
    watched.now = NOON + 2 * HOLD - 1
    watched.relay.turn()
    arrived = [data for _, data in watched.got]
    assert sorted(arrived) == sorted(sent)
    assert arrived != sent
    rises = sum(sent.index(a) < sent.index(b) for a, b in pairwise(arrived))
    assert 5 < rises < 25  # of 29, 14.5 in any order


def test_nothing_is_lost_and_nothing_doubled_when_it_is_killed(watched: Watched) -> None:
    sent = {watched.hold(1 + at % 2, data): data for at, data in enumerate([message() for _ in range(20)])}
    watched.now = NOON + 3 * HOLD // 2
    first = watched.relay.turn()
    watched.start()  # nothing was closed
    watched.now = NOON + 2 * HOLD - 1
    assert 0 < first < 20
    assert first + watched.relay.turn() == 20
    assert sorted(data for _, data in watched.got) == sorted(sent.values())
    watched.start()
    assert {name: watched.relay.response(name) for name in sent} == {
        name: response_to(data) for name, data in sent.items()
    }
    assert {address for address, _ in watched.got} == {"http://one", "http://two"}


def test_the_same_bytes_are_one_request(watched: Watched) -> None:
    """Who is not sure that a relay has taken something gives it once more."""
    data = message()
    for now in (NOON, NOON + HOLD, NOON + 2 * HOLD - 1):
        watched.now = now
        watched.hold(data=data)
        watched.relay.turn()
    assert [sent for _, sent in watched.got] == [data]
    full = Relay(watched.relay.served, watched.store, lambda: CLOSES, 0, random.Random(1), watched.forward)
    full.hold(1, data)


def test_a_response_is_kept_for_as_long_as_two_windows(watched: Watched) -> None:
    data = message()
    name = watched.hold(data=data)
    assert watched.relay.response(name) == b""
    watched.now = NOON + 2 * HOLD - 1
    watched.relay.turn()
    for now, response in ((NOON + 4 * HOLD - 1, response_to(data)), (NOON + 4 * HOLD, None)):
        watched.now = now
        watched.start().turn()
        assert watched.relay.response(name) == response
    assert watched.relay.response(bytes(32)) is None


def test_it_tries_again_until_the_window_ends_and_never_after(watched: Watched) -> None:
    name = watched.hold()
    watched.failure = NotForwarded("HTTP 503")
    for now in range(NOON, NOON + 2 * HOLD - 50, 10):
        watched.now = now
        watched.relay.turn()
    assert 1 < len(watched.got) < 40  # its times are drawn from ever less: about as many as the logarithm
    assert watched.relay.response(name) == b""
    watched.failure = None
    watched.got.clear()
    watched.now = NOON + 2 * HOLD
    assert watched.relay.turn() == 0
    assert watched.got == []


def test_a_gateway_that_was_away_for_the_window_gets_nothing_of_it_at_once(watched: Watched) -> None:
    """Nor a relay that was: what came in one period would come behind it, by itself. It fills no room."""
    for _ in range(100):
        watched.hold()
    watched.failure = Away("nobody")
    for now in range(NOON + HOLD, NOON + 2 * HOLD, 100):
        watched.now = now
        watched.relay.turn()
    watched.failure = None
    watched.got.clear()
    for now in (NOON + 2 * HOLD, NOON + 2 * HOLD + 60):
        watched.now = now
        watched.start().turn()
    assert watched.got == []
    assert watched.store.count() == 0


def test_what_is_begun_again_stays_within_the_window(watched: Watched) -> None:
    watched.hold()
    watched.failure = NotForwarded("HTTP 503")
    watched.now = NOON + 2 * HOLD - 2
    watched.relay.turn()
    assert [due for (due,) in watched.store._database.read("SELECT due FROM held")] == [NOON + 2 * HOLD - 1]
    watched.now += 1
    watched.relay.turn()
    assert watched.store.count() == 0


def test_one_gateway_that_answers_slowly_holds_up_no_other(watched: Watched) -> None:
    """Nor is what is under way there begun again, or its answer lost when the window ends meanwhile."""
    data, other = message(), message()
    names = [watched.hold(1, data), watched.hold(2, other)]
    watched.slow = {"http://one"}
    watched.now = NOON + 2 * HOLD - 1
    assert watched.relay.turn(timeout=0) == 2
    assert watched.relay.turn(timeout=0) == 0, "both are under way, or answered"
    until(lambda: watched.relay.response(names[1]) == response_to(other), "the other is answered")
    assert watched.relay.response(names[0]) == b""
    watched.now = NOON + 2 * HOLD + 30
    watched.relay.turn(timeout=0)
    watched.answer.set()
    watched.relay.close()
    assert watched.relay.response(names[0]) == response_to(data)
    assert sorted(watched.got) == [("http://one", data), ("http://two", other)]


def test_what_a_gateway_refuses_is_forgotten(watched: Watched) -> None:
    name = watched.hold()
    watched.failure = NotTaken("to another key")
    watched.now = NOON + 2 * HOLD - 1
    watched.relay.turn()
    assert watched.relay.response(name) is None


def test_one_gateway_that_is_away_is_waited_for_a_bounded_number_of_times_a_pass(watched: Watched) -> None:
    for _ in range(200):
        watched.hold(1)
    watched.failure = Away("nobody")
    watched.now = NOON + 2 * HOLD - 1
    watched.relay.turn()
    assert len(watched.got) <= 64  # each of 32 threads may have begun before the last of 32 has failed


def test_one_answer_503_holds_back_no_other_message(watched: Watched) -> None:
    """A registrar cannot have others' cards wait with one."""
    refused, sent = message(), [message() for _ in range(100)]
    watched.refused = {refused}
    for data in (refused, *sent):
        watched.hold(1, data)
    watched.now = NOON + 2 * HOLD - 1
    watched.relay.turn()
    assert {data for _, data in watched.got} == {refused, *sent}
    watched.relay.turn()
    assert len(watched.got) == 101


def test_one_gateway_that_is_away_holds_back_no_other(
    watched: Watched, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("psephos.relay.relay._AT_ONCE", 10)
    for _ in range(12):  # more than a pass has room for
        watched.hold(1)
    sent = [message() for _ in range(5)]
    for data in sent:
        watched.hold(2, data)
    watched.away = {"http://one"}
    watched.now = NOON + 2 * HOLD - 1
    watched.relay.turn()
    assert {data for address, data in watched.got if address == "http://two"} == set(sent)


def test_it_holds_no_more_than_it_has_room_for(tmp_path: Path) -> None:
    watched = Watched(tmp_path / "held.sqlite", capacity=2)
    watched.relay.turn()
    watched.hold()
    watched.hold()
    with pytest.raises(Full):
        watched.relay.hold(1, message())
    watched.now = NOON + 4 * HOLD
    watched.relay.turn()
    watched.now += 60
    watched.relay.turn()
    watched.hold()
    watched.store.close()


def test_it_knows_no_other_registrar_and_takes_nothing_after_the_last_close(watched: Watched) -> None:
    for registrar in (0, 3):
        with pytest.raises(Unknown):
            watched.relay.hold(registrar, message())
    watched.now = CLOSES
    with pytest.raises(Closed):
        watched.relay.hold(1, message())
    assert watched.got == []


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
    watched.now = NOON + 2 * HOLD - 1
    watched.relay.turn()
    assert len(watched.got) == 51
    for file in tmp_path.iterdir():  # the log of transactions, too, of a relay that goes on
        assert marked[:64] not in file.read_bytes(), file.name
    assert not (tmp_path / "held.sqlite-wal").read_bytes()
    watched.store.close()
