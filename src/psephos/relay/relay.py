"""A relay of one referendum: takes sealed requests, holds them, forwards them (`spec/messages.md#relays`)."""

from __future__ import annotations

import random
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor, wait
from functools import partial
from hashlib import sha256
from time import monotonic

from psephos.errors import PsephosError
from psephos.relay.gateway import Away, NotForwarded, NotTaken, forward
from psephos.relay.served import Served
from psephos.relay.store import RelayStore, Waiting

_AT_ONCE, _THREADS = 1024, 32
"""Requests of one pass to a registrar, and how many to it are under way at one time."""
_PASS = 30.0
"""Seconds after which a pass begins with no request more: the next is never far."""
_AWAY = 32
"""Requests in a row that find nobody at a gateway: then the rest waits for the next pass."""

_SWEEP = 60
"""Seconds between looks for what may be forgotten."""
_ANSWERED = 60
"""Seconds behind a window after which no request of it is under way any more."""


class Full(PsephosError):
    """No more is held until responses were forgotten."""


class Unknown(PsephosError):
    """No such registrar here."""


class Closed(PsephosError):
    """Enrolment is closed everywhere: nothing is taken any more."""


class Relay:
    """Any thread may call it; one calls `turn` again and again."""

    def __init__(
        self,
        served: Served,
        store: RelayStore,
        clock: Callable[[], int],
        capacity: int,
        draw: random.Random,
        forward: Callable[[str, bytes], bytes] = forward,
    ) -> None:
        """`clock` in UTC seconds; at most `capacity` requests and responses are held.

        `draw` is the system's random generator."""
        self.served = served
        self._store, self._clock, self._capacity, self._draw = store, clock, capacity, draw
        self._forward = forward
        self._held, self._swept = 0, -_SWEEP
        self._ways = {number: _Way() for number in served.gateways}

    def hold(self, registrar: int, message: bytes) -> None:
        """Keep a request until a time drawn within its window; the same bytes are one request.

        It is on disk when this returns. Unknown for no registrar of this referendum, Full without room,
        Closed once no period is left.
        """
        self._address(registrar)
        name, window = sha256(message).digest(), self.served.periods.window(self._clock())
        if self._store.response(name) is not None:
            return
        if window is None:
            raise Closed("enrolment is closed: this relay takes no more requests")
        if self._held >= self._capacity:
            raise Full("this relay is full: try again later")
        self._store.put(Waiting(name, registrar, message, window[1]), self._draw.randrange(*window))
        self._held += 1

    def response(self, name: bytes) -> bytes | None:
        """The response to what was held under a name; empty while there is none, None for no such name."""
        return self._store.response(name)

    def _address(self, registrar: int) -> str:
        if registrar not in self.served.gateways:
            raise Unknown(f"this referendum has no registrar {registrar} that takes sealed messages")
        return self.served.gateways[registrar]

    def turn(self, timeout: float | None = None) -> int:
        """Forward what is due, in an order drawn uniformly, and forget what is old; how many were begun.

        `timeout`: seconds to wait for answers; what is under way longer goes on beside the next turn, so
        that nothing waits for another registrar's gateway. None: until all is answered.
        """
        now = self._clock()
        begun = [future for number in self._ways for future in self._begin(number, now)]
        wait(begun, timeout)
        if now >= self._swept + _SWEEP:
            self._swept = now
            self._store.forget(now - 2 * self.served.periods.hold, now - _ANSWERED)
            self._held = self._store.count()
        return len(begun)

    def close(self) -> None:
        """Begin nothing more, and wait for what is under way."""
        for way in self._ways.values():
            way.close()

    def _begin(self, registrar: int, now: int) -> list[Future[None]]:
        """A pass to one registrar; what it does not come to stays due."""
        way, here = self._ways[registrar], _Pass(monotonic() + _PASS)
        under_way = way.under_way()  # before the look at what is due: so nothing is forwarded twice
        due = [
            waiting for waiting in self._store.due(registrar, now, _AT_ONCE) if waiting.name not in under_way
        ]
        self._draw.shuffle(due)

        def try_here(waiting: Waiting) -> None:
            if not here.over and self._clock() < waiting.until:
                here.note(self._try(waiting))

        return [way.begin(waiting.name, partial(try_here, waiting)) for waiting in due]

    def _try(self, waiting: Waiting) -> bool:
        """Forward once; whether anybody answered. What the gateway refuses is dropped."""
        try:
            response = self._forward(self._address(waiting.registrar), waiting.message)
            self._store.answer(waiting.name, response)
        except NotTaken:
            self._store.drop(waiting.name)
        except NotForwarded as error:
            self._put_off(waiting)
            return not isinstance(error, Away)
        return True

    def _put_off(self, waiting: Waiting) -> None:
        """Try again at a time drawn within what is left of the window; behind it never: it is dropped.

        So it is tried about as often as the logarithm of the window has it, and never at a time of its own.
        """
        soonest = self._clock() + 1
        if soonest >= waiting.until:
            self._store.drop(waiting.name)
        else:
            self._store.delay(waiting.name, self._draw.randrange(soonest, waiting.until))


class _Way:
    """What is under way to one registrar; one thread calls it."""

    def __init__(self) -> None:
        self._pool = ThreadPoolExecutor(_THREADS, thread_name_prefix="forward")
        self._begun: dict[bytes, Future[None]] = {}

    def begin(self, name: bytes, work: Callable[[], None]) -> Future[None]:
        """Do it as soon as a thread is free."""
        self._begun[name] = self._pool.submit(work)
        return self._begun[name]

    def under_way(self) -> set[bytes]:
        """The names of what is; what has failed otherwise than at the gateway is raised."""
        done = [name for name, future in self._begun.items() if future.done()]
        for name in done:
            self._begun.pop(name).result()
        return set(self._begun)

    def close(self) -> None:
        """Wait for what is under way; what has not begun stays due."""
        self._pool.shutdown(cancel_futures=True)


class _Pass:
    """How a pass to one registrar goes; any thread may call it."""

    def __init__(self, end: float) -> None:
        """`end` is on the monotonic clock."""
        self._end, self._in_vain = end, 0

    @property
    def over(self) -> bool:
        """Whether no request more is to be begun: nobody is there, or it has taken long enough."""
        return self._in_vain >= _AWAY or monotonic() >= self._end

    def note(self, answered: bool) -> None:
        """One refusal says nothing of other requests; only where nobody answers the pass ends."""
        self._in_vain = 0 if answered else self._in_vain + 1
