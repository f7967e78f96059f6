"""The parties' processes and commands, each in a session of its own: Ctrl-C is for who started them all."""

from __future__ import annotations

import json
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
        done = subprocess.run(line, capture_output=True, text=True, check=False, start_new_session=True)  # noqa: S603
        if done.returncode not in (0, WAITING):
            raise Stop(f"{name} {arguments[0]}: {done.stderr.strip().removeprefix('psephos: ')}", FAILED)
        return done.returncode == 0, (done.stderr if done.returncode else done.stdout).strip()

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
        """Witnesses, board with its server, and trustees; until the end."""
        try:
            for number in range(1, len(self.definition["witnesses"]["members"]) + 1):
                self.start(f"witness-{number}", "run")
            self.url = self._serve(listen, booth, contact)
            for number in range(1, len(self.definition["trustees"]["members"]) + 1):
                self.start(f"trustee-{number}", "join", self.url)
            yield self
        finally:
            for name in reversed(list(self.running)):
                self.end(name)

    def _serve(self, listen: str, booth: Path | None, contact: str) -> str:
        options = [
            "--registrar",
            str(self.directory / "registrar/post"),
            "--limit",
            "0",
            "--contact",
            contact,
        ]
        options += [] if booth is None else ["--booth", str(booth)]
        options += [] if listen.endswith(":0") else ["--url", f"http://{listen}"]
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
        return [sys.executable, "-c", PROGRAM, *words, *home]
