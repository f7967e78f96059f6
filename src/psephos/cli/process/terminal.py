"""Where output goes: tables to stdout, progress to stderr where somebody is there to see it."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from rich.console import Console, RenderableType
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from psephos.verifier.run import Progress as Tell

_WIDTH = 120
"""Columns of output that goes to no terminal."""
_YEAR_10000 = 253_402_300_800  # POSIX seconds; the calendar ends here


def show(what: RenderableType) -> None:
    """Print tables and text on stdout."""
    width = None if sys.stdout.isatty() else _WIDTH
    Console(file=sys.stdout, width=width, highlight=False).print(what)


def utc(time: int) -> str:
    """A time in UTC seconds, for people."""
    if time >= _YEAR_10000:
        return f"{time} s after 1970, says its clock"
    return f"{datetime.fromtimestamp(time, UTC):%Y-%m-%d %H:%M:%S} UTC"


def local(time: int, zone: str) -> str:
    """A time in UTC seconds as clocks of that zone (an IANA name) show it, for the people there."""
    try:
        there = datetime.fromtimestamp(time, ZoneInfo(zone))
    except (ValueError, OSError, OverflowError, ZoneInfoNotFoundError):
        return utc(time)
    return f"{there:%Y-%m-%d %H:%M:%S} {zone}"


def clock(time: int) -> str:
    """A time in UTC seconds as this computer's clock shows it; with the date unless that is today."""
    if time >= _YEAR_10000:
        return utc(time)
    there = datetime.fromtimestamp(time).astimezone()
    date = "" if there.date() == datetime.now().date() else f"{there:%Y-%m-%d} "
    return f"{date}{there:%H:%M %Z}"


@contextmanager
def progress_bar(what: str) -> Iterator[Tell | None]:
    """Something to tell how far it is; None where stderr is no terminal."""
    if not sys.stderr.isatty():
        yield None
        return
    columns = TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn()
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task(what, total=None)
        yield lambda done, total: bar.update(task, completed=done, total=total)
