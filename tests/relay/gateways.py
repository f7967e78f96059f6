"""Gateways for relays to forward to: what they got, in order, and what they answer."""

from __future__ import annotations

import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email.message import Message
from hashlib import sha256
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from psephos.protocol.enrolment.sealed import RESPONSE_TYPE, SEALED_RESPONSE
from psephos.protocol.setup.periods import Periods
from psephos.relay.served import Served

DEFINITION = bytes(range(32))
NOON = 1_800_000_000
CLOSES = NOON + 10_000
HOLD = 1_000


def served(*addresses: str) -> Served:
    """A referendum whose registrars have these addresses; 10 periods from NOON to the close."""
    return Served(DEFINITION, Periods((CLOSES,), HOLD), dict(enumerate(addresses, 1)))


@dataclass
class FakeGateway:
    """Over HTTP; `status` other than 200 is all that it answers."""

    status: int = 200
    url: str = ""
    got: list[tuple[str, Message, bytes]] = field(default_factory=list)

    @property
    def bodies(self) -> list[bytes]:
        """What came, in order."""
        return [body for _, _, body in self.got]

    def answer(self, handler: BaseHTTPRequestHandler) -> None:
        body = handler.rfile.read(int(handler.headers["Content-Length"]))
        self.got.append((handler.path, handler.headers, body))
        handler.send_response(self.status)
        handler.send_header("Content-Type", RESPONSE_TYPE)
        response = response_to(body) if self.status == 200 else b""
        handler.send_header("Content-Length", str(len(response)))
        handler.end_headers()
        handler.wfile.write(response)


def response_to(message: bytes) -> bytes:
    """Of a response's length, and another for each message."""
    return sha256(message).digest().ljust(SEALED_RESPONSE, b".")


def message() -> bytes:
    """Of a sealed request's length."""
    return b"\x01" + os.urandom(1590)


@contextmanager
def gateway(port: int = 0) -> Iterator[FakeGateway]:
    """One at work on this machine."""
    fake = FakeGateway()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            fake.answer(self)

        def log_message(self, *_: Any) -> None:
            """Nothing."""

    with ThreadingHTTPServer(("127.0.0.1", port), Handler) as server:
        fake.url = f"http://127.0.0.1:{server.server_port}/post/registrar-1"
        thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
        thread.start()
        try:
            yield fake
        finally:
            server.shutdown()
            thread.join()
