"""Which regions are counted together, so that no total tells of too few (`spec/definition.md#areas`)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from graphlib import TopologicalSorter
from itertools import combinations

from psephos.protocol.setup.definition import Definition


@dataclass(frozen=True)
class Area:
    """A counting area; its regions with voters, ascending.

    `region` is where it stands; a remainder stands at a `division`, and is known by its first region. One
    that is not `counted` has too few voters: nothing of it is ever decrypted.
    """

    region: int
    regions: tuple[int, ...]
    enrolled: int
    counted: bool
    division: int | None = None

    def name(self, definition: Definition) -> str:
        """The identifier of the region or division where it stands."""
        if self.division is not None:
            return definition.divisions[self.division].id
        return definition.regions[self.region].id


def counted_regions(definition: Definition, enrolled: Sequence[int]) -> frozenset[int]:
    """The regions of all areas that are counted: of no other is anything opened."""
    areas = partition(definition, enrolled)
    return frozenset(region for area in areas if area.counted for region in area.regions)


def counting_areas(definition: Definition, contest: int, enrolled: Sequence[int]) -> list[Area]:
    """The areas of a contest, in order, from the number of enrolled voters of every region."""
    return areas_of(definition, contest, partition(definition, enrolled))


def areas_of(definition: Definition, contest: int, areas: Iterable[Area]) -> list[Area]:
    """Those of all areas that have a contest."""
    return [area for area in areas if contest in definition.regions[area.region].style.contest_set]


def partition(definition: Definition, enrolled: Sequence[int]) -> list[Area]:
    """All areas, whatever their contests: everybody enrolled is in one of them."""
    return _Partition(definition, enrolled).areas


def close_pairs(definition: Definition, enrolled: Sequence[int]) -> Iterator[tuple[Area, Area]]:
    """Counted areas of contests whose difference would tell of too few voters: there must be none."""
    found = {
        area
        for contest in range(len(definition.contests))
        for area in counting_areas(definition, contest, enrolled)
        if area.counted
    }
    holding: dict[int, set[Area]] = {}
    for area in found:
        for region in area.regions:
            holding.setdefault(region, set()).add(area)
    for overlapping in holding.values():
        for one, other in combinations(overlapping, 2):
            sides = (set(one.regions) - set(other.regions), set(other.regions) - set(one.regions))
            if any(side and sum(enrolled[r] for r in side) < definition.min_region for side in sides):
                yield one, other


class _Partition:
    """Areas as they join: first regions one another, then what is too small its divisions' remainders."""

    def __init__(self, definition: Definition, enrolled: Sequence[int]) -> None:
        self._definition, self._enrolled = definition, enrolled
        self._remainders: list[dict[frozenset[int], list[int]]] = [{} for _ in definition.divisions]
        self.areas: list[Area] = []
        for index, members in sorted(self._standing().items()):
            if members:
                self._settle(index, members)
        last = len(self.areas)
        for division in _upwards({one.index: one.parent for one in definition.divisions}):
            self._settle_remainders(division)
        self.areas[last:] = sorted(self.areas[last:], key=lambda area: (area.division or 0, area.region))

    def _voters(self, members: Iterable[int]) -> int:
        return sum(self._enrolled[member] for member in members)

    def _standing(self) -> dict[int, list[int]]:
        """Where regions stand once those that are too small have joined the ones they merge into."""
        regions, enough = self._definition.regions, self._definition.min_region
        standing = {
            region.index: [region.index] if self._enrolled[region.index] else [] for region in regions
        }
        for index in _upwards({region.index: region.merge_into for region in regions}):
            target = regions[index].merge_into
            if target is not None and self._voters(standing[index]) < enough:
                standing[target] += standing[index]
                standing[index] = []
        return standing

    def _settle(self, index: int, members: list[int]) -> None:
        """What stands at a region is an area, or goes into the remainder of the region's parent."""
        region, voters = self._definition.regions[index], self._voters(members)
        if region.parent is not None and voters < self._definition.min_region:
            self._join(region.parent, region.style.contest_set, members)
        else:
            counted = voters >= self._definition.min_region
            self.areas.append(Area(index, tuple(sorted(members)), voters, counted))

    def _settle_remainders(self, division: int) -> None:
        parent = self._definition.divisions[division].parent
        for contests, members in self._remainders[division].items():
            voters = self._voters(members)
            counted = voters >= self._definition.min_region
            if counted or parent is None:
                self.areas.append(Area(min(members), tuple(sorted(members)), voters, counted, division))
            else:
                self._join(parent, contests, members)

    def _join(self, division: int, contests: frozenset[int], members: list[int]) -> None:
        self._remainders[division].setdefault(contests, []).extend(members)


def _upwards(targets: dict[int, int | None]) -> Iterable[int]:
    """All of these, each before its target. Where an area ends does not depend on the rest of the order."""
    sorter = TopologicalSorter[int](dict.fromkeys(targets, ()))
    for index, target in targets.items():
        if target is not None:
            sorter.add(target, index)
    return sorter.static_order()
