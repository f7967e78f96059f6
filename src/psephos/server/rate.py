"""How much one network address may ask for in a minute; addresses themselves are not kept."""

from __future__ import annotations

from array import array
from collections.abc import Callable
from hashlib import blake2b

from psephos.server.problem import TooMany

WINDOW = 60
"""Seconds."""
_BITS = 16


class Rate:
    """Counts by a salted hash of 16 bits; salt and counts are dropped every minute.

    Strangers may share a count by chance. `psephos.server.sender` tells what one sender is.
    """

    def __init__(self, most: int, clock: Callable[[], float], random: Callable[[int], bytes]) -> None:
        """`most` requests, or ballots in them, a window, 0 for any number; `clock` in seconds, monotonic."""
        self._most, self._clock, self._random = most, clock, random
        self._ends = float("-inf")
        self._salt = b""
        self._counts = array("L")

    def check(self, sender: str, price: int = 1) -> None:
        """Count a request; TooMany, with the seconds to wait, when it is one too many.

        `price` is what it counts for; 0 for one that costs nothing unless there are too many already.
        """
        now = self._clock()
        if now >= self._ends:
            self._salt = self._random(32)
            self._counts = array("L", bytes(array("L").itemsize << _BITS))
            self._ends = now + WINDOW  # last: any thread that sees it finds counts
        digest = blake2b(sender.encode(), key=self._salt, digest_size=_BITS // 8).digest()
        place = int.from_bytes(digest, "big")
        self._counts[place] += price
        if self._most and self._counts[place] > self._most:
            message = f"more than {self._most} ballots or other requests in {WINDOW} seconds"
            raise TooMany(message, int(self._ends - now) + 1)
