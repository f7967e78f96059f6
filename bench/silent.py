"""`python -m bench.silent CONNECTIONS SECONDS`: they are held and say nothing, and voters are served.

A process of its own opens connections from several addresses of this machine, sends nothing, and opens each
anew that is closed. Meanwhile pages are got and ballots cast, each over a new connection. Ends with 1 when
any of them failed or took longer than five seconds, when fewer connections than asked for could be held, or
when the server has ended.
"""

from __future__ import annotations

import argparse
import http.client
import resource
import selectors
import socket
import subprocess
import sys
import tempfile
import threading
from contextlib import closing, suppress
from dataclasses import dataclass, field
from pathlib import Path
from time import monotonic, sleep

from bench.serving import memory, opened, prepared
from psephos.post.envelope import Envelope

LONGEST = 5.0
"""Seconds that an answer may take."""
_ADDRESSES = [f"127.0.0.{number}" for number in range(2, 22)]
_EVERY = 0.25
_AT_ONCE = 200
_HELD = 0.95
"""The part of the connections that must be open in the mean: what was closed is being opened again."""


@dataclass
class Held:
    """Connections that say nothing."""

    port: int
    count: int
    opened: int = 0
    closed: int = 0
    refused: int = 0
    selector: selectors.BaseSelector = field(default_factory=selectors.DefaultSelector)

    def hold(self, seconds: float) -> float:
        """Keep them open; returns how many were, in the mean, once all had been opened."""
        over, counts = monotonic() + seconds, list[int]()
        full = False
        while monotonic() < over:
            self._open(min(_AT_ONCE, self.count - self._now))
            full = full or self._now == self.count
            for key, _ in self.selector.select(0.02):
                self._end(key.fileobj)
            if full:
                counts.append(self._now)
        return sum(counts) / len(counts) if counts else 0.0

    @property
    def _now(self) -> int:
        return len(self.selector.get_map())

    def _open(self, count: int) -> None:
        for _ in range(count):
            silent = socket.socket()
            silent.setblocking(False)
            silent.bind((_ADDRESSES[self.opened % len(_ADDRESSES)], 0))
            silent.connect_ex(("127.0.0.1", self.port))
            self.selector.register(silent, selectors.EVENT_READ)
            self.opened += 1

    def _end(self, silent: socket.socket) -> None:
        try:
            silent.recv(1)
            self.closed += 1
        except OSError:
            self.refused += 1
        self.selector.unregister(silent)
        silent.close()


def hold(port: int, count: int, seconds: float) -> None:
    """The process that holds them."""
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(hard, count + 256), hard))
    held = Held(port, count)
    mean = held.hold(seconds)
    print(f"{mean:.0f} {held.opened} {held.closed} {held.refused}", flush=True)


@dataclass
class Voter:
    """Somebody who asks again and again, over a new connection each time."""

    port: int
    method: str
    path: str
    bodies: list[bytes]
    took: list[float] = field(default_factory=list)
    failed: list[str] = field(default_factory=list)

    def go_on(self, over: threading.Event) -> None:
        """Ask until it is over."""
        while not over.wait(_EVERY) and (self.method == "GET" or self.bodies):
            began = monotonic()
            try:
                self._ask(self.bodies.pop() if self.bodies else None)
            except (OSError, http.client.HTTPException) as error:
                self.failed.append(f"{type(error).__name__} after {monotonic() - began:.1f} s")
            self.took.append(monotonic() - began)

    def _ask(self, body: bytes | None) -> None:
        with closing(http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)) as connection:
            connection.request(self.method, self.path, body)
            with connection.getresponse() as response:
                response.read()
                if response.status != 200:
                    self.failed.append(f"HTTP {response.status}")

    def report(self) -> bool:
        """Print what was measured; whether all were served in time."""
        took = sorted(self.took)
        middle, late, last = (1000 * took[int(part * (len(took) - 1))] for part in (0.5, 0.99, 1.0))
        times = f"p50 {middle:.0f} ms, p99 {late:.0f} ms, longest {last:.0f} ms"
        print(f"{self.method:<5}{len(took)} asked, {len(self.failed)} failed; {times}")
        print("".join(f"      {failure}\n" for failure in self.failed[:5]), end="")
        return not self.failed and took[-1] <= LONGEST


def main(count: int, seconds: float) -> int:
    """Hold connections, be served, and say how it went."""
    referendum, ballots = prepared(int(seconds / _EVERY) + 100)
    with tempfile.TemporaryDirectory() as directory:
        deployment = opened(Path(directory) / "deployment", referendum)
        assert deployment.process is not None
        port, over = int(deployment.url.rpartition(":")[2]), threading.Event()
        requests = [Envelope((ballot,)).encode() for ballot in ballots]
        voters = [Voter(port, "GET", "/pin.json", []), Voter(port, "POST", "/post/board", requests)]
        line = [sys.executable, "-m", "bench.silent", str(count), str(seconds), "--port", str(port)]
        try:
            with subprocess.Popen(line, stdout=subprocess.PIPE, text=True) as holder:
                sleep(1)
                threads = [threading.Thread(target=voter.go_on, args=[over]) for voter in voters]
                for thread in threads:
                    thread.start()
                said, _ = holder.communicate()
                over.set()
                for thread in threads:
                    thread.join()
            alive = deployment.process.poll() is None
            mean, made, closed, refused = map(int, said.split())
            print(f"held {mean} silent connections in the mean, for {seconds:g} s: {made} were opened,")
            print(f"     {closed} closed by the server, {refused} refused or reset")
            reports = [voter.report() for voter in voters]
            print(f"server {'alive' if alive else 'ENDED'}", end="")
            print(f", {memory(deployment.process.pid):.0f} MiB" if alive else "")
        finally:
            with suppress(AssertionError):
                deployment.stop()
    return int(not (alive and all(reports) and mean >= _HELD * count))


if __name__ == "__main__":
    parser = argparse.ArgumentParser(prog="python -m bench.silent", description=__doc__)
    parser.add_argument("connections", type=int)
    parser.add_argument("seconds", type=float)
    parser.add_argument("--port", type=int, help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.port:
        hold(given.port, given.connections, given.seconds)
    else:
        sys.exit(main(given.connections, given.seconds))
