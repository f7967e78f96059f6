"""Standard output and error: whatever a terminal can show, and full disks."""

from __future__ import annotations

import io
import os
import sys
from contextlib import suppress

from psephos.observer.text import plain


def write_anything() -> None:
    """Where a terminal's encoding lacks a character, its number is written: a name stops no list."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")


def complain(message: str) -> None:
    """One line on stderr, whatever it holds."""
    with suppress(OSError, AttributeError):  # AttributeError: stderr was closed before the program began
        sys.stderr.write(f"psephos: {plain(' '.join(message.split()))}\n")
        sys.stderr.flush()


def flush() -> None:
    """Write out what was printed; OSError where it cannot be written."""
    if sys.stdout is not None:
        sys.stdout.flush()


def discard_unwritten() -> None:
    """Write out what was printed, or give it up, so that the interpreter does not try it once more."""
    try:
        flush()
    except OSError:
        discard()


def discard() -> None:
    """Let what is printed go nowhere."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
