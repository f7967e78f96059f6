"""Requests that came over HTTP and wait, in memory, for the board (`spec/messages.md#over-http`)."""

from __future__ import annotations

import asyncio
import math
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from hashlib import sha256

from psephos.errors import FormatError
from psephos.post.envelope import Envelope, first_entry
from psephos.post.post import LARGEST, check_size
from psephos.protocol.entries import BALLOT_HEAD
from psephos.server.delivery import Waiter, WakeupBatch
from psephos.server.fairness import FairQueue, QueuedRequest
from psephos.server.pace import Pace
from psephos.server.problem import Busy

MOST_WAITING = 4 * LARGEST
"""Bytes of all requests that wait."""
MOST_OF_ONE = LARGEST
"""Bytes of one sender's, who may always have one request waiting."""
MOST_KEPT = 2 * LARGEST
"""Bytes of answers kept for who comes back."""
UNSIGNED = 1 << 18
"""Bytes of a request whose first entry no party has signed: 64 ballots of 4 KiB, or 4 of the largest."""
LONGEST_DELAY = 3.0
"""Seconds that a request may have to wait for its turn, as far as can be foreseen."""
_MOST_WORK = 256
"""Kibibytes that count as a request's work: parties' large requests are not ballots, and come rarely."""
CLOSED = 10
"""Seconds after which who was sent away may come back."""


class RequestQueue:
    """A post without files: a request that the process loses was not answered, and is sent again.

    What the board answers is on its disk before the answer is given. `take` is for many threads, `waiting`
    and `answer` for the board's. Senders are served in turn; a request that would wait too long is refused at
    once, so that nobody is told about a time that has passed.
    """

    largest = LARGEST

    def __init__(
        self,
        signed: Callable[[bytes], bool] = lambda _: True,
        clock: Callable[[], float] = time.monotonic,
        held: Callable[[], str] = str,
    ) -> None:
        """`signed` says whether a party has signed an entry; `clock` measures seconds.

        `held` tells why the board itself cannot take anything just now; an empty text when it can.
        """
        self._signed, self._clock, self._held = signed, clock, held
        self._lock = threading.Lock()
        self._arrived = threading.Event()
        self._queue = FairQueue()
        self._waiters: dict[str, list[Waiter]] = {}
        self._delivery = WakeupBatch()
        self._kept: dict[str, bytes] = {}
        self.closed = ""
        """Why nothing is taken for now; empty when it is."""
        self._size_kept = 0
        self._pace = Pace()
        self._began: float | None = None
        self._work: dict[str, int] = {}
        self._done = 0

    # -- for those who ask

    def price(self, data: bytes) -> int:
        """What a request counts for its sender: a ballot 1, and everything else together."""
        try:
            entries = Envelope.parse(data).entries
        except FormatError:
            return 1
        return len(entries) if entries[0][: len(BALLOT_HEAD)] == BALLOT_HEAD else 1

    def longest(self, beginning: bytes) -> int:
        """Bytes that a request may have which begins so."""
        entry = first_entry(beginning)
        return LARGEST if entry and self._signed(entry) else UNSIGNED

    async def exchange(self, data: bytes, timeout: float, sender: bytes = b"") -> bytes | None:
        """The answer; None when there is none after so many seconds. Busy when too much waits, or closed."""
        if reason := self.closed or self._held():
            raise Busy(reason, CLOSED)
        waiter: Waiter = asyncio.get_running_loop().create_future()
        self._put(data, sender, waiter)
        done, _ = await asyncio.wait((waiter,), timeout=timeout)
        if done:
            return waiter.result()
        waiter.cancel()
        return None

    def _put(self, data: bytes, sender: bytes = b"", waiter: Waiter | None = None) -> None:
        check_size(data)
        name = sha256(data).hexdigest()
        dropped: list[Waiter] = []
        with self._lock:
            if name not in self._waiters:
                request = QueuedRequest(name, data, min(_MOST_WORK, 1 + len(data) // 1024))
                self._check_delay(sender, request)
                dropped = self._free_space(sender, len(data))
                self._queue.put(sender, request)
                self._waiters[name] = []
                self._forget(name)  # what was refused is judged anew
            if waiter is not None:
                waiting = (earlier for earlier in self._waiters[name] if not earlier.done())
                self._waiters[name] = [*waiting, waiter]
            self._arrived.set()
        self._send_away(
            dropped, Busy("requests of senders who have fewer waiting come first: try again later")
        )

    def _send_away(self, waiters: Iterable[Waiter], reason: Busy) -> None:
        for waiter in waiters:
            self._delivery.give(waiter, reason)

    def _check_delay(self, sender: bytes, request: QueuedRequest) -> None:
        delay = self._queue.ahead(sender, request.work) * self._pace.seconds
        if delay > LONGEST_DELAY:
            raise Busy(
                f"about {delay:.0f} seconds of work are waiting before this request: try again later",
                math.ceil(delay),
            )

    def _free_space(self, sender: bytes, size: int) -> list[Waiter]:
        """Whoever has most waiting gives way to those who have less."""
        used = self._queue.size_of(sender)
        if used and used + size > MOST_OF_ONE:
            raise Busy("too many requests of this sender are waiting: try again later")
        dropped: list[Waiter] = []
        while self._queue.size + size > MOST_WAITING:
            largest = self._queue.largest()
            if self._queue.size_of(largest) <= used + size:
                raise Busy("too many requests are waiting: try again later")
            dropped += self._waiters.pop(self._queue.drop(largest).name)
        return dropped

    def answered(self, name: str) -> bytes | None:
        """The answer that was given a while ago, if it is still kept."""
        with self._lock:
            return self._kept.get(name)

    def waits(self, name: str) -> bool:
        """Whether a request is still to be answered."""
        with self._lock:
            return name in self._waiters

    def withdraw(self, name: str) -> None:
        """Forget an answer."""
        with self._lock:
            self._forget(name)

    def sweep(self, now: float) -> None:
        """What is kept has its own limit."""

    # -- for the board

    def pause(self, seconds: float) -> None:
        """Wait until a request comes, but not longer than this. A pass is over."""
        with self._lock:
            if self._began is not None:
                self._pace.note(self._clock() - self._began, self._done)
            self._began, self._done = None, 0
            waits = self._queue.size > 0
        if not waits:
            self._arrived.wait(seconds)
        self._arrived.clear()

    def close(self, reason: str) -> None:
        """Take nothing until this is called without a reason, and send away who waits."""
        self.closed = reason
        if not reason:
            return
        with self._lock:
            waiters: list[Waiter] = []
            while (request := self._queue.pop()) is not None:
                waiters += self._waiters.pop(request.name)
        self._send_away(waiters, Busy(reason, CLOSED))

    def waiting(self) -> Iterator[tuple[str, bytes]]:
        """Id and bytes of every request that waits, of all senders in turn; those not taken wait on."""
        self._began = self._clock()
        while True:
            with self._lock:
                if (request := self._queue.pop()) is None:
                    return
                self._work[request.name] = request.work
            yield request.name, request.data

    def answer(self, name: str, data: bytes) -> None:
        """Give an answer to all who wait for it, and keep it for who comes back, as long as there is room."""
        with self._lock:
            self._kept[name] = data
            self._size_kept += len(data)
            while self._size_kept > MOST_KEPT:
                self._forget(next(iter(self._kept)))
            waiters = self._waiters.pop(name)
            self._done += self._work.pop(name, 0)
        for waiter in waiters:
            self._delivery.give(waiter, data)

    def _forget(self, name: str) -> None:
        self._size_kept -= len(self._kept.pop(name, b""))
