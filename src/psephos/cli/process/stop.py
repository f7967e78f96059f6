"""How a subcommand gives up: one line and an exit code, never a traceback for bad input."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from psephos.errors import PsephosError

FAILED = 1
USAGE = 2
WAITING = 3


class Stop(Exception):
    """Ends the command with a line on stderr and an exit code."""

    def __init__(self, message: str, code: int) -> None:
        super().__init__(message)
        self.code = code


@contextmanager
def stopping(code: int, what: str = "") -> Iterator[None]:
    """Whatever Psephos refuses in here ends the command."""
    try:
        yield
    except PsephosError as error:
        raise Stop(f"{what}: {error}" if what else str(error), code) from error
