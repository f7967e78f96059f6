"""The command: who takes part, with which voters, and when."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Annotated

from cyclopts import Parameter, validators

from psephos.cli.contact import Contact
from psephos.cli.local.course import Course
from psephos.cli.local.creating import create
from psephos.cli.local.processes import Processes
from psephos.cli.local.timetable import Timetable, moved
from psephos.cli.organiser.plans import checked_plan, reporting_mistakes
from psephos.cli.process.addresses import address
from psephos.cli.process.running import heeding, interrupted, repeat
from psephos.cli.process.stop import USAGE, Stop
from psephos.cli.process.times import clock
from psephos.cli.registrar.rolls import read_list
from psephos.cli.source import read_file
from psephos.cli.verify import Switch
from psephos.organiser.plan.reading import DefinitionTemplate
from psephos.organiser.plan.trial import check_by_trial
from psephos.shared_files import shared

EXAMPLE = "the town hall, +44 20 7946 0000 (an example)"
"""Whom voters of a trial ask for help, unless it is given."""
Minutes = Annotated[float, Parameter(validator=validators.Number(gt=0))]
Voters = Annotated[int, Parameter(validator=validators.Number(gte=1, lte=1000))]


def local(
    plan: Path,
    /,
    directory: Path = Path("local"),
    *,
    listen: str = "127.0.0.1:8640",
    voters: Voters = 5,
    roll: list[str] | None = None,
    minutes: Minutes = 30,
    as_planned: Switch = False,
    booth: Path | None = None,
    contact: Contact = EXAMPLE,
) -> int:
    """Hold the referendum of any plan on this machine, with pages and booth; Ctrl-C stops it.

    Board with its server, registrars, relays, witnesses and trustees are processes of their own, whose keys
    lie in the directory, open to whoever reads it: for trying alone. People enrol, then vote, for so many
    minutes each; then it is counted.

    Example: psephos local examples/local.toml

    Parameters
    ----------
    plan
        What is asked, where and when: psephos organiser plan --example prints one.
    directory
        Where everybody's homes are made.
    listen
        Address and port; port 0 takes a free one.
    voters
        How many there are in each region without a roll.
    roll
        The voters of a region, `region=file`, in a file as `psephos registrar roll` reads it; as often as
        there are regions. Where there is one region, the file alone.
    minutes
        How long people can enrol from now on, and how long each day of voting: days are moved, and follow on
        one another.
    as_planned
        Keep the plan's times instead.
    booth
        The directory of the voter's pages, as `make booth` builds them; unless it is given, those that were
        installed with the program, if there are any.
    contact
        Whom voters ask for help, as the booth and the pages say it.
    """
    address(listen)
    if (directory / "plan.toml").exists():
        _check_same(plan, directory)
    else:
        with interrupted():
            _create(plan, directory, voters, roll or [], None if as_planned else minutes)
    booth = booth or shared("booth")
    with heeding() as over, Processes(directory).at_work(listen, booth, contact) as processes:
        return repeat(Course(processes, booth is not None).turn, over=over)


def _create(file: Path, directory: Path, voters: int, roll: list[str], minutes: float | None) -> None:
    checked = checked_plan(file)
    with reporting_mistakes(file):
        check_by_trial(checked)
    rolls = _rolls(checked, roll)
    timetable = Timetable.of(checked.members["regions"])
    now = int(time.time())
    if minutes is not None:
        checked = moved(checked, now, int(60 * minutes))
    elif timetable.closed <= now:
        what = f"{file}: enrolment was to close {clock(timetable.closed)}, which is over"
        raise Stop(f"{what}: without --as-planned its days are moved to now", USAGE)
    create(directory, file, checked, rolls, voters)


def _rolls(plan: DefinitionTemplate, given: list[str]) -> dict[str, Path]:
    """The files of voters, by region."""
    regions = [region["id"] for region in plan.members["regions"]]
    rolls: dict[str, Path] = {}
    for one in given:
        region, equals, file = one.partition("=")
        if not equals and len(regions) == 1:
            region, file = regions[0], one
        if region not in regions or not file:
            raise Stop(f"--roll {one}: not region=file with one of the regions {', '.join(regions)}", USAGE)
        read_list(Path(file), None)
        rolls[region] = Path(file)
    return rolls


def _check_same(plan: Path, directory: Path) -> None:
    """Going on takes the plan that there was; another is not passed over in silence."""
    if read_file(plan) != read_file(directory / "source.toml"):
        raise Stop(
            f"{directory} holds a referendum of another plan, or {plan} has changed since it was begun: name "
            f"another directory for it, or begin anew with: rm -r {directory}",
            USAGE,
        )
