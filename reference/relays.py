"""When a relay forwards what it is given: periods and windows of spec/definition.md#enrolment."""

from __future__ import annotations


def period(closes: set[int], hold: int, now: int) -> tuple[int, int] | None:
    """Beginning and end of the period that holds a time; nothing once the last enrolment is closed."""
    end = min((time for time in closes if time > now), default=None)
    if end is None:
        return None
    before = max((time for time in closes if time <= now), default=None)
    number = (end - now - 1) // hold  # whole periods between this one and its close
    if before is not None:
        last = max((end - before) // hold - 1, 0)  # the first has what is left over as well
        if number >= last:
            return before, end - last * hold
    return end - (number + 1) * hold, end - number * hold


def window(closes: set[int], hold: int, now: int) -> tuple[int, int] | None:
    """Between which times that is forwarded which comes at a time; nothing after the last close."""
    here = period(closes, hold, now)
    return (here[1], here[1] + hold) if here else None
