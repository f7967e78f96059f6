"""How far enrolment is, in figures that tell nothing of anybody."""

from __future__ import annotations

from typing import NamedTuple

from psephos.registrar.store import Read


class Numbers(NamedTuple):
    """Of a region: voters on the roll, voters with a token, voters' groups that wait, batches signed; whether
    enrolment is over."""

    roll: int
    issued: int
    waiting: int
    batches: int
    closed: int


_COUNTS = (
    "SELECT COUNT(*) FROM roll WHERE region = ?",
    "SELECT COUNT(*) FROM issued WHERE region = ? AND hash IS NOT NULL",
    "SELECT COALESCE(SUM(voters), 0) FROM waiting WHERE region = ?",
    "SELECT COUNT(*) FROM batches WHERE region = ?",
    "SELECT COUNT(*) FROM regions WHERE region = ? AND closed",
)


def count(read: Read, region: int) -> Numbers:
    """A region's numbers."""
    return Numbers(*(read(statement, region)[0][0] for statement in _COUNTS))
