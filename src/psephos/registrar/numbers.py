"""How far enrolment is, in figures that tell nothing of anybody."""

from __future__ import annotations

from typing import NamedTuple

from psephos.registrar.office import Office


class Numbers(NamedTuple):
    """Of a region: voters on the roll, voters with a token, voters' groups that wait, batches signed."""

    roll: int
    issued: int
    waiting: int
    batches: int


_COUNTS = (
    "SELECT COUNT(*) FROM roll WHERE region = ?",
    "SELECT COUNT(*) FROM issued WHERE region = ? AND hash IS NOT NULL",
    "SELECT COALESCE(SUM(voters), 0) FROM waiting WHERE region = ?",
    "SELECT COUNT(*) FROM batches WHERE region = ?",
)


def count(office: Office, region: int) -> Numbers:
    """A region's numbers."""
    return Numbers(*(office.store.read(statement, region)[0][0] for statement in _COUNTS))
