"""Parts whose bundle no entry has closed: which of them the board still logs (`spec/messages.md#budgets`)."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field

from psephos.protocol.enrolment.admission import Rejection
from psephos.protocol.enrolment.roster import LEAD, Roster
from psephos.protocol.entries import PIECE, Batch, Issued, Part, Payload, Roll, Shares, TokenKeys
from psephos.protocol.record import Record

TRIES = 4
"""Bundles as long as its shares that a trustee may begin."""


@dataclass
class _Begun:
    """A bundle: how many parts it has, which are there, and their bytes until an entry closes it."""

    count: int
    there: set[int] = field(default_factory=set)
    waiting: int = 0


class UnclosedParts:
    """All bundles of a log, by author and digest."""

    def __init__(self, record: Record) -> None:
        self._record = record
        self._begun: dict[tuple[bytes, bytes], _Begun] = {}
        self._waiting: Counter[bytes] = Counter()
        self._sizes: dict[int, int] = {}

    def note(self, author: bytes, payload: Payload) -> None:
        """An entry of the log."""
        if isinstance(payload, Part):
            begun = self._begun.setdefault((author, payload.digest), _Begun(payload.count))
            begun.there.add(payload.index)
            begun.waiting += len(payload.data)
            self._waiting[author] += len(payload.data)
        elif isinstance(payload, (TokenKeys, Roll, Batch, Issued, Shares)):
            begun = self._begun.get((author, payload.digest), _Begun(0))
            self._waiting[author] -= begun.waiting
            begun.waiting = 0

    def fault(self, author: bytes, part: Part) -> Rejection | None:
        """Why a part is not logged; None where it is."""
        longest = self._longest(author)
        if longest is None:
            return Rejection("budget", "its author may close no bundle now: no part is expected")
        begun = self._begun.get((author, part.digest), _Begun(part.count))
        if part.index >= begun.count or part.count != begun.count or part.index in begun.there:
            return Rejection(
                "budget",
                f"part {part.index} of {part.count}: expected one of {begun.count} that is not logged yet",
            )
        whole = PIECE if part.index < part.count - 1 else len(part.data)
        if len(part.data) != whole or whole > PIECE or (part.count - 1) * PIECE > longest:
            return Rejection(
                "budget",
                f"part {part.index} of {part.count}: expected the parts of at most {longest:,} bytes",
            )
        most = self._most(author, longest)
        if self._waiting[author] + len(part.data) > most:
            return Rejection("budget", f"at most {most:,} bytes of parts whose bundles are not closed")
        return None

    def _most(self, author: bytes, longest: int) -> int:
        """Bytes that an author's parts have while their bundles are not closed."""
        parts = self._record.definition.budgets.parts
        return min(parts, TRIES * longest) if self._registrar(author) is None else parts

    def _registrar(self, author: bytes) -> int | None:
        """The number of the registrar that holds a key, from 1."""
        keys = [registrar.key for registrar in self._record.definition.registrars]
        return keys.index(author) + 1 if author in keys else None

    def _longest(self, author: bytes) -> int | None:
        """Bytes of the longest bundle that an author may close next; None where there is none."""
        registrar = self._registrar(author)
        if registrar is not None:
            return self._record.definition.budgets.parts if self._registrar_may_close(registrar) else None
        return self._shares(author)

    def _shares(self, author: bytes) -> int | None:
        """Bytes of the shares that a trustee may give next."""
        record = self._record
        trustee = record.definition.trustees.index(author)
        stage = record.count.stage if record.count is not None and record.released else None
        if trustee is None or stage is None or record.count is None:
            return None
        if trustee not in record.joint_key.participants or trustee in record.count.shares[stage]:
            return None
        if stage not in self._sizes:
            self._sizes[stage] = record.count.size(stage)
        return self._sizes[stage]

    def _registrar_may_close(self, registrar: int) -> bool:
        """Whether a registrar's token keys, or something of a region, may be logged."""
        record = self._record
        if record.over:
            return False
        if not record.ceremony.complete and registrar not in record.registrar_keys.entries:
            return True
        return any(self._due(roster, registrar) for roster in record.rosters)

    def _due(self, roster: Roster, registrar: int) -> bool:
        """Whether a registrar's roll of a region, its next batch or its issued hashes may be logged."""
        if registrar not in roster.rolls:
            return roster.enrolling and (registrar == LEAD or LEAD in roster.rolls)
        if not self._record.ceremony.complete or len(roster.rolls) < roster.registrars:
            return False
        if roster.complete:
            return not roster.opened and not roster.out
        return registrar == LEAD and roster.enrolling
