"""A served board that begins on its first day, with witnesses over HTTP: where tests of the server begin."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import threading
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from psephos.board.places import places
from psephos.cli.home.home import SIGNING, Home, HomeOptions
from psephos.keystore.lock import Lock
from psephos.log.note import ED25519, VerifierKey
from psephos.log.store import LogStore
from psephos.protocol.record import Record
from psephos.protocol.setup.pin import Pin
from psephos.simulation.definitions import key_seed, sample
from psephos.simulation.referendum import Referendum
from psephos.witness.http import WitnessServer
from psephos.witness.witness import Witness
from tests.processes import Command
from tests.server.waiting import TIMEOUT, served, until

OPENS, SEALS = 1_900_000_000, 1_900_036_000


def enrolled(groups: int) -> Referendum:
    """A referendum in memory, with so many groups of two cards enrolled in its one region."""
    document, keys = sample(regions=("piraeus",), windows=((OPENS, SEALS),), seconds=1)
    referendum = Referendum(document, keys)
    referendum.publish()
    referendum.ceremony()
    referendum.enrol(0, [[1, 0]] * groups)
    return referendum


def free_port() -> int:
    """One that no outgoing connection takes while the server is down: below those that systems give out."""
    for port in range(20_000 + os.getpid() * 16 % 12_000, 32_768):  # some for each process
        with socket.socket() as probe, suppress(OSError):
            probe.bind(("127.0.0.1", port))
            return port
    raise AssertionError("no port is free")


class BoardDeployment:
    """The board's home, its witnesses, and the process that serves it."""

    def __init__(self, directory: Path, referendum: Referendum, database: str | None = None) -> None:
        """`database` is the URL of the board's, if it is none of files."""
        self.directory, self.referendum, self.database = directory, referendum, database
        self.clock = directory / "clock"
        self.tell(OPENS)
        self.pin = Pin.of(referendum.definition)
        self.away: set[int] = set()
        """Witnesses that do not answer."""
        self.truth: int | None = None
        """What the witnesses' clocks show, where that is not what the board's does."""
        self._witnesses = [self._witness(number) for number in range(3)]
        self._make_home()
        self.process: subprocess.Popen[bytes] | None = None
        self.url = ""

    @property
    def home(self) -> Path:
        return self.directory / "board"

    def tell(self, now: int) -> None:
        """Set the board's clock."""
        new = self.clock.with_name("clock.new")
        new.write_text(str(now))
        new.replace(self.clock)

    def _witness(self, number: int) -> WitnessServer:
        party = self.referendum.definition.witnesses.members[number]
        log = VerifierKey(self.referendum.definition.board.origin, ED25519, self.referendum.keys.board.public)
        path = self.directory / f"{party.name}.sqlite"
        witness = Witness(party.name, self.referendum.keys.witnesses[number], [log], path)

        def clock() -> int:
            if number in self.away:
                raise OSError("nobody is there")  # the connection ends without an answer
            return int(self.clock.read_text()) if self.truth is None else self.truth

        server = WitnessServer(("127.0.0.1", 0), witness, clock)
        threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
        return server

    def _make_home(self) -> None:
        members = self.referendum.definition.witnesses.members
        ports = [one.server_address[1] for one in self._witnesses]
        posts = {
            f"witness {party.name}": f"http://127.0.0.1:{port}"
            for party, port in zip(members, ports, strict=True)
        }
        posts["board"] = str(self.home / "post")
        identity = self.directory / "identity"
        identity.write_bytes(Lock.draw().encode().encode())
        where = HomeOptions(self.home, identity)
        home = Home(where, "board", "The board", str(self.directory / "record"), posts)
        home.write()
        home.keys.write(SIGNING, key_seed(bytes(32), "board"))
        (self.home / "pin.json").write_bytes(self.pin.encode())
        place = places(self.home, self.database).log
        with LogStore(place, self.referendum.definition.board.origin) as store:
            store.append(self.referendum.logged).result()

    # -- the process

    def start(self, *options: str) -> None:
        """Start serving, at the same address as before."""
        listen = self.url.removeprefix("http://") or f"127.0.0.1:{free_port()}"
        place = ["--home", str(self.home), "--identity", str(self.directory / "identity")]
        clock = ["--clock", str(self.clock), "--listen", listen]
        line = ["serve", *place, *clock, *options]
        environment = os.environ | {"PSEPHOS_DATABASE_URL": self.database or ""}
        with (self.directory / "errors").open("ab") as errors:
            self.process = Command(line, stdout=subprocess.PIPE, stderr=errors, env=environment)
        assert self.process.stdout is not None
        said = self.process.stdout.readline().decode()
        assert said.startswith("answers at http://"), said
        self.url = said.removeprefix("answers at ").strip()

    def kill(self) -> None:
        """End the process as a power cut would."""
        assert self.process is not None
        self.process.kill()
        self._end(self.process)

    def _end(self, process: subprocess.Popen[bytes]) -> None:
        """Wait for it, and keep what it has said, as whoever runs a server may."""
        said, _ = process.communicate(timeout=TIMEOUT)
        with (self.directory / "said").open("ab") as file:
            file.write(said)

    def stop(self) -> None:
        """Tell the process to end, and the witnesses."""
        if self.process is not None:
            self.process.terminate()
            self._end(self.process)
            sys.stderr.write((self.directory / "errors").read_text())
        for one in self._witnesses:
            one.shutdown()
            one.server_close()
            one.witness.close()
        if self.process is not None:
            assert self.process.returncode == 0, (self.directory / "errors").read_text()

    # -- what anybody sees

    @property
    def published(self) -> bytes:
        """The published checkpoint; nothing before there is one."""
        path = self.directory / "record/checkpoint"
        return path.read_bytes() if path.exists() else b""

    def read(self) -> Record:
        """The published record, as it is served."""
        return served(self.url, self.pin)

    def until(self, holds: Callable[[], object], what: str) -> None:
        """Wait until something holds."""
        until(holds, what)
