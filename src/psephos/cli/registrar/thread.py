"""The registrar at work in the board's process: for small votes, where one institution is both."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from psephos.cli.home.home import Home, HomeOptions, Occupied, alone
from psephos.cli.process.running import persist
from psephos.cli.process.stop import FAILED, WAITING, Stop, stopping
from psephos.cli.registrar.turns import Turns
from psephos.registrar.issuer import Clock

_NOW_AND_THEN = 5.0
"""Seconds between passes while nobody asks."""


class RegistrarThread:
    """A thread that is in the registrar's home only while something waits there to be done.

    So `registrar roll` and the other commands are run beside it, while nobody asks; and
    between two turns, so that who never stops asking does not keep them out.
    """

    def __init__(self, options: HomeOptions, timeout: float, clock: Clock) -> None:
        """Opens the keys now: who has to type a passphrase is asked before anything is served."""
        self._home = Home.read(options, "registrar")
        with stopping(FAILED):
            self._home.adopt(options.pin)
        self._home.signing_key()
        self._post = self._home.post("registrar")
        self._timeout, self._clock = timeout, clock
        self._over = threading.Event()
        self._failure: BaseException | None = None
        self._next = 0.0

    @property
    def post(self) -> Path:
        """The directory in which requests come."""
        return Path(self._home.posts["registrar"])

    @contextmanager
    def at_work(self) -> Iterator[None]:
        """Until the block is left; a turn that has begun is finished."""
        thread = threading.Thread(target=self._run, name="registrar")
        thread.start()
        try:
            yield
        finally:
            self._over.set()
            thread.join()

    def check(self) -> None:
        """Raise what has ended the thread, if anything has."""
        if self._failure is not None:
            raise self._failure

    def _run(self) -> None:
        try:
            persist(self._turn, self._over, self._over.wait)
        except BaseException as error:  # told by `check`, in the board's thread
            self._failure = error

    def _turn(self) -> None:
        if not self._due():
            return
        try:
            with alone(self._home.directory), stopping(FAILED), ExitStack() as opened:
                self._home = self._home.renewed()  # `init` may have given it an address meanwhile
                Turns(self._home, self._timeout, self._clock, opened).turn()
        except Occupied as occupied:
            raise Stop(str(occupied), WAITING) from occupied

    def _due(self) -> bool:
        """Whether somebody waits; now and then without that, for batches come by time."""
        if time.monotonic() >= self._next:
            self._next = time.monotonic() + _NOW_AND_THEN
            return True
        return next(self._post.waiting(), None) is not None or not self._home.outbox.empty
