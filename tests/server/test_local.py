"""`psephos local`: everybody on one machine; stopped, it goes on when it is started again."""

from __future__ import annotations

import os
import re
import shlex
import signal
import subprocess
import sys
import threading
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from psephos.cli.local.app import EXAMPLE
from psephos.cli.local.processes import PROGRAM
from psephos.cli.local.timetable import Timetable, moved
from psephos.cli.main import main
from psephos.cli.process.failing import INTERRUPTED
from psephos.errors import LogError
from psephos.organiser.plan.reading import read_plan
from psephos.protocol.record import Record
from psephos.protocol.setup.definition import Definition
from psephos.protocol.setup.document import parse
from psephos.protocol.setup.pin import Pin
from tests.server.waiting import TIMEOUT, served, until

HARBOUR = Path(__file__).parents[2] / "examples/local.toml"
ADDRESS = re.compile(r"http://127\.0\.0\.1:[0-9]+(/[a-z/.]+)?")
CLUB = """
languages = ["fr", "en"]
[title]
fr = "Le bateau"
en = "The boat"
[organiser]
name = "The club"
[trustees]
names = ["Ada, lawyer", "Ben, teacher"]
[witnesses]
quorum = 1
[[regions]]
id = "club"
name = { fr = "Membres", en = "Members" }
timezone = "Europe/Paris"
days = [[2035-01-31T08:00:00+01:00, 2035-01-31T20:00:00+01:00], [2035-02-01T08:00:00Z, 2035-02-01T20:00:00Z]]
[[contests]]
id = "boat"
question = { fr = "Acheter ?", en = "Buy it?" }
options = { yes = { fr = "Oui", en = "Yes" }, no = { fr = "Non", en = "No" } }
"""


class Local:
    """The command at work, and what it says."""

    def __init__(self, plan: Path, directory: Path, *options: str) -> None:
        self.directory = directory
        line = ["local", str(plan), str(directory), "--listen", "127.0.0.1:0", *options]
        self.process = subprocess.Popen(
            [sys.executable, "-c", PROGRAM, *line], stdout=subprocess.PIPE, text=True
        )
        self.said: list[str] = []
        self._listener = threading.Thread(target=self._listen)
        self._listener.start()

    def _listen(self) -> None:
        assert self.process.stdout is not None
        for line in self.process.stdout:
            self.said.append(line.rstrip("\n"))

    def until(self, holds: Callable[[], object], what: str) -> None:
        until(holds, what, self._lives)

    def _lives(self) -> bool:
        assert self.process.poll() is None, self.said
        return True

    def says(self, text: str) -> bool:
        return any(text in line for line in self.said)

    @property
    def url(self) -> str:
        """Where it is, once that is said."""
        self.until(lambda: any(map(ADDRESS.fullmatch, self.said)), "the server answers")
        return next(line for line in self.said if ADDRESS.fullmatch(line))

    @property
    def definition(self) -> Definition:
        return parse((self.directory / "organiser/definition.json").read_bytes())

    def read(self) -> Record | None:
        """The record as it is served; None before anything is."""
        pin = Pin.parse((self.directory / "organiser/pin.json").read_bytes())
        try:
            return served(self.url, pin)
        except LogError:
            return None

    def end(self) -> None:
        self.process.send_signal(signal.SIGINT)
        assert self.process.wait(timeout=TIMEOUT) == 0, self.said
        self.close()

    def close(self) -> None:
        """It has ended: nothing more is to be heard."""
        self._listener.join()
        if self.process.stdout is not None:
            self.process.stdout.close()


@contextmanager
def running(plan: Path, directory: Path, *options: str) -> Iterator[Local]:
    local = Local(plan, directory, *options)
    try:
        yield local
    finally:
        local.end()


@pytest.fixture
def club(tmp_path: Path) -> Path:
    (plan := tmp_path / "club.toml").write_text(CLUB)
    return plan


def enrolling(local: Local) -> bool:
    """Whether the rolls of both regions are published."""
    record = local.read()
    return record is not None and record.size > 0 and all(one.listed == 2 for one in record.rosters)


def names_of(parties: tuple[object, ...]) -> list[str]:
    return [one.name for one in parties]  # type: ignore[attr-defined]


def test_a_referendum_on_one_machine_awaits_voters_and_goes_on(tmp_path: Path) -> None:
    directory, options = tmp_path / "local", ("--voters", "2", "--minutes", "600")
    with running(HARBOUR, directory, *options) as local:
        local.until(lambda: local.says("the definition is in the log"), "the definition")
        assert names_of(local.definition.trustees.members) == [
            "Ada, lawyer",
            "Ben, teacher",
            "Cleo, librarian",
        ]
    with running(HARBOUR, directory, *options) as local:
        with urllib.request.urlopen(f"{local.url}/contact") as answer:
            assert answer.read().decode() == EXAMPLE
        local.until(lambda: local.says("to enrol:"), "enrolment")
        local.until(lambda: enrolling(local), "the rolls are published")
        assert local.says("North: enrolment until ")
    for region in ("north", "south"):
        assert len(list((directory / "registrar-1/invitations" / region).iterdir())) == 2


def test_any_plan_will_do_with_the_voters_of_a_file(
    club: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (roll := tmp_path / "members.csv").write_text("Ada\nBlaise\nCarl\n")
    directory = tmp_path / "new place"
    with running(club, directory, "--roll", str(roll), "--minutes", "600") as local:
        local.until(lambda: local.says("voter vote"), "enrolment")
        assert local.says("The boat: a referendum on this computer")
        assert any(
            re.fullmatch("Members: enrolment until .*; voting .* to .*, .* to .*", line)
            for line in local.said
        )
        assert local.says("Where fewer than 5 voters finish enrolling, nothing is counted")
        commands = [shlex.split(line)[1:] for line in local.said if " voter " in line]
        assert [line[:2] for line in commands] == [["voter", one] for one in ("init", "enrol", "vote")]
        assert main(commands[0]) == 0, capsys.readouterr()
        assert Path(commands[1][commands[1].index("--invitation") + 1]).exists()
        assert local.says("There is one registrar, who could enrol")
    for line in local.said:  # an address has a line of its own, or stands in a command
        assert "http://" not in line or ADDRESS.fullmatch(line) or " voter init " in line
    assert len(list((directory / "registrar-1/invitations/club").iterdir())) == 3
    assert names_of(local.definition.trustees.members) == ["Ada, lawyer", "Ben, teacher"]
    assert len(local.definition.witnesses.members) == 1
    club.write_text(CLUB.replace("Buy it?", "Buy another?"))
    assert main(["local", str(club), str(directory)]) == 2
    assert "holds a referendum of another plan" in capsys.readouterr().err


def test_two_registrars_and_a_relay_are_processes_of_their_own(club: Path, tmp_path: Path) -> None:
    relay = '[[relays]]\nname = "Bar association"\naddress = "https://relay.example"\n'
    club.write_text('registrars = ["Civil registry", "Chamber of notaries"]\n' + CLUB + relay)
    directory = tmp_path / "club"
    with running(club, directory, "--minutes", "600", "--voters", "2") as local:
        local.until(lambda: local.says("voter vote"), "enrolment")
        assert names_of(local.definition.registrars) == ["Civil registry", "Chamber of notaries"]
        assert local.definition.relays[0].address.startswith("http://127.0.0.1:")
        assert local.says("Civil registry and Chamber of notaries are the registrars")
        for number, name in enumerate(("Civil registry", "Chamber of notaries"), 1):
            assert local.says(f"2 invitations from {name} to Members")
            assert len(list((directory / f"registrar-{number}/invitations/club").iterdir())) == 2
        (enrol,) = [shlex.split(line) for line in local.said if " voter enrol " in line]
        assert [word for word in enrol if word.endswith("/1.txt")] == [
            str(directory / f"registrar-{number}/invitations/club/1.txt") for number in (1, 2)
        ]
        record = local.read()
        assert record is not None
        addresses = [record.registrar_keys.gateways[number].address for number in (1, 2)]
        assert addresses == [f"{local.url}/post/registrar", f"{local.url}/post/registrar-2"]
        assert all((directory / f"{name}.log").exists() for name in ("relay-1", "registrar-1", "registrar-2"))


def test_where_nobody_enrols_it_says_so_and_what_to_do(club: Path, tmp_path: Path) -> None:
    with running(club, tmp_path / "club", "--minutes", "0.07") as local:
        local.until(lambda: local.says("Nobody has enrolled: there is nothing to count."), "the end")
        assert local.says(f"rm -r {tmp_path / 'club'}")
        assert local.says("Enrolment in Members is over")


def children(local: Local) -> list[int]:
    """The processes that it has started."""
    told = subprocess.run(["ps", "-A", "-o", "ppid=,pid="], capture_output=True, text=True, check=True)
    pairs = [line.split() for line in told.stdout.splitlines()]
    return [int(child) for parent, child in pairs if int(parent) == local.process.pid]


def alive(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    return True


def test_whoever_ends_it_while_it_is_founded_leaves_no_process_behind(club: Path, tmp_path: Path) -> None:
    local = Local(club, tmp_path / "club")
    local.until(lambda: children(local), "a party is founded")
    started = children(local)
    local.process.terminate()
    assert local.process.wait(timeout=TIMEOUT) == INTERRUPTED
    local.close()
    assert not [one for one in started if alive(one)]


def test_whoever_presses_ctrl_c_again_and_again_leaves_no_process_behind(club: Path, tmp_path: Path) -> None:
    local = Local(club, tmp_path / "club", "--minutes", "600")
    assert local.url
    local.until(lambda: len(children(local)) >= 4, "witness, board and trustees are at work")
    started = children(local)
    while local.process.poll() is None:
        local.process.send_signal(signal.SIGINT)
        time.sleep(0.3)
    local.close()
    assert not [one for one in started if alive(one)]


@pytest.mark.parametrize(
    ("roll", "said"),
    [
        ("north=nowhere.csv", "nowhere.csv: No such file"),
        ("voters.csv", "--roll voters.csv: not region=file with one of the regions north, south"),
        ("west=voters.csv", "not region=file with one of the regions north, south"),
    ],
)
def test_rolls_that_are_none_are_told_before_anything_is_made(
    roll: str, said: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["local", str(HARBOUR), str(tmp_path / "new"), "--roll", roll]) == 2
    assert said in capsys.readouterr().err
    assert not (tmp_path / "new").exists()


def test_mistakes_in_a_plan_and_times_that_are_over_are_told_before_anything_is_made(
    club: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    club.write_text(CLUB.replace("Europe/Paris", "Paris"))
    assert main(["local", str(club), str(tmp_path / "new")]) == 2
    assert "line 15: regions #1, timezone" in capsys.readouterr().err
    club.write_text(CLUB.replace("2035", "2025"))
    assert main(["local", str(club), str(tmp_path / "new"), "--as-planned"]) == 2
    assert "without --as-planned its days are moved to now" in capsys.readouterr().err
    assert not (tmp_path / "new").exists()


def test_days_are_moved_one_after_the_other_and_those_at_once_stay_so() -> None:
    day = "[[2030-05-12T08:00:00Z, 2030-05-12T20:00:00Z]]"
    days = "[[2035-01-31T08:00:00Z, 2035-01-31T20:00:00Z], [2035-02-01T08:00:00Z, 2035-02-01T20:00:00Z]]"
    later = "[[2035-02-01T08:00:00Z, 2035-02-01T22:00:00Z]]"
    text = HARBOUR.read_text().replace(day, days, 1).replace(day, later)
    changed = moved(read_plan(text.encode()), 1000, 60)
    timetable = Timetable.of(changed.members["regions"])
    assert timetable.days == {"north": [(1092, 1152), (1152, 1212)], "south": [(1152, 1212)]}
    assert (timetable.opens, timetable.sealed) == (1092, 1212)
    assert timetable.closes == {"north": 1060, "south": 1120}  # 6 seconds to arrive, 6 of review, 20 to agree
    assert changed.members["tolerance"] == 6
