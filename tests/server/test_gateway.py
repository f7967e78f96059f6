"""The gateway at a registrar's post: what relays learn from its answers, which is nothing."""

from __future__ import annotations

import http.client
import os
import threading
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from hashlib import sha256
from pathlib import Path

import pytest

from psephos.crypto import hpke
from psephos.post.post import Post
from psephos.protocol.enrolment.sealed import (
    DUMMY,
    REQUEST_TYPE,
    RESPONSE_TYPE,
    SEALED_REQUEST,
    Sealed,
    open_response,
    seal,
)
from psephos.protocol.enrolment.token_keys import Gateway
from psephos.registrar.gateway import SealedPost
from psephos.relay.gateway import NotForwarded, NotTaken, forward
from psephos.server import gateway as served
from psephos.server.application import application
from psephos.server.config import ServerConfig
from psephos.server.forwarding import Forwarding
from psephos.server.listening import Listener

PRIVATE = bytes(range(32))
GRID, LATE = served.GRID, 1.5
"""Seconds: when answers leave, and by how much a busy machine is late."""
SLOW, SLOWER = b"admission that takes long", b"admission that takes too long"


class Registrar:
    """A server with the post of a registrar, whose process is a thread here; `away` it does not answer."""

    def __init__(self, directory: Path) -> None:
        self.post, self.away, self.admitted = Post(directory / "post"), False, list[bytes]()
        site = ServerConfig(directory, b"{}", {"registrar": Forwarding(directory / "post")})
        self.listener = Listener(application(site), "127.0.0.1", 0, connections=100)
        self.listener.start()
        address = f"http://127.0.0.1:{self.listener.port}/post/registrar"
        self.gateway = Gateway(2, hpke.public_key(PRIVATE), address)
        self.sealed = SealedPost(self.gateway, PRIVATE, os.urandom)
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._run)
        self._thread.start()

    def _run(self) -> None:
        while not self._over.wait(0.02):
            waiting = {} if self.away else dict(self.post.waiting())
            answers = self.sealed.answer([*waiting.values()], self._admit, self._refuse)
            for name, answer in zip(waiting, answers, strict=True):
                self.post.answer(name, answer)

    def _admit(self, admissions: Sequence[bytes]) -> list[bytes]:
        self.admitted += admissions
        time.sleep(GRID + 0.5 if SLOWER in admissions else 0.7 if SLOW in admissions else 0)
        return [b"receipt of " + admission for admission in admissions]

    @staticmethod
    def _refuse(requests: Sequence[bytes]) -> list[bytes]:
        return [b"refusal of " + sha256(request).digest() for request in requests]

    def stop(self) -> None:
        self._over.set()
        self._thread.join()
        self.listener.stop()

    def seal(self, content: bytes) -> Sealed:
        return seal(self.gateway, content, os.urandom(32))

    def timed(self, message: bytes) -> tuple[bytes | Exception, float]:
        """What a relay gets, and after how many seconds."""
        began = time.monotonic()
        try:
            answer: bytes | Exception = forward(self.gateway.address, message, private=True)
        except (NotForwarded, NotTaken) as error:
            answer = error
        return answer, time.monotonic() - began


@pytest.fixture
def registrar(tmp_path: Path) -> Iterator[Registrar]:
    one = Registrar(tmp_path)
    yield one
    one.stop()


def test_a_relay_cannot_tell_dummies_by_lengths_or_times(registrar: Registrar) -> None:
    contents = [b"admission", DUMMY, SLOW, DUMMY]
    requests = [registrar.seal(content) for content in contents]
    assert {len(request.message) for request in requests} == {SEALED_REQUEST}
    with ThreadPoolExecutor(4) as pool:
        answers = list(pool.map(registrar.timed, [request.message for request in requests]))
    for request, content, (answer, seconds) in zip(requests, contents, answers, strict=True):
        assert isinstance(answer, bytes)
        assert open_response(request.opener, answer) == (b"receipt of " + content if content else b"")
        assert len(answer) == 1072
        assert GRID <= seconds < GRID + LATE
    assert sorted(registrar.admitted) == sorted([b"admission", SLOW])


def test_a_dummy_waits_for_what_came_with_it(registrar: Registrar) -> None:
    registrar.away = True
    with ThreadPoolExecutor(2) as pool:
        messages = [registrar.seal(content).message for content in (SLOWER, DUMMY)]
        timed = [pool.submit(registrar.timed, message) for message in messages]
        while len(list(registrar.post.waiting())) < 2:
            time.sleep(0.02)
        registrar.away = False
        seconds = [one.result()[1] for one in timed]
    assert all(2 * GRID <= one < 2 * GRID + LATE for one in seconds), seconds


def test_the_same_bytes_are_admitted_once(registrar: Registrar) -> None:
    message = registrar.seal(b"admission").message
    first, again = registrar.timed(message)[0], registrar.timed(message)[0]
    assert isinstance(first, bytes)
    assert isinstance(again, bytes)
    assert 1 <= len(registrar.admitted) <= 2  # the registrar itself gives the same receipt again


def test_what_does_not_open_is_refused_as_late(registrar: Registrar) -> None:
    other = Gateway(2, hpke.public_key(bytes(32)), registrar.gateway.address)
    answer, seconds = registrar.timed(seal(other, DUMMY, os.urandom(32)).message)
    assert isinstance(answer, NotTaken)
    assert GRID <= seconds < GRID + LATE
    for message in (b"\x09" + bytes(1590), bytes(1590)):
        assert isinstance(registrar.timed(message)[0], NotTaken)


@pytest.mark.parametrize("content", [b"admission", DUMMY])
def test_a_registrar_that_is_away_is_away_for_dummies_too(
    registrar: Registrar, content: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(served, "_TIMEOUT", 1.0)
    registrar.away = True
    answer, seconds = registrar.timed(registrar.seal(content).message)
    assert isinstance(answer, NotForwarded)
    assert "503" in str(answer)
    assert GRID <= seconds < GRID + LATE
    assert registrar.admitted == []


def test_its_answers_have_the_type_of_oblivious_http(registrar: Registrar) -> None:
    port = registrar.listener.port
    with closing(http.client.HTTPConnection("127.0.0.1", port, timeout=120)) as connection:
        body = registrar.seal(DUMMY).message
        connection.request("POST", "/post/registrar", body, {"Content-Type": REQUEST_TYPE})
        with connection.getresponse() as response:
            assert (response.status, response.headers["Content-Type"]) == (200, RESPONSE_TYPE)
            assert response.headers["Cache-Control"] == "no-store"
