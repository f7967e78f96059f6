"""The registrar at work in the board's process: for small votes, where one institution is both."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from psephos.cli.home.home import Home, Occupied, Where, alone
from psephos.cli.process.running import persist
from psephos.cli.process.stop import FAILED, WAITING, Stop, stopping
from psephos.cli.registrar.app import Rounds


class Clerk:
    """A thread that is in the registrar's home only while something waits there to be done.

    So `registrar roll`, `batch --close` and the other commands are run beside it, while nobody asks; and
    between two turns, so that who never stops asking does not keep them out.
    """

    def __init__(self, where: Where, patience: float) -> None:
        """Opens the keys now: who has to type a passphrase is asked before anything is served."""
        self._home = Home.read(where, "registrar")
        with stopping(FAILED):
            self._home.adopt(where.pin)
        self._home.signing_key()
        self._post = self._home.post("registrar")
        self._patience = patience
        self._over = threading.Event()
        self._failure: BaseException | None = None

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
                Rounds(self._home, self._patience, opened).turn()
        except Occupied as occupied:
            raise Stop(str(occupied), WAITING) from occupied

    def _due(self) -> bool:
        return next(self._post.waiting(), None) is not None or not self._home.outbox.empty
