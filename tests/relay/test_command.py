"""`psephos relay`, as its operator calls it: killed and started again, it has lost nothing."""

from __future__ import annotations

import http.client
import os
import random
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import replace
from functools import partial
from hashlib import sha256
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from urllib.parse import urlsplit

import pytest

from psephos.cli.process.stop import WAITING, Stop
from psephos.cli.relay.app import _serve
from psephos.protocol.setup.document import parse
from psephos.protocol.setup.pin import Pin
from psephos.relay.gateway import forward
from psephos.relay.relay import Relay
from psephos.relay.store import RelayStore
from psephos.simulation.definitions import sample
from tests.relay.gateways import HOLD, NOON, FakeGateway, gateway, message, response_to, served
from tests.relay.test_web import SEALED
from tests.server.waiting import until

PSEPHOS = str(Path(sys.executable).with_name("psephos"))
SENDER = "127.0.0.1"
PIN = Pin.of(parse(sample()[0]))


class Operated:
    """A relay's home, its clock, and its process."""

    def __init__(self, directory: Path, registrar: FakeGateway) -> None:
        self.home, self.clock, self.registrar = directory / "relay", directory / "clock", registrar
        self.said = (directory / "said").open("w+b")
        (directory / "pin.json").write_bytes(PIN.encode())
        self.tell(NOON)
        self.psephos(
            "init", str(self.home), "--log", "http://127.0.0.1:9", "--pin", str(directory / "pin.json")
        )
        self.port, self.more = "0", ["--private-networks"]

    def tell(self, now: int) -> None:
        self.clock.with_suffix(".new").write_text(str(now))
        self.clock.with_suffix(".new").replace(self.clock)

    def psephos(self, *arguments: str) -> str:
        done = subprocess.run([PSEPHOS, "relay", *arguments], capture_output=True, text=True, timeout=300)
        assert done.returncode == 0, done.stderr
        return done.stdout

    def learn(self) -> None:
        """As it would have from the log."""
        what = replace(served(self.registrar.url), definition=PIN.definition)
        (self.home / "served.json").write_bytes(what.encode())

    @contextmanager
    def running(self) -> Iterator[tuple[subprocess.Popen[bytes], str]]:
        """The process and its address; killed at the end, as a power cut would."""
        line = ["run", str(self.home), "--listen", f"127.0.0.1:{self.port}", "--clock", str(self.clock)]
        line += self.more
        command = [PSEPHOS, "relay", *line]
        with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=self.said) as process:
            assert process.stdout is not None
            url = process.stdout.readline().decode().removeprefix("answers at ").strip()
            self.port = url.rpartition(":")[2]
            try:
                yield process, f"{url}/{PIN.definition.hex()}/1"
            finally:
                process.kill()


def ask(method: str, url: str, body: bytes | None = None) -> tuple[int, bytes]:
    """Status and body."""
    parts = urlsplit(url)
    with closing(http.client.HTTPConnection(parts.netloc, timeout=300)) as connection:
        connection.request(method, parts.path, body, SEALED)
        with connection.getresponse() as response:
            return response.status, response.read()


@pytest.fixture
def operated(tmp_path: Path) -> Iterator[Operated]:
    with gateway() as registrar:
        one = Operated(tmp_path, registrar)
        yield one
        one.said.close()


def test_it_waits_for_the_log_and_says_so(operated: Operated) -> None:
    with operated.running() as (_, url):
        assert ask("POST", url, message())[0] == 503
        until(lambda: Path(operated.said.name).stat().st_size > 0, "it says what it waits for")
    assert "waits for the board" in Path(operated.said.name).read_text()


def place_of(url: str, data: bytes) -> str:
    """Where the response to a request is."""
    return f"{url.partition('/' + PIN.definition.hex())[0]}/held/{sha256(data).hexdigest()}"


def test_killed_and_started_again_it_forwards_all_once(operated: Operated) -> None:
    operated.learn()
    sent = [message() for _ in range(12)]
    with operated.running() as (_, url):
        until(lambda: ask("POST", url, message())[0] == 202, "the relay knows the gateway")
        for data in sent[:6]:
            ask("POST", url, data)
    assert operated.registrar.got == []
    with operated.running() as (process, url):
        for data in sent[3:]:
            ask("POST", url, data)
        process.kill()
        process.wait()
    with operated.running() as (process, url):
        operated.tell(NOON + 2 * HOLD - 1)
        places = [place_of(url, data) for data in sent]
        until(lambda: len(operated.registrar.bodies) >= 13, "all is forwarded")
        until(lambda: all(ask("GET", place)[0] == 200 for place in places), "all responses")
        assert [ask("GET", place)[1] for place in places] == [response_to(data) for data in sent]
        process.terminate()
        assert process.wait(300) == 0
    assert sorted(set(operated.registrar.bodies) & set(sent)) == sorted(sent)
    assert len(operated.registrar.bodies) == 13
    assert operated.registrar.bodies != sent


def test_it_says_which_registrars_get_nothing_for_they_are_in_no_public_network(
    operated: Operated,
) -> None:
    operated.learn()
    operated.more = []
    with operated.running() as (_, url):
        until(lambda: ask("POST", url, message())[0] == 202, "the relay knows the gateway")
        until(lambda: Path(operated.said.name).stat().st_size > 0, "it says that it forwards nothing")
    assert "--private-networks" in Path(operated.said.name).read_text()


def test_no_address_is_written_down(operated: Operated) -> None:
    """Nor what came in which order, nor when; nor is anything said of it."""
    operated.learn()
    with operated.running() as (_, url):
        until(lambda: ask("POST", url, message())[0] == 202, "the relay knows the gateway")
        for _ in range(5):
            ask("POST", url, message())
    files = [path for path in operated.home.rglob("*") if path.is_file()]
    assert operated.home / "held.sqlite" in files
    for path in (*files, Path(operated.said.name)):
        if path.name not in ("served.json", "home.json"):
            assert SENDER.encode() not in path.read_bytes()
    assert Path(operated.said.name).read_bytes() == b""
    assert {os.stat(path).st_mode & 0o077 for path in files if path.suffix != ".json"} == {0}


def test_two_homes_of_one_referendum_are_refused(operated: Operated, tmp_path: Path) -> None:
    other = str(tmp_path / "other")
    operated.psephos("init", other, "--log", "http://127.0.0.1:9", "--pin", str(tmp_path / "pin.json"))
    command = [PSEPHOS, "relay", "run"]
    done = subprocess.run([*command, str(operated.home), other], capture_output=True, text=True, timeout=300)
    assert (done.returncode, "same referendum" in done.stderr) == (2, True)
    done = subprocess.run(command, capture_output=True, text=True, timeout=300)
    assert (done.returncode, "psephos relay init" in done.stderr) == (2, True)


def test_a_referendum_whose_log_hangs_holds_up_no_other(operated: Operated, tmp_path: Path) -> None:
    hangs, over, clock, store = threading.Event(), threading.Event(), [NOON], RelayStore(tmp_path / "held")
    to_gateway = partial(forward, private=True)
    ready = served(operated.registrar.url)
    relay = Relay(ready, store, lambda: clock[0], 10, random.SystemRandom(), to_gateway)
    relay.hold(1, message())
    clock[0] += 2 * HOLD - 1

    def hang() -> None:
        hangs.wait()
        raise Stop("waits for the board", WAITING)

    homes: list[Any] = [
        SimpleNamespace(definition=b"a log that hangs", learn=hang),
        SimpleNamespace(definition=ready.definition, learn=lambda: relay),
    ]
    relays: dict[bytes, Relay | None] = {}
    serving = threading.Thread(target=_serve, args=(homes, relays, over))
    serving.start()
    try:
        until(lambda: len(operated.registrar.bodies) == 1, "the other referendum's message is forwarded")
        assert list(relays) == [ready.definition]
    finally:
        over.set()
        hangs.set()
        serving.join()
        relay.close()
        store.close()
