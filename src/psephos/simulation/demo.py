"""`psephos demo`: a referendum with people under pressure, told day by day, verified, tampered with."""

from __future__ import annotations

import json
import random
import secrets
from collections.abc import Callable
from pathlib import Path
from typing import Any

from rich.console import RenderableType

from psephos.errors import PsephosError
from psephos.observer.result import show_result
from psephos.protocol.enrolment.cover import noise
from psephos.simulation import scenario as scenario
from psephos.simulation.casting import Caster
from psephos.simulation.clock import Clock, day_and_time
from psephos.simulation.coercers import judged_alike, look_behind, seen_by_coercers, shares_of
from psephos.simulation.devices import Devices, openings
from psephos.simulation.observers import Observers
from psephos.simulation.parties import Simulation, Size, check_empty
from psephos.simulation.scenario import Scenario
from psephos.simulation.schedule import Casting, Holder
from psephos.simulation.show import enrol, vote
from psephos.simulation.trial import Trial
from psephos.simulation.wanted import totals

Say = Callable[[RenderableType], None]
VANISHES = 3
"""The trustee who is gone after the second day."""


class Demo:
    """One performance; `say` is told everything as it happens."""

    def __init__(self, directory: Path, voters: int, seed: int | None, say: Say) -> None:
        self._directory = directory
        self._say = say
        seed = secrets.randbits(32) if seed is None else seed
        say(
            f"Scenario {seed}: {voters} voters, four regions, five days. "
            f"Keys are fresh and stay under {directory}."
        )
        self._coins = random.Random(seed)  # noqa: S311 the scenario's coins, never a key's
        size = Size(
            len(scenario.REGIONS), len(scenario.TRUSTEES), len(scenario.WITNESSES), len(scenario.REGISTRARS)
        )
        self._simulation = Simulation(directory, scenario.definition, size, Clock(scenario.ENROLMENT))
        self._devices = Devices(self._simulation, self._coins)
        self._caster = Caster(self._simulation)
        self._scenario: Scenario = scenario.tell(self._simulation.definition, voters, self._coins)
        self._cover: list[list[Holder]] = [[] for _ in self._simulation.trustees]
        self._present = list(self._simulation.trustees)

    def run(self) -> bool:
        """Everything; whether all came out as it must."""
        try:
            self._prepare()
            self._vote()
            bought, lacking = (
                shares_of(self._simulation, [trustee]) for trustee in (VANISHES, self._present[0])
            )
            document = self._count()
            self._tell_of_coercion()
            self._tell_of_what_was_bought(bought, lacking)
        finally:
            self._simulation.close()
        trial = Trial(self._simulation, self._say)
        return self._as_expected(json.loads(document)) and trial.verify() and trial.tamper()

    # -- before the vote

    def _prepare(self) -> None:
        simulation = self._simulation
        definition, regions = simulation.definition, simulation.definition.regions
        voters = [
            [holder for holder in self._scenario.holders if holder.region == region.index]
            for region in regions
        ]
        count = len(definition.registrars)
        rolls = [
            openings(region.id, len(holders), count) for region, holders in zip(regions, voters, strict=True)
        ]
        simulation.call(rolls)
        simulation.ceremony()
        self._observers = Observers(simulation)
        self._say(
            f"The trustees have made the key together: {', '.join(scenario.TRUSTEES)}; any two can count."
        )
        self._say(f"Cover: {noise(definition)}.")
        self._say(
            f"People enrol at {' and '.join(scenario.REGISTRARS)}, with an invitation from each; their cards "
            f"go through the relay of the {scenario.RELAY['name']}, which mixes those of a day."
        )
        self._cover = enrol(
            simulation,
            self._devices,
            [list(zip(holders, roll, strict=True)) for holders, roll in zip(voters, rolls, strict=True)],
        )
        for roster in simulation.board.record.rosters:
            self._say(
                f"  {regions[roster.region].name['en']}: {roster.issued_by(1)} voters, {roster.cards} cards "
                f"(batches: {len(roster.batches)})"
            )
        self._speak(0)
        simulation.board.log_checkpoint()
        simulation.publish()

    def _speak(self, day: int) -> None:
        for said in self._observers.speak(day):
            self._say(said)

    # -- the days

    def _castings(self) -> list[Casting]:
        """Everybody's ballots; the cover of the trustee who vanishes stops when it does."""
        castings = list(self._scenario.castings)
        for trustee, holders in enumerate(self._cover, 1):
            days = 2 if trustee == VANISHES else scenario.DAYS
            for holder in holders:
                drawn = (
                    scenario.give_cover(self._simulation.definition, holder, card, self._coins)
                    for card in holder.voting
                )
                castings += [casting for casting in drawn if casting.day <= days]
        return castings

    def _vote(self) -> None:
        vote(self._simulation, self._caster, self._castings(), self._day_over)

    def _day_over(self, day: int) -> None:
        simulation = self._simulation
        if day == 3 and VANISHES in self._present:
            self._present.remove(VANISHES)
            self._say(
                f"  The {scenario.TRUSTEES[VANISHES - 1]} cannot be reached any more: whoever forces people "
                "has its share of the key. The others go on."
            )
        stood_in = simulation.weigh(self._present)
        box = simulation.board.record.box
        counts = [
            f"{region.name['en']} {len(box.days[region.index, day]) if box else 0}"
            for region in simulation.definition.regions
            if simulation.board.record.rosters[region.index].enrolled
        ]
        self._say(
            f"{day_and_time(simulation.clock())}: day {day} is sealed and weighed"
            f"{f' ({stood_in} chunks by stand-ins)' if stood_in else ''}. "
            f"Cards that voted: {', '.join(counts)}."
        )
        self._speak(day)

    # -- the count

    def _count(self) -> bytes:
        simulation = self._simulation
        document = simulation.count(self._present)
        (self._directory / "result.json").write_bytes(document)
        (self._directory / "pin.json").write_bytes(simulation.pin.encode())
        self._say(show_result(document))
        return document

    def _tell_of_coercion(self) -> None:
        """What those who stood behind voters saw, and what it was worth."""
        coerced = self._scenario.coerced
        views = seen_by_coercers(self._simulation, coerced, self._caster.sent)
        (self._directory / "coerced.json").write_text(json.dumps(views, indent=1) + "\n")
        handed = sum(len(voter.handed) for voter in coerced)
        cast = [casting for voter in coerced for casting in voter.castings]
        counted = sum(casting.counts for casting in cast)
        self._say(
            f"{len(coerced)} voters were coerced. They handed over {handed} cards; every card was in the "
            f"published batches, all {len(cast)} ballots that the coercers cast with them were accepted, "
            f"promised and logged like any other, and every receipt verifies. {counted} of those ballots "
            f"weighed anything. All {len(coerced)} voted freely with the card they kept. "
            "What each coercer saw is in coerced.json."
        )

    def _tell_of_what_was_bought(self, bought: dict[int, bytes], lacking: dict[int, bytes]) -> None:
        """What coercers find out with all registrars, the board and one trustee fewer than it takes."""
        simulation, coerced = self._simulation, self._scenario.coerced
        shown = judged_alike(simulation, self._devices.delivery.delivered)
        cards = sum(len(voter.handed) + 1 for voter in coerced)
        opened, right = look_behind(simulation, coerced, bought, lacking)
        if opened or right < cards:
            raise PsephosError(f"coercers open what {opened} cards weigh, and trustees {right} of {cards}")
        self._say(
            f"Both registrars, the board and the {scenario.TRUSTEES[VANISHES - 1]} gave the coercers all "
            f"that they have. To each registrar all {shown} cards look alike: each is proven to be in order, "
            f"and nothing says of which kind it is. With one share of the key nobody opens what any of the "
            f"coerced voters' {cards} cards weighs; with a second trustee's share all {right} open."
        )

    def _as_expected(self, result: dict[str, Any]) -> bool:
        """Whether the counted result is the one that the scenario implies."""
        wanted = totals(self._simulation, self._scenario)
        counted_totals = {
            (contest.id, area["id"]): (area["voted"], *map(area["votes"].get, contest.options), area["blank"])
            for contest, counted in zip(self._simulation.definition.contests, result["contests"], strict=True)
            for area in counted["areas"]
            if area["counted"]
        }
        self._say(
            "The count is exactly what the voters wanted, area by area."
            if counted_totals == wanted
            else f"NOT what the voters wanted: {counted_totals} instead of {wanted}"
        )
        return counted_totals == wanted


def perform(directory: Path, voters: int, seed: int | None, say: Say) -> bool:
    """Hold the demo in an empty directory; whether all came out as it must."""
    check_empty(directory)
    return Demo(directory, voters, seed, say).run()
