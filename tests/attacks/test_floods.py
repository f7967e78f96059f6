"""Somebody floods the board through its server: who floods waits for themselves, and nobody else does."""

from __future__ import annotations

from collections.abc import Iterator
from hashlib import sha256
from itertools import count
from pathlib import Path

import pytest

from psephos.board.board_loop import BoardLoop
from psephos.board.entry_service import EntryService
from psephos.post.answers import Answer, read_answers
from psephos.post.envelope import MOST, Envelope
from psephos.protocol.entries import Promise
from psephos.server.problem import Busy
from psephos.server.request_queue import RequestQueue
from tests.board.station import OPENS, Station, enrolled


class Watched(RequestQueue):
    """Notes in which order requests are taken."""

    def waiting(self) -> Iterator[tuple[str, bytes]]:
        for name, data in super().waiting():
            self.taken.append(name)
            yield name, data


class Flooded:
    """A board whose time passes with what it does: a second for each request, and rounds of a minute."""

    def __init__(self, directory: Path) -> None:
        self.station = Station(directory, enrolled())
        self.passed = count()
        referendum = self.station.referendum
        self.queue = Watched(self.station.board.knows, clock=lambda: 0.0)
        self.queue.taken = []
        self.service = EntryService(
            self.station.board,
            referendum.keys.board,
            referendum.definition.hash,
            clock=lambda: float(next(self.passed)),
        )
        self.station.board.confer()
        self.loop = BoardLoop(self.station.board, self.service, [self.queue], directory, [], timed=False)
        self.turn()

    def turn(self) -> None:
        self.loop.turn(lambda: OPENS)

    def put(self, data: bytes, sender: bytes) -> bool:
        """Whether the server takes a request."""
        try:
            self.queue._put(data, sender)
        except Busy:
            return False
        return True

    def said(self, request: bytes, ballot: bytes) -> Answer:
        """What the board has answered to a request that holds one ballot."""
        answer = self.queue.answered(sha256(request).hexdigest())
        assert answer is not None
        (said,) = read_answers(answer, [ballot], self.station.referendum.definition.board.key)
        return said

    def close(self) -> None:
        self.loop.close()
        self.station.close()


@pytest.fixture
def flooded(tmp_path: Path) -> Iterator[Flooded]:
    flooded = Flooded(tmp_path)
    yield flooded
    flooded.close()


def hostile(flooded: Flooded, number: int) -> list[bytes]:
    """Requests of every kind that once cost the board much, or made it answer much."""
    ballot = flooded.station.ballot(0)
    spoilt = ballot[:300] + bytes([ballot[300] ^ 1, number % 256]) + ballot[302:]
    head = ballot[:3] + number.to_bytes(4, "big")
    return [
        Envelope((head,) + (b"\1",) * (MOST - 1)).encode(),
        Envelope((head,) * MOST).encode(),
        Envelope((spoilt,) * MOST).encode(),
        number.to_bytes(4, "big") * 10_000,
    ]


@pytest.mark.parametrize("senders", [1, 5])
def test_a_voter_is_promised_in_the_next_pass_whatever_others_have_sent(
    flooded: Flooded, senders: int
) -> None:
    for number in range(400):
        for data in hostile(flooded, number):
            flooded.put(data, b"flood %d" % (number % senders))
    assert flooded.queue._queue.work > 400, "it does wait"
    ballot = flooded.station.ballot(1)
    request = Envelope((ballot,)).encode()
    assert flooded.put(request, b"voter")
    flooded.turn()
    name = sha256(request).hexdigest()
    assert isinstance(flooded.said(request, ballot), Promise)
    assert flooded.queue.taken.index(name) <= 2 * senders
    assert len(flooded.queue._waiters) > 100, "the flood waits on"


def test_a_promise_given_in_a_flood_can_be_kept(flooded: Flooded) -> None:
    """A pass ends in time, and a promise leaves a round's time after the round that may be a round away."""
    ballot, length = flooded.station.ballot(1), flooded.station.referendum.definition.round
    request = Envelope((ballot,)).encode()
    for number in range(60):
        for data in hostile(flooded, number):
            flooded.put(data, b"flood")
    flooded.put(request, b"voter")
    before = next(flooded.passed)
    flooded.turn()
    took = next(flooded.passed) - before
    promise = flooded.said(request, ballot)
    assert isinstance(promise, Promise)
    assert took <= length / 4 + 2
    assert len(flooded.queue.taken) <= length / 4 + 2, "one a second"
    assert promise.deadline - OPENS >= length + took
    assert flooded.station.board.round() == 1
    assert flooded.station.ballots() == [ballot]


def test_floods_are_answered_briefly(flooded: Flooded) -> None:
    requests = [data for number in range(20) for data in hostile(flooded, number)]
    for data in requests:
        flooded.put(data, b"flood")
    while flooded.queue._waiters:
        flooded.turn()
    for data in requests:
        answer = flooded.queue.answered(sha256(data).hexdigest())
        assert answer is not None
        assert len(answer) < len(data) + 256
