"""The server is killed again and again while ballots pour in: what it promised is in the log, once."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Sequence

import pytest

from psephos.log.client import Client
from psephos.post.answers import read_answers
from psephos.post.bundle import Bundle
from psephos.post.web import WebPost
from psephos.protocol.entry import Ballot, Promise, decode
from psephos.verifier.run import policy
from tests.databases import Backend
from tests.server.office import PATIENCE, SEALS, Office, enrolled

CLIENTS = 4


class Load:
    """Ballots on their way, each by one of several senders, again and again until it is promised."""

    def __init__(self, office: Office, ballots: Sequence[bytes]) -> None:
        self._office, self._ballots = office, ballots
        self.promises: dict[bytes, bytes] = {}
        self.failed: list[BaseException] = []
        self._threads = [threading.Thread(target=self._send, args=[at]) for at in range(CLIENTS)]

    def start(self) -> None:
        for one in self._threads:
            one.start()

    def reached(self, promises: int) -> bool:
        """Whether there are so many promises, or there will not be."""
        return bool(self.failed) or len(self.promises) >= promises

    def join(self) -> None:
        for one in self._threads:
            one.join(timeout=PATIENCE)
        assert not self.failed, self.failed
        assert len(self.promises) == len(self._ballots)

    def _send(self, start: int) -> None:
        try:
            for ballot in self._ballots[start::CLIENTS]:
                self.promises[ballot] = self.ask(ballot)
        except BaseException as error:
            self.failed.append(error)

    def ask(self, ballot: bytes) -> bytes:
        """The board's promise, checked."""
        request, post = Bundle((ballot,)).encode(), WebPost(f"{self._office.url}/post/board")
        answer = post.exchange(request, PATIENCE)
        assert answer is not None
        (said,) = read_answers(answer, [ballot], self._office.referendum.definition.board.key)
        assert isinstance(said, Promise)
        return answer


@pytest.fixture
def office(backend: Backend) -> Iterator[Office]:
    office = Office(backend.directory, enrolled(groups=20), backend.url)
    try:
        office.start("--limit", "0")
        yield office
    finally:
        office.stop()


@pytest.mark.parametrize("kills", [3, pytest.param(20, marks=pytest.mark.soak)])
def test_every_promise_is_kept_once_though_the_server_is_killed(office: Office, kills: int) -> None:
    cards = office.referendum.cards[0]
    serials = range(1, 2 + kills // 2)
    ballots = [office.referendum.ballot(card, [0, 1], serial=serial) for serial in serials for card in cards]
    office.until(lambda: _is_open(office), "the day is open")
    load = Load(office, ballots)
    load.start()
    for kill in range(1, kills + 1):
        reached = len(ballots) * kill // (kills + 1)
        office.until(
            lambda reached=reached: load.failed or len(load.promises) >= reached, "ballots are promised"
        )
        office.kill()
        office.start("--limit", "0")
    load.join()
    for ballot in ballots[::10]:
        assert load.ask(ballot) == load.promises[ballot]
    office.tell(SEALS)
    office.until(lambda: office.read().windows[0].sealed, "the day is sealed")
    record = office.read()
    assert not record.void
    assert sorted(_logged(office)) == sorted(ballots)


def _is_open(office: Office) -> bool:
    return (office.directory / "record" / "checkpoint").exists() and office.read().windows[0].open_day == 1


def _logged(office: Office) -> list[bytes]:
    with Client(f"{office.url}/log") as client:
        every = [entry for _, some in client.tree(policy(office.pin)).entries(0) for entry in some]
    return [one for one in every if isinstance(decode(one).payload, Ballot)]
