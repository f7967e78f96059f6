"""How a definition stands in a log: in entry 0, or in the parts behind it. spec/entries.md#definition"""

from __future__ import annotations

from ceremony import FatalError
from entries import PIECE, Entry

IN_ENTRY = 60_000
LONGEST = 2**24


class Arrival:
    """A definition as it comes."""

    def __init__(self) -> None:
        self.first: Entry | None = None
        self.pieces: list[bytes] = []
        self.count = 0

    def take(self, entry: Entry, pinned: bytes) -> tuple[Entry, bytes] | None:
        """Entry 0 and the document once it is whole; else None, or check 2.1 fails."""
        if self.first is not None:
            return self._part(self.first, entry)
        if entry.type != "definition":
            raise FatalError("2.1", "entry 0 is no definition", "organiser")
        document = entry["document"]
        if document:
            if len(document) > IN_ENTRY:
                raise FatalError("2.1", "a definition that should stand in parts", "organiser")
            return entry, document
        if entry.referendum != pinned:
            raise FatalError("2.1", "not the pinned definition", "organiser")
        self.first = entry
        return None

    def _part(self, first: Entry, entry: Entry) -> tuple[Entry, bytes] | None:
        number = len(self.pieces)
        if not self._next(first, entry, number):
            raise FatalError("2.1", f"not part {number} of the definition", "board")
        self.count = entry["count"]
        self.pieces.append(entry["data"])
        if number + 1 < self.count:
            return None
        document = b"".join(self.pieces)
        if len(document) <= IN_ENTRY:
            raise FatalError("2.1", "a definition that should stand in entry 0", "organiser")
        return first, document

    def _next(self, first: Entry, entry: Entry, number: int) -> bool:
        if entry.type != "part":
            return False
        count, size = entry["count"], len(entry["data"])
        last = number + 1 == count
        return (
            (entry.author, entry.referendum) == (first.author, first.referendum)
            and (entry["digest"], entry["index"]) == (first.referendum, number)
            and count == (self.count or count)
            and number < count <= -(-LONGEST // PIECE)
            and (0 < size <= PIECE if last else size == PIECE)
            and entry.signed()
        )
