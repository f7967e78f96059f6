"""What has to come before a day can be opened or sealed, for `psephos board open` and `seal`."""

from __future__ import annotations

from collections.abc import Sequence

from psephos.board.schedule import Step
from psephos.cli.home.waits import registrar_name
from psephos.cli.process.times import utc
from psephos.protocol.enrolment.roster import Roster
from psephos.protocol.opening import review_over
from psephos.protocol.record import Record


def why_not(record: Record, wanted: Step) -> str:
    """Why a step is none that the board can take now, or at the time of its plan."""
    windows, what = record.windows[wanted.region], "opened" if wanted.opens else "sealed"
    region = windows.region.id
    said = f"day {wanted.day} in {region} cannot be {what}"
    if record.cancelled is not None:
        return f"{said}: the referendum is cancelled"
    if not 1 <= wanted.day <= len(windows.plans):
        return f"{said}: {region} has days 1 to {len(windows.plans)}"
    if before := _before_opening(record, record.rosters[wanted.region]):
        return f"{said}: {before}"
    if windows.over:
        return f"{said}: voting there is over"
    return f"{said}: the next is to {'seal' if windows.open_day else 'open'} day {len(windows.sealed) + 1}"


def _before_opening(record: Record, roster: Roster) -> str:
    """What keeps a region from opening; empty where it has opened, or can when its first day comes."""
    region = record.definition.regions[roster.region]
    if roster.opened:
        return ""
    if roster.out:
        return f"{region.id} is left out, for it had not opened when its first day was over"
    if not record.ceremony.complete:
        return "the ceremony is not complete"
    if len(roster.rolls) < roster.registrars:
        return f"no roll of {region.id} was logged by {_named(record, roster.waited_for())}"
    if roster.enrolling and record.time < record.definition.shut(region):
        return f"enrolment there goes on until {utc(region.closes)}"
    if roster.enrolling:
        return f"its last batch waits for {_named(record, roster.waited_for())}"
    if len(roster.issued) < roster.registrars:
        return f"who got tokens there was not said by {_named(record, roster.waited_for())}"
    over = review_over(record, roster)
    if over is None or record.time < over:
        return f"its review goes on{'' if over is None else f' until {utc(over)}'}"
    return ""


def _named(record: Record, numbers: Sequence[int]) -> str:
    return ", ".join(registrar_name(record, number) for number in numbers)
