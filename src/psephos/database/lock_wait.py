"""How long is waited for a database that another program holds, and who is told of it."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TypeVar

from psephos.errors import DatabaseHeld

_T = TypeVar("_T")
SECONDS = 30.0
"""Unless somebody waits for as long as it takes."""


class LockWait:
    """Safe to use from any thread; who serves others looks at `held`, and sends them away meanwhile."""

    def __init__(self, seconds: float = SECONDS, tell: Callable[[], object] = lambda: None) -> None:
        """`tell` is called when a wait begins."""
        self._seconds, self._tell = seconds, tell
        self._waits = 0

    @property
    def held(self) -> bool:
        """Whether somebody waits now."""
        return self._waits > 0

    def until(self, attempt: Callable[[], _T]) -> _T:
        """What an attempt gives that can be made again after DatabaseHeld; which is raised in the end."""
        try:
            return attempt()
        except DatabaseHeld:
            deadline = time.monotonic() + self._seconds
        self._waits += 1
        try:
            self._tell()
            while True:
                try:
                    return attempt()
                except DatabaseHeld:
                    if time.monotonic() >= deadline:
                        raise
        finally:
            self._waits -= 1
