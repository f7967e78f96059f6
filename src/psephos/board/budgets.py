"""How much of each author the board logs, and what it refuses for being more (`spec/messages.md#budgets`)."""

from __future__ import annotations

from bisect import bisect_right
from collections import Counter, defaultdict, deque
from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass, field

from psephos.board.unclosed import UnclosedParts
from psephos.protocol import entries
from psephos.protocol.enrolment.admission import Rejection
from psephos.protocol.entries import BALLOT_HEAD, Entry
from psephos.protocol.record import WEIGHING_HEAD, Record
from psephos.protocol.words import DAY, WORDS, asked_from, attached, request_budget

REPLACEMENTS = 16
"""Batches that take the place of another of their number, and issued hashes that do, by one registrar."""


@dataclass
class _Spent:
    """An entry that counts for a day: where it stands, when it was logged, bytes of entry and attachment.

    Of requests each counts one.
    """

    index: int
    time: int | None
    words: int
    file: int


@dataclass
class BudgetLedger:
    """What each author has in a log; nothing of it is kept on disk, for all of it follows from the log."""

    record: Record
    file_size: Callable[[bytes], int]
    """Bytes of a blob that the log has, by its SHA-256."""
    _words: defaultdict[bytes, deque[_Spent]] = field(default_factory=lambda: defaultdict(deque))
    _accredited: Counter[bytes] = field(default_factory=Counter)
    _replaced: Counter[Hashable] = field(default_factory=Counter)
    """How often a batch of a number, or a registrar's issued hashes of a region, were logged."""

    def __post_init__(self) -> None:
        self._parts = UnclosedParts(self.record)

    def note(self, start: int, logged: Sequence[Entry], now: int) -> None:
        """Entries of the log from `start`, neither ballots nor weighings; `now` is when they were logged."""
        for index, entry in enumerate(logged, start):
            self._note(index, entry, now)

    def note_logged(self, start: int, data: Sequence[bytes]) -> None:
        """Entries of the log from `start` that an earlier process has logged: `date` dates them."""
        for index, logged in enumerate(data, start):
            if logged[:3] not in (BALLOT_HEAD, WEIGHING_HEAD):
                self._note(index, entries.decode(logged), None)

    def _note(self, index: int, entry: Entry, now: int | None) -> None:
        payload = entry.payload
        if index >= self.record.beginning:  # what the definition takes is nobody's budget
            self._parts.note(entry.author, payload)
        if isinstance(payload, entries.Batch | entries.Issued):
            self._replaced[_place(entry)] += 1
        if isinstance(payload, WORDS):
            digest = attached(payload)
            spent = _Spent(index, now, len(entry.data), self.file_size(digest) if digest else 0)
            self._words[entry.author].append(spent)
        if isinstance(payload, entries.Request):
            self._words[asked_from(payload)].append(_Spent(index, now, 1, 0))
        if isinstance(payload, entries.Grant):
            self._accredited[entry.author] += 1

    def date(self, now: int) -> None:
        """Say of entries that an earlier process logged when it was: at the latest, and no later than now."""
        seen = self.record.checkpoints
        undated = (spent for words in self._words.values() for spent in words if spent.time is None)
        for spent in undated:
            covering = bisect_right(seen, spent.index, key=lambda checkpoint: checkpoint.size)
            spent.time = seen[covering].seen if covering < len(seen) else now

    def fault(self, entry: Entry, file: int, now: int) -> Rejection | None:
        """Why an entry with an attachment of `file` bytes is too much now; None where it is not."""
        payload, budgets = entry.payload, self.record.definition.budgets
        if isinstance(payload, entries.Part):
            return self._parts.fault(entry.author, payload)
        if isinstance(payload, entries.Request):
            return self._request(payload, now)
        if isinstance(payload, entries.Batch | entries.Issued):
            return self._replacement(entry)
        if isinstance(payload, entries.Grant) and self._accredited[entry.author] >= budgets.observers:
            return Rejection("budget", f"at most {budgets.observers} accredited keys per party")
        if not isinstance(payload, WORDS):
            return None
        day = self._day(entry.author, now)
        words, files = (
            len(entry.data) + sum(spent.words for spent in day),
            file + sum(spent.file for spent in day),
        )
        if words <= budgets.words and (not file or files <= budgets.files):
            return None
        of, most, had = (
            ("entries", budgets.words, words)
            if words > budgets.words
            else ("attachments", budgets.files, files)
        )
        return self._over(
            day, f"at most {most:,} bytes of {of} per author and day; with this it would be {had:,}"
        )

    def _replacement(self, entry: Entry) -> Rejection | None:
        """The first takes the place of none."""
        if self._replaced[_place(entry)] <= REPLACEMENTS:
            return None
        kind = entry.payload.type_name()
        return Rejection("budget", f"a logged {kind} can be replaced at most {REPLACEMENTS} times")

    def _request(self, request: entries.Request, now: int) -> Rejection | None:
        day, most = self._day(asked_from(request), now), request_budget(request, self.record.definition)
        if len(day) < most:
            return None
        return self._over(day, f"at most {most} such requests per day")

    def _day(self, author: bytes, now: int) -> deque[_Spent]:
        """What an author has logged in the day before now."""
        words = self._words[author]
        while words and words[0].time is not None and words[0].time <= now - DAY:
            words.popleft()
        return words

    def _over(self, day: Sequence[_Spent], message: str) -> Rejection:
        """A refusal that anybody can hold against the log: it names the entries that used the budget up."""
        first = day[0].index if day else self.record.size
        evidence = b"".join(index.to_bytes(8, "little") for index in (first, self.record.size))
        return Rejection("budget", f"{message}; try again later", evidence)


def _place(entry: Entry) -> Hashable:
    """What a batch or issued hashes take the place of."""
    payload = entry.payload
    number = payload.batch if isinstance(payload, entries.Batch) else 0
    return entry.author, type(payload), getattr(payload, "region", 0), number
