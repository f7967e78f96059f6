"""Tries at batches, as the first registrar keeps them: whom it asked what, the answers, and what it cut."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from psephos.crypto.column import rows
from psephos.protocol.entries import BatchAnswer, BatchQuery, decode
from psephos.registrar.store import RegistrarStore

ASKING, CUT, SAME, NONE = "asking", "cut", "same", "none"
"""How an attempt stands: until all answers are in; a batch was cut; the same as before; nothing to cut."""

AT_ONCE = 16
"""Questions to a registrar that are taken out at one time: each may have 128 KiB."""

BatchId = tuple[int, int]
"""A region, and the number of a batch."""

_LAST = """SELECT attempt, shut, state FROM attempts WHERE region = ? AND batch = ?
    ORDER BY attempt DESC LIMIT 1"""
_CUTS = (
    "SELECT attempt, entry FROM attempts WHERE region = ? AND batch = ? AND state = 'cut' ORDER BY attempt"
)
_CONTENT = "SELECT content FROM attempts WHERE region = ? AND batch = ? AND attempt = ?"
_OPEN = """SELECT 1 FROM queries WHERE region = ? AND batch = ? AND attempt = ? AND answer IS NULL LIMIT 1"""
_ANSWERED = "SELECT query, answer FROM queries WHERE region = ? AND batch = ? AND attempt = ?"
_UNANSWERED = """SELECT registrar, query FROM (
        SELECT registrar, query, ROW_NUMBER() OVER (PARTITION BY registrar ORDER BY region, number) AS place
        FROM queries WHERE answer IS NULL
        AND batch > COALESCE((SELECT batches FROM regions WHERE regions.region = queries.region), 0)
    ) WHERE place <= ? ORDER BY registrar, place"""
_SUPERSEDED = (
    """DELETE FROM queries WHERE region = ? AND batch = ? AND (answer IS NULL OR attempt IN (
        SELECT attempt FROM attempts AS idle WHERE idle.region = queries.region
        AND idle.batch = queries.batch AND idle.state IN ('same', 'none')))""",
    "DELETE FROM attempts WHERE region = ? AND batch = ? AND state IN ('same', 'none')",
)
_IS_OPEN = "SELECT 1 FROM queries WHERE region = ? AND answer IS NULL LIMIT 1"
_TAKE = "UPDATE queries SET answer = ? WHERE registrar = ? AND query = ? AND answer IS NULL"
_SETTLE = """UPDATE attempts SET state = ?, content = ?, entry = ?
    WHERE region = ? AND batch = ? AND attempt = ?"""


@dataclass(frozen=True)
class PendingQuery:
    """A batch-query on its way to a registrar."""

    registrar: int
    message: bytes


@dataclass(frozen=True)
class BatchAttempt:
    """One try at a batch, numbered from 1."""

    number: int
    shut: bool
    """Whether it was begun after the region was shut, so that no card can come any more."""
    state: str


@dataclass(frozen=True)
class Cut:
    """A batch that an attempt led to; `entry` closes its bundle."""

    attempt: int
    entry: bytes

    @property
    def body_hash(self) -> bytes:
        """By which the log knows the entry."""
        return decode(self.entry).body_hash


class BatchAttempts:
    """All attempts at all batches; what others have signed is kept."""

    def __init__(self, store: RegistrarStore) -> None:
        self._store = store

    def last(self, place: BatchId) -> BatchAttempt | None:
        """The last attempt at a batch."""
        known = self._store.read(_LAST, *place)
        return BatchAttempt(known[0][0], bool(known[0][1]), known[0][2]) if known else None

    def begin(self, place: BatchId, shut: bool, asked: Iterable[int], messages: Sequence[bytes]) -> None:
        """One more attempt, with these questions to each of these registrars.

        What it takes the place of goes: earlier questions without an answer, and attempts that led to no
        batch. So a registrar that never answers, or never endorses, fills no disk.
        """
        last = self.last(place)
        attempt = (*place, last.number + 1 if last else 1)
        questions = [
            (*attempt, registrar, number, message)
            for registrar in asked
            for number, message in enumerate(messages)
        ]
        with self._store.write() as database:
            for statement in _SUPERSEDED:
                database.execute(statement, place)
            row = [*attempt, int(shut), ASKING, None, None]
            database.execute("INSERT INTO attempts VALUES (?, ?, ?, ?, ?, ?, ?)", row)
            database.executemany("INSERT INTO queries VALUES (?, ?, ?, ?, ?, ?, NULL)", questions)

    def questions(self) -> list[PendingQuery]:
        """What is to be asked of whom next; not about batches in effect, on which nobody answers any more."""
        return [PendingQuery(*row) for row in self._store.read(_UNANSWERED, AT_ONCE)]

    def end(self, region: int) -> None:
        """Nothing of a region is asked any more: it is complete, or out."""
        if self._store.read(_IS_OPEN, region):
            with self._store.write() as database:
                database.execute("DELETE FROM queries WHERE region = ? AND answer IS NULL", [region])

    def take(self, question: PendingQuery, answer: bytes) -> None:
        """Keep an answer."""
        with self._store.write() as database:
            database.execute(_TAKE, [answer, question.registrar, question.message])

    def answered(self, place: BatchId, attempt: BatchAttempt) -> bool:
        """Whether all answers are in."""
        return not self._store.read(_OPEN, *place, attempt.number)

    def agreed(self, place: BatchId, attempt: BatchAttempt) -> set[bytes]:
        """The digests of the records that nobody who was asked about them has said to lack."""
        asked, lacking = set[bytes](), set[bytes]()
        for query, answer in self._store.read(_ANSWERED, *place, attempt.number):
            about = _records(query)
            asked |= about
            lacking |= about - _records(answer) if answer is not None else set()
        return asked - lacking

    def settle(
        self,
        place: BatchId,
        attempt: BatchAttempt,
        state: str,
        content: bytes | None = None,
        entry: bytes = b"",
    ) -> None:
        """End an attempt: with a batch's content and entry, where one was cut."""
        with self._store.write() as database:
            database.execute(_SETTLE, [state, content, entry, *place, attempt.number])

    def cuts(self, place: BatchId) -> list[Cut]:
        """All cuts of a batch, the last of which is to stand."""
        return [Cut(*row) for row in self._store.read(_CUTS, *place)]

    def content(self, place: BatchId, cut: Cut) -> bytes:
        """The records of a cut, ascending by K."""
        ((content,),) = self._store.read(_CONTENT, *place, cut.attempt)
        return bytes(content)


def _records(message: bytes) -> set[bytes]:
    """The digests that a query or an answer names."""
    payload = decode(message, message=True).payload
    if not isinstance(payload, BatchQuery | BatchAnswer):
        raise TypeError(f"a {payload.type_name()} names no records")
    return set(rows(payload.records, 32))
