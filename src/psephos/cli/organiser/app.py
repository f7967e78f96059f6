"""`psephos organiser` from the publication to the result."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime

from cyclopts import App

from psephos.cli.home.home import DEFAULT_HOME, Home, HomeOptions, Timeout, open_home
from psephos.cli.home.sending import check_published, send, up_to_date
from psephos.cli.home.waits import show_status, waits
from psephos.cli.organiser.plans import BLOBS, DEFINITION, new, plan
from psephos.cli.process.stop import USAGE, WAITING, Stop
from psephos.cli.process.terminal import show
from psephos.cli.source import read_file
from psephos.cli.timestamp import seconds
from psephos.observer.result import show_result
from psephos.organiser.organiser import Organiser
from psephos.protocol.record import Record
from psephos.protocol.setup.ceremony import Ceremony
from psephos.protocol.setup.definition import Definition
from psephos.protocol.setup.document import parse

organiser = App("organiser", help="Call a referendum and keep it moving.")
_LOOK = 0.5
"""Seconds between looks at the published log."""

organiser.command(plan)
organiser.command(new)


@organiser.command
def publish(*, timeout: Timeout = 5.0, options: HomeOptions = DEFAULT_HOME) -> int:
    """Send the definition to the board, as the log's first entry.

    Example: psephos organiser publish --home organiser
    """
    with open_home(options, "organiser") as home:
        if not home.outbox.deliver(timeout):
            raise Stop("waits for the board: the definition is not answered yet", WAITING)
        if not home.outbox.reached:
            named = [digest.hex() for digest in sorted(_definition(home).blobs)]
            blobs = [read_file(home.directory / BLOBS / name) for name in named]
            send(home, _organiser(home).publish(), timeout, blobs)
        print("the definition is in the log")
    return 0


@organiser.command
def amend(
    region: str,
    day: int,
    /,
    *,
    opens: str,
    seals: str,
    reason: str,
    timeout: Timeout = 5.0,
    options: HomeOptions = DEFAULT_HOME,
) -> int:
    """Give a day of voting a later plan.

    Example: psephos organiser amend north 2 --opens 2026-11-02T09:00:00+01:00
    --seals 2026-11-02T21:00:00+01:00 --reason "Flooded polling places" --home organiser

    Parameters
    ----------
    region
        The region's id.
    day
        The day's number, from 1.
    opens
        When it opens, with an offset from UTC, or in UTC seconds; no earlier than before.
    seals
        When it is sealed; no earlier than before.
    reason
        Why, for people.
    """
    window = seconds(opens), seconds(seals)
    with _at_work(options, timeout) as (home, record):
        found = [one.index for one in record.definition.regions if one.id == region]
        if not found:
            raise Stop(f"there is no region {region}", USAGE)
        return _send(home, _organiser(home).amend(found[0], day, *window, reason), timeout)


@organiser.command
def cancel(*, reason: str, timeout: Timeout = 5.0, options: HomeOptions = DEFAULT_HOME) -> int:
    """Call the referendum off, for good.

    Example: psephos organiser cancel --reason "The court said no" --home organiser

    Parameters
    ----------
    reason
        Why, for people.
    """
    with _at_work(options, timeout) as (home, _):
        return _send(home, _organiser(home).cancel(reason), timeout)


@organiser.command
def deadline(
    round_: int, /, *, attempt: int = 1, timeout: Timeout = 5.0, options: HomeOptions = DEFAULT_HOME
) -> int:
    """End a round of the ceremony: it goes on in a new attempt without those whose part is missing.

    A round can be ended once witnesses saw it begin, and then saw the definition's tolerance pass.

    Example: psephos organiser deadline 2 --attempt 1 --home organiser

    Parameters
    ----------
    round_
        The round, 1 to 5, that the ceremony is in.
    attempt
        The attempt that it is in.
    """
    with _at_work(options, timeout) as (home, record):
        now = record.ceremony.attempt, record.ceremony.round
        if now > (attempt, round_):
            print(f"the ceremony is in attempt {now[0]}, round {now[1]}")
            return 0
        return _send(home, _organiser(home).deadline(attempt, round_, _deadline(record.ceremony)), timeout)


def _deadline(ceremony: Ceremony) -> int:
    """The time that a deadline of the round names; WAITING until it would be valid."""
    earliest = ceremony.earliest_deadline()
    if earliest is None:
        raise Stop("witnesses have not seen this round begin yet: run this again in a minute", WAITING)
    if ceremony.passed < earliest:
        time = datetime.fromtimestamp(earliest, UTC).isoformat(sep=" ")
        raise Stop(f"this round can be ended once witnesses saw {time} pass: run this again then", WAITING)
    return earliest


@organiser.command
def result(*, timeout: Timeout = 5.0, options: HomeOptions = DEFAULT_HOME) -> int:
    """Certify the result that follows from the record, and show it.

    Example: psephos organiser result --home organiser
    """
    with _at_work(options, timeout) as (home, record):
        if record.phase not in ("counted", "cancelled"):
            raise Stop(f"there is no result yet: {'; '.join(map(str, waits(record)))}", WAITING)
        if record.phase == "counted" and record.result is None:
            send(home, [_organiser(home).certify(record)], timeout, what="signed the result")
            _await_published(home, timeout)
        show(show_result(record.result_document()))
    return 0


def _await_published(home: Home, timeout: float) -> None:
    """Wait until everybody can read what was sent, as long as the timeout lasts; then Stop with WAITING."""
    end = time.monotonic() + timeout
    while True:
        try:
            with home.record() as published:
                return check_published(home, published)
        except Stop as stop:
            if stop.code != WAITING:
                raise
            if time.monotonic() >= end:
                what = "the result is certified; run psephos organiser result again to see it"
                raise Stop(f"{what}: {stop}", WAITING) from None
        time.sleep(min(_LOOK, timeout))


@organiser.command
def status(*, options: HomeOptions = DEFAULT_HOME) -> int:
    """Say what is waited for, and from whom.

    Example: psephos organiser status --home organiser
    """
    with open_home(options, "organiser", beside=True) as home, home.record() as record:
        show_status(home, record)
    return 0


@contextmanager
def _at_work(options: HomeOptions, timeout: float) -> Iterator[tuple[Home, Record]]:
    with open_home(options, "organiser") as home, up_to_date(home, timeout) as record:
        yield home, record


def _organiser(home: Home) -> Organiser:
    return Organiser(_definition(home), home.signing_key())


def _definition(home: Home) -> Definition:
    file = home.directory / DEFINITION
    if not file.exists():
        raise Stop(f"{file} is not there yet: psephos organiser new makes it", USAGE)
    return parse(read_file(file))


def _send(home: Home, entry: bytes, timeout: float) -> int:
    send(home, [entry], timeout)
    print(f"entry {home.outbox.reached - 1}")
    return 0
