"""Bodies of requests that are under way: how many bytes of them are in memory, and whose."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from psephos.post.post import LARGEST
from psephos.server.problem import Busy

MOST = 4 * LARGEST
"""Bytes over all connections."""
MOST_OF_ONE = 2 * LARGEST
"""Bytes of one sender's connections."""
BODY_LIMIT = 30.0
"""Seconds within which a body must have come whole."""


@dataclass(eq=False)
class Body:
    """One body, as far as it has come."""

    sender: bytes
    timeout: asyncio.Timeout
    size: int = 0
    dropped: bool = False


class Bodies:
    """Counts bytes as they come. When there are too many, the sender with most of them gives way.

    For one event loop.
    """

    def __init__(self, most: int = MOST, most_of_one: int = MOST_OF_ONE) -> None:
        self._most, self._most_of_one = most, most_of_one
        self._bodies: set[Body] = set()
        self._sizes: dict[bytes, int] = {}
        self.size = 0

    @contextmanager
    def body(self, sender: bytes, timeout: asyncio.Timeout) -> Iterator[Body]:
        """A body that begins; its bytes count until the block is left. `timeout` ends it early."""
        body = Body(sender, timeout)
        self._bodies.add(body)
        try:
            yield body
        finally:
            self._release(body)

    def add(self, body: Body, size: int) -> None:
        """Some of a body has come. Busy when it must give way."""
        if body.dropped:
            raise Busy("other senders have more need of the room")
        body.size += size
        self.size += size
        self._sizes[body.sender] = self._sizes.get(body.sender, 0) + size
        if self._sizes[body.sender] > self._most_of_one:
            raise Busy("more bytes of this sender are under way than there is room for")
        while self.size > self._most:
            largest = max(self._sizes, key=lambda sender: self._sizes[sender])
            victim = max((one for one in self._bodies if one.sender == largest), key=lambda one: one.size)
            self._release(victim)
            victim.dropped = True
            if victim is body:
                raise Busy("more bytes are under way than there is room for")
            victim.timeout.reschedule(asyncio.get_running_loop().time())

    def _release(self, body: Body) -> None:
        """Count a body's bytes no more."""
        if body not in self._bodies:
            return
        self._bodies.remove(body)
        self.size -= body.size
        if body.sender in self._sizes:
            self._sizes[body.sender] -= body.size
            if not self._sizes[body.sender]:
                del self._sizes[body.sender]
