"""`psephos replay`: the figures of a real referendum, voted and counted again (`docs/replay.md`)."""

from __future__ import annotations

import json
import random
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from rich.console import RenderableType
from rich.table import Table

from psephos.crypto.card import RECORD
from psephos.errors import PsephosError
from psephos.observer.result import show_result
from psephos.protocol.setup.definition import Definition
from psephos.simulation.casting import Caster
from psephos.simulation.clock import Clock
from psephos.simulation.comparison import Comparison
from psephos.simulation.devices import Devices, openings
from psephos.simulation.figures import Figures, ReplayFigures
from psephos.simulation.parties import Simulation, Size, check_empty
from psephos.simulation.replay_definition import TRUSTEES, WITNESSES, definition
from psephos.simulation.schedule import BLANK, Casting, Holder
from psephos.simulation.show import enrol, vote
from psephos.simulation.verifiers import rust

Say = Callable[[RenderableType], None]
DECOY_EVERY = 3
"""Every third voter who votes casts a decoy ballot too."""
_MONTH = 30 * 24 * 3600


class Replay:
    """One performance of figures divided by `scale`; `say` is told what happens."""

    def __init__(self, directory: Path, figures: Figures, scale: int, say: Say) -> None:
        self._directory = directory
        self._figures = figures
        self._regions = [region.scaled(scale) for region in figures.regions]
        self._say = say
        self._coins = random.Random()  # noqa: S311 who votes when; never a key
        size = Size(len(self._regions), len(TRUSTEES), len(WITNESSES))
        start = Clock(figures.days[0][0] - _MONTH)
        self._simulation = Simulation(directory, lambda keys: definition(figures, keys), size, start)
        self._devices = Devices(self._simulation, self._coins)
        self._caster = Caster(self._simulation)
        self._times: list[tuple[str, float]] = []
        self._weighed = 0.0

    @contextmanager
    def _timed(self, step: str) -> Iterator[None]:
        start = time.perf_counter()
        yield
        self._times.append((step, time.perf_counter() - start))

    def run(self) -> bool:
        """Everything; whether the counted result is the figures on every level, and the record verifies."""
        try:
            document = self._hold()
        finally:
            self._simulation.close()
        self._say(show_result(document))
        right = self._compare(json.loads(document))
        with self._timed("psephos verify"):
            verdict = rust(self._directory / "record", self._directory / "pin.json")
        self._say(f"psephos verify: {verdict.report['verdict']}")
        self._say(self._sizes())
        return right and verdict.passed

    def _hold(self) -> bytes:
        simulation = self._simulation
        with self._timed("roll and ceremony"):
            rolls = [openings(region.id, region.roll, 1) for region in self._regions]
            simulation.call(rolls)
            simulation.ceremony()
        castings: list[Casting] = []
        with self._timed("enrolment"):
            holders = [
                [_voter(index, simulation.definition.decoys, self._coins) for _ in range(region.roll)]
                for index, region in enumerate(self._regions)
            ]
            voters = [
                list(zip(region_holders, roll, strict=True))
                for region_holders, roll in zip(holders, rolls, strict=True)
            ]
            cover = enrol(simulation, self._devices, voters)
            for index, region in enumerate(self._regions):
                castings += self._drawn(
                    region, holders[index], [trustee_cover[index] for trustee_cover in cover]
                )
        with self._timed("voting and weighing"):
            vote(simulation, self._caster, castings, self._day_over)
        with self._timed("close, release, certify"):
            document = simulation.count(list(simulation.trustees))
        (self._directory / "result.json").write_bytes(document)
        (self._directory / "pin.json").write_bytes(simulation.pin.encode())
        return document

    def _day_over(self, day: int) -> None:
        start = time.perf_counter()
        self._simulation.weigh(list(self._simulation.trustees))
        self._weighed += time.perf_counter() - start
        self._say(f"Day {day} is sealed and weighed.")

    def _drawn(
        self, region: ReplayFigures, holders: Sequence[Holder], cover: Sequence[Holder]
    ) -> list[Casting]:
        """The ballots of a region."""
        definition, coins = self._simulation.definition, self._coins
        choices = [option for option, votes in enumerate(region.votes) for _ in range(votes)]
        choices += [BLANK] * region.blank
        coins.shuffle(choices)
        castings = []
        for number, (holder, choice) in enumerate(zip(holders, choices, strict=False)):
            castings.append(_casting(definition, holder, holder.counting or 0, choice, coins))
            if number % DECOY_EVERY == DECOY_EVERY - 1:
                decoy = (holder.counting or 0) + coins.randint(1, holder.cards - 1)
                castings.append(
                    _casting(definition, holder, decoy % holder.cards, coins.choice(choices), coins)
                )
        self._say(f"{region.name}: {region.roll} voters enrolled, {len(castings)} ballots to come")
        for holder in cover:
            for card in holder.voting:
                castings.append(_casting(definition, holder, card, coins.choice(choices or [BLANK]), coins))
        return castings

    def _compare(self, result: dict[str, Any]) -> bool:
        """Whether areas, levels and total have the figures of their regions."""
        contest, figures = result["contests"][0], self._figures
        wrong = Comparison(self._regions, figures.divisions, figures.options).wrong(contest)
        everything = "Counted exactly the figures, region by region"
        if "levels" in contest:
            everything += f", and on each of {len(contest['levels'])} divisions"
        self._say(f"NOT the figures: {', '.join(wrong)}" if wrong else f"{everything}.")
        return not wrong

    def _sizes(self) -> Table:
        """Time of each stage, and bytes of what there is most of."""
        style = self._simulation.definition.styles[0]
        table = Table("", "", show_header=False)
        for step, seconds in self._times:
            table.add_row(step, f"{seconds:.1f} s")
        table.add_row("  of which weighing", f"{self._weighed:.1f} s")
        table.add_row("bytes of a card", str(RECORD))
        table.add_row("bytes of a ballot", str(_ballot_bytes(self._simulation)))
        table.add_row("bytes of a weighed row", str(style.row_bytes))
        return table


def _ballot_bytes(simulation: Simulation) -> int:
    """The length of a ballot's entry of the first region: head, two hashes, place, votes, signature."""
    votes = simulation.definition.regions[0].style.votes_length
    return 3 + 34 + 34 + 3 + 3 + votes + 66


def _voter(region: int, most: int, coins: random.Random) -> Holder:
    cards = coins.randint(2, 1 + most)
    return Holder(region, cards, coins.randrange(cards))


def _casting(definition: Definition, holder: Holder, card: int, choice: int, coins: random.Random) -> Casting:
    day = coins.randint(1, len(definition.regions[holder.region].days))
    window = definition.regions[holder.region].days[day - 1]
    return Casting(coins.randrange(*window), day, 1, holder, card, (choice,))


def perform(directory: Path, figures: Figures, scale: int, say: Say) -> bool:
    """Replay figures in an empty directory; whether all came out as it must."""
    if scale < 1:
        raise PsephosError(f"scale {scale} is not 1 or more")
    check_empty(directory)
    return Replay(directory, figures, scale, say).run()
