"""What the server answers to whoever asks: the log's files, posts, and refusals that say what and where."""

from __future__ import annotations

import http.client
import json
import threading
import time
from collections.abc import Iterator
from contextlib import closing, suppress
from hashlib import sha256
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from psephos.errors import Fault
from psephos.log.client import Client
from psephos.log.tiles import new_tiles
from psephos.post.post import Post
from psephos.post.web import WebPost
from psephos.server.application import application
from psephos.server.config import ServerConfig
from psephos.server.forwarding import KEPT, Forwarding
from psephos.server.listening import Listener
from psephos.server.problem import TooMany
from psephos.server.rate import WINDOW, Rate
from psephos.server.request_queue import RequestQueue
from psephos.server.security import HEADERS
from psephos.verifier.run import policy
from tests.server.deployment import enrolled
from tests.server.waiting import until

TIMEOUT = 300.0


class Reply(NamedTuple):
    status: int
    headers: http.client.HTTPMessage
    body: bytes

    @property
    def problem(self) -> dict[str, Any]:
        assert self.headers["Content-Type"].startswith("application/problem+json")
        document: dict[str, Any] = json.loads(self.body)
        assert document["status"] == self.status
        return document


class Faulty(Forwarding):
    """The post of somebody whose machine cannot be relied on."""

    def waits(self, name: str) -> bool:
        raise Fault("they differ")


class Served:
    """A published log and posts, served by this process."""

    def __init__(self, directory: Path, limit: int = 0) -> None:
        self.requests = RequestQueue()
        self.pin = enrolled(groups=4).export(directory)
        self.public = directory / "record"
        self.registrar = directory / "post"
        boxes = {"board": self.requests, "registrar": Forwarding(self.registrar), "faulty": Faulty(directory)}
        self.listener = Listener(
            application(ServerConfig(self.public, self.pin.encode(), boxes, limit=limit, proxied=True)),
            "127.0.0.1",
            0,
        )
        self.listener.start()
        self.url = f"http://127.0.0.1:{self.listener.port}"

    def ask(self, method: str, path: str, body: bytes | None = None, **headers: str) -> Reply:
        connection = http.client.HTTPConnection("127.0.0.1", self.listener.port, timeout=TIMEOUT)
        with closing(connection):
            named = {name.replace("_", "-"): value for name, value in headers.items()}
            with suppress(BrokenPipeError, ConnectionResetError):  # refused before all was sent
                connection.request(method, path, body, named)
            with connection.getresponse() as response:
                return Reply(response.status, response.headers, response.read())

    def answer(self, answers: dict[bytes, bytes]) -> None:
        """As the board: wait for these requests, then answer them."""
        deadline = time.monotonic() + TIMEOUT
        while answers and time.monotonic() < deadline:
            self.requests.pause(0.05)
            for name, data in self.requests.waiting():
                self.requests.answer(name, answers.pop(data))
        assert not answers


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    served = Served(tmp_path_factory.mktemp("served"))
    yield served
    served.listener.stop()


def test_a_device_passes_over_the_beginning_of_a_bundle(served: Served) -> None:
    (file,) = (served.public / "tile/entries").glob("*.p/*")
    path, whole = f"/log/{file.relative_to(served.public)}", file.read_bytes()
    rest = served.ask("GET", path, Range="bytes=100-")
    assert (rest.status, rest.body) == (206, whole[100:])
    assert rest.headers["Content-Range"] == f"bytes 100-{len(whole) - 1}/{len(whole)}"
    for other in ("bytes=0-", "bytes=5-9", "bytes=-5", f"bytes={len(whole)}-", "lines=1-", "bytes=1-,3-"):
        reply = served.ask("GET", path, Range=other)
        assert (reply.status, reply.body) == (200, whole)


def test_the_log_is_served_file_by_file(served: Served) -> None:
    checkpoint = served.ask("GET", "/log/checkpoint")
    assert checkpoint.status == 200
    assert checkpoint.headers["Cache-Control"] == "public, max-age=5"
    assert checkpoint.headers["Content-Type"] == "text/plain; charset=utf-8"
    size = int(checkpoint.body.split(b"\n")[1])
    for tile in new_tiles(0, size):
        reply = served.ask("GET", f"/log/{tile.path}", Accept_Encoding="gzip, br")
        assert reply.body == (served.public / tile.path).read_bytes()
        assert reply.headers["Cache-Control"] == "public, max-age=31536000, immutable"
        assert reply.headers["Content-Type"] == "application/octet-stream"
        assert reply.headers["Content-Encoding"] is None
        assert reply.headers["Set-Cookie"] is None
    with Client(f"{served.url}/log") as client:
        assert sum(len(some) for _, some in client.tree(policy(served.pin)).entries(0)) == size
    assert served.ask("GET", "/pin.json").body == served.pin.encode()


def test_a_fault_of_the_machine_is_logged_and_no_answer(
    served: Served, capsys: pytest.CaptureFixture[str]
) -> None:
    reply = served.ask("GET", "/post/faulty/" + "0" * 64)
    assert reply.status == 500
    assert reply.problem["detail"] == "internal error"
    assert "Fault: they differ" in capsys.readouterr().err


@pytest.mark.parametrize("path", ["/log/checkpoint", "/pin.json", "/en/log", "/log/nothing", "/post/board"])
def test_whatever_can_be_got_can_be_asked_after(served: Served, path: str) -> None:
    got, asked = served.ask("GET", path), served.ask("HEAD", path)
    assert (asked.status, asked.body) == (got.status, b"")
    for name in ("Content-Type", "Content-Length", "Cache-Control", "Content-Security-Policy"):
        assert asked.headers[name] == got.headers[name]


@pytest.mark.parametrize(
    "path",
    [
        "/log/",
        "/log/tile/0/1",
        "/log/tile/0/x000/000",
        "/log/tile/64/000",
        "/log/blob/" + "0" * 64,
        "/log/../board/log.sqlite",
        "/log/%2e%2e/log.sqlite",
        "/nothing",
        "/post/organiser/" + "0" * 64,
        "/post/board/" + "0" * 64,
        "/post/board/1",
    ],
)
def test_what_is_not_there_is_a_problem_that_says_where(served: Served, path: str) -> None:
    reply = served.ask("GET", path)
    assert reply.status == 404
    assert reply.problem["instance"]
    assert reply.headers["Content-Security-Policy"].startswith("default-src 'none'")
    assert reply.problem["detail"]


OPEN = ("/log/checkpoint", "/pin.json", "/openapi.json")


@pytest.mark.parametrize(
    "path", [*OPEN, "/en/log", "/style.css", "/nothing", "/log/nothing", "/post/board/1"]
)
def test_every_answer_says_what_browsers_may_do_with_it(served: Served, path: str) -> None:
    headers = served.ask("GET", path).headers
    for name, value in HEADERS.items():
        assert headers.get_all(name) == [value]
    for directive in (
        "default-src 'none'",
        "base-uri 'none'",
        "form-action 'self'",
        "frame-ancestors 'none'",
    ):
        assert directive in headers["Content-Security-Policy"]
    shared = "cross-origin" if path in OPEN else "same-origin"
    assert headers.get_all("Cross-Origin-Resource-Policy") == [shared]


def test_a_request_is_answered_at_once(served: Served) -> None:
    board = threading.Thread(target=served.answer, args=[{b"question": b"answer"}])
    board.start()
    assert WebPost(f"{served.url}/post/board").exchange(b"question", TIMEOUT) == b"answer"
    board.join()


def test_a_closed_post_sends_away_who_comes_and_who_waits(served: Served) -> None:
    """While the board must promise nothing, voters are told to come back."""
    waits = threading.Thread(target=lambda: replies.append(served.ask("POST", "/post/board", b"waits")))
    replies: list[Reply] = []
    waits.start()
    until(lambda: served.requests.waits(sha256(b"waits").hexdigest()), "a request waits")
    served.requests.close("the board waits for its witnesses")
    try:
        waits.join()
        replies.append(served.ask("POST", "/post/board", b"comes"))
    finally:
        served.requests.close("")
    for reply in replies:
        assert (reply.status, reply.headers["Retry-After"]) == (503, "10")
        assert reply.problem["detail"] == "the board waits for its witnesses"
    served_by = threading.Thread(target=served.answer, args=[{b"comes": b"answer"}])
    served_by.start()
    assert served.ask("POST", "/post/board", b"comes").body == b"answer"
    served_by.join()


def test_an_answer_that_comes_late_is_fetched(served: Served) -> None:
    name = sha256(b"slow").hexdigest()
    for _ in range(2):  # the same bytes are one request
        reply = served.ask("POST", "/post/board", b"slow", Prefer="wait=0")
        assert (reply.status, reply.body) == (202, b"")
        assert reply.headers["Location"] == f"/post/board/{name}"
    assert served.ask("GET", f"/post/board/{name}").status == 202
    served.answer({b"slow": b"at last"})
    assert served.ask("GET", f"/post/board/{name}")[::2] == (200, b"at last")
    assert served.ask("DELETE", f"/post/board/{name}").status == 204
    assert served.ask("DELETE", f"/post/board/{name}").status == 204
    assert served.ask("GET", f"/post/board/{name}").status == 404


def test_what_was_answered_is_judged_anew(served: Served) -> None:
    post = WebPost(f"{served.url}/post/board")
    for answer in (b"refused", b"taken"):
        post.send(b"again")
        served.answer({b"again": answer})
        assert post.exchange(b"again", TIMEOUT) == answer
        post.withdraw(sha256(b"again").hexdigest())


def test_requests_to_the_registrar_go_through_its_directory(served: Served) -> None:
    post, name = Post(served.registrar), sha256(b"token, please").hexdigest()
    assert served.ask("POST", "/post/registrar", b"token, please", Prefer="wait=0").status == 202
    assert list(post.waiting()) == [(name, b"token, please")]
    post.answer(name, b"here it is")
    assert served.ask("GET", f"/post/registrar/{name}").body == b"here it is"
    assert served.ask("POST", "/post/registrar", b"token, please").body == b"here it is"
    assert post.answered(name) is None  # handed out, and forgotten


def test_answers_that_nobody_fetches_are_forgotten(tmp_path: Path) -> None:
    box, post = Forwarding(tmp_path), Post(tmp_path)
    name = post.send(b"question")
    post.answer(name, b"answer")
    written = (tmp_path / "answers" / name).stat().st_mtime
    box.sweep(written + KEPT)
    assert box.answered(name) == b"answer"
    box.sweep(written + KEPT + 120)
    assert box.answered(name) is None


@pytest.mark.parametrize(
    ("method", "path", "body", "status", "said"),
    [
        ("POST", "/post/board", b"", 400, "expected a request, found an empty body"),
        ("POST", "/post/board", bytes((16 << 20) + 1), 413, "at most 16,777,216 bytes are taken"),
        ("POST", "/post/registrar", bytes(131_071), 413, "at most 131,070 bytes are taken"),
        ("POST", "/post/organiser", b"x", 404, "no post for 'organiser'"),
        ("PUT", "/post/board", b"x", 405, "Method Not Allowed"),
        ("POST", "/log/checkpoint", b"x", 405, "Method Not Allowed"),
    ],
)
def test_what_is_refused_says_why(
    served: Served, method: str, path: str, body: bytes, status: int, said: str
) -> None:
    reply = served.ask(method, path, body)
    assert reply.status == status
    assert reply.problem["detail"] == said
    assert reply.problem["instance"] == path


def test_an_address_may_ask_so_often_and_no_more(tmp_path: Path) -> None:
    served = Served(tmp_path, limit=3)
    try:
        first = {"Prefer": "wait=0", "X_Forwarded_For": "1.1.1.1, 192.0.2.1"}
        statuses = [served.ask("POST", "/post/board", b"x", **first).status for _ in range(4)]
        other = served.ask("POST", "/post/board", b"x", Prefer="wait=0", X_Forwarded_For="2001:db8::1")
        last = served.ask("POST", "/post/board", b"x", X_Forwarded_For="192.0.2.1")
    finally:
        served.listener.stop()
    assert statuses == [202, 202, 202, 429]
    assert other.status == 202
    assert 1 <= int(last.headers["Retry-After"]) <= WINDOW + 1
    assert last.problem["detail"].startswith("more than 3 ballots or other requests")


def test_counts_of_addresses_are_dropped_with_their_salt() -> None:
    now, salts = [0.0], iter([bytes(32), bytes(31) + b"\1"])
    rate = Rate(1, lambda: now[0], lambda _: next(salts))
    rate.check("2001:db8::/64")
    with pytest.raises(TooMany):
        rate.check("2001:db8::/64")
    now[0] = WINDOW
    rate.check("2001:db8::/64")


def test_an_address_that_is_taken_is_refused(served: Served) -> None:
    with pytest.raises(OSError, match="in use"):
        Listener(None, "127.0.0.1", served.listener.port)
