"""What is longer than an entry: parts, and the entry that closes them (`spec/entries.md#bundles`)."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator

from psephos.errors import EvidenceMissing, FormatError
from psephos.protocol.entry import PIECE, Part


def digest(content: bytes) -> bytes:
    """By what the entry that closes a bundle names it."""
    return hashlib.sha256(content).digest()


def cut(content: bytes) -> Iterator[Part]:
    """The parts of a bundle, in order."""
    name = digest(content)
    count = max(1, -(-len(content) // PIECE))
    for index in range(count):
        yield Part(name, index, count, content[index * PIECE : (index + 1) * PIECE])


class Bundles:
    """Parts seen so far, by author and digest."""

    def __init__(self) -> None:
        self._pieces: dict[tuple[bytes, bytes], tuple[int, dict[int, bytes]]] = {}

    def add(self, author: bytes, part: Part) -> None:
        """Keep a part; of two with one index the first counts."""
        _, pieces = self._pieces.setdefault((author, part.digest), (part.count, {}))
        pieces.setdefault(part.index, part.data)

    def read(self, author: bytes, name: bytes, check: str) -> bytes:
        """The closed bundle's bytes. EvidenceMissing without all pieces, FormatError if they do not fit."""
        count, pieces = self._pieces.get((author, name), (1, {}))
        present = [pieces[index] for index in sorted(pieces) if index < count]
        if len(present) < count:
            raise EvidenceMissing(
                f"bundle {name.hex()} lacks {count - len(present)} of its {count} parts", check
            )
        content = b"".join(present)
        if [len(piece) for piece in present] != [len(part.data) for part in cut(content)]:
            raise FormatError(f"bundle {name.hex()} is not cut into pieces of {PIECE} bytes")
        if digest(content) != name:
            raise FormatError(f"the parts of bundle {name.hex()} do not hash to it")
        return content
