"""What a scenario must come to: the totals that are to be counted, area by area."""

from __future__ import annotations

from psephos.protocol.setup.areas import counting_areas
from psephos.simulation.parties import Simulation
from psephos.simulation.scenario import Scenario
from psephos.simulation.schedule import BLANK, expected


def totals(simulation: Simulation, scenario: Scenario) -> dict[tuple[str, str], tuple[int, ...]]:
    """What must be counted: by contest and area, voters, votes of each option, blank."""
    definition, wanted = simulation.definition, expected(scenario.castings)
    enrolled = [roster.enrolled for roster in simulation.board.record.rosters]
    expected_totals = {}
    for contest in definition.contests:
        for area in counting_areas(definition, contest.index, enrolled):
            if not area.counted:
                continue
            chosen = [
                choices[
                    [index for index, _, _ in definition.regions[region].style.shape].index(contest.index)
                ]
                for region in area.regions
                for choices in wanted.get(region, [])
            ]
            votes = [chosen.count(option) for option in range(len(contest.options))]
            key = (contest.id, definition.regions[area.region].id)
            expected_totals[key] = (len(chosen), *votes, chosen.count(BLANK))
    return expected_totals
