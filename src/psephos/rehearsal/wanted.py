"""What a story must come to: the totals that are to be counted, area by area."""

from __future__ import annotations

from psephos.protocol.setup.areas import counting_areas
from psephos.rehearsal.plot import BLANK, expected
from psephos.rehearsal.stage import Stage
from psephos.rehearsal.story import Scenario


def totals(stage: Stage, told: Scenario) -> dict[tuple[str, str], tuple[int, ...]]:
    """What must be counted: by contest and area, voters, votes of each option, blank."""
    definition, wanted = stage.definition, expected(told.castings)
    enrolled = [roster.enrolled for roster in stage.board.record.rosters]
    found = {}
    for contest in definition.contests:
        for area in counting_areas(definition, contest.index, enrolled):
            if not area.counted:
                continue
            chosen = [
                choices[[one for one, _, _ in definition.regions[region].style.shape].index(contest.index)]
                for region in area.regions
                for choices in wanted.get(region, [])
            ]
            votes = [chosen.count(option) for option in range(len(contest.options))]
            key = (contest.id, definition.regions[area.region].id)
            found[key] = (len(chosen), *votes, chosen.count(BLANK))
    return found
