"""Requests that came over HTTP and wait, in memory, for the board (`spec/messages.md#over-http`)."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Iterator
from concurrent.futures import Future
from hashlib import sha256

from psephos.post.post import LARGEST, check_size
from psephos.server.problem import Busy

MOST_WAITING = 4 * LARGEST
MOST_KEPT = 2 * LARGEST


class Counter:
    """A post without files: a request that the process loses was not answered, and is sent again.

    What the board answers is on its disk before the answer is given. `take` is for many threads, `waiting`
    and `answer` for the board's.
    """

    largest = LARGEST

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._bell = threading.Event()
        self._waiting: dict[str, bytes] = {}
        self._answers: dict[str, Future[bytes]] = {}
        self._kept: dict[str, bytes] = {}

    # -- for those who ask

    async def exchange(self, data: bytes, patience: float) -> bytes | None:
        """The answer; None when there is none after so many seconds. Busy when too much waits."""
        future = asyncio.wrap_future(self._put(data))
        try:
            return await asyncio.wait_for(asyncio.shield(future), patience)
        except TimeoutError:
            return None

    def _put(self, data: bytes) -> Future[bytes]:
        check_size(data)
        name = sha256(data).hexdigest()
        with self._lock:
            if name not in self._answers:
                if sum(map(len, self._waiting.values())) + len(data) > MOST_WAITING:
                    raise Busy("more requests wait than there is room for")
                self._waiting[name], self._answers[name] = data, Future()
                self._kept.pop(name, None)  # what was refused is judged anew
            self._bell.set()
            return self._answers[name]

    def answered(self, name: str) -> bytes | None:
        """The answer that was given a while ago, if it is still kept."""
        with self._lock:
            return self._kept.get(name)

    def waits(self, name: str) -> bool:
        """Whether a request is still to be answered."""
        with self._lock:
            return name in self._answers

    def withdraw(self, name: str) -> None:
        """Forget an answer."""
        with self._lock:
            self._kept.pop(name, None)

    def sweep(self, now: float) -> None:
        """What is kept has its own limit."""

    # -- for the board

    def pause(self, seconds: float) -> None:
        """Wait until a request comes, but not longer than this."""
        self._bell.wait(seconds)
        self._bell.clear()

    def waiting(self) -> Iterator[tuple[str, bytes]]:
        """Id and bytes of every request that waits now."""
        with self._lock:
            taken, self._waiting = self._waiting, {}
        yield from taken.items()

    def answer(self, name: str, data: bytes) -> None:
        """Give an answer to all who wait for it, and keep it for who comes back, as long as there is room."""
        with self._lock:
            self._kept[name] = data
            while sum(map(len, self._kept.values())) > MOST_KEPT:
                del self._kept[next(iter(self._kept))]
            future = self._answers.pop(name)
        future.set_result(data)
