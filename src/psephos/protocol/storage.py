"""Where the fold puts bytes that it will want again: in memory, or wherever the caller says."""

from __future__ import annotations

from array import array
from collections.abc import Iterator
from typing import Protocol

from psephos.crypto.column import take

RUN = 4 << 20
"""Bytes that are looked at together: enough for batches that pay, and little beside the state."""
ROWS = 1 << 13
"""Rows whose points are in the core together, where a point takes many times its 32 bytes."""


class ByteStore(Protocol):
    """Bytes put one behind the other; what is stored does not change any more."""

    def append(self, data: bytes) -> int:
        """Put bytes behind the last ones; returns where they begin."""

    def read(self, at: int, size: int) -> bytes:
        """`size` bytes that begin at `at`."""

    def take(self, at: int, size: int, width: int, rows: array[int]) -> bytes:
        """Rows of `width` bytes, by position, of a table of `size` bytes that begins at `at`."""


class MemoryStore:
    """Bytes in memory: for small records, and where nothing else is given."""

    def __init__(self) -> None:
        self._bytes = bytearray()

    def append(self, data: bytes) -> int:
        at = len(self._bytes)
        self._bytes += data
        return at

    def read(self, at: int, size: int) -> bytes:
        return bytes(self._bytes[at : at + size])

    def take(self, at: int, size: int, width: int, rows: array[int]) -> bytes:
        with memoryview(self._bytes) as view, view[at : at + size] as table:
            return take(table, width, rows)


class Column:
    """Rows of one width in a store: they come in pieces, and are laid together when they are first read."""

    def __init__(self, storage: ByteStore, width: int) -> None:
        self.width = width
        self._storage = storage
        self._pieces: list[tuple[int, int]] = []
        self._size = 0

    def __len__(self) -> int:
        return self._size // self.width

    def append(self, rows: bytes) -> None:
        """Add rows behind the last."""
        if len(rows) % self.width:
            raise ValueError(f"{len(rows)} bytes are not rows of {self.width}")
        if rows:
            self._pieces.append((self._storage.append(rows), len(rows)))
            self._size += len(rows)

    def extend(self, column: Column) -> None:
        """Add the rows of another column in the same store."""
        self._pieces += column._pieces
        self._size += column._size

    def read(self, start: int = 0, stop: int | None = None) -> bytes:
        """Rows `start` to `stop`, or to the last."""
        stop = len(self) if stop is None else min(stop, len(self))
        return self._storage.read(self._at() + start * self.width, (stop - start) * self.width)

    def runs(self) -> Iterator[bytes]:
        """All rows in order, some at a time."""
        step = max(1, RUN // self.width)
        for start in range(0, len(self), step):
            yield self.read(start, start + step)

    def take(self, rows: array[int]) -> bytes:
        """The rows at these positions, in their order."""
        return self._storage.take(self._at(), self._size, self.width, rows) if rows else b""

    def _at(self) -> int:
        """Where the rows begin, once they lie together."""
        if len(self._pieces) > 1:
            starts = [self._storage.append(self._storage.read(*piece)) for piece in self._pieces]
            self._pieces = [(starts[0], self._size)]
        return self._pieces[0][0] if self._pieces else 0
