"""`psephos board`: keeps the log, from the post that comes in to the directory that is published."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from functools import partial
from pathlib import Path
from typing import Annotated

from cyclopts import App, Parameter

from psephos.board.board import Board
from psephos.board.schedule import Step, steps
from psephos.board.standing import BoardStatus
from psephos.cli.home.home import DEFAULT_HOME, Home, HomeOptions, Timeout, location
from psephos.cli.home.waits import waits
from psephos.cli.prerequisites import why_not
from psephos.cli.process.rehearsal import At, ClockFile, clock_from
from psephos.cli.process.running import repeat
from psephos.cli.process.stop import FAILED, USAGE, WAITING, Stop, stopping
from psephos.cli.process.times import utc
from psephos.cli.work import WITNESS, Work, at_work
from psephos.errors import PhaseError
from psephos.log.note import check_name
from psephos.observer.text import plain

board = App("board", help="Keep the log: take in entries, promise ballots, open and seal days.")

RegionId = Annotated[str, Parameter(help="The region's id.")]
Day = Annotated[int, Parameter(help="The day's number, from 1.")]


@board.command
def init(
    *,
    name: str,
    origin: str,
    log: Path,
    witness: list[str],
    post: Path | None = None,
    options: HomeOptions = DEFAULT_HOME,
) -> int:
    """Make a home with a fresh key; board.json in it is for the organiser.

    Run again to change paths; keys stay.

    Example: psephos board init --home board --name "Town hall" --origin log.example/2026 --log record
    --witness witness.example=witness-1/post

    Parameters
    ----------
    name
        The board's name, for people.
    origin
        The log's name: no spaces, no plus.
    log
        The directory to publish the log in.
    witness
        A witness's name and where it is asked, `name=place`; as often as there are witnesses. A place is the
        directory of its post, or the http(s) URL of a C2SP tlog-witness.
    post
        The directory where requests come in; `post` in the home unless it is given.
    """
    with stopping(USAGE):
        check_name(origin)
    posts = {"board": str((post or options.home / "post").resolve())}
    for one in witness:
        other, equals, place = one.partition("=")
        if not equals or not place:
            raise Stop(f"--witness {one}: not of the form name=place", USAGE)
        posts[WITNESS + other] = location(place)
    print(Home(options, "board", name, location(str(log)), posts).create({"origin": origin}))
    return 0


@board.command(name="round")
def round_(*, timeout: Timeout = 5.0, at: At = None, options: HomeOptions = DEFAULT_HOME) -> int:
    """Do everything that is due, once: answer the post, log ballots, open, seal, have it witnessed, publish.

    Exits with 3 while witnesses, or an organiser who has to amend a missed day, are waited for.

    Example: psephos board round --home board --pin pin.json
    """
    with at_work(options, timeout, at) as work:
        work.agree()
        work.take()
        work.board.round()
        work.publish()
        work.loop().open_and_seal(work.now())  # what witnesses have only now seen come
        work.publish()
        print(f"published {work.board.store.size} entries")
        for step in steps(work.board.record, work.now()):
            if step.missed:
                what = _say(work.board, step)
                raise Stop(f"waits for the organiser to amend, or for `board open`: {what}", WAITING)
    return 0


@board.command
def run(*, clock: ClockFile = None, timeout: Timeout = 5.0, options: HomeOptions = DEFAULT_HOME) -> int:
    """Do what is due, again and again, until SIGTERM or SIGINT: the post at once, ballots every round.

    Example: psephos board run --home board
    """
    with at_work(options, timeout, clock_from(clock), served=True) as work, closing(work.loop()) as loop:
        return repeat(partial(work.go_on, loop))


@board.command(name="open")
def open_(
    region: RegionId,
    day: Day,
    /,
    *,
    timeout: Timeout = 5.0,
    at: At = None,
    options: HomeOptions = DEFAULT_HOME,
) -> int:
    """Open a day now that its time has come, even if the time to seal it has come too.

    Example: psephos board open north 2 --home board
    """
    return _step(region, day, True, options, timeout, at)


@board.command
def seal(
    region: RegionId,
    day: Day,
    /,
    *,
    timeout: Timeout = 5.0,
    at: At = None,
    options: HomeOptions = DEFAULT_HOME,
) -> int:
    """Log the ballots that wait, and seal a day whose time has come.

    Example: psephos board seal north 2 --home board
    """
    return _step(region, day, False, options, timeout, at)


def _step(region: str, day: int, opens: bool, options: HomeOptions, timeout: float, at: int | None) -> int:
    with at_work(options, timeout, at) as work:
        windows = [one for one in work.board.record.windows if one.region.id == region]
        if not work.board.record.begun:
            raise Stop("waits for the organiser: psephos organiser publish begins the log", WAITING)
        if not windows:
            raise Stop(f"there is no region {region}", USAGE)
        done = windows[0].opened if opens else windows[0].sealed
        if not 1 <= day <= len(done):
            _take_step(work, Step(windows[0].region.index, day, opens, 0, False))
        work.publish()
        print(f"{region}, day {day}: {'opened' if opens else 'sealed'}")
    return 0


def _take_step(work: Work, wanted: Step) -> None:
    """Open or seal a day that is next, and due, once witnesses agree."""
    for step in steps(work.board.record, work.now()):
        if step[:3] == wanted[:3]:
            if step.time > work.now():
                raise Stop(f"too early: {_say(work.board, step)}", WAITING)
            work.agree()
            try:
                (work.board.open if step.opens else work.board.seal)(step.region, step.day)
            except PhaseError as error:
                raise Stop(f"waits for witnesses: {error}", WAITING) from error
            return
    raise Stop(why_not(work.board.record, wanted), FAILED)


@board.command
def export(directory: Path, /, *, options: HomeOptions = DEFAULT_HOME) -> int:
    """Copy the log, as far as it is witnessed, to another directory.

    Example: psephos board export mirror --home board

    Parameters
    ----------
    directory
        Where to; what is there already must be an earlier state of this log.
    """
    with at_work(options, 0.0, None) as work:
        print(f"{work.board.export(directory).size} entries")
    return 0


@board.command
def status(*, at: At = None, options: HomeOptions = DEFAULT_HOME) -> int:
    """Say what the board has, and what it waits for, from whom.

    Example: psephos board status --home board
    """
    with at_work(options, 0.0, at, beside=True) as work:
        record, now = work.board.record, work.now()
        print(f"log         {work.board.store.size} entries, phase {record.phase}")
        print(f"requests    {sum(1 for _ in work.post.waiting())} wait for `board round`")
        print(f"ballots     {len(work.board.intake.waiting())} wait for their round")
        if awaited := work.board.cosigning.awaited:
            everybody = record.definition.witnesses
            needed = everybody.quorum - len(everybody.members) + len(awaited)
            print(f"witnesses   {needed} more must cosign: {', '.join(awaited)}")
        for line in _standing(options.home, now):
            print(line)
        for step in steps(record, now):
            print(f"{'organiser' if step.missed else 'clock':<12}{_say(work.board, step)}")
        for wait in waits(record):
            if wait.who.startswith("registrar "):
                print(plain(f"{wait.who}: {wait.what}"))
    return 0


def _standing(home: Path, now: int) -> Iterator[str]:
    """How the board stood with its witnesses when it asked them last."""
    if (known := BoardStatus.read(home)) is None:
        return
    asked = f"asked {max(0, now - known.time)} s ago"
    yield f"witnesses   {known.doubt or 'agree with this log'}, {asked}"
    if known.offset is not None:
        ahead = "ahead of" if known.offset > 0 else "behind"
        off = f"{abs(known.offset)} s {ahead}" if known.offset else "right by"
        yield f"time        {off} the witnesses' clocks, {asked}"


def _say(board: Board, step: Step) -> str:
    region, verb = board.record.definition.regions[step.region].id, "opens" if step.opens else "is sealed"
    missed = ", was not opened before its planned seal" if step.missed else ""
    return f"region {region}, day {step.day} {verb} at {utc(step.time)}{missed}"
