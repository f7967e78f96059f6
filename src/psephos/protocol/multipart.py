"""What is longer than an entry: parts, and the entry that closes them (`spec/entries.md#bundles`)."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from psephos.errors import FormatError
from psephos.protocol.entries import PIECE, Part
from psephos.protocol.storage import RUN, ByteStore


def digest(content: bytes) -> bytes:
    """By what the entry that closes a bundle names it."""
    return hashlib.sha256(content).digest()


def cut(content: bytes, name: bytes | None = None) -> Iterator[Part]:
    """The parts of a bundle, in order; their digest is the bundle's, but a definition goes by its hash."""
    name = name or digest(content)
    count = max(1, -(-len(content) // PIECE))
    for index in range(count):
        yield Part(name, index, count, content[index * PIECE : (index + 1) * PIECE])


class StoredPart(NamedTuple):
    """A part's data: the log index of its entry, and where it lies in the store."""

    entry: int
    at: int
    size: int


@dataclass(frozen=True)
class Excerpt:
    """Consecutive bytes of a bundle, and where in the log they stand."""

    data: bytes
    parts: tuple[int, ...]
    """Log indices of the parts whose data, joined, holds them."""
    start: int
    """Where in the joined data they begin."""


@dataclass(frozen=True)
class Multipart:
    """A closed bundle, whose parts are all there, fit and hash to its name."""

    name: bytes
    size: int
    pieces: Sequence[StoredPart] = field(repr=False, compare=False)
    storage: ByteStore = field(repr=False, compare=False)

    def __len__(self) -> int:
        return self.size

    def excerpt(self, start: int, stop: int) -> Excerpt:
        """Bytes `start` to `stop`."""
        first = min(start // PIECE, len(self.pieces) - 1)
        pieces = self.pieces[first : max(first + 1, -(-stop // PIECE))]
        at = start - first * PIECE
        data = b"".join(self.storage.read(piece.at, piece.size) for piece in pieces)[at : at + stop - start]
        return Excerpt(data, tuple(piece.entry for piece in pieces), at)

    def runs(self, width: int, start: int, stop: int) -> Iterator[Excerpt]:
        """Bytes `start` to `stop`, some rows of `width` bytes at a time."""
        step = max(1, RUN // width) * width
        for at in range(start, stop, step):
            yield self.excerpt(at, min(at + step, stop))


class Multiparts:
    """Parts seen so far, by author and digest."""

    def __init__(self, storage: ByteStore) -> None:
        self._storage = storage
        self._pieces: dict[tuple[bytes, bytes], tuple[int, dict[int, StoredPart]]] = {}

    def add(self, author: bytes, index: int, part: Part) -> None:
        """Keep the part at a log index; of two with one index in the bundle the first counts."""
        count, pieces = self._pieces.setdefault((author, part.digest), (part.count, {}))
        if part.index < count and part.index not in pieces:
            pieces[part.index] = StoredPart(index, self._storage.append(part.data), len(part.data))

    def whole(self, author: bytes, name: bytes) -> bool:
        """Whether all pieces of a bundle are there."""
        count, pieces = self._pieces.get((author, name), (1, {}))
        return len(pieces) == count

    def read(self, author: bytes, name: bytes) -> Multipart:
        """The bundle, which is whole; FormatError if its pieces do not fit."""
        count, pieces = self._pieces[author, name]
        present = [pieces[index] for index in sorted(pieces)]
        sizes = [piece.size for piece in present]
        whole = sizes and all(size == PIECE for size in sizes[:-1])
        if not whole or not min(count - 1, 1) <= sizes[-1] <= PIECE:
            raise FormatError(f"bundle {name.hex()} is not cut into pieces of {PIECE} bytes")
        state = hashlib.sha256()
        for piece in present:
            state.update(self._storage.read(piece.at, piece.size))
        if state.digest() != name:
            raise FormatError(f"the parts of bundle {name.hex()} do not hash to it")
        return Multipart(name, sum(sizes), present, self._storage)
