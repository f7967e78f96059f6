"""Running a rehearsal: enrolment in waves; openings, ballots in rounds, seals, weighings, by the clock."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from itertools import groupby

from psephos.protocol.setup.definition import Definition
from psephos.simulation.casting import Caster
from psephos.simulation.devices import Devices, Openings, draw_cover
from psephos.simulation.parties import Simulation
from psephos.simulation.registering import settle, shut
from psephos.simulation.schedule import Casting, Holder

MOST_WAVES = 8
"""Waves in which people enrol: each is a period of the relays."""
Voters = Sequence[tuple[Holder, Openings]]
"""Those of one region."""


def events(definition: Definition) -> list[tuple[int, str, int, int]]:
    """Openings and seals as planned, (time, open or seal, region, day): at one time seals come first."""
    planned = []
    for region in definition.regions:
        for day, window in enumerate(region.days, 1):
            planned.append((window.open, "open", region.index, day))
            planned.append((window.seal, "seal", region.index, day))
    return sorted(planned, key=lambda event: (event[0], event[1] == "open", event[2]))


def enrol(simulation: Simulation, devices: Devices, voters: Sequence[Voters]) -> list[list[Holder]]:
    """Enrol all regions' voters and every trustee's cover; returns the cover, by trustee.

    In a region without voters nothing is covered.
    """
    cover: list[list[Holder]] = [
        [
            draw_cover(simulation, region) if region_voters else Holder(region, 0, None)
            for region, region_voters in enumerate(voters)
        ]
        for _ in simulation.trustees
    ]
    most = max(map(len, voters))
    waves = max(1, min(MOST_WAVES, most // simulation.definition.min_batch))
    for wave in range(waves):
        for region, region_voters in enumerate(voters):
            wave_voters = region_voters[
                len(region_voters) * wave // waves : len(region_voters) * (wave + 1) // waves
            ]
            given = [
                (index, cover[index - 1][region])
                for index in simulation.trustees
                if (index - 1) % waves == wave
            ]
            if wave_voters or any(holder.cards for _, holder in given):
                devices.enrol(
                    [holder for holder, _ in wave_voters], [shown for _, shown in wave_voters], given
                )
        devices.delivery.finish()
        settle(simulation)
    shut(simulation)
    return cover


def vote(
    simulation: Simulation, caster: Caster, castings: Iterable[Casting], day_over: Callable[[int], None]
) -> None:
    """All days, every ballot in its round; `day_over` is called when a day is sealed everywhere."""
    waiting = sorted(castings, key=lambda casting: casting.time, reverse=True)
    planned = events(simulation.definition)
    last: dict[int, int] = {}
    for time, _, _, day in planned:
        last[day] = max(time, last.get(day, time))
    for (time, kind), together in groupby(planned, key=lambda event: event[:2]):
        _cast_until(simulation, caster, waiting, time)
        simulation.clock.reach(time)
        days = [(region, day) for *_, region, day in together]
        if kind == "open":
            simulation.open(days)
            continue
        simulation.seal(days)
        for day in sorted({day for _, day in days if last[day] == time}):
            day_over(day)


def _cast_until(simulation: Simulation, caster: Caster, waiting: list[Casting], time: int) -> None:
    """Cast what is before `time`, round by round."""
    due = []
    while waiting and waiting[-1].time < time:
        due.append(waiting.pop())
    for number, round_castings in groupby(
        due, key=lambda casting: casting.time // simulation.definition.round
    ):
        caster.vote(round_castings)
        simulation.clock.reach(min(time, (number + 1) * simulation.definition.round))
        simulation.board.round()
