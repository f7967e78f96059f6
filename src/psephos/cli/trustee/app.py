"""`psephos trustee`: part in the ceremony, cover, weighing, close and release."""

from __future__ import annotations

import os
import time
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Annotated

from cyclopts import App, Parameter, validators

from psephos.cli.cluster import Cluster, workers_at
from psephos.cli.home.home import (
    DEFAULT_HOME,
    BoardPost,
    Home,
    HomeOptions,
    PublishedLog,
    Timeout,
    location,
    open_home,
)
from psephos.cli.home.registrars import RegistrarPosts, registrar_channels, registrar_posts
from psephos.cli.home.sending import send, up_to_date
from psephos.cli.home.waits import Wait, absent, ceremony_waits, show_status, trustee_name, waits
from psephos.cli.process.rehearsal import At, ClockFile, clock_from
from psephos.cli.process.running import repeat
from psephos.cli.process.stop import FAILED, USAGE, WAITING, Stop
from psephos.cli.trustee.covering import Coverer, said_of_ballots, said_of_cards
from psephos.cli.verify import Switch
from psephos.protocol.entries import CeremonyAnswer, CeremonyComplain, decode
from psephos.protocol.record import Record
from psephos.trustee.passing import MOST, Passing, serve
from psephos.trustee.trustee import Trustee

Most = Annotated[int, Parameter(validator=validators.Number(gte=0, lte=100_000))]

trustee = App("trustee", help="Hold a share of the key: ceremony, cover, weighing, close, release.")


@trustee.command
def init(
    *,
    name: str,
    log: PublishedLog,
    board: BoardPost,
    registrar: RegistrarPosts = None,
    post: Path | None = None,
    options: HomeOptions = DEFAULT_HOME,
) -> int:
    """Make a home with a fresh key; trustee.json in it is for the organiser.

    Run again to change paths; keys stay.

    Example: psephos trustee init --home trustee-1 --name "Ada" --log record --board board/post

    Parameters
    ----------
    name
        The trustee's name, for people.
    post
        The directory where requests for more decoys come in; `post` in the home unless it is given.
    """
    posts = {"board": location(board), **registrar_posts(registrar)}
    posts["trustee"] = str((post or options.home / "post").resolve())
    print(Home(options, "trustee", name, location(log), posts).create({}))
    return 0


@dataclass
class _Work:
    """A trustee with its home, and the record that holds everything it has sent."""

    home: Home
    record: Record
    trustee: Trustee
    timeout: float

    def send(self, entries: Sequence[bytes], what: str) -> int:
        """Send entries that do this; returns 0 once they are in the log."""
        send(self.home, entries, self.timeout, what=what)
        print(what)
        return 0

    def out(self) -> str | None:
        """Why this trustee is out of the ceremony, and has no part in what comes; None where it has."""
        return absent(self.record).get(self.trustee.index(self.record))

    def wait(self, found: Iterable[Wait] | None = None) -> Stop:
        """Why there is nothing to do: everything that is waited for, unless it is told."""
        if (why := self.out()) is not None:
            return Stop(f"there is nothing to do: the ceremony went on {why}", 0)
        whom = waits(self.record) if found is None else found
        return Stop("; ".join(map(str, whom)) or "nothing is waited for", WAITING)


@trustee.command
def ceremony(*, timeout: Timeout = 5.0, options: HomeOptions = DEFAULT_HOME) -> int:
    """Do what is next in making the key; again and again, until the key is there.

    Exits with 3 while others are waited for.

    Example: psephos trustee ceremony --home trustee-1 --pin pin.json
    """
    with _at_work(options, timeout) as work:
        now = work.record.ceremony
        if now.complete:
            print("the ceremony is complete")
            return 0
        if (why := work.out()) is not None:
            raise Stop(f"no participant of the ceremony's attempt {now.attempt}: it began {why}", FAILED)
        if entries := work.trustee.ceremony(work.record):
            return work.send(entries, _said(work.record, entries))
        raise work.wait(ceremony_waits(work.record))


def _said(record: Record, entries: Sequence[bytes]) -> str:
    """What these parts of a ceremony do."""
    done = []
    for one in entries:
        match decode(one).payload:
            case CeremonyComplain(accused=accused):
                done.append(f"complains that the share of {trustee_name(record, accused)} is wrong")
            case CeremonyAnswer(complainant=complainant):
                done.append(f"answers {trustee_name(record, complainant)} with its share in the clear")
            case _:
                done.append("done")
    return f"attempt {record.ceremony.attempt}, round {record.ceremony.round}: {'; '.join(done)}"


@trustee.command
def cover(
    *, hurry: Switch = False, timeout: Timeout = 5.0, at: At = None, options: HomeOptions = DEFAULT_HOME
) -> int:
    """Enrol cards that weigh nothing, as many as chance says, and vote with them.

    To be run often, every hour say, from when enrolment opens to the end of the vote: each card and each
    ballot has its time, and leaves with the first run after it.

    Example: psephos trustee cover --home trustee-1

    Parameters
    ----------
    hurry
        Enrol all that is left now: for who cannot run this again. Cards that come together may be taken for
        what they are.
    """
    with _at_work(options, timeout) as work:
        record = work.record
        if record.definition.cover is None:
            print("this referendum has no cover")
            return 0
        if not record.ceremony.complete or not any(roster.rolls for roster in record.rosters):
            raise work.wait()
        if record.closed:
            print("voting is over")
            return 0
        coverer = Coverer(work.home, record, work.home.signing_key(), timeout)
        now = int(time.time()) if at is None else at
        enrolled, cast, stop = coverer.turn(now, hurry)
        print(said_of_cards(enrolled, coverer.left()))
        print(said_of_ballots(cast), flush=True)
        if stop is not None:
            raise stop
    return 0


@trustee.command
def decoys(
    *, most: Most = MOST, timeout: Timeout = 0.0, clock: ClockFile = None, options: HomeOptions = DEFAULT_HOME
) -> int:
    """Pass on requests for decoy tokens that come by post, until SIGTERM or SIGINT.

    Who is told beforehand to bring more cards than a voter gets can have them here. Nobody's name comes with
    a request. The registrars see that you ask, and not for whom.

    Example: psephos trustee decoys --home trustee-1

    Parameters
    ----------
    most
        Requests of each region that are passed on to each registrar, all together.
    """
    with _at_work(options, timeout) as work:
        if not work.record.ceremony.complete or not work.record.definition.decoys:
            raise work.wait()
        posts = registrar_channels(work.home, work.record)
        key, tell = work.home.signing_key(), clock_from(clock)
        passing = Passing(work.record.setting, key, posts, work.home.keys, tell, most)
        return repeat(partial(serve, passing, work.home.post("trustee"), timeout))


@trustee.command
def weigh(
    *,
    stand_in: Switch = False,
    timeout: Timeout = 5.0,
    cluster: Cluster = None,
    options: HomeOptions = DEFAULT_HOME,
) -> int:
    """Weigh the chunks whose turn it is.

    Exits with 3 while others are waited for, or while voting goes on.

    Example: psephos trustee weigh --home trustee-1

    Parameters
    ----------
    stand_in
        Weigh every chunk that can be, in the place of others who are late.
    """
    with _at_work(options, timeout, cluster=cluster) as work:
        if work.record.closing.right is not None or not work.record.definition.coercion_resistant:
            print("there is nothing left to weigh")
            return 0
        if entries := list(work.trustee.weigh(work.record, stand_in, work.home.site)):
            return work.send(entries, f"weighed {len(entries)} chunks")
        raise work.wait()


@trustee.command
def close(*, timeout: Timeout = 5.0, options: HomeOptions = DEFAULT_HOME) -> int:
    """Sign what is to be counted, once the record fixes it.

    Exits with 3 while it does not.

    Example: psephos trustee close --home trustee-1
    """
    with _at_work(options, timeout) as work:
        if work.record.closed:
            print("the referendum is closed")
            return 0
        index = work.trustee.index(work.record)
        if index not in work.record.closing.closers and (entries := work.trustee.close(work.record)):
            return work.send(entries, "signed the close")
        raise work.wait()


@trustee.command
def release(*, timeout: Timeout = 5.0, cluster: Cluster = None, options: HomeOptions = DEFAULT_HOME) -> int:
    """Give the shares that open signs, then totals; again and again, until the totals are known.

    Exits with 3 while others are waited for.

    Example: psephos trustee release --home trustee-1
    """
    with _at_work(options, timeout, cluster=cluster) as work:
        if work.record.phase == "counted":
            print("the totals are known")
            return 0
        if entries := work.trustee.release(work.record, work.home.site):
            return work.send(entries, "released shares")
        raise work.wait()


@trustee.command
def forget(*, timeout: Timeout = 5.0, options: HomeOptions = DEFAULT_HOME) -> int:
    """Erase the share of the key, once the result is certified or the referendum cancelled.

    Example: psephos trustee forget --home trustee-1
    """
    with _at_work(options, timeout, cancelled=True) as work:
        if work.record.result is None and work.record.cancelled is None:
            raise work.wait()
        work.trustee.forget()
        print("the share is erased")
    return 0


@trustee.command
def status(*, options: HomeOptions = DEFAULT_HOME) -> int:
    """Say what is waited for, and from whom.

    Example: psephos trustee status --home trustee-1
    """
    with open_home(options, "trustee", beside=True) as home, home.record() as record:
        show_status(home, record)
    return 0


@contextmanager
def _at_work(
    options: HomeOptions, timeout: float, cancelled: bool = False, cluster: Cluster = None
) -> Iterator[_Work]:
    with (
        workers_at(cluster) as executor,
        open_home(options, "trustee", executor=executor) as home,
        up_to_date(home, timeout, overtaken=True) as record,
    ):
        key = home.signing_key()
        if not record.begun:
            raise Stop("waits for the organiser: the definition is not in the log yet", WAITING)
        if record.definition.trustees.index(key.public.raw) is None:
            raise Stop("no trustee of this referendum", USAGE)
        if record.cancelled is not None and not cancelled:
            raise Stop("the referendum is cancelled: there is nothing to do", 0)
        yield _Work(home, record, Trustee(home.keys, key, os.urandom), timeout)
