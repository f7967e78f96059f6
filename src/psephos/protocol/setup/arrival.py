"""How a definition stands in a log: in entry 0, or in parts behind it (`spec/entries.md#definition`)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from psephos.crypto.signature import PublicKey
from psephos.errors import FormatError, VerificationError
from psephos.protocol import entries, multipart
from psephos.protocol.entries import PIECE, Entry, Part
from psephos.protocol.setup.head import hash_of

IN_ENTRY = 60_000
"""Bytes of the longest document that stands in entry 0 itself."""
LONGEST = 2**24
"""Bytes of the longest document of all."""
MOST_PARTS = -(-LONGEST // PIECE)


def payloads(document: bytes) -> Iterator[entries.Payload]:
    """What the organiser logs first: entry 0, and the parts of a document that does not fit it."""
    whole = len(document) <= IN_ENTRY
    yield entries.DefinitionEntry(document if whole else b"")
    if not whole:
        yield from multipart.cut(document, hash_of(document))


@dataclass
class Arrival:
    """A definition as it comes, entry by entry; what is refused leaves no trace in it."""

    _first: Entry | None = None
    _count: int = 0
    _pieces: list[bytes] = field(default_factory=list)
    _foreseen: bytes = b""
    """The document that `whole_with` has seen to be the one that entry 0 names."""

    def take(self, entry: Entry) -> tuple[Entry, bytes] | None:
        """Entry 0 and the document, once that is whole; None while parts of it are to come.

        VerificationError 2.1 for anything but what must come next.
        """
        if self._first is not None:
            return self._take_part(self._first, entry)
        if not isinstance(entry.payload, entries.DefinitionEntry):
            raise VerificationError("2.1", "organiser", f"entry 0 is a {entry.payload.type_name()}")
        document = entry.payload.document
        if len(document) > IN_ENTRY:
            said = f"a definition of {len(document)} bytes stands in parts, not in entry 0"
            raise VerificationError("2.1", "organiser", said)
        if document:
            return entry, document
        self._first = entry
        return None

    def whole_with(self, entry: Entry) -> bytes | None:
        """The document, if an entry would make it whole; nothing is kept. VerificationError as `take`."""
        taken = Arrival(self._first, self._count, list(self._pieces)).take(entry)
        self._foreseen = b"" if taken is None else taken[1]
        return None if taken is None else taken[1]

    def _take_part(self, first: Entry, entry: Entry) -> tuple[Entry, bytes] | None:
        part = self._check_next(first, entry)
        if part.index + 1 < part.count:
            self._count = part.count
            self._pieces.append(part.data)
            return None
        document = b"".join([*self._pieces, part.data])
        foreseen, self._foreseen = self._foreseen, b""
        if len(document) <= IN_ENTRY or (document != foreseen and hash_of(document) != first.referendum):
            raise VerificationError("2.1", "organiser", "the parts are not the definition that entry 0 names")
        return first, document

    def _check_next(self, first: Entry, entry: Entry) -> Part:
        """The part that an entry is, if it is the next one."""
        part, number = entry.payload, len(self._pieces)
        if not isinstance(part, Part):
            raise _refuse(f"a {part.type_name()} before part {number} of the definition")
        named = (entry.author, entry.referendum, part.digest, part.index)
        if named != (first.author, first.referendum, first.referendum, number):
            raise _refuse(f"not part {number} of the definition, by whoever signed entry 0")
        if part.count != (self._count or part.count) or not number < part.count <= MOST_PARTS:
            raise _refuse(f"part {number} of {part.count}, of a definition of at most {MOST_PARTS} parts")
        if len(part.data) != PIECE and (part.index + 1 < part.count or not 0 < len(part.data) < PIECE):
            raise _refuse(f"part {number} of the definition has {len(part.data)} bytes")
        try:
            PublicKey(entry.author).verify(entry.signed_bytes, entry.signature)
        except (VerificationError, FormatError):
            raise _refuse(f"part {number} of the definition is not signed") from None
        return part


def _refuse(message: str) -> VerificationError:
    return VerificationError("2.1", "board", message)


def document_of(log: Iterable[Entry]) -> bytes:
    """The definition with which a log begins; FormatError where it does not begin with one."""
    arrival = Arrival()
    for entry in log:
        try:
            taken = arrival.take(entry)
        except VerificationError as error:
            raise FormatError(error.message) from None
        if taken is not None:
            return taken[1]
    raise FormatError("the log does not hold all parts of its definition yet")
