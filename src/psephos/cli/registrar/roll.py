"""`psephos registrar roll`: who may vote in a region."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Annotated

from cyclopts import Parameter, validators

from psephos.cli.home.home import DEFAULT_HOME, HomeOptions, Timeout
from psephos.cli.home.sending import send
from psephos.cli.process.stop import FAILED, WAITING, Stop
from psephos.cli.registrar.opened import at_work, region_of
from psephos.cli.registrar.rolls import agree, check_number, invite, read_list
from psephos.protocol.enrolment.roster import LEAD, Roster
from psephos.registrar.answering import enter
from psephos.registrar.registrar import Registrar


def roll(
    file: Path,
    /,
    *,
    region: str,
    expect: Annotated[int | None, Parameter(validator=validators.Number(gte=1))] = None,
    encoding: str | None = None,
    timeout: Timeout = 5.0,
    options: HomeOptions = DEFAULT_HOME,
) -> int:
    """Make a region's roll of voters, and log it; `invitations` in the home has a file for each voter.

    A roll is logged once, for good: number, first and last names and all that looks odd are shown before,
    and have to be agreed to. Where there are several registrars each makes a roll, all of one size.

    Example: psephos registrar roll north.csv --region north --expect 1200 --home registrar --pin pin.json

    Parameters
    ----------
    file
        A list, as other programs write it: a name or number in each line, no two alike; or several columns
        under a heading such as name;e-mail;address, in any usual language. `letters add` takes the same file.
    region
        The region's id.
    expect
        How many voters there must be; without it the question is asked at the terminal.
    encoding
        What the file is written in, such as windows-1251, where it is not found out.
    """
    voters = read_list(file, encoding)
    check_number(file, voters, expect)
    with at_work(options, timeout) as (home, record, registrar):
        place = region_of(record, region)
        roster = record.rosters[place.index]
        _check_turn(registrar, roster, place.id, len(voters.rows))
        if not registrar.openings(place.index):
            agree(file, voters, place.id, expect)
        openings = enter(registrar, place.index, voters.names, os.urandom)
        folder = home.directory / "invitations" / place.id
        invite(folder, record.definition, registrar.number, place, openings)
        if registrar.number not in roster.rolls:
            send(home, registrar.roll_entries(place.index), timeout)
        print(f"roll of {place.id}: {len(openings)} voters; invitations in {folder}")
    return 0


def _check_turn(registrar: Registrar, roster: Roster, region: str, size: int) -> None:
    """Stop where the log would not take a roll of this size now."""
    if registrar.number in roster.rolls:
        return
    if not roster.enrolling:
        raise Stop(f"enrolment in {region} is over: no roll is taken any more", FAILED)
    if registrar.number != LEAD and LEAD not in roster.rolls:
        raise Stop(f"waits for registrar {LEAD}: it logs the first roll of {region}", WAITING)
    if registrar.number != LEAD and size != roster.listed:
        raise Stop(
            f"{size} voters, and the roll of {region} that registrar {LEAD} logged has {roster.listed}: "
            "rolls of one region have one size; compare the lists",
            FAILED,
        )
