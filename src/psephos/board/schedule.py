"""What the board does by the clock: days that open and are sealed, times that the log is to show.

`spec/phases.md` says when, in Windows, Opening and Time.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from psephos.protocol.opening import may_open, review_over
from psephos.protocol.record import Record
from psephos.protocol.voting.window import Windows


class Step(NamedTuple):
    """The next opening or sealing of a region: planned at `time`, UTC seconds.

    `missed` when the day was not opened and is over by its plan: amend gives it another, or it opens late.
    """

    region: int
    day: int
    opens: bool
    time: int
    missed: bool


def steps(record: Record, now: int) -> Iterator[Step]:
    """The next step of every region that votes; none of those that cannot open yet, or have no day left."""
    if not record.begun or record.over:
        return
    for windows, roster in zip(record.windows, record.rosters, strict=True):
        if (roster.opened or may_open(record, roster)) and not windows.over:
            yield _next(windows, now)


def _next(windows: Windows, now: int) -> Step:
    region, day = windows.region.index, len(windows.sealed) + 1
    opens, seals = windows.plans[day - 1]
    if windows.open_day is not None:
        return Step(region, day, False, seals, False)
    return Step(region, day, True, opens, now >= seals)


def due(record: Record, now: int) -> Iterator[Step]:
    """The steps whose time has come, but for days that were missed."""
    return (step for step in steps(record, now) if step.time <= now and not step.missed)


def awaited(record: Record) -> Iterator[int]:
    """Times, UTC seconds, that something waits for in the log: a checkpoint entry that has passed one.

    The earliest deadline of the ceremony; the close of each enrolment; the end of each review; the planned
    seal of the first window of a region that has not opened.
    """
    if not record.begun or record.cancelled is not None:
        return
    if not record.ceremony.complete and (deadline := record.ceremony.earliest_deadline()) is not None:
        yield deadline
    for windows, roster in zip(record.windows, record.rosters, strict=True):
        if roster.opened or roster.out:
            continue
        yield windows.plans[0][1] + 1
        if not roster.complete:
            yield record.definition.shut(windows.region)
        elif (over := review_over(record, roster)) is not None:
            yield over
