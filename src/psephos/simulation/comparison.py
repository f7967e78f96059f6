"""Whether a result is the figures that were replayed: every area, every division, and the whole."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from psephos.simulation.figures import DivisionFigures, ReplayFigures

TOTAL = "the total"


class Comparison:
    """Figures as they were voted; `regions` and `divisions` are those of the definition."""

    def __init__(
        self, regions: Sequence[ReplayFigures], divisions: Sequence[DivisionFigures], options: Sequence[str]
    ) -> None:
        self._regions, self._options = regions, options
        self._of = {region.id: region for region in regions}
        self._above = {division.id: division.parent for division in divisions}

    def wrong(self, contest: Mapping[str, Any]) -> list[str]:
        """What of a contest in a result document differs, or lacks, by name; nothing when all is exact."""
        return [
            *self._areas(contest["areas"]),
            *self._levels(contest.get("levels", ())),
            *self._total(contest),
        ]

    def _areas(self, areas: Sequence[Mapping[str, Any]]) -> Iterator[str]:
        """Areas that are not what their regions voted, and regions that are not in exactly one of them."""
        for area in areas:
            if not area["counted"] or not self._is(area, area["regions"], area["regions"]):
                yield area["id"]
        counted = [region for area in areas for region in area["regions"]]
        yield from (region.id for region in self._regions if counted.count(region.id) != bool(region.roll))

    def _levels(self, levels: Sequence[Mapping[str, Any]]) -> Iterator[str]:
        """Divisions whose sums are not what the regions below them voted that are not missing."""
        by_id = {level["id"]: level for level in levels}
        for division in self._above:
            below = self._below(division)
            level = by_id.pop(division, None)
            if level is None:
                if below:
                    yield division
                continue
            missing = level["missing"]["regions"]
            added = [region for region in below if region not in missing]
            if not set(missing) <= set(below) or not self._is(level, added, below):
                yield division
        yield from by_id

    def _total(self, contest: Mapping[str, Any]) -> Iterator[str]:
        everybody = [region.id for region in self._regions if region.roll]
        if not self._is(contest["total"], everybody, everybody):
            yield TOTAL

    def _below(self, division: str) -> list[str]:
        """The regions with voters that lie below a division."""

        def lies(place: str | None) -> bool:
            while place not in (None, division):
                place = self._above[place or ""]
            return place == division

        return [region.id for region in self._regions if region.roll and lies(region.parent)]

    def _is(self, tally: Mapping[str, Any], regions: Sequence[str], electorate: Sequence[str]) -> bool:
        """Whether a tally is what these regions voted, of the voters of the electorate's."""
        own_figures = [self._of[region] for region in regions]
        votes = [
            sum(figures.votes[option] for figures in own_figures) for option in range(len(self._options))
        ]
        wanted = [sum(self._of[region].roll for region in electorate), *votes]
        wanted += [
            sum(figures.blank for figures in own_figures),
            sum(figures.voted for figures in own_figures),
        ]
        return wanted == [
            tally["enrolled"],
            *map(tally["votes"].get, self._options),
            tally["blank"],
            tally["voted"],
        ]
