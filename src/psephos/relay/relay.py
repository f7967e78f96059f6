"""A relay of one referendum: takes sealed requests, holds them, forwards them (`spec/messages.md#relays`)."""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor

from psephos.errors import PsephosError
from psephos.relay.gateway import NotForwarded, NotTaken, forward
from psephos.relay.served import Served
from psephos.relay.store import Store, Waiting

NAME = 32
"""Bytes of the random name of a held request: nobody guesses it."""
_RETRY = 600
"""Seconds within which a request that was not forwarded is tried again, at a time drawn anew."""
_AT_ONCE, _THREADS = 1024, 32
"""Requests of one pass, and how many of them are under way at one time."""

_SWEEP = 60
"""Seconds between looks for what may be forgotten."""


class Full(PsephosError):
    """No more is held until responses were forgotten."""


class Unknown(PsephosError):
    """No such registrar here."""


class Relay:
    """Any thread may call it; one calls `turn` again and again."""

    def __init__(
        self,
        served: Served,
        store: Store,
        clock: Callable[[], int],
        room: int,
        draw: random.Random,
        forward: Callable[[str, bytes], bytes] = forward,
    ) -> None:
        """`clock` in UTC seconds; at most `room` requests and responses are held; `draw` is the system's."""
        self.served = served
        self._store, self._clock, self._room, self._draw = store, clock, room, draw
        self._forward = forward
        self._held, self._swept = 0, -_SWEEP
        self._away: set[int] = set()

    def hold(self, registrar: int, message: bytes) -> bytes | None:
        """Keep a request until a time within this period; its name, or None when no period is left.

        It is on disk when this returns. Unknown for no registrar of this referendum, Full without room.
        """
        self._address(registrar)
        now = self._clock()
        period = self.served.periods.at(now)
        if period is None:
            return None
        if self._held >= self._room:
            raise Full("this relay holds as much as it has room for")
        name = self._draw.randbytes(NAME)
        self._store.put(Waiting(name, registrar, message, period[1]), self._draw.randrange(now, period[1]))
        self._held += 1
        return name

    def pass_on(self, registrar: int, message: bytes) -> bytes:
        """Forward a request now: the sealed response. Unknown, NotForwarded or NotTaken without it."""
        return self._forward(self._address(registrar), message)

    def response(self, name: bytes) -> bytes | None:
        """The response to what was held under a name; empty while there is none, None for no such name."""
        return self._store.response(name)

    def _address(self, registrar: int) -> str:
        if registrar not in self.served.gateways:
            raise Unknown(f"this referendum has no registrar {registrar} that takes sealed messages")
        return self.served.gateways[registrar]

    def turn(self) -> int:
        """Forward what is due, in an order drawn uniformly, and forget what is old; how many were due."""
        now = self._clock()
        due = self._store.due(now, _AT_ONCE)
        self._draw.shuffle(due)
        self._away.clear()
        self._forward_all(due)
        if now >= self._swept + _SWEEP:
            self._swept = now
            self._store.forget(now - 2 * self.served.periods.hold)
            self._held = self._store.count()
        return len(due)

    def _forward_all(self, due: Sequence[Waiting]) -> None:
        if not due:
            return
        with ThreadPoolExecutor(_THREADS, thread_name_prefix="forward") as pool:
            for _ in pool.map(self._try, due):
                pass

    def _try(self, waiting: Waiting) -> None:
        """Forward once. What the gateway refuses is dropped, as is what failed after its period's end."""
        try:
            if waiting.registrar in self._away:  # nobody waits again for a gateway that is away
                raise NotForwarded("the registrar's gateway was away just now")
            self._store.answer(waiting.name, self.pass_on(waiting.registrar, waiting.message))
        except NotTaken:
            self._store.drop(waiting.name)
        except NotForwarded:
            self._away.add(waiting.registrar)
            now = self._clock()
            if now >= waiting.until:
                self._store.drop(waiting.name)
            else:
                end = min(waiting.until, now + _RETRY)
                self._store.delay(waiting.name, self._draw.randrange(now, end) + 1)
