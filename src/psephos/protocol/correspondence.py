"""Who says, asks, answers and grants what, in the log (`spec/entries.md#words`); decisions too."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace

from psephos.protocol import entries
from psephos.protocol.entries import Entry, Payload
from psephos.protocol.record import Record
from psephos.protocol.setup.definition import Definition
from psephos.protocol.witnessed import Span, Timeline
from psephos.protocol.words import attached

AWAITING = ("incident", "objection", "request")
"""Kinds of which it is said when nobody has answered."""
_QUOTATION = re.compile(r"\AAt ([0-9]{1,15}) ([0-9a-f]{64}): ")


@dataclass(frozen=True)
class Author:
    """Who it was: a name; the role, as `trustee`, or what an observer is called by whoever accredited it."""

    name: str
    role: str


@dataclass(frozen=True)
class Reply:
    """An entry that answers another, or grants what it asks.

    `own` where it is by the very key that it answers: that ends no silence.
    """

    index: int
    author: Author
    own: bool = False


@dataclass(frozen=True)
class Delay:
    """How many seconds something took, at least and at most; None where no checkpoint tells."""

    least: int
    most: int | None


@dataclass(frozen=True)
class Words:
    """An entry with words for people.

    `about` is the index of the entry that it answers or is against, if the log has it; `answers` are the
    entries that answer it. Of a request `granted` is the entry that grants it, `sponsor` who countersigned.
    """

    index: int
    author: Author
    key: bytes
    body_hash: bytes
    payload: Payload
    about: int | None = None
    answers: tuple[Reply, ...] = ()
    granted: Reply | None = None
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

    @property
    def waiting(self) -> bool:
        """Whether it is something to be answered, and nobody but its author has."""
        return self.kind in AWAITING and not self.granted and all(answer.own for answer in self.answers)

    def silence(self, timeline: Timeline) -> int | None:
        """For how many seconds at least nobody has answered; None where somebody has, or nobody can tell."""
        logged, until = timeline.span(self.index).before, timeline.until
        if not self.waiting or logged is None or until is None:
            return None
        return max(until - logged, 0)

    def took(self, reply: Reply, timeline: Timeline) -> Delay:
        """How long a reply took. One that the log has before what it replies to took no time."""
        return between(timeline.span(self.index), timeline.span(reply.index))


def between(first: Span, second: Span) -> Delay:
    """How long after the first of two entries the second was logged."""
    least = most = None
    if first.before is not None and second.after is not None:
        least = second.after - first.before
    if first.after is not None and second.before is not None:
        most = max(second.before - first.after, 0)
    return Delay(max(least or 0, 0), most)


def quotation(text: str) -> tuple[int, str] | None:
    """Size and root in hex of the log that a text begins by quoting, as `psephos statement --quote` does."""
    found = _QUOTATION.match(text)
    return None if found is None else (int(found[1]), found[2])


def unquoted(text: str) -> str:
    """A text without the log that it begins by quoting."""
    return _QUOTATION.sub("", text)


@dataclass
class _Listing:
    """Words in log order, with what points from one to another."""

    known: dict[bytes, Author]
    indices: dict[bytes, int] = field(default_factory=dict)
    keys: dict[int, bytes] = field(default_factory=dict)
    requests: dict[bytes, list[int]] = field(default_factory=dict)
    granted: dict[int, Reply] = field(default_factory=dict)
    words: list[Words] = field(default_factory=list)

    def add(self, index: int, entry: Entry) -> None:
        payload = entry.payload
        author = self.known.get(entry.author) or Author("", "")
        sponsor = None
        if isinstance(payload, entries.Request):
            author, sponsor = Author(payload.name, payload.role), self.known.get(payload.sponsor)
            self.requests.setdefault(entry.author, []).append(index)
        if isinstance(payload, entries.Grant):
            self.known[payload.key] = Author(payload.name, payload.role)
            self.granted |= dict.fromkeys(self.requests.get(payload.key, []), Reply(index, author))
        self.indices.setdefault(entry.body_hash, index)
        self.keys[index] = entry.author
        self.words.append(Words(index, author, entry.author, entry.body_hash, payload, sponsor=sponsor))

    def linked(self) -> Iterator[Words]:
        """All of them, each with what answers it, though a board held back what was answered before."""
        answers: dict[int, list[Reply]] = {}
        about: dict[int, int] = {}
        for one in self.words:
            if not isinstance(one.payload, (entries.Answer, entries.Objection)):
                continue
            if (target := self.indices.get(one.payload.entry)) is None:
                continue
            about[one.index] = target
            if isinstance(one.payload, entries.Answer):
                reply = Reply(one.index, one.author, one.key == self.keys[target])
                answers.setdefault(target, []).append(reply)
        for one in self.words:
            replies = tuple(answers.get(one.index, ()))
            granted = self.granted.get(one.index)
            yield replace(one, about=about.get(one.index), answers=replies, granted=granted)


def words(record: Record) -> tuple[Words, ...]:
    """All of them, the latest first. What is void is none of them."""
    listing = _Listing(dict(_parties(record.definition)))
    for index, entry in sorted([*record.statements, *record.decisions], key=lambda said: said[0]):
        listing.add(index, entry)
    return tuple(reversed(tuple(listing.linked())))


def authors(record: Record) -> Mapping[bytes, Author]:
    """Whose key is whose: of the parties, and of the observers that are accredited by now."""
    accredited = (one.payload for _, one in record.decisions)
    observers = (one for one in accredited if isinstance(one, entries.Grant))
    return dict(_parties(record.definition)) | {
        observer.key: Author(observer.name, observer.role) for observer in observers
    }


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
