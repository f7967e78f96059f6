"""Commands that go on until they are told to end."""

from __future__ import annotations

import signal
import sys
import threading
from collections.abc import Callable

from psephos.cli.process.stop import WAITING, Stop
from psephos.observer.text import plain

_PAUSE = 0.2
"""Seconds between passes."""


def repeat(work: Callable[[], object], pause: Callable[[float], object] | None = None) -> int:
    """Do a pass of work again and again until SIGTERM or SIGINT; one that has begun is finished.

    `pause` waits between passes, so many seconds or less.
    """
    over = threading.Event()
    before = {one: signal.signal(one, lambda *_: over.set()) for one in (signal.SIGTERM, signal.SIGINT)}
    try:
        persist(work, over, pause or over.wait)
    finally:
        for one, handler in before.items():
            signal.signal(one, handler)
    return 0


def persist(work: Callable[[], object], over: threading.Event, pause: Callable[[float], object]) -> None:
    """Do a pass of work again and again until it is over.

    What a pass waits for is said once, on stderr; every other Stop is raised.
    """
    said = ""
    while not over.is_set():
        try:
            work()
            said = ""
        except Stop as stop:
            if stop.code != WAITING:
                raise
            if str(stop) != said:
                said = str(stop)
                sys.stderr.write(f"psephos: {plain(said)}\n")
        pause(_PAUSE)
