"""What parties and observers have said in the log, and what the organiser has decided."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from psephos.protocol import entry as entries
from psephos.protocol.entry import Entry
from psephos.protocol.record import Record
from psephos.protocol.setup.definition import Definition


@dataclass(frozen=True)
class Author:
    """Who it was: a name; the role, as `trustee`, or what the organiser calls an accredited observer."""

    name: str
    role: str


@dataclass(frozen=True)
class Words:
    """An entry with words for people.

    `kind` is its type; `language` the tag of its text, empty where it has none; `attachment` the SHA-256 of
    a file in hex, or empty; `day` what an amendment moves: region, day, new opening and seal in UTC seconds.
    """

    index: int
    author: Author
    kind: str
    subject: str
    language: str
    text: str
    attachment: str = ""
    day: tuple[int, int, int, int] | None = None


def words(record: Record) -> tuple[Words, ...]:
    """All of them, the latest first. What is void is none of them."""
    said = sorted([*record.statements, *record.decisions])
    known = dict(_parties(record.definition))
    found = []
    for index, entry in said:
        found.append(_words(index, entry, known[entry.author]))
        if isinstance(one := entry.payload, entries.Accreditation):
            known[one.key] = Author(one.name, one.role)
    return tuple(reversed(found))


def authors(record: Record) -> dict[bytes, Author]:
    """Whose key is whose: of the parties, and of the observers that are accredited by now."""
    accredited = (one.payload for _, one in record.decisions)
    observers = (one for one in accredited if isinstance(one, entries.Accreditation))
    return dict(_parties(record.definition)) | {one.key: Author(one.name, one.role) for one in observers}


def _parties(definition: Definition) -> Iterator[tuple[bytes, Author]]:
    yield definition.organiser.key, Author(definition.organiser.name, "organiser")
    yield definition.registrar.key, Author(definition.registrar.name, "registrar")
    yield definition.board.key, Author(definition.board.name, "board")
    for trustee in definition.trustees.members:
        yield trustee.key, Author(trustee.name, "trustee")


def _words(index: int, entry: Entry, author: Author) -> Words:
    kind = entry.payload.type_name()
    match entry.payload:
        case entries.Statement(subject, language, text, attachment):
            return Words(index, author, kind, subject, language, text, attachment.hex())
        case entries.Amend(region, day, opens, seals, reason):
            return Words(index, author, kind, "", "", reason, day=(region, day, opens, seals))
        case entries.Cancel(reason):
            return Words(index, author, kind, "", "", reason)
        case entries.Accreditation(_, name, role):
            return Words(index, author, kind, "", "", f"{name} ({role})")
    raise TypeError(f"{kind}: nothing for people")
