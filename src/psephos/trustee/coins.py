"""A deterministic generator of uniform integers, from a seed of 32 bytes."""

from __future__ import annotations

from hashlib import sha256

from psephos.protocol.labels import COVER_PREFIX


class Coins:
    """Uniform integers from 32 secret random bytes: SHA-256 of seed and counter, by rejection sampling."""

    def __init__(self, seed: bytes) -> None:
        self._seed = seed
        self._drawn = 0
        self._pool = b""

    def below(self, n: int) -> int:
        """An integer from 0 to n-1. Its duration reveals only how many values were rejected."""
        bits = (n - 1).bit_length()
        size = -(-bits // 8)
        while True:
            value = int.from_bytes(self._take(size), "big") >> (8 * size - bits)
            if value < n:
                return value

    def _take(self, size: int) -> bytes:
        while len(self._pool) < size:
            self._pool += derive(self._seed, f"coins {self._drawn}")
            self._drawn += 1
        taken, self._pool = self._pool[:size], self._pool[size:]
        return taken


def derive(seed: bytes, purpose: str) -> bytes:
    """Derive 32 bytes for one purpose from a secret seed of 32 bytes."""
    return sha256(COVER_PREFIX + seed + purpose.encode()).digest()
