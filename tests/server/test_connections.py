"""Connections that are open and say nothing: they end by themselves, and cost nobody an answer."""

from __future__ import annotations

import asyncio
import errno
import http.client
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import ExitStack, closing, suppress
from pathlib import Path
from typing import Any

import pytest

from psephos.cli.process.running import persist
from psephos.server import listening, pressure
from psephos.server.listening import Listener
from tests.server.deployment import BoardDeployment, enrolled
from tests.server.waiting import until

TIMEOUT = 300.0


async def hello(scope: Any, receive: Any, send: Any) -> None:
    if scope["type"] != "http":
        return
    await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"5")]})
    await send({"type": "http.response.body", "body": b"hello"})


@pytest.fixture
def listener(monkeypatch: pytest.MonkeyPatch) -> Iterator[Listener]:
    """Takes 8 connections, and closes those that are idle for a while."""
    monkeypatch.setattr(listening, "_READ_HEADERS", 300)
    monkeypatch.setattr(listening, "_END", 0.1)
    started = Listener(hello, "127.0.0.1", 0, connections=8)
    started.start()
    yield started
    started.stop()


def connect(listener: Listener) -> socket.socket:
    return socket.create_connection((listener.host, listener.port), timeout=TIMEOUT)


def get(listener: Listener) -> bytes:
    with closing(http.client.HTTPConnection(listener.host, listener.port, timeout=TIMEOUT)) as connection:
        connection.request("GET", "/")
        return connection.getresponse().read()


@pytest.mark.parametrize(
    "said", [b"", b"G", b"GET / HTTP/1.1\r\nHost: x\r\n", b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"]
)
def test_whoever_sends_no_request_is_left(listener: Listener, said: bytes) -> None:
    with connect(listener) as silent:
        silent.sendall(said)
        while silent.recv(4096):  # a refusal, for what is none
            pass


def test_whoever_has_had_an_answer_and_asks_no_more_is_left(listener: Listener) -> None:
    with connect(listener) as idle:
        idle.sendall(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n")
        got = b"".join(iter(lambda: idle.recv(4096), b""))
    assert got.endswith(b"hello")


def test_more_silent_connections_than_are_taken_keep_nobody_out(listener: Listener) -> None:
    with ExitStack() as held:
        for _ in range(30):
            held.enter_context(connect(listener))
        assert get(listener) == b"hello"


@pytest.fixture
def pressed(monkeypatch: pytest.MonkeyPatch) -> Iterator[Listener]:
    """Takes 64 connections, ends none of them by itself, and closes those that are idle under pressure."""
    monkeypatch.setattr(listening, "_READ_HEADERS", 3_600_000)
    monkeypatch.setattr(listening, "_END", 0.1)
    monkeypatch.setattr(pressure, "IDLE", 0)
    monkeypatch.setattr(pressure, "_EVERY", 0.05)
    started = Listener(slow, "127.0.0.1", 0, connections=64)
    started.start()
    yield started
    released.set()
    started.stop()
    released.clear()


released = threading.Event()


async def slow(scope: Any, receive: Any, send: Any) -> None:
    """Answers `/slow` when it is told to."""
    while scope.get("path") == "/slow" and not released.is_set():
        await asyncio.sleep(0.01)
    await hello(scope, receive, send)


@pytest.mark.skipif(sys.platform != "linux", reason="what connections do is asked of Linux")
@pytest.mark.parametrize("said", [b"", b"G", b"GET / HTTP/1.1\r\nHost: x\r\n\r\n"])
def test_under_pressure_idle_connections_end_and_those_that_wait_stay(pressed: Listener, said: bytes) -> None:
    with ExitStack() as held:
        waiting = held.enter_context(connect(pressed))
        waiting.sendall(b"GET /slow HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
        for _ in range(200):
            held.enter_context(connect(pressed)).sendall(said)
        assert get(pressed) == b"hello"
        released.set()
        assert b"".join(iter(lambda: waiting.recv(4096), b"")).endswith(b"hello")


MUCH = 50_000_000


async def much(scope: Any, receive: Any, send: Any) -> None:
    if scope["type"] != "http":
        return
    length = str(MUCH).encode()
    await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", length)]})
    await send({"type": "http.response.body", "body": bytes(MUCH)})


@pytest.mark.skipif(not hasattr(socket, "TCP_USER_TIMEOUT"), reason="the system has no such limit")
def test_whoever_takes_nothing_of_an_answer_is_left(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(listening, "_UNREAD", 300)
    monkeypatch.setattr(listening, "_END", 0.1)
    started = Listener(much, "127.0.0.1", 0)
    started.start()
    with connect(started) as asker:
        asker.sendall(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n")
        until(lambda: list(pressure.connections(started.port)), "it is taken")
        until(lambda: not list(pressure.connections(started.port)), "it is left")
        got = 0
        with suppress(ConnectionError):
            while data := asker.recv(1 << 20):
                got += len(data)
    started.stop()
    assert got < MUCH


def test_a_connection_that_stays_open_does_not_keep_the_server_from_ending(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(listening, "_END", 0.1)
    stubborn = Listener(hello, "127.0.0.1", 0)
    stubborn.start()
    with connect(stubborn) as held:
        held.sendall(b"G")
        stubborn.stop()
    with pytest.raises(OSError, match=r".*"):
        connect(stubborn)


LIMITS = """
import resource
from psephos.server.descriptors import most_connections, raise_limit
resource.setrlimit(resource.RLIMIT_NOFILE, ({soft}, {hard}))
raise_limit()
print(resource.getrlimit(resource.RLIMIT_NOFILE)[0], most_connections())
"""


@pytest.mark.parametrize(
    ("soft", "hard", "then"),
    [(256, 4096, "4096 3840"), (256, 256, "256 128"), (1024, 1024, "1024 768"), (600, 700, "700 444")],
)
def test_the_board_keeps_descriptors_that_connections_cannot_take(soft: int, hard: int, then: str) -> None:
    line = [sys.executable, "-c", LIMITS.format(soft=soft, hard=hard)]
    assert subprocess.run(line, capture_output=True, text=True, check=True).stdout.strip() == then


def test_too_many_open_files_are_waited_out(capsys: pytest.CaptureFixture[str]) -> None:
    over, passes = threading.Event(), iter([OSError(errno.EMFILE, "x"), OSError(errno.ENFILE, "x"), None])

    def work() -> None:
        if (error := next(passes)) is not None:
            raise error
        over.set()

    persist(work, over, lambda _: None)
    assert capsys.readouterr().err.count("waits for files to be closed") == 1


def test_other_failures_of_the_system_are_not(capsys: pytest.CaptureFixture[str]) -> None:
    def work() -> None:
        raise OSError(errno.EIO, "broken")

    with pytest.raises(OSError, match="broken"):
        persist(work, threading.Event(), lambda _: None)


def test_a_board_that_cannot_go_on_ends_the_process_though_connections_are_held(tmp_path: Path) -> None:
    deployment = BoardDeployment(tmp_path, enrolled(groups=1))
    deployment.start()
    port = int(deployment.url.rpartition(":")[2])
    assert deployment.process is not None
    try:
        with ExitStack() as held:
            for _ in range(20):
                silent = held.enter_context(socket.create_connection(("127.0.0.1", port), timeout=TIMEOUT))
                silent.sendall(b"G")
            (deployment.home / "post" / "requests").rename(deployment.home / "gone")
            code = deployment.process.wait(TIMEOUT)
    finally:
        deployment.kill()
        deployment.process = None
        deployment.stop()
    lines = (tmp_path / "errors").read_text().splitlines()
    assert code == 1
    assert [line for line in lines if "the board has ended" in line] == lines[-1:]
    assert not any("Traceback" in line for line in lines)
