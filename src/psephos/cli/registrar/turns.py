"""All that is due of a registrar, pass after pass; `psephos registrar round` does it once."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field

from psephos.cli.home.home import DEFAULT_HOME, Home, HomeOptions, Timeout, open_home
from psephos.cli.home.registrars import registrar_channel
from psephos.cli.home.sending import send, settle
from psephos.cli.process.rehearsal import ClockFile, clock_from
from psephos.cli.process.stop import USAGE, Stop
from psephos.cli.registrar.opened import ADDRESS, check_begun, opened
from psephos.cli.registrar.said import logged, waits
from psephos.errors import PsephosError, VerificationError
from psephos.observer.text import plain
from psephos.post.outbox import Refused
from psephos.protocol.entries import Given, decode
from psephos.protocol.record import Record
from psephos.registrar.answering import serve
from psephos.registrar.attempts import PendingQuery
from psephos.registrar.invitations.contact import key_name
from psephos.registrar.issuer import Clock
from psephos.registrar.registrar import NoAddress, Registrar

_OUT_OF_PHASE = "1.6"
"""How a board refuses what others have overtaken: an endorsement of a batch that was replaced."""


def round_(*, timeout: Timeout = 5.0, clock: ClockFile = None, options: HomeOptions = DEFAULT_HOME) -> int:
    """Do all that is due: answer the post, ask the other registrars, and log what the log lacks.

    Says so when nothing was due, and what is waited for.

    Example: psephos registrar round --home registrar
    """
    with turns(options, timeout, clock_from(clock)) as registrar_turns:
        done = registrar_turns.turn()
        while done and registrar_turns.turn():
            pass
        for line in registrar_turns.waits():
            print(plain(line))
        if not done:
            print("nothing was due")
    return 0


@dataclass
class Turns:
    """Pass after pass: what is new in the record is read once in each, the state is opened once for all."""

    home: Home
    timeout: float
    clock: Clock
    context: ExitStack
    registrar: Registrar | None = None
    between: float = 0.0
    """Seconds from one count of those who got tokens to the next, so that it tells of many at once."""
    _counts_after: float = field(default=0.0, init=False)
    _forgotten: set[int] = field(default_factory=set, init=False)
    _complained: set[str] = field(default_factory=set, init=False)

    def turn(self) -> bool:
        """One pass, voters first: they need no board. Whether anything was done."""
        with self.home.record() as record:
            registrar = self._follow(record)
            answered = self._serve(registrar, record)
            with self._overtaken():
                settle(self.home, record, self.timeout)
            self._forget(registrar, record)
            due = self._due(registrar, record)
            if taken := self._ask(registrar, record):
                due = self._due(registrar, record)
            for line in logged(record.definition, due):
                print(line, flush=True)
            if due:
                with self._overtaken():
                    send(self.home, due, self.timeout)
        return bool(answered or taken or due)

    def _due(self, registrar: Registrar, record: Record) -> list[bytes]:
        """What the log lacks; those who get tokens are counted now and then."""
        counting = time.monotonic() >= self._counts_after
        try:
            due = registrar.due(record, self._address, counting)
        except NoAddress as error:
            raise Stop(str(error), USAGE) from error
        if any(isinstance(decode(entry).payload, Given) for entry in due):
            self._counts_after = time.monotonic() + self.between
        return due

    def waits(self) -> list[str]:
        """What keeps enrolment from going on."""
        with self.home.record() as record:
            return list(waits(self._follow(record), record))

    def _follow(self, record: Record) -> Registrar:
        check_begun(record)
        if self.registrar is None:
            self.registrar = self.context.enter_context(opened(self.home, record, self.clock))
        self.registrar.follow(record)
        return self.registrar

    def _serve(self, registrar: Registrar, record: Record) -> int:
        if not record.ceremony.complete:
            return 0
        answered = serve(registrar, self.home.post("registrar"), os.urandom)
        if answered:
            print(f"answered {answered}", flush=True)
        return answered

    @contextmanager
    def _overtaken(self) -> Iterator[None]:
        """What is sent is in the record, or was rejected because others were faster: that is said."""
        try:
            yield
        except Refused as refused:
            if refused.reason != _OUT_OF_PHASE:
                raise
            self._complain(f"the submission was rejected: {refused}")

    def _forget(self, registrar: Registrar, record: Record) -> None:
        """Contacts serve invitations: where no token is given any more nobody needs them."""
        for region in record.definition.regions:
            if region.index not in self._forgotten and registrar.is_shut(region.index):
                self._forgotten.add(region.index)
                self.home.keys.erase(key_name(region.id))

    @property
    def _address(self) -> str:
        return self.home.posts.get(ADDRESS, "")

    # -- the other registrars

    def _ask(self, registrar: Registrar, record: Record) -> int:
        """Ask them what is to be asked; how many answers came. Who is silent is asked in the next pass."""
        silent, taken = set[int](), 0
        for question in registrar.questions():
            if question.registrar not in silent and self._take(registrar, record, question):
                taken += 1
            else:
                silent.add(question.registrar)
        return taken

    def _take(self, registrar: Registrar, record: Record, question: PendingQuery) -> bool:
        """Whether there was an answer, which is not asked for again."""
        try:
            channel = registrar_channel(self.home, record, question.registrar)
            answer = channel.exchange(question.message, self.timeout)
            if answer is None:
                return False
            taken = registrar.take(question, answer)
            channel.withdraw(channel.send(question.message))
        except VerificationError as error:
            self._complain(f"registrar {question.registrar} answers falsely, keep what it sent: {error}")
            return False
        except (Stop, PsephosError, OSError) as error:
            self._complain(f"registrar {question.registrar} cannot be asked: {error}")
            return False
        return taken

    def _complain(self, text: str) -> None:
        """Say a thing once."""
        if text not in self._complained:
            self._complained.add(text)
            sys.stderr.write(f"psephos: {plain(text)}\n")


@contextmanager
def turns(options: HomeOptions, timeout: float, clock: Clock, between: float = 0.0) -> Iterator[Turns]:
    """A registrar's home for passes of work; `between` as in Turns."""
    with open_home(options, "registrar") as home, ExitStack() as context:
        yield Turns(home, timeout, clock, context, between=between)
