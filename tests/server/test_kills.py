"""The server is killed again and again while ballots pour in: what it promised is in the log, once."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Iterator, Sequence

import pytest

from psephos.log.client import Client
from psephos.post.answers import read_answers
from psephos.post.envelope import Envelope
from psephos.post.web import WebPost
from psephos.protocol.entries import Ballot, Promise, decode
from psephos.verifier.run import policy
from tests.databases import Backend
from tests.server.deployment import SEALS, BoardDeployment, enrolled
from tests.server.waiting import TIMEOUT

CLIENTS, KILLS = 4, 20


class Load:
    """Senders who never rest: ballots that are new, each until it is promised, and again those that were."""

    def __init__(self, deployment: BoardDeployment) -> None:
        self._office = deployment
        self._changed = threading.Condition()
        self._new: deque[bytes] = deque()
        self._over = False
        self.promises: dict[bytes, bytes] = {}
        self.failed: list[BaseException] = []
        self._threads = [threading.Thread(target=self._send, daemon=True) for _ in range(CLIENTS)]
        for one in self._threads:
            one.start()

    def send(self, ballots: Sequence[bytes], until: int) -> None:
        """Give the senders new ballots; returns as soon as so many of them are promised."""
        with self._changed:
            self._new += ballots
            self._changed.notify_all()
            reached = len(self.promises) + until
            self._changed.wait_for(lambda: self.failed or len(self.promises) >= reached, TIMEOUT)
        assert not self.failed, self.failed

    def end(self) -> None:
        """Wait until all new ballots are promised."""
        with self._changed:
            self._over = True
            self._changed.notify_all()
        for one in self._threads:
            one.join(timeout=TIMEOUT)
        assert not self.failed, self.failed

    def _send(self) -> None:
        try:
            while not self.failed and (ballot := self._next()) is not None:
                answer = self._ask(ballot)
                with self._changed:
                    assert self.promises.setdefault(ballot, answer) == answer
                    self._changed.notify_all()
        except BaseException as error:
            with self._changed:
                self.failed.append(error)
                self._changed.notify_all()

    def _next(self) -> bytes | None:
        with self._changed:
            self._changed.wait_for(lambda: self._new or self.promises or self._over)
            if self._new:
                return self._new.popleft()
            return None if self._over else next(reversed(self.promises))

    def _ask(self, ballot: bytes) -> bytes:
        """The board's promise, checked."""
        request, post = Envelope((ballot,)).encode(), WebPost(f"{self._office.url}/post/board")
        answer = post.exchange(request, TIMEOUT)
        assert answer is not None
        (said,) = read_answers(answer, [ballot], self._office.referendum.definition.board.key)
        assert isinstance(said, Promise)
        return answer


@pytest.fixture
def deployment(backend: Backend) -> Iterator[BoardDeployment]:
    deployment = BoardDeployment(backend.directory, enrolled(groups=20), backend.url)
    try:
        deployment.start("--limit", "0")
        yield deployment
    finally:
        deployment.stop()


def test_every_promise_is_kept_once_though_the_server_is_killed(deployment: BoardDeployment) -> None:
    cards = deployment.referendum.cards[0]
    ballots = [deployment.referendum.ballot(card, [0, 1], serial=at) for at in range(1, 7) for card in cards]
    deployment.until(lambda: _is_open(deployment), "the day is open")
    load = Load(deployment)
    for kill in range(KILLS):
        load.send(ballots[kill::KILLS], until=1 + kill % 7)
        if kill % 4 == 3:  # while what was promised is logged and published
            before = deployment.published
            deployment.until(lambda before=before: deployment.published != before, "a round is published")
        deployment.kill()
        deployment.start("--limit", "0")
    load.end()
    assert load.promises.keys() == set(ballots)
    deployment.tell(SEALS)
    deployment.until(lambda: deployment.read().windows[0].sealed, "the day is sealed")
    record = deployment.read()
    assert not record.void
    assert sorted(_logged(deployment)) == sorted(ballots)


def _is_open(deployment: BoardDeployment) -> bool:
    return deployment.published and deployment.read().windows[0].open_day == 1


def _logged(deployment: BoardDeployment) -> list[bytes]:
    with Client(f"{deployment.url}/log") as client:
        every = [entry for _, some in client.tree(policy(deployment.pin)).entries(0) for entry in some]
    return [one for one in every if isinstance(decode(one).payload, Ballot)]
