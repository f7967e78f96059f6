"""A registrar's post on a server of its own: any origin's pages may ask, and nothing else is there."""

from __future__ import annotations

import http.client
import threading
from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path

import pytest

from psephos.post.post import Post
from psephos.post.web import WebPost
from psephos.server.forwarding import Forwarding
from psephos.server.listening import Listener
from psephos.server.registrar_post import application

ORIGIN = {"Origin": "https://vote.example"}


class Served:
    """A post over HTTP, and a thread that answers what waits in its directory."""

    def __init__(self, directory: Path) -> None:
        self.post = Post(directory)
        self.listener = Listener(application(Forwarding(directory), limit=0), "127.0.0.1", 0)
        self.over = threading.Event()
        self.thread = threading.Thread(target=self._answer)

    def _answer(self) -> None:
        while not self.over.wait(0.02):
            for name, data in self.post.waiting():
                if data != b"later":
                    self.post.answer(name, b"answer to " + data)

    def ask(self, method: str, path: str, body: bytes | None = None, **headers: str):
        connection = http.client.HTTPConnection(self.listener.host, self.listener.port, timeout=120)
        connection.request(method, path, body, {**ORIGIN, **headers})
        response = connection.getresponse()
        found = response.status, dict(response.getheaders()), response.read()
        connection.close()
        return found


@pytest.fixture
def served(tmp_path: Path) -> Iterator[Served]:
    made = Served(tmp_path / "post")
    made.listener.start()
    made.thread.start()
    yield made
    made.over.set()
    made.thread.join()
    made.listener.stop()


def named(headers: dict[str, str], name: str) -> str:
    return next((value for key, value in headers.items() if key.lower() == name), "")


def test_pages_of_any_origin_ask_the_registrar(served: Served) -> None:
    status, headers, body = served.ask("POST", "/post/registrar", b"request")
    assert (status, body) == (200, b"answer to request")
    assert named(headers, "access-control-allow-origin") == "*"
    assert named(headers, "cross-origin-resource-policy") == "cross-origin"
    assert named(headers, "cache-control") == "no-store"
    status, headers, _ = served.ask(
        "OPTIONS",
        "/post/registrar",
        **{"Access-Control-Request-Method": "POST", "Access-Control-Request-Headers": "content-type,prefer"},
    )
    assert status in (200, 204)
    assert "prefer" in named(headers, "access-control-allow-headers").lower()
    assert "POST" in named(headers, "access-control-allow-methods")


def test_what_is_answered_later_is_fetched_and_can_be_taken_back(served: Served) -> None:
    name = sha256(b"later").hexdigest()
    status, headers, _ = served.ask("POST", "/post/registrar", b"later", Prefer="wait=0")
    assert (status, named(headers, "location")) == (202, f"/post/registrar/{name}")
    assert "location" in named(headers, "access-control-expose-headers").lower()
    assert served.ask("GET", f"/post/registrar/{name}")[0] == 202
    served.post.answer(name, b"now")
    assert served.ask("GET", f"/post/registrar/{name}")[2] == b"now"
    assert served.ask("DELETE", f"/post/registrar/{name}")[0] == 204
    assert served.ask("GET", f"/post/registrar/{name}")[0] == 404


def test_other_registrars_ask_it_as_they_ask_a_directory(served: Served) -> None:
    channel = WebPost(f"http://{served.listener.host}:{served.listener.port}/post/registrar")
    assert channel.exchange(b"query", 5.0) == b"answer to query"
    channel.withdraw(channel.send(b"query"))


def test_nothing_else_is_served_there(served: Served) -> None:
    for path in ("/", "/post/board", "/pin.json", "/log/checkpoint", "/post/registrar-2"):
        assert served.ask("GET", path)[0] in (404, 405)
    assert served.ask("POST", "/post/board", b"request")[0] == 404
