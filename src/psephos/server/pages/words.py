"""What is said, asked and granted in the log, and what the organiser has decided."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace

from psephos.protocol import entry as entries
from psephos.protocol.entry import Entry, Payload
from psephos.protocol.record import Record
from psephos.protocol.setup.definition import Definition
from psephos.protocol.words import attached


@dataclass(frozen=True)
class Author:
    """Who it was: a name; the role, as `trustee`, or what an observer is called by whoever accredited it."""

    name: str
    role: str


@dataclass(frozen=True)
class Words:
    """An entry with words for people.

    `about` is the index of the entry that it answers or is against, if the log has it; `answers` are the
    entries that answer it. Of a request `granted` is the entry that grants it, `sponsor` who countersigned.
    """

    index: int
    author: Author
    payload: Payload
    about: int | None = None
    answers: tuple[int, ...] = ()
    granted: int | None = None
    sponsor: Author | None = None

    @property
    def kind(self) -> str:
        """Its type."""
        return self.payload.type_name()

    @property
    def language(self) -> str:
        """The tag of its text; empty where it has none."""
        return str(getattr(self.payload, "language", ""))

    @property
    def attachment(self) -> str:
        """SHA-256 of a file in hex; empty where there is none."""
        return attached(self.payload).hex()


@dataclass
class _Listing:
    """Words in log order, with what points from one to another."""

    known: dict[bytes, Author]
    places: dict[bytes, int] = field(default_factory=dict)
    answers: dict[int, list[int]] = field(default_factory=dict)
    asked: dict[bytes, list[int]] = field(default_factory=dict)
    granted: dict[int, int] = field(default_factory=dict)
    words: list[Words] = field(default_factory=list)

    def add(self, index: int, entry: Entry) -> None:
        payload = entry.payload
        author = self.known.get(entry.author)
        sponsor = None
        if isinstance(payload, entries.Request):
            author, sponsor = Author(payload.name, payload.role), self.known.get(payload.sponsor)
            self.asked.setdefault(entry.author, []).append(index)
        if isinstance(payload, entries.Grant):
            self.known[payload.key] = Author(payload.name, payload.role)
            self.granted |= dict.fromkeys(self.asked.get(payload.key, []), index)
        about = (
            self.places.get(payload.entry)
            if isinstance(payload, (entries.Answer, entries.Objection))
            else None
        )
        if about is not None and isinstance(payload, entries.Answer):
            self.answers.setdefault(about, []).append(index)
        self.places.setdefault(entry.body_hash, index)
        self.words.append(Words(index, author or Author("", ""), payload, about, sponsor=sponsor))


def words(record: Record) -> tuple[Words, ...]:
    """All of them, the latest first. What is void is none of them."""
    listing = _Listing(dict(_parties(record.definition)))
    for index, entry in sorted([*record.statements, *record.decisions], key=lambda said: said[0]):
        listing.add(index, entry)
    answers, granted = listing.answers, listing.granted
    return tuple(
        replace(one, answers=tuple(answers.get(one.index, ())), granted=granted.get(one.index))
        for one in reversed(listing.words)
    )


def authors(record: Record) -> Mapping[bytes, Author]:
    """Whose key is whose: of the parties, and of the observers that are accredited by now."""
    accredited = (one.payload for _, one in record.decisions)
    observers = (one for one in accredited if isinstance(one, entries.Grant))
    return dict(_parties(record.definition)) | {one.key: Author(one.name, one.role) for one in observers}


def _parties(definition: Definition) -> Iterator[tuple[bytes, Author]]:
    yield definition.organiser.key, Author(definition.organiser.name, "organiser")
    for registrar in definition.registrars:
        yield registrar.key, Author(registrar.name, "registrar")
    yield definition.board.key, Author(definition.board.name, "board")
    for trustee in definition.trustees.members:
        yield trustee.key, Author(trustee.name, "trustee")
    for witness in definition.witnesses.members:
        yield witness.key, Author(witness.name, "witness")
    if definition.appeals is not None:
        yield definition.appeals.key, Author(definition.appeals.name, "appeals")
