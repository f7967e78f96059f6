"""Sums of counted areas for each division; nothing is decrypted for it (`spec/definition.md#areas`)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from psephos.protocol.setup.areas import Area
from psephos.protocol.setup.definition import Definition
from psephos.protocol.tally.tally import Tally


@dataclass
class Level:
    """A division with the regions below it that have a contest, and the counted areas that lie below it."""

    division: int
    regions: list[int] = field(default_factory=list)
    tallies: list[Tally] = field(default_factory=list)
    added: set[int] = field(default_factory=set)
    """Regions of these areas."""


def levels(
    definition: Definition, contest: int, areas: Sequence[Area], tallies: Sequence[Tally | None]
) -> list[Level]:
    """The divisions that have regions with a contest, in order; `tallies` are those of the areas."""
    found = [Level(division.index) for division in definition.divisions]
    for region in definition.regions_of(contest):
        for division in above(definition, region.index):
            found[division].regions.append(region.index)
    for area, tally in zip(areas, tallies, strict=True):
        if tally is not None:
            for division in _above_all(definition, area):
                found[division].tallies.append(tally)
                found[division].added.update(area.regions)
    return [level for level in found if level.regions]


def above(definition: Definition, region: int) -> Iterator[int]:
    """The divisions that a region lies below, from the nearest up."""
    division = definition.regions[region].parent
    while division is not None:
        yield division
        division = definition.divisions[division].parent


def _above_all(definition: Definition, area: Area) -> set[int]:
    return set.intersection(*(set(above(definition, region)) for region in area.regions))
