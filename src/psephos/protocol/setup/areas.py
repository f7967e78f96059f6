"""Which regions are counted together, so that no total tells of too few (`spec/definition.md#areas`)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from graphlib import TopologicalSorter

from psephos.protocol.setup.definition import Definition


@dataclass(frozen=True)
class Area:
    """A counting area, named by the region where it stands; its regions with voters, ascending.

    One that is not `counted` has too few voters: nothing of it is ever decrypted.
    """

    region: int
    regions: tuple[int, ...]
    enrolled: int
    counted: bool


def counted_regions(definition: Definition, enrolled: Sequence[int]) -> frozenset[int]:
    """The regions of all areas that are counted: of no other is anything opened."""
    contests = range(len(definition.contests))
    areas = (area for contest in contests for area in counting_areas(definition, contest, enrolled))
    return frozenset(region for area in areas if area.counted for region in area.regions)


def counting_areas(definition: Definition, contest: int, enrolled: Sequence[int]) -> list[Area]:
    """The areas of a contest, ascending, from the number of enrolled voters of every region."""
    regions = {region.index: region for region in definition.regions_of(contest)}
    standing = {index: {index} if enrolled[index] else set() for index in regions}

    def voters(index: int) -> int:
        return sum(enrolled[member] for member in standing[index])

    # A sorter gives predecessors first; where an area ends does not depend on the order among free regions.
    sorter = TopologicalSorter[int](dict.fromkeys(regions, ()))
    for index, region in regions.items():
        if region.merge_into is not None:
            sorter.add(region.merge_into, index)
    for index in sorter.static_order():
        target = regions[index].merge_into
        if target is not None and voters(index) < definition.min_region:
            standing[target] |= standing[index]
            standing[index] = set()
    return [
        Area(index, tuple(sorted(members)), voters(index), voters(index) >= definition.min_region)
        for index, members in sorted(standing.items())
        if members
    ]
