"""Requests that came over HTTP, handed to another process through the directory of its post."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Iterable
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

from psephos.post.post import Post
from psephos.protocol.entries import LONGEST_MESSAGE
from psephos.server.problem import Busy

MOST_WAITING = 10_000
"""Requests in the directory."""
MOST_OF_ONE = 64
"""Of those, one sender's."""
KEPT = 3600
"""Seconds for which an answer that nobody has fetched is kept."""
_SWEEP = 60.0
_POLL = 0.05


@dataclass
class _Wanted:
    """An answer that so many askers wait for just now."""

    answer: asyncio.Future[bytes]
    askers: int = 0


class Forwarding:
    """The post of a party whose process reads a directory; it may be away for a while."""

    largest = LONGEST_MESSAGE

    def __init__(self, directory: Path) -> None:
        self._post = Post(directory)
        self._requests, self._answers = directory / "requests", directory / "answers"
        self._swept = 0.0
        self._lock = threading.Lock()
        self._senders = {name: b"" for name, _ in self._post.waiting()}
        """Of the requests that were left, and may wait still."""
        self._wanted: dict[str, _Wanted] = {}
        self._watch: asyncio.Task[None] | None = None

    def longest(self, beginning: bytes) -> int:  # noqa: ARG002
        """Bytes that a request may have, however it begins."""
        return self.largest

    def price(self, data: bytes) -> int:  # noqa: ARG002
        """Every request counts 1."""
        return 1

    async def exchange(self, data: bytes, timeout: float, sender: bytes = b"") -> bytes | None:
        """The answer, which is then forgotten; None when there is none after so many seconds."""
        name = sha256(data).hexdigest()
        answer = await asyncio.to_thread(self._leave, name, data, sender)
        if answer is None and timeout > 0:
            answer = await self._wait(name, timeout)
        if answer is not None:
            await asyncio.to_thread(self._post.withdraw, name)
        return answer

    def _leave(self, name: str, data: bytes, sender: bytes) -> bytes | None:
        """Leave a request, unless it waits or is answered: then its answer. Busy when there is no room."""
        if (answer := self.answered(name)) is not None or self.waits(name):
            return answer
        with self._lock:
            self._free_space(sender)
            self._senders[name] = sender
        self._post.send(data)
        return None

    def _free_space(self, sender: bytes) -> None:
        """Busy when too much waits; what was answered meanwhile waits no more."""
        for most, names in ((MOST_OF_ONE, self._of(sender)), (MOST_WAITING, self._senders)):
            if len(names) < most:
                continue
            answered = [name for name in names if not self.waits(name)]
            if not answered:
                raise Busy("too many requests are waiting: try again later")
            for name in answered:
                del self._senders[name]

    def _of(self, sender: bytes) -> list[str]:
        return [name for name, owner in self._senders.items() if owner == sender]

    # -- one task looks for all answers that are waited for

    async def _wait(self, name: str, timeout: float) -> bytes | None:
        wanted = self._wanted.setdefault(name, _Wanted(asyncio.get_running_loop().create_future()))
        wanted.askers += 1
        if self._watch is None or self._watch.done():
            self._watch = asyncio.ensure_future(self._look())
        try:
            return await asyncio.wait_for(asyncio.shield(wanted.answer), timeout)
        except TimeoutError:
            return None
        finally:
            wanted.askers -= 1
            if not wanted.askers:
                self._wanted.pop(name, None)

    async def _look(self) -> None:
        while self._wanted:
            await asyncio.sleep(_POLL)
            for name, answer in (await asyncio.to_thread(self._arrived, list(self._wanted))).items():
                if wanted := self._wanted.pop(name, None):
                    wanted.answer.set_result(answer)

    def _arrived(self, names: Iterable[str]) -> dict[str, bytes]:
        return {name: answer for name in names if (answer := self.answered(name)) is not None}

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
