"""A letter box of one party: requests wait in files, answers lie beside them (`spec/messages.md#post`)."""

from __future__ import annotations

import re
import stat
import time
from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path
from typing import Protocol

from psephos.errors import FormatError
from psephos.files import sync, write_whole

LARGEST = 16 << 20
"""Bytes of a request or an answer."""
_NAME = re.compile(r"[0-9a-f]{64}")
_POLL = 0.05


class Requests(Protocol):
    """A post, as the one sees it who answers."""

    def waiting(self) -> Iterator[tuple[str, bytes]]:
        """Id and bytes of every request without an answer."""

    def answer(self, name: str, data: bytes) -> None:
        """Answer a request, for good."""


class Post:
    """A directory with `requests` and `answers`, both named by the request's SHA-256 in hex.

    The same bytes are the same request: they are answered once, however often they are sent. Only its owner
    can read them; where the directory passes its group on (chmod 2770), that group can too.
    """

    def __init__(self, directory: Path) -> None:
        self._requests, self._answers = directory / "requests", directory / "answers"
        shared = directory.is_dir() and directory.stat().st_mode & stat.S_ISGID
        self._mode = 0o660 if shared else 0o600
        directory.mkdir(mode=0o700, parents=True, exist_ok=True)
        for folder in (self._requests, self._answers):
            if not folder.is_dir():
                folder.mkdir(exist_ok=True)
                folder.chmod(0o2770 if shared else 0o700)

    # -- for those who ask

    def send(self, data: bytes) -> str:
        """Leave a request, unless it is answered or waits already; returns its id."""
        check_size(data)
        name = sha256(data).hexdigest()
        if not (self._answers / name).exists() and not (self._requests / name).exists():
            write_whole(self._requests / name, data, self._mode)
        return name

    def answered(self, name: str) -> bytes | None:
        """The answer to a request; None while there is none."""
        return _read(self._answers / name)

    def exchange(self, data: bytes, timeout: float = 0.0) -> bytes | None:
        """Send, and wait so many seconds for the answer."""
        name, deadline, pause = self.send(data), time.monotonic() + timeout, _POLL / 16
        while (answer := self.answered(name)) is None and time.monotonic() < deadline:
            time.sleep(pause)
            pause = min(2 * pause, _POLL)  # most answers come at once, or not soon
        return answer

    def withdraw(self, name: str) -> None:
        """Take back a request or its answer: the same bytes may be asked again, and are judged anew."""
        for directory in (self._requests, self._answers):
            (directory / name).unlink(missing_ok=True)
            sync(directory)

    # -- for the one who answers

    def waiting(self) -> Iterator[tuple[str, bytes]]:
        """Id and bytes of every request without an answer, ascending by id; other files are passed over."""
        for name in sorted(path.name for path in self._requests.iterdir() if _NAME.fullmatch(path.name)):
            if (self._answers / name).exists():  # the process ended between answer and removal
                self._remove(name)
            elif (data := _read(self._requests / name)) and sha256(data).hexdigest() == name:
                yield name, data

    def answer(self, name: str, data: bytes) -> None:
        """Put an answer on disk, then remove the request."""
        check_size(data)
        write_whole(self._answers / name, data, self._mode)
        self._remove(name)

    def _remove(self, name: str) -> None:
        (self._requests / name).unlink(missing_ok=True)
        sync(self._requests)


def check_size(data: bytes) -> None:
    """Raise FormatError unless a request or answer has 1 byte to 16 MiB."""
    if not 0 < len(data) <= LARGEST:
        raise FormatError(f"post: expected 1 to {LARGEST:,} bytes, found {len(data):,}")


def _read(path: Path) -> bytes | None:
    """A file within the limit; None where there is none."""
    try:
        with path.open("rb") as file:
            data = file.read(LARGEST + 1)
    except FileNotFoundError:
        return None
    return data if len(data) <= LARGEST else None
