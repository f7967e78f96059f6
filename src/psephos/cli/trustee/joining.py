"""`psephos trustee join`: all of a trustee's work in one process, over HTTP, from ceremony to result."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Annotated

from cyclopts import Parameter, validators

from psephos.cli.cluster import Cluster, workers_at
from psephos.cli.home.home import DEFAULT_HOME, Home, HomeOptions, Timeout, open_home
from psephos.cli.home.registrars import registrar_channels
from psephos.cli.home.sending import send, up_to_date
from psephos.cli.home.waits import absent, waits
from psephos.cli.process.rehearsal import ClockFile, clock_from
from psephos.cli.process.running import repeat
from psephos.cli.process.stop import USAGE, WAITING, Stop
from psephos.cli.trustee.app import trustee
from psephos.cli.trustee.covering import Coverer, said_of_ballots, said_of_cards
from psephos.cli.verify import Switch
from psephos.http_client import connect
from psephos.post.outbox import Refused
from psephos.post.post import Post
from psephos.protocol.record import Record
from psephos.trustee.passing import Passing, serve
from psephos.trustee.trustee import Trustee

Every = Annotated[float, Parameter(validator=validators.Number(gt=0))]
Steps = Iterator[tuple[str, Sequence[bytes]]]


@trustee.command
def join(
    url: str,
    /,
    *,
    stand_in: Switch = False,
    every: Every = 2.0,
    timeout: Timeout = 10.0,
    clock: ClockFile = None,
    cluster: Cluster = None,
    options: HomeOptions = DEFAULT_HOME,
) -> int:
    """Do all that a trustee has to do, as it comes, until the result is certified; then erase the share.

    Ceremony, cover, requests for decoys, weighing as days are sealed, close, release. It may be ended or
    killed at any time, and goes on when it is run again. The pin does not come from the server: name it
    with --pin, once.

    Example: psephos trustee join https://vote.example --home trustee-1 --pin pin.json

    Parameters
    ----------
    url
        Where the board is served.
    stand_in
        Weigh every chunk that can be, in the place of others who are late.
    every
        Seconds between looks at the log.
    timeout
        Seconds to wait for each answer of registrars or board.
    """
    connect(url, 1.0)  # refuses what is no URL
    with workers_at(cluster) as executor, open_home(options, "trustee", executor=executor) as home:
        posts = {**home.posts, "board": f"{url.rstrip('/')}/post/board"}
        home = replace(home, log=f"{url.rstrip('/')}/log", posts=posts)
        home.write()
        work = _Joined(
            home, Trustee(home.keys, home.signing_key(), os.urandom), timeout, stand_in, clock_from(clock)
        )
        return repeat(work.turn, lambda _: time.sleep(every))


@dataclass
class _Joined:
    """A trustee at work. Each turn begins with the record that holds everything it has sent."""

    home: Home
    trustee: Trustee
    timeout: float
    stand_in: bool
    now: Callable[[], int]

    def turn(self) -> None:
        """Do what is next; Stop while others are waited for, and at the end."""
        with up_to_date(self.home, self.timeout, overtaken=True) as record:
            self._check(record)
            covered = self._cover(record)
            self._pass_on(record)
            for what, entries in self._steps(record):
                if entries:
                    self._send(entries, what)
                    return
            raise covered or Stop("; ".join(map(str, waits(record))) or "nothing is waited for", WAITING)

    def _check(self, record: Record) -> None:
        """Stop before there is something to do, and after."""
        if not record.begun:
            raise Stop("waits for the organiser: the definition is not in the log yet", WAITING)
        key = self.home.signing_key().public.raw
        if record.definition.trustees.index(key) is None:
            raise Stop("no trustee of this referendum", USAGE)
        if record.result is not None or record.cancelled is not None:
            self.trustee.forget()
            why = "cancelled" if record.result is None else "certified"
            raise Stop(f"{why}: the share of the key is erased, and there is nothing left to do", 0)
        if (out := absent(record).get(self.trustee.index(record))) is not None:
            raise Stop(f"there is nothing to do: the ceremony went on {out}", 0)

    def _steps(self, record: Record) -> Steps:
        """What the record asks of this trustee; of several the first that has entries is done."""
        ceremony = record.ceremony
        if not ceremony.complete:
            what = f"ceremony, attempt {ceremony.attempt}, round {ceremony.round}"
            yield what, self.trustee.ceremony(record)
            return
        if record.closing.right is None and record.definition.coercion_resistant:
            weighed = list(self.trustee.weigh(record, self.stand_in, self.home.site))
            yield f"weighed {len(weighed)} chunks", weighed
        if not record.closed and self.trustee.index(record) not in record.closing.closers:
            yield "signed the close", self.trustee.close(record)
        if record.closed and record.phase != "counted":
            yield "released shares", self.trustee.release(record, self.home.site)

    def _send(self, entries: Sequence[bytes], what: str) -> None:
        try:
            send(self.home, entries, self.timeout, what=what)
        except Refused as refused:  # others were faster; the record, read again, tells what is next
            raise Stop(f"{what}: rejected: {refused}", WAITING) from refused
        print(what, flush=True)

    def _cover(self, record: Record) -> Stop | None:
        """Enrol and cast what is due; what is waited for there keeps nothing else from being done."""
        begun = record.ceremony.complete and any(roster.rolls for roster in record.rosters)
        if record.definition.cover is None or not begun or record.voting_over or record.closed:
            return None
        coverer, now = Coverer(self.home, record, self.home.signing_key(), self.timeout), int(self.now())
        enrolled, cast, stop = coverer.turn(now)
        if enrolled or cast:
            print(f"{said_of_cards(enrolled, coverer.left())}; {said_of_ballots(cast)}", flush=True)
        if stop is not None and stop.code != WAITING:
            raise stop
        return stop

    def _pass_on(self, record: Record) -> None:
        """Answer requests for decoys, where there is a post for them."""
        enrolling = record.ceremony.complete and any(roster.enrolling for roster in record.rosters)
        if not enrolling or not record.definition.decoys or self.trustee_post is None:
            return
        posts, key = registrar_channels(self.home, record), self.home.signing_key()
        passing = Passing(record.setting, key, posts, self.home.keys, lambda: int(self.now()))
        serve(passing, self.trustee_post)

    @property
    def trustee_post(self) -> Post | None:
        """Where they come in."""
        return self.home.post("trustee") if "trustee" in self.home.posts else None
