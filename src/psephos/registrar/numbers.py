"""How far enrolment is, in figures that tell nothing of anybody."""

from __future__ import annotations

from typing import NamedTuple

from psephos.registrar.cards import COUNT
from psephos.registrar.store import Read


class EnrolmentNumbers(NamedTuple):
    """Of a region: voters on the roll, voters who got tokens, cards admitted, of them those in no batch;
    batches in effect; whether nothing is taken any more."""

    roll: int
    given: int
    cards: int
    waiting: int
    batches: int
    shut: int


_COUNTS = (
    "SELECT COUNT(*) FROM roll WHERE region = ?",
    "SELECT COUNT(*) FROM given WHERE region = ?",
    COUNT,
    "SELECT COUNT(*) FROM admitted WHERE region = ? AND batch IS NULL",
    "SELECT COALESCE(SUM(batches), 0) FROM regions WHERE region = ?",
    "SELECT COUNT(*) FROM regions WHERE region = ? AND shut",
)


def count(read: Read, region: int) -> EnrolmentNumbers:
    """A region's numbers."""
    return EnrolmentNumbers(*(read(statement, region)[0][0] for statement in _COUNTS))
