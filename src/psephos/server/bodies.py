"""Bodies of requests that are under way: how many bytes of them are in memory, and whose."""

from __future__ import annotations

import asyncio

from psephos.post.post import LARGEST
from psephos.server.problem import Busy

MOST = 4 * LARGEST
"""Bytes over all connections."""
MOST_OF_ONE = 2 * LARGEST
"""Bytes of one sender's connections."""
BODY_LIMIT = 30.0
"""Seconds within which a body must have come whole."""


class Body:
    """One body, as far as it has come; its bytes count until the block is left."""

    def __init__(self, bodies: Bodies, sender: bytes, timeout: asyncio.Timeout) -> None:
        self._bodies, self.sender, self._timeout = bodies, sender, timeout
        self.size = 0
        self._dropped = False

    def __enter__(self) -> Body:
        return self

    def __exit__(self, *_: object) -> None:
        self._bodies.release(self)

    def add(self, size: int) -> None:
        """Some of it has come. Busy when it must give way."""
        self.check()
        self._bodies.count(self, size)
        self.check()

    def check(self) -> None:
        """Busy when it has had to give way."""
        if self._dropped:
            raise Busy("too many requests are arriving: try again later")

    def drop(self) -> None:
        """End it, wherever it is waited for."""
        self._dropped = True
        self._timeout.reschedule(asyncio.get_running_loop().time())


class Bodies:
    """Counts bytes as they come. When there are too many, the sender with most of them gives way.

    For one event loop.
    """

    def __init__(self, most: int = MOST, most_of_one: int = MOST_OF_ONE) -> None:
        self._most, self._most_of_one = most, most_of_one
        self._bodies: set[Body] = set()
        self._sizes: dict[bytes, int] = {}
        self.size = 0

    def body(self, sender: bytes, timeout: asyncio.Timeout) -> Body:
        """A body that begins; `timeout` ends it early."""
        body = Body(self, sender, timeout)
        self._bodies.add(body)
        return body

    def count(self, body: Body, size: int) -> None:
        """Count more bytes; Busy when its sender has too many, and drop what is most when all have."""
        body.size += size
        self.size += size
        self._sizes[body.sender] = self._sizes.get(body.sender, 0) + size
        if self._sizes[body.sender] > self._most_of_one:
            raise Busy("too many requests of this sender are arriving: try again later")
        while self.size > self._most:
            largest = max(self._sizes, key=lambda sender: self._sizes[sender])
            victim = max(
                (body for body in self._bodies if body.sender == largest), key=lambda body: body.size
            )
            self.release(victim)
            victim.drop()

    def release(self, body: Body) -> None:
        """Count a body's bytes no more."""
        if body not in self._bodies:
            return
        self._bodies.remove(body)
        self.size -= body.size
        if body.sender in self._sizes:
            self._sizes[body.sender] -= body.size
            if not self._sizes[body.sender]:
                del self._sizes[body.sender]
