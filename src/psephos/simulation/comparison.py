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
        self._above = {one.id: one.parent for one in divisions}

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
        yield from (one.id for one in self._regions if counted.count(one.id) != bool(one.roll))

    def _levels(self, levels: Sequence[Mapping[str, Any]]) -> Iterator[str]:
        """Divisions whose sums are not what the regions below them voted that are not missing."""
        found = {level["id"]: level for level in levels}
        for division in self._above:
            below = self._below(division)
            level = found.pop(division, None)
            if level is None:
                if below:
                    yield division
                continue
            missing = level["missing"]["regions"]
            added = [one for one in below if one not in missing]
            if not set(missing) <= set(below) or not self._is(level, added, below):
                yield division
        yield from found

    def _total(self, contest: Mapping[str, Any]) -> Iterator[str]:
        everybody = [one.id for one in self._regions if one.roll]
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
        own = [self._of[region] for region in regions]
        votes = [sum(one.votes[option] for one in own) for option in range(len(self._options))]
        wanted = [sum(self._of[one].roll for one in electorate), *votes]
        wanted += [sum(one.blank for one in own), sum(one.voted for one in own)]
        return wanted == [
            tally["enrolled"],
            *map(tally["votes"].get, self._options),
            tally["blank"],
            tally["voted"],
        ]
