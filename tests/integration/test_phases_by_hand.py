"""Every role in every phase, with one region and with three: nobody says done of what is not, or is stuck."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import pytest

from psephos.protocol.record import Record
from tests.integration.by_hand import CLOSES, DAY_1, DAY_2, PLAN, WAITING, Town

NAMES = ("north", "south", "west")
FAILED, USAGE = 1, 2
EARLY = CLOSES - 500
Holds = Callable[[Record], bool]
ACTS: dict[str, Holds] = {
    "organiser publish": lambda record: record.size > 0,
    "organiser result": lambda record: record.result is not None,
    "trustee-1 ceremony": lambda record: record.ceremony.complete,
    "trustee-1 close": lambda record: record.closed,
    "trustee-1 release": lambda record: record.phase == "counted",
    "trustee-1 forget": lambda record: record.result is not None,
}
"""What holds of the published record once a command says that it is done."""


def day(opens: bool, region: int) -> Holds:
    """That the first day of a region was opened, or sealed."""
    return lambda record: bool(record.windows[region].opened if opens else record.windows[region].sealed)


class Regions(Town):
    """A town with so many regions; people enrol in the first of them alone."""

    def __init__(self, directory: Path, count: int) -> None:
        super().__init__(directory)
        self.names = NAMES[:count]
        self.regions = ",".join(self.names)
        region = re.search(r"\[\[regions\]\].*?(?=\[\[contests\]\])", PLAN, re.DOTALL)
        assert region is not None
        others = "".join(region[0].replace('"north"', f'"{one}"') for one in self.names[1:])
        self.create(plan=PLAN.replace(region[0], region[0] + others))

    def everybody(self, at: int) -> str:
        """Each role tries all that it can; what they are told."""
        for name in ("organiser", "registrar-1", "trustee-1"):
            self.judge(f"{name} status", *self.run(name, "status"), None)
        (clock := self.directory / "clock").write_text(str(at))
        turn = self.run("registrar-1", "round", "--timeout", "0", "--clock", str(clock))
        self.judge("registrar-1 round", *turn, None)
        heard = [self.judge(one, *self.run(*one.split(), "--timeout", "0"), ACTS[one]) for one in ACTS]
        for index, region in enumerate(self.names):
            for command in ("open", "seal"):
                told = self.run("board", command, region, "1", "--at", str(at), "--timeout", "0")
                holds = day(command == "open", index)
                heard.append(self.judge(f"board {command} {region}", *told, holds))
        return "\n".join(heard)

    def judge(self, command: str, code: int, said: str, holds: Holds | None) -> str:
        """Done is said of what is done; of all else, in a line, what is waited for or comes before."""
        assert code in (0, FAILED, USAGE, WAITING), (command, code, said)
        assert said.strip(), command
        assert "Traceback" not in said, (command, said)
        if code:
            assert re.search(r"^psephos: .*(: |waits for )", said, re.MULTILINE), (command, code, said)
        elif holds is not None:
            assert (self.home("record") / "checkpoint").exists(), (command, said)
            assert holds(self.record()), (command, said)
        return f"{command}: {said}"

    def log_roll(self, region: str) -> None:
        (file := self.directory / f"{region}.csv").write_text("Ada\nBlaise\nCarl\n")
        self.sent("registrar-1", "roll", str(file), "--region", region, "--expect", "3")
        self.publish()

    def step(self, *commands: str, at: int = 0) -> None:
        """Commands of which each sends something, then what the board and witnesses do with it."""
        for one in commands:
            name, *arguments = one.split()
            code, said = self.run(name, *arguments, "--timeout", "0")
            assert code in (0, WAITING), (one, code, said)
        self.publish(at)


@pytest.mark.parametrize("count", [1, 3])
def test_nobody_says_done_of_what_is_not_done_and_nobody_is_stuck(count: int, tmp_path: Path) -> None:
    town = Regions(tmp_path, count)
    said = town.everybody(EARLY)
    assert "no log is published yet, which begins when the organiser publishes the definition" in said
    assert "board open north: psephos: waits for the organiser: psephos organiser publish" in said
    town.publish()
    said = town.everybody(EARLY)
    assert "board open north: psephos: day 1 in north cannot be opened: the ceremony is not complete" in said
    town.ceremony([1, 2, 3])
    said = town.everybody(EARLY)
    for region in town.names:
        roll = f"no roll of {region} was logged by registrar 1 (Register 1)"
        assert f"day 1 in {region} cannot be opened: {roll}" in said
        assert f"registrar 1 (Register 1): logs its roll of {region}" in town.done("board", "status")
        town.log_roll(region)
    town.enrol(town.openings())
    said = town.everybody(EARLY)
    for region in town.names:
        assert f"day 1 in {region} cannot be opened: enrolment there goes on until" in said
    town.shut()
    said = town.everybody(DAY_1[0] - 1)
    for region in town.names:
        assert f"board open {region}: psephos: too early" in said
        assert f"day 1 in {region} cannot be sealed: the next is to open day 1" in said
    town.publish(DAY_1[0])
    town.vote(0, 0, 1)
    town.vote(1, 1, 1)
    town.publish(DAY_1[0] + 1)
    town.everybody(DAY_1[0] + 1)
    for at in (DAY_1[1], DAY_2[0], DAY_2[1]):
        town.publish(at)
    for command in ("weigh", "weigh", "close", "release", "release"):
        town.step(*(f"trustee-{number} {command}" for number in (1, 2, 3)), at=DAY_2[1] + 99)
    assert "signed the result; waits for the board" in town.everybody(DAY_2[1] + 99)
    town.publish(DAY_2[1] + 99)
    town.everybody(DAY_2[1] + 99)
    assert town.record().phase == "counted"
    assert town.record().void == []
