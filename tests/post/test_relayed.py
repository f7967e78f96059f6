"""Sealed requests left at a relay over HTTP, and their responses fetched."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from hashlib import sha256
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import ClassVar

import pytest

from psephos.post.relayed import Gone, RelayAway, RelayPost, Unsure
from psephos.protocol.enrolment.sealed import REQUEST_TYPE

DEFINITION = bytes(range(32))


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
        if not self.answers:
            return
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


def test_a_request_is_left_and_its_response_fetched_by_its_hash(address) -> None:
    post = RelayPost(address, DEFINITION, 5.0)
    Relay.answers = [(202, {}, b""), (202, {}, b""), (200, {}, b"sealed")]
    post.leave(2, b"request")
    assert [post.fetch(b"request") for _ in range(2)] == [None, b"sealed"]
    held = f"/relay/held/{sha256(b'request').hexdigest()}"
    asked = (f"/relay/{DEFINITION.hex()}/2", "", b"request")
    assert Relay.seen == [asked, (held, "", b""), (held, "", b"")]


@pytest.mark.parametrize("status", [400, 404, 410, 429, 503])
def test_a_relay_that_takes_nothing_says_so(address, status) -> None:
    Relay.answers = [(status, {}, b"")]
    with pytest.raises(RelayAway):
        RelayPost(address, DEFINITION, 5.0).leave(1, b"request")


@pytest.mark.parametrize(
    "answer", [(200, {}, b""), (302, {"Location": "/"}, b""), (500, {}, b""), (504, {}, b"")]
)
def test_whatever_does_not_say_that_may_have_taken_a_request(address, answer) -> None:
    """Of a proxy, say, that did not wait for the relay."""
    Relay.answers = [answer]
    with pytest.raises(Unsure):
        RelayPost(address, DEFINITION, 5.0).leave(1, b"request")
    Relay.answers = []  # it breaks off
    with pytest.raises(Unsure):
        RelayPost(address, DEFINITION, 5.0).leave(1, b"request")


def test_a_relay_that_knows_nothing_any_more_says_so(address) -> None:
    Relay.answers = [(404, {}, b""), (500, {}, b"")]
    post = RelayPost(address, DEFINITION, 5.0)
    with pytest.raises(Gone):
        post.fetch(b"request")
    with pytest.raises(RelayAway):
        post.fetch(b"request")
    with pytest.raises(RelayAway):
        RelayPost("http://127.0.0.1:1", DEFINITION, 1.0).leave(1, b"request")
