"""What people are told: addresses to click, times by their clock, commands to type as they stand."""

from __future__ import annotations

import shlex
import shutil
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

from psephos.cli.local.processes import Processes
from psephos.cli.local.timetable import Timetable
from psephos.cli.process.times import clock
from psephos.observer.text import plain


class Instructions:
    """Everything that `psephos local` says; an address has a line of its own."""

    def __init__(self, processes: Processes, timetable: Timetable, booth: bool) -> None:
        self._directory, self._url, self._booth = processes.directory, processes.url, booth
        self._timetable, self._registrars = timetable, processes.registrars
        definition = processes.definition
        self._title = self._text(definition["title"], definition["languages"])
        self._names = {
            one["id"]: self._text(one["name"], definition["languages"]) for one in definition["regions"]
        }
        self._least = definition["min_region"]
        self._called = [one["name"] for one in definition["registrars"]]
        self._relays = len(definition["relays"])

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
            until = clock(self._timetable.closes[region])
            lines.append(f"{self._names[region]}: enrolment until {until}; voting {voting}")
        if self._least > 1:
            few = f"Where fewer than {self._least} voters finish enrolling"
            lines.append(f"{few}, nothing is counted (min_region in the plan).")
        lines += ["", self._who_enrols()]
        return "\n".join([*lines, "", "The trustees are making the key: people can enrol in about a minute."])

    def _who_enrols(self) -> str:
        """How many registrars there are, and what that means."""
        if len(self._called) == 1:
            said = "There is one registrar, who could enrol cards that count for people who never come."
            return f"{said} With more of them, registrars = [..] in the plan, only all together could."
        names = " and ".join([", ".join(self._called[:-1]), self._called[-1]])
        return f"{names} are the registrars: a voter needs an invitation from each of them."

    def invitations(self, registrar: str, region: str) -> str:
        """Where those of a registrar to a region lie."""
        folder = self._directory.resolve() / registrar / "invitations" / region
        count = sum(1 for _ in folder.glob("*.txt"))
        whose = self._called[self._registrars.index(registrar)]
        return f"{count} invitations from {whose} to {self._names[region]}, one for each voter: {folder}"

    def enrolment(self) -> str:
        """Where and how people enrol, and vote afterwards."""
        region = next(iter(self._names))
        first = [self._directory / one / "invitations" / region / "1.txt" for one in self._registrars]
        lines = ["", f"Enrolment is open until {clock(self._timetable.closed)}."]
        if self._booth:
            which = "one of the invitations" if len(first) == 1 else "an invitation from each registrar"
            lines += [f"Enrol in the browser, with {which}", f"{self._url}/booth/enrol.html"]
        else:
            lines += [
                "For pages to enrol and vote in the browser: install Node 20, then run `make run` again."
            ]
        return "\n".join([*lines, "", "On the command line, to enrol:", *self._commands(first), ""])

    def _later(self) -> list[str]:
        """When cards are in the log."""
        if not self._relays:
            return []
        return ["Cards wait at a relay first: run the last line again until it says that the log has them."]

    def _commands(self, invitations: Sequence[Path]) -> list[str]:
        """For a voter, to be typed as they stand."""
        home = self._directory / "voter"
        program, where = _program(), ["--home", str(home), "--identity", f"{home}.identity"]
        places = ["--log", f"{self._url}/log", "--board", f"{self._url}/post/board"]
        places += ["--pin", str(self._directory / "organiser/pin.json")]
        cards = f"{home}-cards"
        letters = [word for one in invitations for word in ("--invitation", str(one))]
        return [
            shlex.join([program, "voter", "init", *places, *where]),
            shlex.join([program, "voter", "enrol", "--out", cards, *letters, *where]),
            *self._later(),
            "To vote, once voting is open, with the words of the card that counts:",
            shlex.join([program, "voter", "vote", "--out", cards, *where]),
        ]

    def closed(self, region: str) -> str:
        """Enrolment is over."""
        opens, seals = map(clock, self._timetable.days[region][0])
        return f"Enrolment in {self._names[region]} is over; voting is open there from {opens} to {seals}."

    def nobody(self, region: str) -> str:
        """No voter is enrolled."""
        return f"Nobody has enrolled in {self._names[region]}: there is nothing to vote on."

    def out(self, region: str, waited_for: Sequence[int]) -> str:
        """It could not open."""
        names = " and ".join(self._called[number - 1] for number in waited_for) or "the board"
        return f"{self._names[region]} does not vote: it waited for {names} until its first day was over."

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
