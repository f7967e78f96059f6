"""`psephos local`: a referendum to be tried on one machine, every party a process of its own."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Annotated

from cyclopts import Parameter, validators

from psephos.cli.contact import Contact
from psephos.cli.process.running import repeat
from psephos.cli.process.stop import FAILED, WAITING, Stop

PROGRAM = "import sys; from psephos.cli.main import main; sys.exit(main(sys.argv[1:]))"
TRUSTEES, WITNESSES, REGIONS = 3, 3, ("north", "south")
EXAMPLE = "the town hall, +44 20 7946 0000 (an example)"
"""Whom voters of a trial ask for help, unless it is given."""
_AHEAD = 60
"""Seconds by which enrolment ends before the first day opens."""
_END = 60.0

Minutes = Annotated[float, Parameter(validator=validators.Number(gt=0))]
Voters = Annotated[int, Parameter(validator=validators.Number(gte=1, lte=1000))]


def local(
    plan: Path,
    /,
    directory: Path = Path("local"),
    *,
    listen: str = "127.0.0.1:8640",
    voters: Voters = 5,
    minutes: Minutes = 30,
    booth: Path | None = None,
    contact: Contact = EXAMPLE,
) -> int:
    """Start a referendum on this machine, or go on with it, until SIGTERM or SIGINT.

    Board with its server, registrar, witnesses and trustees are processes of their own, whose keys lie in
    the directory, open to whoever reads it: for trying alone. People enrol, then vote, for so many minutes
    each; then it is counted.

    Example: psephos local examples/local.toml

    Parameters
    ----------
    plan
        What is asked; OPENS and SEALS in it stand for the times.
    directory
        Where everybody's homes are made.
    listen
        Address and port; port 0 takes a free one.
    voters
        How many there are in each region.
    minutes
        How long enrolment takes, and how long voting.
    booth
        The directory of the voter's pages, as `make booth` builds them.
    contact
        Whom voters ask for help, as the booth and the pages say it.
    """
    town = _Town(directory)
    if not (directory / "plan.toml").exists():
        town.found(plan, minutes, voters)
    with town.processes(listen, booth, contact):
        return repeat(town.turn)


@dataclass
class _Town:
    directory: Path
    running: dict[str, subprocess.Popen[str]] = field(default_factory=dict)
    todo: list[tuple[str, Callable[[], bool]]] = field(default_factory=list)
    """What organiser and registrar have to do, in order, with what is said once it is done."""

    # -- commands, each in a session of its own: Ctrl-C is for this process, which ends them in order

    def _line(self, name: str, *arguments: str) -> list[str]:
        role = name.split("-")[0]
        words = ["serve", *arguments[1:]] if arguments[0] == "serve" else [role, *arguments]
        home = ["--home", str(self.directory / name), "--identity", str(self.directory / f"{name}.identity")]
        return [sys.executable, "-c", PROGRAM, *words, *home]

    def _do(self, name: str, *arguments: str) -> bool:
        """Run a command; whether it had nothing to wait for. Stop when it fails."""
        line = self._line(name, *arguments)
        done = subprocess.run(line, capture_output=True, text=True, check=False, start_new_session=True)  # noqa: S603
        if done.returncode not in (0, WAITING):
            raise Stop(f"{name} {arguments[0]}: {done.stderr.strip()}", FAILED)
        return done.returncode == 0

    def _start(self, name: str, *arguments: str) -> subprocess.Popen[str]:
        line = self._line(name, *arguments)
        with (self.directory / f"{name}.log").open("a") as said:
            out = subprocess.PIPE if arguments[0] == "serve" else said
            process = subprocess.Popen(line, stdout=out, stderr=said, text=True, start_new_session=True)  # noqa: S603
        self.running[name] = process
        return process

    def _end(self, name: str) -> None:
        process = self.running.pop(name)
        process.terminate()
        try:
            process.communicate(timeout=_END)
        except subprocess.TimeoutExpired:
            process.kill()
            process.communicate()

    # -- the beginning

    def found(self, plan: Path, minutes: float, voters: int) -> None:
        """Everybody's home, and the definition."""
        self.directory.mkdir(parents=True, exist_ok=True)
        place = self.directory.resolve()
        log, board = ("--log", str(place / "record")), ("--board", str(place / "board/post"))
        witnesses = [f"witness-{number}" for number in range(1, WITNESSES + 1)]
        for name in witnesses:
            self._do(name, "init", "--name", f"{name}.example")
        posts = [f"--witness={name}.example={place / name / 'post'}" for name in witnesses]
        self._do("board", "init", "--name", "The board", "--origin", "log.example/local", *log, *posts)
        self._do("registrar", "init", "--name", "The register", "--regions", ",".join(REGIONS), *log, *board)
        trustees = [f"trustee-{number}" for number in range(1, TRUSTEES + 1)]
        for name in trustees:
            registrar = str(place / "registrar/post")
            self._do(name, "init", "--name", name, *log, *board, "--registrar", registrar)
        cards = [
            place / name / f"{name.split('-')[0]}.json"
            for name in ("board", "registrar", *trustees, *witnesses)
        ]
        opens = int(time.time() + 60 * minutes)
        text = plan.read_text().replace("OPENS", str(opens)).replace("SEALS", str(opens + int(60 * minutes)))
        (place / "new.toml").write_text(text)
        files = ("--parties", *map(str, cards))
        self._do("organiser", "new", str(place / "new.toml"), *log, *board, *files)
        for card in cards:
            (card.parent / "pin.json").write_bytes((place / "organiser/pin.json").read_bytes())
        for region in REGIONS:
            names = [f"Voter {number} of {region}\n" for number in range(1, voters + 1)]
            (place / f"{region}.csv").write_text("".join(names))
        (place / "opens").write_text(str(opens))
        (place / "new.toml").rename(place / "plan.toml")

    @contextmanager
    def processes(self, listen: str, booth: Path | None, contact: str) -> Iterator[None]:
        """Everybody at work, until the end."""
        try:
            for number in range(1, WITNESSES + 1):
                self._start(f"witness-{number}", "run")
            options = ["--registrar", str(self.directory / "registrar/post"), "--limit", "0"]
            options += ["--contact", contact]
            options += [] if booth is None else ["--booth", str(booth)]
            options += [] if listen.endswith(":0") else ["--url", f"http://{listen}"]
            server = self._start("board", "serve", "--listen", listen, *options)
            said = server.stdout.readline() if server.stdout else ""
            url = said.removeprefix("answers at ").strip()
            if not url:
                raise Stop(f"the server has not started: see {self.directory / 'board.log'}", FAILED)
            for number in range(1, TRUSTEES + 1):
                self._start(f"trustee-{number}", "join", url)
            self.todo = self._errands(url)
            print(f"{url}: pages, log and posts", flush=True)
            if booth is not None:
                print(f"{url}/booth/enrol.html, {url}/booth/vote.html: what voters use", flush=True)
            yield
        finally:
            for name in reversed(list(self.running)):
                self._end(name)

    # -- as it goes

    def turn(self) -> None:
        """Do the next errand, if its time has come; Stop when a process has failed."""
        for name, process in self.running.items():
            if process.poll():
                raise Stop(f"{name} has ended: see {self.directory / f'{name}.log'}", FAILED)
        if self.todo and self.todo[0][1]():
            print(self.todo.pop(0)[0], flush=True)

    def _errands(self, url: str) -> list[tuple[str, Callable[[], bool]]]:
        """What organiser and registrar do when, and what is said once it is done."""
        rolls: list[tuple[str, Callable[[], bool]]] = [
            (f"invitations: {self.directory / 'registrar/invitations' / region}", partial(self._roll, region))
            for region in REGIONS
        ]
        pin = self.directory / "organiser/pin.json"
        voter = f"psephos voter init --home phone --log {url}/log --board {url}/post/board"
        enrol = (
            f"to enrol: {voter} --registrar {url}/post/registrar --pin {pin}; then psephos voter token, enrol"
        )
        return [
            ("the definition is in the log", partial(self._do, "organiser", "publish")),
            *rolls,
            (enrol, self._open),
            ("enrolment is over", self._close),
            ("the result is certified", partial(self._do, "organiser", "result")),
        ]

    def _roll(self, region: str) -> bool:
        file = self.directory / f"{region}.csv"
        number = len(file.read_text().splitlines())
        return self._do("registrar", "roll", str(file), "--region", region, "--expect", str(number))

    def _open(self) -> bool:
        self._start("registrar", "run")
        return True

    def _close(self) -> bool:
        if time.time() < int((self.directory / "opens").read_text()) - _AHEAD:
            return False
        if "registrar" in self.running:
            self._end("registrar")
        return self._do("registrar", "batch", "--close")
