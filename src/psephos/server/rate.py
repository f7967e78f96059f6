"""How much one network address may ask for in a minute; addresses themselves are not kept."""

from __future__ import annotations

import ipaddress
from array import array
from collections.abc import Callable
from hashlib import blake2b

from psephos.server.problem import TooMany

WINDOW = 60
"""Seconds."""
_BITS = 16


class Rate:
    """Counts by a salted hash of 16 bits; salt and counts are dropped every minute.

    Strangers may share a count by chance. A prefix of 64 bits of IPv6 is one address.
    """

    def __init__(self, most: int, clock: Callable[[], float], random: Callable[[int], bytes]) -> None:
        """`most` requests a window, 0 for any number; `clock` in seconds, monotonic."""
        self._most, self._clock, self._random = most, clock, random
        self._ends = float("-inf")
        self._salt = b""
        self._counts = array("L")

    def check(self, address: str) -> None:
        """Count a request; TooMany, with the seconds to wait, when it is one too many."""
        now = self._clock()
        if now >= self._ends:
            self._ends, self._salt = now + WINDOW, self._random(32)
            self._counts = array("L", bytes(array("L").itemsize << _BITS))
        digest = blake2b(_network(address), key=self._salt, digest_size=_BITS // 8).digest()
        place = int.from_bytes(digest, "big")
        self._counts[place] += 1
        if self._most and self._counts[place] > self._most:
            raise TooMany(f"more than {self._most} requests in {WINDOW} seconds", int(self._ends - now) + 1)


def _network(address: str) -> bytes:
    try:
        ip = ipaddress.ip_address(address)
    except ValueError:
        return address.encode()
    return ip.packed[:8] if ip.version == 6 else ip.packed
