"""Commands that go on until they are told to end."""

from __future__ import annotations

import errno
import math
import signal
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from psephos.cli.process.stop import WAITING, Stop
from psephos.observer.text import plain

_PAUSE = 0.2
"""Seconds between passes."""
_FORGOTTEN = 60.0
"""Seconds without waiting after which the same is news again: passes may wait and not wait by turns."""
TOO_MANY_OPEN = (errno.EMFILE, errno.ENFILE)
"""No file can be opened until another is closed."""


@contextmanager
def heeding() -> Iterator[threading.Event]:
    """From here on SIGTERM and SIGINT only set the event.

    Who says that it answers is told to end at any time after, also before its first pass and while it ends.
    """
    over = threading.Event()
    before = {one: signal.signal(one, lambda *_: over.set()) for one in (signal.SIGTERM, signal.SIGINT)}
    try:
        yield over
    finally:
        for one, handler in before.items():
            signal.signal(one, handler)


@contextmanager
def interrupted() -> Iterator[None]:
    """SIGTERM interrupts as SIGINT does: what was started meanwhile is ended, and not left at work."""
    before = signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)


def repeat(
    work: Callable[[], object],
    pause: Callable[[float], object] | None = None,
    over: threading.Event | None = None,
) -> int:
    """Do a pass of work again and again until SIGTERM or SIGINT; one that has begun is finished.

    `pause` waits between passes, so many seconds or less. `over` is what whoever has heeded signals before
    has got for it.
    """
    if over is None:
        with heeding() as ending:
            return repeat(work, pause, ending)
    persist(work, over, pause or over.wait)
    return 0


def persist(work: Callable[[], object], over: threading.Event, pause: Callable[[float], object]) -> None:
    """Do a pass of work again and again until it is over.

    What a pass waits for is said once, on stderr, until it is something else; every other Stop is raised.
    """
    said, last = "", -math.inf
    while not over.is_set():
        try:
            work()
        except (Stop, OSError) as error:
            reason, now = _reason(error), time.monotonic()
            if reason != said or now - last > _FORGOTTEN:
                sys.stderr.write(f"psephos: {plain(reason)}\n")
            said, last = reason, now
        pause(_PAUSE)


def _reason(error: Stop | OSError) -> str:
    """What a pass waits for; everything else is raised."""
    if isinstance(error, OSError):
        if error.errno not in TOO_MANY_OPEN:
            raise error
        return "waits for files to be closed: too many are open (see `ulimit -n`)"
    if error.code != WAITING:
        raise error
    return str(error)
