"""What people are told: addresses to click, times by their clock, commands to type as they stand."""

from __future__ import annotations

import shlex
import shutil
import sys
from collections.abc import Mapping
from pathlib import Path

from psephos.cli.local.processes import Processes
from psephos.cli.local.timetable import Timetable
from psephos.cli.process.terminal import clock
from psephos.observer.text import plain


class Saying:
    """Everything that `psephos local` says; an address has a line of its own."""

    def __init__(
        self, processes: Processes, timetable: Timetable, closing: Mapping[str, int], booth: bool
    ) -> None:
        self._directory, self._url, self._booth = processes.directory, processes.url, booth
        self._timetable, self._closing = timetable, closing
        definition = processes.definition
        self._title = self._text(definition["title"], definition["languages"])
        self._names = {
            one["id"]: self._text(one["name"], definition["languages"]) for one in definition["regions"]
        }
        self._least = definition["min_region"]

    def beginning(self) -> str:
        """Where it is, and when what is."""
        lines = [
            f"{self._title}: a referendum on this computer, in {self._directory.resolve()}",
            "All keys lie there, open to whoever reads it: for trying alone.",
            "Ctrl-C ends it; the same command goes on with it.",
            "",
            "Pages for everybody",
            self._url,
            "",
            "Times, by the clock of this computer",
        ]
        for region, days in self._timetable.days.items():
            voting = ", ".join(f"{clock(opens)} to {clock(seals)}" for opens, seals in days)
            until = clock(self._closing[region])
            lines.append(f"{self._names[region]}: enrolment until {until}; voting {voting}")
        if self._least > 1:
            few = f"Where fewer than {self._least} voters enrol"
            lines.append(f"{few} nothing is counted (min_region of the plan).")
        return "\n".join([*lines, "", "The trustees are making the key: people can enrol in about a minute."])

    def invitations(self, region: str) -> str:
        """Where those of a region lie."""
        folder = self._directory.resolve() / "registrar/invitations" / region
        count = sum(1 for _ in folder.glob("*.txt"))
        return f"{count} invitations to {self._names[region]}, a file for each voter: {folder}"

    def enrolment(self) -> str:
        """Where and how people enrol, and vote afterwards."""
        first = self._directory / "registrar/invitations" / next(iter(self._names)) / "1.txt"
        lines = ["", f"Enrolment is open until {clock(max(self._closing.values()))}."]
        if self._booth:
            lines += ["Enrol in the browser, with one of the invitations", f"{self._url}/booth/enrol.html"]
        else:
            lines += [
                "For pages to enrol and vote in the browser: install Node 20, then run `make run` again."
            ]
        return "\n".join([*lines, "", "On the command line, to enrol:", *self._commands(first), ""])

    def _commands(self, invitation: Path) -> list[str]:
        """For a voter, to be typed as they stand."""
        home = self._directory / "voter"
        program, where = _program(), ["--home", str(home), "--identity", f"{home}.identity"]
        places = ["--log", f"{self._url}/log", "--board", f"{self._url}/post/board"]
        places += ["--registrar", f"{self._url}/post/registrar"]
        places += ["--pin", str(self._directory / "organiser/pin.json")]
        cards = f"{home}-cards"
        return [
            shlex.join([program, "voter", "init", *places, *where]),
            shlex.join([program, "voter", "token", "--invitation", str(invitation), *where]),
            shlex.join([program, "voter", "enrol", "--out", cards, *where]),
            "and when voting is open, with the words of the card that counts:",
            shlex.join([program, "voter", "vote", "--out", cards, *where]),
        ]

    def closed(self, region: str) -> str:
        """Enrolment is over."""
        opens, seals = self._timetable.days[region][0]
        return (
            f"Enrolment in {self._names[region]} is over; voting there is {clock(opens)} to {clock(seals)}."
        )

    def nobody(self, region: str) -> str:
        """No voter is enrolled."""
        return f"Nobody has enrolled in {self._names[region]}: there is no voting."

    def nothing(self) -> str:
        """No voter is enrolled anywhere."""
        return f"Nobody has enrolled: there is nothing to count. {self._anew}"

    def voting(self, region: str, day: int) -> str:
        """A day is open."""
        seals = clock(self._timetable.days[region][day - 1][1])
        said = f"Voting in {self._names[region]} is open until {seals}."
        return f"{said}\n{self._url}/booth/vote.html" if self._booth else said

    def sealed(self, region: str, day: int) -> str:
        """A day is over."""
        seals = self._timetable.days[region][day - 1][1]
        return f"Voting in {self._names[region]} was open until {clock(seals)}."

    def missed(self, region: str, day: int) -> str:
        """A day has passed while nothing ran."""
        seals = clock(self._timetable.days[region][day - 1][1])
        said = f"Voting in {self._names[region]} was to be until {seals}, when nothing ran here."
        return f"{said} {self._anew}"

    def over(self, result: str) -> str:
        """The result, and what then."""
        return "\n".join(
            [
                "",
                result,
                "",
                "The result is certified, and stays here until Ctrl-C",
                f"{self._url}/en/result",
                self._anew,
            ]
        )

    @property
    def _anew(self) -> str:
        """How to make room for another."""
        remove = shlex.join(["rm", "-r", str(self._directory)])
        return f"To begin anew, end this with Ctrl-C, then: {remove}, and the same command again."

    @staticmethod
    def _text(texts: Mapping[str, str], languages: list[str]) -> str:
        return str(plain(texts["en" if "en" in languages else languages[0]]))


def _program() -> str:
    """How this program is called from here."""
    if shutil.which("psephos") is not None:
        return "psephos"
    beside = Path(sys.executable).parent / "psephos"
    here = Path.cwd()
    return str(beside.relative_to(here)) if beside.is_relative_to(here) else str(beside)
