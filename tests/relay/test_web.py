"""A relay over HTTP, as browsers and gateways meet it: what it answers, and what of a sender goes on."""

from __future__ import annotations

import http.client
import random
import threading
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from functools import partial
from hashlib import sha256
from pathlib import Path
from typing import NamedTuple
from urllib.parse import urlsplit

import pytest

from psephos.protocol.enrolment.sealed import REQUEST_TYPE, RESPONSE_TYPE
from psephos.relay.gateway import forward
from psephos.relay.relay import Relay
from psephos.relay.store import RelayStore
from psephos.relay.web import Relays, application
from psephos.server.listening import Listener
from tests.relay.gateways import (
    CLOSES,
    DEFINITION,
    HOLD,
    NOON,
    FakeGateway,
    gateway,
    message,
    response_to,
    served,
)

SEALED = {"Content-Type": REQUEST_TYPE}
BROWSER = {"Origin": "https://vote.example", "User-Agent": "Mozilla/5.0 (planted)", "Cookie": "planted=1"}
OTHER = bytes(32)
LOCAL = partial(forward, private=True)
SAID = ("methods", "headers")


class Answer(NamedTuple):
    status: int
    headers: http.client.HTTPMessage
    body: bytes


@dataclass
class Web:
    """A relay that listens; `now` is its clock."""

    relay: Relay
    url: str
    registrar: FakeGateway
    now: list[int] = field(default_factory=lambda: [NOON])

    @property
    def place(self) -> str:
        """Where a device sends messages for registrar 1."""
        return f"{self.url}/{DEFINITION.hex()}/1"

    def place_of(self, data: bytes) -> str:
        """Where the response to a request is."""
        return f"{self.url}/held/{sha256(data).hexdigest()}"

    def ask(self, method: str, url: str, headers: Mapping[str, str], body: bytes | None = None) -> Answer:
        parts = urlsplit(url)
        connection = http.client.HTTPConnection(parts.netloc, timeout=120)
        with closing(connection):
            connection.request(method, parts.path, body, dict(headers))
            with connection.getresponse() as response:
                return Answer(response.status, response.headers, response.read())

    def send(self, headers: Mapping[str, str], body: bytes | None = None, url: str = "") -> Answer:
        return self.ask("POST", url or self.place, headers, message() if body is None else body)


@contextmanager
def listening(relays: Relays) -> Iterator[str]:
    listener = Listener(application(relays, limit=0), "127.0.0.1", 0, connections=200)
    listener.start()
    try:
        yield f"http://127.0.0.1:{listener.port}/behind/a/proxy"
    finally:
        listener.stop()


@pytest.fixture
def web(tmp_path: Path) -> Iterator[Web]:
    now = [NOON]
    with gateway() as registrar:
        store = RelayStore(tmp_path / "held.sqlite")
        where = served(registrar.url, "http://127.0.0.1:9")
        relay = Relay(where, store, lambda: now[0], 10, random.SystemRandom(), LOCAL)
        with listening({DEFINITION: relay, OTHER: None}) as url:
            yield Web(relay, url, registrar, now)
        store.close()


def test_it_answers_at_once_and_has_the_response_later(web: Web) -> None:
    data = message()
    taken = web.send(SEALED | BROWSER, data)
    assert (taken.status, taken.body) == (202, b"")
    place = web.place_of(data)
    waits = web.ask("GET", place, BROWSER)
    assert (waits.status, waits.body, web.registrar.got) == (202, b"", [])
    web.now[0] = NOON + 2 * HOLD - 1
    web.relay.turn()
    assert web.send(SEALED, data).status == 202, "the same bytes are one request"
    web.relay.turn()
    for _ in range(2):
        there = web.ask("GET", place, BROWSER)
        assert (there.status, there.body) == (200, response_to(data))
        assert there.headers["Content-Type"] == RESPONSE_TYPE
        assert there.headers["Cache-Control"] == "no-store"
    assert web.registrar.bodies == [data]


def test_nothing_of_the_sender_goes_on(web: Web) -> None:
    web.send(SEALED | BROWSER)
    web.send(SEALED | BROWSER | {"X-Forwarded-For": "192.0.2.77", "Forwarded": "for=192.0.2.77"})
    web.now[0] = NOON + 2 * HOLD - 1
    web.relay.turn()
    assert len(web.registrar.got) == 2
    for path, headers, _ in web.registrar.got:
        assert path == "/post/registrar-1"
        assert {name.lower() for name in headers} == {
            "host",
            "accept-encoding",
            "content-type",
            "content-length",
        }
        assert headers["Content-Type"] == REQUEST_TYPE
        assert headers["Host"] == urlsplit(web.registrar.url).netloc


@pytest.mark.parametrize("prefer", [{}, {"Prefer": "wait=3"}, {"Prefer": "respond-async"}])
def test_nobody_can_have_anything_passed_on_at_once(web: Web, prefer: dict[str, str]) -> None:
    """Cards that are not held would show which others they belong to."""
    assert web.send(SEALED | prefer).status == 202
    web.relay.turn()
    web.now[0] = CLOSES
    answer = web.send(SEALED | prefer)
    assert (answer.status, answer.headers["Content-Type"]) == (410, "application/problem+json")
    assert web.registrar.got == []


def test_it_takes_one_length_and_one_type(web: Web) -> None:
    for body in (b"", message()[:-1], message() + b"x", bytes(100_000)):
        assert web.send(SEALED, body).status == 400
    assert web.send({"Content-Type": "application/octet-stream"}).status == 415
    assert web.relay._store.count() == 0
    assert web.registrar.got == []


def test_it_refuses_other_definitions_and_registrars(web: Web) -> None:
    for place in (
        f"{web.url}/{'ab' * 32}/1",
        f"{web.url}/{DEFINITION.hex()}/3",
        f"{web.url}/{DEFINITION.hex()}",
    ):
        answer = web.send(SEALED, url=place)
        assert answer.status == 404
        assert answer.headers["Content-Type"] == "application/problem+json"
    busy = web.send(SEALED, url=f"{web.url}/{OTHER.hex()}/1")
    assert (busy.status, busy.headers["Retry-After"]) == (503, "60")
    for place in (f"{web.url}/held/{'ab' * 32}", f"{web.url}/held/", web.url):
        assert web.ask("GET", place, {}).status == 404


def test_its_disk_is_bounded(web: Web) -> None:
    web.relay.turn()
    assert [web.send(SEALED).status for _ in range(11)] == [202] * 10 + [503]


def test_pages_of_any_origin_may_use_it(web: Web) -> None:
    asked = {"Access-Control-Request-Method": "POST", "Access-Control-Request-Headers": "content-type"}
    before = web.ask("OPTIONS", web.place, BROWSER | asked)
    assert (before.status, before.body) == (204, b"")
    allowed = {name: set(before.headers[f"access-control-allow-{name}"].lower().split(", ")) for name in SAID}
    assert allowed["methods"] == {"get", "post"}
    assert allowed["headers"] >= {"content-type"}
    answers = web.send(SEALED | BROWSER), web.ask("GET", f"{web.url}/x", BROWSER), web.send(BROWSER)
    assert [answer.status for answer in answers] == [202, 404, 415]
    for answer in (before, *answers):
        assert answer.headers["access-control-allow-origin"] in ("*", BROWSER["Origin"])
        assert "access-control-allow-credentials" not in answer.headers
        assert answer.headers["cross-origin-resource-policy"] == "cross-origin"


def test_it_limits_what_one_sender_asks_for(tmp_path: Path) -> None:
    with gateway() as registrar:
        store = RelayStore(tmp_path / "held.sqlite")
        relay = Relay(served(registrar.url), store, lambda: NOON, 100, random.SystemRandom(), LOCAL)
        listener = Listener(application({DEFINITION: relay}, limit=5), "127.0.0.1", 0, connections=200)
        listener.start()
        web = Web(relay, f"http://127.0.0.1:{listener.port}", registrar)
        assert [web.send(SEALED).status for _ in range(6)].count(429) >= 1
        listener.stop()
        store.close()


def test_many_devices_at_once(tmp_path: Path) -> None:
    with gateway() as registrar:
        store = RelayStore(tmp_path / "held.sqlite")
        relay = Relay(served(registrar.url), store, lambda: NOON, 1000, random.SystemRandom(), LOCAL)
        with listening({DEFINITION: relay}) as url:
            web, statuses = Web(relay, url, registrar), list[int]()
            threads = [
                threading.Thread(target=lambda: statuses.extend(web.send(SEALED).status for _ in range(10)))
                for _ in range(8)
            ]
            for thread in threads:
                thread.start()
            for thread in threads:
                thread.join()
        assert statuses == [202] * 80
        assert store.count() == 80
        store.close()
