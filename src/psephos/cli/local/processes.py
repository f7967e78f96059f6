"""The parties' processes and commands, each in a session of its own: Ctrl-C is for who started them all."""

from __future__ import annotations

import json
import socket
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from psephos.cli.process.stop import FAILED, WAITING, Stop

PROGRAM = "import sys; from psephos.cli.main import main; sys.exit(main(sys.argv[1:]))"
_END = 60.0


@dataclass
class Processes:
    """Everybody at work in one directory."""

    directory: Path
    url: str = ""
    running: dict[str, subprocess.Popen[str]] = field(default_factory=dict)

    def do(self, name: str, *arguments: str) -> tuple[bool, str]:
        """Run a command: whether it had nothing to wait for, and what it said. Stop when it fails."""
        line = self._line(name, *arguments)
        code, out, err = _run(line)
        if code not in (0, WAITING):
            raise Stop(f"{name} {arguments[0]}: {err.strip().removeprefix('psephos: ')}", FAILED)
        return code == 0, (err if code else out).strip()

    def start(self, name: str, *arguments: str) -> subprocess.Popen[str]:
        """Start a command that goes on."""
        line = self._line(name, *arguments)
        with (self.directory / f"{name}.log").open("a") as said:
            out = subprocess.PIPE if arguments[0] == "serve" else said
            process = subprocess.Popen(line, stdout=out, stderr=said, text=True, start_new_session=True)  # noqa: S603
        self.running[name] = process
        return process

    def end(self, name: str) -> None:
        """End one, which finishes what it has begun."""
        process = self.running.pop(name)
        process.terminate()
        try:
            process.communicate(timeout=_END)
        except subprocess.TimeoutExpired:
            process.kill()
            process.communicate()

    def check(self) -> None:
        """Stop when one has failed."""
        for name, process in self.running.items():
            if process.poll():
                raise Stop(f"{name} has ended: see {self.directory / f'{name}.log'}", FAILED)

    @property
    def definition(self) -> Mapping[str, Any]:
        """The definition's document."""
        document: dict[str, Any] = json.loads((self.directory / "organiser/definition.json").read_bytes())
        return document

    @contextmanager
    def at_work(self, listen: str, booth: Path | None, contact: str) -> Iterator[Processes]:
        """Witnesses, board with its server, relays and trustees; until the end."""
        try:
            for number in range(1, len(self.definition["witnesses"]["members"]) + 1):
                self.start(f"witness-{number}", "run")
            self.url = self._serve(self._listen(listen), booth, contact)
            self._take_messages()
            for number, relay in enumerate(self.definition["relays"], 1):
                where = str(self.directory / f"relay-{number}")
                listen = relay["address"].partition("//")[2]
                self.start(f"relay-{number}", "run", where, "--listen", listen, "--private-networks")
            for number in range(1, len(self.definition["trustees"]["members"]) + 1):
                self.start(f"trustee-{number}", "join", self.url)
            yield self
        finally:
            for name in reversed(list(self.running)):
                self.end(name)

    @property
    def registrars(self) -> list[str]:
        """The homes of all registrars, the first of which leads."""
        return registrar_homes(len(self.definition["registrars"]))

    def _listen(self, listen: str) -> str:
        """Where the server listens; on a port that was free once, each time: the log names it."""
        kept = self.directory / "listen"
        if not listen.endswith(":0"):
            return listen
        if not kept.exists():
            kept.write_text(f"{listen.removesuffix(':0')}:{free_port()}")
        return kept.read_text()

    def _take_messages(self) -> None:
        """Each registrar knows where its post is served, before it logs that."""
        place = self.directory.resolve()
        posts = [f"--registrar={place / name / 'post'}" for name in self.registrars]
        named = self.definition["registrars"]
        for number, (name, party) in enumerate(zip(self.registrars, named, strict=True), 1):
            address = f"{self.url}/post/{post_name(number)}"
            where = ("--log", str(place / "record"), "--board", str(place / "board/post"))
            self.do(name, "init", "--name", party["name"], *where, *posts, "--address", address)

    def _serve(self, listen: str, booth: Path | None, contact: str) -> str:
        options = [f"--registrar={self.directory / name / 'post'}" for name in self.registrars]
        options += ["--limit", "0", "--contact", contact]
        options += [] if booth is None else ["--booth", str(booth)]
        options += ["--url", f"http://{listen}"]
        server = self.start("board", "serve", "--listen", listen, *options)
        said = server.stdout.readline() if server.stdout else ""
        if url := said.removeprefix("answers at ").strip():
            return url
        log = (self.directory / "board.log").read_text().strip().split("\n")
        raise Stop(f"the server has not started: {log[-1].removeprefix('psephos: ')}", FAILED)

    def _line(self, name: str, *arguments: str) -> list[str]:
        role = name.split("-")[0]
        words = ["serve", *arguments[1:]] if arguments[0] == "serve" else [role, *arguments]
        home = ["--home", str(self.directory / name), "--identity", str(self.directory / f"{name}.identity")]
        home = [] if role == "relay" else home  # it has no key, and names its homes itself
        return [sys.executable, "-c", PROGRAM, *words, *home]


def _run(line: list[str]) -> tuple[int, str, str]:
    """A command's exit code, and what it said on stdout and stderr; interrupted, it is ended."""
    pipe = subprocess.PIPE
    with subprocess.Popen(line, stdout=pipe, stderr=pipe, text=True, start_new_session=True) as process:  # noqa: S603
        try:
            out, err = process.communicate()
        except BaseException:
            process.kill()
            process.wait()  # Popen itself does not wait after Ctrl-C
            raise
    return process.returncode, out, err


def registrar_homes(count: int) -> list[str]:
    """The homes of so many registrars."""
    return [f"registrar-{number}" for number in range(1, count + 1)]


def post_name(registrar: int) -> str:
    """What the board's server calls a registrar's post."""
    return "registrar" if registrar == 1 else f"registrar-{registrar}"


def free_port() -> int:
    """A port of this machine that nobody listens on now."""
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])
