"""Sealed requests left at a relay over HTTP, and their responses fetched."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import ClassVar

import pytest

from psephos.post.relayed import Gone, RelayAway, RelayPost
from psephos.protocol.enrolment.sealed import REQUEST_TYPE

DEFINITION = bytes(range(32))
NAME = "ab" * 32


class Relay(BaseHTTPRequestHandler):
    """Answers as it is told, and writes down what it got."""

    seen: ClassVar[list[tuple[str, str, bytes]]] = []
    answers: ClassVar[list[tuple[int, dict[str, str], bytes]]] = []

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.seen.append((self.path, self.headers.get("Prefer", ""), body))
        assert self.headers["Content-Type"] == REQUEST_TYPE
        self._answer()

    def do_GET(self) -> None:
        self.seen.append((self.path, "", b""))
        self._answer()

    def _answer(self) -> None:
        status, headers, body = self.answers.pop(0)
        self.send_response(status)
        for name, value in (headers | {"Content-Length": str(len(body))}).items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Nothing is written down."""


@pytest.fixture
def address() -> Iterator[str]:
    Relay.seen, Relay.answers = [], []
    with ThreadingHTTPServer(("127.0.0.1", 0), Relay) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.05,))
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}/relay"
        server.shutdown()
        thread.join()


def test_a_request_is_left_and_its_response_fetched_where_the_relay_says(address) -> None:
    post = RelayPost(address, DEFINITION, 5.0)
    Relay.answers = [(202, {"Location": f"../held/{NAME}"}, b""), (202, {}, b""), (200, {}, b"sealed")]
    place = post.leave(2, b"request", later=True)
    assert place == f"{address}/held/{NAME}"
    assert [post.fetch(str(place)) for _ in range(2)] == [None, b"sealed"]
    held = f"/relay/held/{NAME}"
    asked = (f"/relay/{DEFINITION.hex()}/2", "respond-async", b"request")
    assert Relay.seen == [asked, (held, "", b""), (held, "", b"")]


def test_who_does_not_wait_gets_the_response_at_once(address) -> None:
    Relay.answers = [(200, {}, b"sealed")]
    assert RelayPost(address, DEFINITION, 5.0).leave(1, b"request", later=False) == b"sealed"
    assert Relay.seen == [(f"/relay/{DEFINITION.hex()}/1", "", b"request")]


@pytest.mark.parametrize(
    "answer",
    [
        (503, {}, b""),
        (404, {}, b""),
        (202, {}, b""),
        (202, {"Location": "https://elsewhere.example/held/1"}, b""),
        (202, {"Location": "/held/1"}, b""),
        (302, {"Location": "/relay/held/1"}, b""),
    ],
)
def test_a_relay_that_takes_nothing_or_leads_elsewhere_is_away(address, answer) -> None:
    Relay.answers = [answer]
    with pytest.raises(RelayAway):
        RelayPost(address, DEFINITION, 5.0).leave(1, b"request", later=True)


def test_a_relay_that_knows_nothing_any_more_says_so(address) -> None:
    Relay.answers = [(404, {}, b""), (500, {}, b"")]
    post = RelayPost(address, DEFINITION, 5.0)
    with pytest.raises(Gone):
        post.fetch(f"{address}/held/{NAME}")
    assert post.fetch(f"{address}/held/{NAME}") is None
    with pytest.raises(RelayAway):
        RelayPost("http://127.0.0.1:1", DEFINITION, 1.0).leave(1, b"request", later=True)
