"""Requests that came over HTTP, handed to another process through the directory of its post."""

from __future__ import annotations

import asyncio
import time
from hashlib import sha256
from pathlib import Path

from psephos.post.post import Post
from psephos.protocol.entry import LONGEST_MESSAGE
from psephos.server.problem import Busy

MOST_WAITING = 10_000
"""Requests in the directory."""
KEPT = 3600
"""Seconds for which an answer that nobody has fetched is kept."""
_SWEEP = 60.0
_POLL = 0.05


class Forwarding:
    """The post of a party whose process reads a directory; it may be away for a while."""

    largest = LONGEST_MESSAGE

    def __init__(self, directory: Path) -> None:
        self._post = Post(directory)
        self._requests, self._answers = directory / "requests", directory / "answers"
        self._swept = 0.0

    async def exchange(self, data: bytes, patience: float) -> bytes | None:
        """The answer, which is then forgotten; None when there is none after so many seconds."""
        deadline = time.monotonic() + patience
        while (answer := await asyncio.to_thread(self._try, data)) is None and time.monotonic() < deadline:
            await asyncio.sleep(_POLL)
        return answer

    def _try(self, data: bytes) -> bytes | None:
        name = sha256(data).hexdigest()
        if (answer := self.answered(name)) is not None:
            self._post.withdraw(name)
        elif not self.waits(name):
            if sum(1 for _ in self._requests.iterdir()) >= MOST_WAITING:
                raise Busy("more requests wait than there is room for")
            self._post.send(data)
        return answer

    def answered(self, name: str) -> bytes | None:
        """The answer to an earlier request, if it is kept."""
        return self._post.answered(name)

    def waits(self, name: str) -> bool:
        """Whether a request is still to be answered."""
        return (self._requests / name).exists()

    def withdraw(self, name: str) -> None:
        """Forget a request and its answer."""
        self._post.withdraw(name)

    def sweep(self, now: float) -> None:
        """Forget the answers that have been kept long enough; `now` in POSIX seconds, as files have it."""
        if now < self._swept + _SWEEP:
            return
        self._swept = now
        for path in self._answers.iterdir():
            if path.stat().st_mtime < now - KEPT:
                path.unlink(missing_ok=True)
