"""When days open and are sealed: what the plans say is due (`spec/phases.md#windows`)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

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
    if not record.begun or record.closed or record.cancelled is not None:
        return
    for windows, roster in zip(record.windows, record.rosters, strict=True):
        if roster.batches and roster.issued is not None and not windows.over:
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
