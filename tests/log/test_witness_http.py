"""A witness over HTTP and who asks it: every status, hostile requests, slow and false answers."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from psephos.errors import FormatError, LogError
from psephos.log import checkpoints, cosignature, merkle
from psephos.log.checkpoints import TreeHead
from psephos.log.merkle import leaf_hash, root_of
from psephos.log.note import Note
from psephos.log.policy import Policy
from psephos.log.submission import (
    MAX_SUBMISSION_SIZE,
    Conflict,
    Inconsistent,
    Submission,
    UnknownLog,
    Unsigned,
    collect,
)
from psephos.log.witness_client import ask
from psephos.witness.http import MAX_CONNECTIONS, WitnessServer
from psephos.witness.witness import Witness

if TYPE_CHECKING:
    from conftest import Keys

ENOUGH = 60.0
"""Seconds in which a server answers that answers at all, however busy the machine is."""
NAME = "example.org/w0"
LEAVES = [leaf_hash(b"%d" % n) for n in range(50)]
FORK = LEAVES[:10] + [leaf_hash(b"fork")] * 40


def submission(keys: Keys, old: int, size: int, leaves: list[bytes] = LEAVES) -> Submission:
    def read(level: int, index: int) -> bytes:
        return root_of(leaves[index << level : (index + 1) << level])

    note = checkpoints.sign(TreeHead(keys.origin, size, root_of(leaves[:size])), keys.log)
    return Submission(old, tuple(merkle.consistency_proof(old, size, read)), note)


class Clock:
    now = 1000

    def __call__(self) -> int:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@contextmanager
def running(server: WitnessServer) -> Iterator[tuple[str, int]]:
    thread = threading.Thread(target=partial(server.serve_forever, 0.02))
    thread.start()
    try:
        yield "127.0.0.1", server.server_address[1]
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


@pytest.fixture
def address(keys: Keys, tmp_path: Path, clock: Clock) -> Iterator[tuple[str, int]]:
    with (
        Witness(NAME, keys.witnesses[NAME], [keys.log_key], tmp_path / "w.db") as witness,
        running(WitnessServer(("127.0.0.1", 0), witness, clock, time_limit=0.5)) as bound,
    ):
        yield bound


@pytest.fixture
def url(address: tuple[str, int]) -> str:
    return f"http://127.0.0.1:{address[1]}/"


def send(address: tuple[str, int], request: bytes) -> bytes:
    with socket.create_connection(address, timeout=ENOUGH) as connection:
        connection.sendall(request)
        return b"".join(iter(partial(connection.recv, 1 << 16), b""))


def test_it_cosigns_and_refuses_over_http(url: str, keys: Keys) -> None:
    first = submission(keys, 0, 20)
    line = ask(url, first)
    assert cosignature.verify(Note.parse(first.checkpoint + line), keys.witness_keys[NAME]) == 1000
    stranger = checkpoints.sign(TreeHead("example.org/b", 1, bytes(32)), keys.log)
    unsigned = first.checkpoint.replace(b"\n20\n", b"\n21\n")
    refused: list[tuple[type[Exception], Submission]] = [
        (Conflict, submission(keys, 10, 30)),
        (Conflict, submission(keys, 0, 10, FORK)),
        (Inconsistent, submission(keys, 20, 30, FORK)),
        (Inconsistent, submission(keys, 20, 20, FORK)),
        (UnknownLog, Submission(0, (), stranger)),
        (Unsigned, Submission(20, (), unsigned)),
        (FormatError, Submission(30, (), first.checkpoint)),
        (FormatError, Submission(0, (), b"nothing")),
    ]
    for error, asked in refused:
        with pytest.raises(error) as refusal:
            ask(url, asked)
        assert type(refusal.value) is error
        assert not isinstance(refusal.value, Conflict) or refusal.value.size == 20
    assert ask(url, submission(keys, 20, 50))


def test_cosignatures_are_collected_over_http(url: str, keys: Keys) -> None:
    policy = Policy.parse(f"log {keys.log_key}\nwitness W0 {keys.witness_keys[NAME]}\nquorum W0\n".encode())
    for size in (7, 20):  # the second time it says first what it saw last
        note, *_ = collect(
            submission(keys, 0, size).checkpoint,
            lambda old, size=size: submission(keys, old, size).proof,  # type: ignore[misc]
            {"W0": partial(ask, url)},
            policy,
            lambda name, error: pytest.fail(f"{name}: {error}"),
            {},
        )
        assert policy.verify(note)[1] == {"W0": 1000}


def test_a_clock_that_runs_back_signs_the_last_time_again(url: str, keys: Keys, clock: Clock) -> None:
    ask(url, submission(keys, 0, 20))
    clock.now = 999
    later = submission(keys, 20, 30)
    line = ask(url, later)
    assert cosignature.verify(Note.parse(later.checkpoint + line), keys.witness_keys[NAME]) == 1000


def test_what_is_no_submission_is_refused(address: tuple[str, int], keys: Keys) -> None:
    body = submission(keys, 0, 20).encode()
    head = b"POST /add-checkpoint HTTP/1.1\r\nHost: w\r\n"
    length = b"Content-Length: %d\r\n"
    requests = [
        (b"400", head + b"\r\n" + body),
        (b"400", head + length % (MAX_SUBMISSION_SIZE + 1) + b"\r\n"),
        (b"400", head + b"Content-Length: -1\r\n\r\n"),
        (b"400", head + length % len(body) + b"Transfer-Encoding: chunked\r\n\r\n" + body),
        (b"404", head.replace(b"/add", b"/x/add") + length % len(body) + b"\r\n" + body),
        (b"501", head.replace(b"POST", b"GET") + b"\r\n"),
        (b"200", head + length % len(body) + b"\r\n" + body),
    ]
    for status, request in requests:
        assert send(address, request).split(b" ")[1] == status, request


def test_whoever_is_slow_is_cut_off_and_others_are_served(
    address: tuple[str, int], url: str, keys: Keys, capfd: pytest.CaptureFixture[str]
) -> None:
    started = time.monotonic()
    with (
        socket.create_connection(address, timeout=ENOUGH) as silent,
        socket.create_connection(address, timeout=ENOUGH) as slow,
    ):
        slow.sendall(b"POST /add-checkpoint HTTP/1.1\r\nContent-Length: 100\r\n\r\nold")
        assert ask(url, submission(keys, 0, 20))
        assert silent.recv(1) == b""
        assert slow.recv(1) == b""
    assert time.monotonic() - started < ENOUGH
    assert capfd.readouterr() == ("", "")


def test_there_is_room_for_so_many(address: tuple[str, int], url: str, keys: Keys) -> None:
    crowd = [socket.create_connection(address, timeout=ENOUGH) for _ in range(MAX_CONNECTIONS)]
    with pytest.raises(ConnectionError):
        ask(url, submission(keys, 0, 20))
    for one in crowd:
        one.close()
    deadline = time.monotonic() + ENOUGH
    while time.monotonic() < deadline:
        try:
            assert ask(url, submission(keys, 0, 20))
            break
        except OSError:
            time.sleep(0.02)
    else:
        pytest.fail("no room again")


@pytest.fixture
def answering() -> Iterator[Callable[[bytes, float], str]]:
    """Serves these bytes, one by one with a pause after each, to whoever connects once."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        threads = []

        def answer(data: bytes, pause: float) -> None:
            connection, _ = listener.accept()
            with connection, suppress(OSError):  # whoever asked may have had enough
                for at in range(len(data)):
                    connection.sendall(data[at : at + 1])
                    time.sleep(pause)
                connection.shutdown(socket.SHUT_WR)
                while connection.recv(1 << 16):
                    pass

        def serve(data: bytes, pause: float) -> str:
            threads.append(threading.Thread(target=answer, args=(data, pause)))
            threads[-1].start()
            return f"http://127.0.0.1:{listener.getsockname()[1]}"

        yield serve
        for thread in threads:
            thread.join()


SIZE = b"Content-Type: text/x.tlog.size\r\n\r\n"


@pytest.mark.parametrize(
    ("answer", "error"),
    [
        (b"HTTP/1.1 409 Conflict\r\n\r\n20\n", LogError),
        (b"HTTP/1.1 409 Conflict\r\n" + SIZE + b"020\n", FormatError),
        (b"HTTP/1.1 409 Conflict\r\n" + SIZE + b"\xff\n", FormatError),
        (b"HTTP/1.1 302 Found\r\nLocation: http://127.0.0.1:1/\r\n\r\n", LogError),
        (b"HTTP/1.1 503 Busy\r\n\r\n", LogError),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nshort", ConnectionError),
        (b"nonsense\r\n\r\n", ConnectionError),
        (b"", ConnectionError),
    ],
)
def test_false_answers_are_refused(
    answering: Callable[[bytes, float], str], keys: Keys, answer: bytes, error: type[Exception]
) -> None:
    with pytest.raises(error) as refusal:
        ask(answering(answer, 0), submission(keys, 0, 20), timeout=ENOUGH)
    assert not isinstance(refusal.value, Conflict)


def test_slow_and_long_answers_are_refused(answering: Callable[[bytes, float], str], keys: Keys) -> None:
    with pytest.raises(TimeoutError):
        ask(answering(b"HTTP/1.1 200 OK\r\n\r\n" + bytes(200), 0.01), submission(keys, 0, 20), timeout=0.5)


@pytest.mark.parametrize("url", ["ftp://host/", "http://user:secret@host/", "http://host/?q", "host"])
def test_odd_urls_are_refused(url: str, keys: Keys) -> None:
    with pytest.raises(FormatError) as refusal:
        ask(url, submission(keys, 0, 20))
    assert "secret" not in str(refusal.value)


def test_an_unforeseen_error_is_answered(
    keys: Keys, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    def broken() -> int:
        raise ZeroDivisionError("a clock that fails")

    body = submission(keys, 0, 20).encode()
    request = b"POST /add-checkpoint HTTP/1.1\r\nHost: w\r\nContent-Length: %d\r\n\r\n" % len(body) + body
    with (
        Witness(NAME, keys.witnesses[NAME], [keys.log_key], tmp_path / "w.db") as witness,
        running(WitnessServer(("127.0.0.1", 0), witness, broken)) as address,
    ):
        answer = send(address, request)
    assert answer.startswith(b"HTTP/1.0 500 ")
    assert answer.endswith(b"\r\n\r\ninternal error\n")
    assert "ZeroDivisionError" in capfd.readouterr().err
