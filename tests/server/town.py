"""A town whose board is served over HTTP, and whose roles reach it there, with their commands."""

from __future__ import annotations

import re
import subprocess
import sys
import urllib.request
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TypeVar

from psephos.protocol.record import Record
from tests.integration.by_hand import CLOSES, DAY_1, PLAN, VOTERS, Town
from tests.processes import Command
from tests.server.waiting import TIMEOUT, served, until

BEFORE = DAY_1[0] - 86_400
"""What the clock shows until a day begins."""
AnyTown = TypeVar("AnyTown", bound="ServedTown")


@contextmanager
def founded(town: AnyTown, plan: str = PLAN) -> Iterator[AnyTown]:
    """A town from its founding over HTTP, with its witnesses at work, to the end of all its processes."""
    try:
        town.found_over_http(plan)
        town.run_witnesses()
        yield town
    finally:
        town.stop()


class ServedTown(Town):
    """The board is a process that serves; its clock is a file. The registrar may be in it too."""

    def __init__(self, directory: Path, beside: bool = False) -> None:
        super().__init__(directory)
        self.beside = beside
        self.url = ""
        self.server: subprocess.Popen[bytes] | None = None
        self.others: list[subprocess.Popen[bytes]] = []
        self.clock = directory / "clock"
        self.tell(BEFORE)

    def tell(self, now: int) -> None:
        """Set the board's clock."""
        new = self.clock.with_name("clock.new")
        new.write_text(str(now))
        new.replace(self.clock)

    # -- processes

    def serve(self, *options: str) -> str:
        """Start the server; its URL."""
        registrar = ["--registrar", str(self.home("registrar-1") / "post")]
        if self.beside:
            identity = str(self.directory / "registrar-1.identity")
            registrar = ["--registrar-home", str(self.home("registrar-1")), "--registrar-identity", identity]
        listen = "127.0.0.1:0" if not self.url else self.url.removeprefix("http://")
        arguments = ["--listen", listen, "--clock", str(self.clock), *registrar, *options]
        line = self._line("board", arguments)
        self.server = _start(["serve", *line[1:]], self.directory / "errors")
        assert self.server.stdout is not None
        self.url = self.server.stdout.readline().decode().removeprefix("answers at ").strip()
        assert self.url, self.server.communicate()
        return self.url

    def run_witnesses(self) -> None:
        """Witnesses, each its own process."""
        for number in (1, 2, 3):
            self.others.append(self.start(f"witness-{number}", "run", "--clock", str(self.clock)))

    def stop(self) -> None:
        """End all processes, the board's first: it would wait for witnesses."""
        for one in [*filter(None, [self.server]), *self.others]:
            self.end(one)
        self.others.clear()
        if (errors := self.directory / "errors").exists():
            sys.stderr.write(errors.read_text())

    def end(self, process: subprocess.Popen[bytes]) -> None:
        """Tell a process to end, which it does in peace."""
        process.terminate()
        process.communicate(timeout=TIMEOUT)
        errors = self.directory / "errors"
        assert process.returncode == 0, errors.read_text() if errors.exists() else process.args

    def kill(self) -> None:
        """End the server as a power cut would; what it has said is kept, as whoever runs one may."""
        assert self.server is not None
        self.server.kill()
        said, _ = self.server.communicate()
        self.server = None
        with (self.directory / "said").open("ab") as file:
            file.write(said)

    # -- roles

    def found_over_http(self, plan: str = PLAN) -> None:
        """Everybody's home; then the server, and everybody's paths become URLs."""
        self.create(plan=plan)
        url = self.serve()
        options = ["--log", f"{url}/log", "--board", f"{url}/post/board"]
        cards = ["board/board", "registrar-1/registrar"]
        address = ["--address", f"{url}/post/registrar"]
        self.keep_on("registrar-1", "init", "--name", "Register 1", *options, *address)  # one may be at work
        for number in (1, 2, 3):
            names = ["--name", f"T{number}", "--registrar", f"{url}/post/registrar"]
            self.done(f"trustee-{number}", "init", *names, *options)
            cards.append(f"trustee-{number}/trustee")
        cards += [f"witness-{number}/witness" for number in (1, 2, 3)]
        files = [str(self.home(f"{one}.json")) for one in cards]
        self.done("organiser", "new", str(self.directory / "plan.toml"), *options, "--parties", *files)

    def enrol_by_command(self, name: str, invitation: Path) -> Path:
        """A voter on a device enrols two cards over HTTP; the file of the one that counts."""
        places = ["--log", f"{self.url}/log", "--board", f"{self.url}/post/board"]
        pin = ["--pin", str(self.home("organiser") / "pin.json")]
        self.done(name, "init", *places, "--registrar", f"{self.url}/post/registrar", *pin)
        out = self.home(f"{name}-cards")
        made = ("--out", str(out), "--cards", "2", "--then", "enrol", "--invitation", str(invitation))
        said = self.keep_on(name, "enrol", *made, answers="1\n")
        (counting,) = re.findall(r"^counts +(.+)$", said, re.MULTILINE)
        return out / f"{counting.replace(' ', '-')}.txt"

    def roll_over_http(self) -> None:
        """The roll of voters, logged."""
        roll = self.directory / "north.csv"
        roll.write_text("\n".join(VOTERS) + "\n")
        self.keep_on("registrar-1", "roll", str(roll), "--region", "north", "--expect", str(len(VOTERS)))

    def enrol_voters(self, covering: Sequence[str] = ()) -> dict[str, Path]:
        """Roll, cover by these trustees, every voter, and the batch; the card that counts of each voter."""
        self.roll_over_http()
        if not self.beside:
            self.others.append(self.start("registrar-1", "run", "--clock", str(self.clock)))
        for name in covering:
            self.keep_on(name, "cover")
        folder = self.home("registrar-1") / "invitations" / "north"
        cards = {
            name: self.enrol_by_command(f"voter-{name}", folder / f"{number}.txt")
            for number, name in enumerate(VOTERS, 1)
        }
        self.shut_over_http()
        return cards

    def shut_over_http(self) -> None:
        """Enrolment closes; the registrar says who got tokens, and the review ends."""
        self.tell(CLOSES + 301)
        self.until(lambda: self.read().rosters[0].issued_at is not None, "the registrar has issued")
        self.tell(CLOSES + 500)

    def make_key(self, trustees: Sequence[str]) -> None:
        """Token keys, and then the ceremony of these trustees."""

        def complete() -> bool:
            if not self.beside:
                assert self.run("registrar-1", "round")[0] in (0, 3)
            for name in trustees:
                assert self.run(name, "ceremony")[0] in (0, 3)
            return self.read().ceremony.complete

        self.until(complete, "the key is made")

    def open(self, day: int, at: int) -> None:
        """Let a day begin."""
        self.tell(at)
        self.until(lambda: self.read().windows[0].open_day == day, f"day {day} is open")

    def seal(self, day: int, at: int) -> None:
        """Let a day end."""
        self.tell(at)
        self.until(lambda: len(self.read().windows[0].sealed) == day, f"day {day} is sealed")

    def vote_by_command(self, name: str, card: Path, choice: str) -> None:
        """A voter casts a ballot over HTTP."""
        choices = ("--choice", f"harbour={choice}", "--out", str(card.parent))
        self.keep_on(f"voter-{name}", "vote", "--card", str(card), "--then", "cast", *choices)

    @property
    def published(self) -> bool:
        """Whether there is a log to read."""
        return (self.home("record") / "checkpoint").exists()

    def read(self) -> Record:
        """The published record, as anybody reads it over HTTP."""
        return served(self.url, self.pin)

    def until(self, holds: Callable[[], object], what: str) -> None:
        """Wait until something holds."""
        until(holds, what, lambda: self.server is None or self.server.poll() is None)

    def keep_on(self, name: str, *arguments: str, answers: str = "") -> str:
        """A command, run again until it has nothing to wait for."""
        said: list[str] = []

        def succeeds() -> bool:
            code, text = self.run(name, *arguments, answers=answers)
            said.append(text)
            beside = self.beside and "another command is at work" in text
            assert code in (0, 3) or beside, (name, arguments, code, said)
            return code == 0

        self.until(succeeds, f"{name} {arguments}")
        return "".join(said)

    def get(self, path: str) -> bytes:
        """A page or file of the server."""
        with urllib.request.urlopen(self.url + path, timeout=TIMEOUT) as response:
            content: bytes = response.read()
            return content


def _start(line: list[str], errors: Path) -> subprocess.Popen[bytes]:
    with errors.open("ab") as file:
        return Command(line, stdout=subprocess.PIPE, stderr=file)
