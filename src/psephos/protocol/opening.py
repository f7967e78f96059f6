"""When a region opens, or can no longer (`spec/phases.md#opening`)."""

from __future__ import annotations

from psephos.protocol.checks import Notice
from psephos.protocol.enrolment.roster import LEAD, Roster
from psephos.protocol.state import State

TIME_TO_FOLLOW = 3_600
"""Seconds before the first planned seal by which the lead must have acted, so that the others can follow."""


def may_open(record: State, roster: Roster) -> bool:
    """Whether enrolment and its review are over."""
    over = review_over(record, roster)
    return over is not None and record.time >= over


def review_over(record: State, roster: Roster) -> int | None:
    """When a region's review is over, UTC seconds; None while nobody has seen it begin, or it is out."""
    issued = roster.issued_at
    if not roster.complete or issued is None or roster.out:
        return None
    first = next((checkpoint for checkpoint in record.checkpoints if checkpoint.size > issued), None)
    return None if first is None else first.seen + record.definition.regions[roster.region].review


def note_opened(record: State, index: int, roster: Roster) -> None:
    """Check 4.7 of a region that has just opened."""
    record.examined["4.7"] += 1
    most = max(1, roster.enrolled // record.definition.min_batch)
    if len(roster.batches) > most:
        region = record.definition.regions[roster.region].id
        message = f"{region} has {len(roster.batches)} batches instead of at most {most}"
        record.notices.append(Notice(index, "4.7", message))
    if not all(one.opened for one in record.rosters):
        return
    for number in range(1, roster.registrars + 1):
        issued = sum(one.issued_by(number) for one in record.rosters)
        given = record.registrar_keys.given.get(number, 0)
        if issued != given:
            message = f"registrar {number} counted {given} tokens and issued {issued}"
            record.notices.append(Notice(index, "4.7", message))


def leave_out(record: State, index: int) -> None:
    """Leave regions out whose first window has passed before they opened, at a checkpoint entry."""
    for windows, roster in zip(record.windows, record.rosters, strict=True):
        passed = record.time > windows.plans[0][1]
        if record.cancelled is not None or windows.opened or windows.out is not None or not passed:
            continue
        roster.missed = _waited_for(record, roster, windows.plans[0][1] - TIME_TO_FOLLOW)
        named = ", ".join(f"registrar {number}" for number in roster.missed)
        why = f"; it waited for {named}" if named else ""
        roster.out, windows.out, roster.standing = True, index, None
        record.examined["4.7"] += 1
        record.notices.append(Notice(index, "4.7", f"{windows.region.id} never opened{why}"))


def _waited_for(record: State, roster: Roster, latest: int) -> tuple[int, ...]:
    """The registrars that have not done their part; beside others the lead, unless it acted by `latest`."""
    if not record.ceremony.complete:
        numbers = range(1, roster.registrars + 1)
        return tuple(number for number in numbers if number not in record.registrar_keys.entries)
    named = roster.waited_for()
    seen = any(
        checkpoint.size > roster.led and checkpoint.seen <= latest for checkpoint in record.checkpoints
    )
    return tuple(named if seen or not named or LEAD in named else [LEAD, *named])
