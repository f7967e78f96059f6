"""Counting areas and what they add up to above: spec/definition.md#areas"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from definition import Definition


@dataclass(frozen=True)
class CountingArea:
    """An area: where it stands, its regions with voters in ascending position, and how many these have."""

    id: str
    region: int  # where it stands; of a remainder its first region
    regions: tuple[int, ...]
    enrolled: int
    counted: bool
    remainder: bool


def everywhere(definition: Definition, enrolled: list[int]) -> list[CountingArea]:
    """All areas, whatever their contests."""

    def few(members: list[int]) -> bool:
        return sum(enrolled[member] for member in members) < definition.min_region

    def area_of(id_: str, position: int, members: list[int], remainder: bool) -> CountingArea:
        voters = sum(enrolled[member] for member in members)
        return CountingArea(id_, position, tuple(sorted(members)), voters, not few(members), remainder)

    counting_areas: list[CountingArea] = []
    rest: dict[tuple[int, frozenset[int]], list[int]] = {}  # by division and contests
    for number, members in merged(definition, enrolled).items():
        region = definition.regions[number]
        if region.parent is not None and few(members):
            rest.setdefault((region.parent, definition.contest_set(number)), []).extend(members)
        else:
            counting_areas.append(area_of(region.id, number, members, False))
    remainders: list[tuple[int, CountingArea]] = []
    for division in downmost_first([division.parent for division in definition.divisions]):
        parent = definition.divisions[division].parent
        for (stands, contests), members in list(rest.items()):
            if stands != division:
                continue
            if few(members) and parent is not None:
                rest.setdefault((parent, contests), []).extend(members)
            else:
                remainders.append(
                    (division, area_of(definition.divisions[division].id, min(members), members, True))
                )
    return counting_areas + [
        area for _, area in sorted(remainders, key=lambda numbered: (numbered[0], numbered[1].regions))
    ]


def merged(definition: Definition, enrolled: list[int]) -> dict[int, list[int]]:
    """What stands at which region once regions that are too small have joined others."""
    standing = {number: [number] if voters else [] for number, voters in enumerate(enrolled)}
    targets = [region.merge_into for region in definition.regions]
    for number in downmost_first(targets):
        target, area = targets[number], standing[number]
        if target is not None and sum(enrolled[member] for member in area) < definition.min_region:
            standing[target] += area
            standing[number] = []
    return {number: area for number, area in standing.items() if area}


def downmost_first(targets: list[int | None]) -> list[int]:
    """All positions, each before the one that it points at."""
    depth: dict[int, int] = {}

    def deep(number: int) -> int:
        trail = []
        position: int | None = number
        while position is not None and position not in depth:
            trail.append(position)
            position = targets[position]
        base = depth[position] + 1 if position is not None else 0
        for step, below in enumerate(reversed(trail)):
            depth[below] = base + step
        return depth[number]

    return sorted(range(len(targets)), key=lambda number: -deep(number))


def above(definition: Definition, region: int) -> list[int]:
    """The divisions that a region lies below."""
    divisions, division = [], definition.regions[region].parent
    while division is not None:
        divisions.append(division)
        division = definition.divisions[division].parent
    return divisions
