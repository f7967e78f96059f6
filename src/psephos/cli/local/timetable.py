"""When what is due: from a plan's days, as they are or moved to now."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from psephos.organiser.plan.reading import DefinitionTemplate

_TENTH = 10
"""Tolerance, review and the relays' period are at most this part of the time to enrol."""
_SPARE = 20
"""Seconds that registrars have at least, to agree on the last cards of a region."""


@dataclass(frozen=True)
class Timetable:
    """The days of each region by its id, and when enrolment closes there, UTC seconds."""

    days: Mapping[str, Sequence[tuple[int, int]]]
    closes: Mapping[str, int]

    @classmethod
    def of(cls, regions: Sequence[Mapping[str, Any]]) -> Timetable:
        """That of the regions of a plan or a definition."""
        days = {one["id"]: [(day[0], day[1]) for day in one["days"]] for one in regions}
        return cls(days, {one["id"]: one["closes"] for one in regions})

    @property
    def opens(self) -> int:
        """When the first day of all opens."""
        return min(days[0][0] for days in self.days.values())

    @property
    def sealed(self) -> int:
        """When the last day of all is sealed."""
        return max(days[-1][1] for days in self.days.values())

    @property
    def closed(self) -> int:
        """When the last enrolment of all closes."""
        return max(self.closes.values())


def moved(plan: DefinitionTemplate, now: int, seconds: int) -> DefinitionTemplate:
    """The plan with all days so long, one after the other; enrolment is open for as long from now, or longer.

    Days that begin at the same time in several regions still do. What a day has room for, and so short a
    time has not, becomes shorter with it: tolerance, review, and the relays' period.
    """
    members, most = plan.members, max(1, seconds // _TENTH)
    regions = members["regions"]
    begins = sorted({day[0] for region in regions for day in region["days"]})
    place = {opens: number for number, opens in enumerate(begins, 1)}
    tolerance = min(members["tolerance"], most)
    spare = max(_SPARE, seconds // (2 * _TENTH))
    hold = min(members["hold"], most)
    limits = tolerance + hold, most, spare
    start = now + max(_between(one, limits) for one in regions)
    changed = [_region(one, start, seconds, place, limits) for one in regions]
    settings = {"tolerance": tolerance, "hold": hold, "regions": changed}
    return replace(plan, members={**members, **settings})


def _between(region: Mapping[str, Any], limits: tuple[int, int, int]) -> int:
    """Seconds from the end of enrolment to the first day."""
    late, most, spare = limits
    review: int = min(region["review"], most)
    return late + review + spare


def _region(
    region: Mapping[str, Any],
    start: int,
    seconds: int,
    place: Mapping[int, int],
    limits: tuple[int, int, int],
) -> dict[str, Any]:
    days = [_day(start, seconds, place[day[0]]) for day in region["days"]]
    closes = days[0][0] - _between(region, limits)
    return {**region, "days": days, "review": min(region["review"], limits[1]), "closes": closes}


def _day(start: int, seconds: int, number: int) -> list[int]:
    return [start + number * seconds, start + (number + 1) * seconds]
