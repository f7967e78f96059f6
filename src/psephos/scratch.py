"""A store of bytes on disk for one process: a temporary file without a name, gone when the process is."""

from __future__ import annotations

import os
from array import array
from tempfile import TemporaryFile
from weakref import finalize

from psephos.crypto.column import take
from psephos.errors import FormatError

_DENSE = 1024
"""Where so many bytes, or fewer, lie from one row that is wanted to the next, all are read at once."""


class Scratch:
    """Public bytes that a fold will want again (`psephos.protocol.storage.ByteStore`), outside its memory.

    The file lies where temporary files do (`TMPDIR`); OSError when the disk is full.
    """

    def __init__(self) -> None:
        with TemporaryFile(buffering=0) as file:
            self._fd = os.dup(file.fileno())
        finalize(self, os.close, self._fd)
        self._size = 0

    def append(self, data: bytes) -> int:
        """Put bytes behind the last ones; returns where they begin."""
        at, rest = self._size, memoryview(data)
        while rest:
            written = os.pwrite(self._fd, rest, self._size)
            self._size, rest = self._size + written, rest[written:]
        return at

    def read(self, at: int, size: int) -> bytes:
        """`size` bytes that begin at `at`."""
        data = os.pread(self._fd, size, at)
        while len(data) < size:  # a read may end early, as a write may
            more = os.pread(self._fd, size - len(data), at + len(data))
            if not more:
                raise FormatError(f"scratch file: no bytes behind {at + len(data)}")
            data += more
        return data

    def take(self, at: int, size: int, width: int, rows: array[int]) -> bytes:
        """Rows of `width` bytes, by position, of a table of `size` bytes that begins at `at`."""
        if not rows:
            return b""
        first, last = min(rows), max(rows)
        if last >= size // width:
            raise FormatError(f"scratch file: row {last} of {size // width}")
        if (last - first) * width < _DENSE * len(rows):
            table = self.read(at + first * width, (last + 1 - first) * width)
            return take(table, width, array("I", [row - first for row in rows]))
        return b"".join([self.read(at + row * width, width) for row in rows])
