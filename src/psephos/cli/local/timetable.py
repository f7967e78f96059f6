"""When what is due: from a plan's days, as they are or moved to now."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from psephos.organiser.plan.reading import Plan

_CLOSING = 60
"""Seconds that enrolment ends before a region's first day opens; at most a fifth of the time to enrol."""


@dataclass(frozen=True)
class Timetable:
    """The days of each region by its id, UTC seconds."""

    days: Mapping[str, Sequence[tuple[int, int]]]

    @classmethod
    def of(cls, regions: Sequence[Mapping[str, Any]]) -> Timetable:
        """That of the regions of a plan or a definition."""
        return cls({one["id"]: [(day[0], day[1]) for day in one["days"]] for one in regions})

    @property
    def opens(self) -> int:
        """When the first day of all opens."""
        return min(days[0][0] for days in self.days.values())

    @property
    def sealed(self) -> int:
        """When the last day of all is sealed."""
        return max(days[-1][1] for days in self.days.values())

    def closing(self, region: str, begun: int) -> int:
        """When enrolment ends in a region, of a referendum that was begun then."""
        opens = self.days[region][0][0]
        return opens - min(_CLOSING, max(1, (opens - begun) // 5))


def moved(plan: Plan, now: int, seconds: int) -> Plan:
    """The plan with all days so long, one after the other, the first of them after as long from now.

    Days that begin at the same time in several regions still do.
    """
    regions = plan.members["regions"]
    begins = sorted({day[0] for region in regions for day in region["days"]})
    place = {opens: number for number, opens in enumerate(begins, 1)}
    return replace(
        plan,
        members={
            **plan.members,
            "regions": [
                {**one, "days": [_day(now, seconds, place[day[0]]) for day in one["days"]]} for one in regions
            ],
        },
    )


def _day(now: int, seconds: int, number: int) -> list[int]:
    return [now + number * seconds, now + (number + 1) * seconds]
