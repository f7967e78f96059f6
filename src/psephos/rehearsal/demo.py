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
from psephos.rehearsal import story
from psephos.rehearsal.casting import Caster
from psephos.rehearsal.clock import Clock, day_and_time
from psephos.rehearsal.coercers import judged_alike, look_behind, seen_by_coercers, shares_of
from psephos.rehearsal.crowd import Crowd, openings
from psephos.rehearsal.plot import Casting, Holder
from psephos.rehearsal.show import enrol, vote
from psephos.rehearsal.stage import Size, Stage, check_empty
from psephos.rehearsal.story import Scenario
from psephos.rehearsal.trial import Trial
from psephos.rehearsal.voices import Voices
from psephos.rehearsal.wanted import totals

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
        size = Size(len(story.REGIONS), len(story.TRUSTEES), len(story.WITNESSES), len(story.REGISTRARS))
        self._stage = Stage(directory, story.definition, size, Clock(story.ENROLMENT))
        self._crowd = Crowd(self._stage, self._coins)
        self._caster = Caster(self._stage)
        self._story: Scenario = story.tell(self._stage.definition, voters, self._coins)
        self._cover: list[list[Holder]] = [[] for _ in self._stage.trustees]
        self._present = list(self._stage.trustees)

    def run(self) -> bool:
        """Everything; whether all came out as it must."""
        try:
            self._prepare()
            self._vote()
            bought, lacking = (shares_of(self._stage, [trustee]) for trustee in (VANISHES, self._present[0]))
            document = self._count()
            self._tell_of_coercion()
            self._tell_of_what_was_bought(bought, lacking)
        finally:
            self._stage.close()
        trial = Trial(self._stage, self._say)
        return self._as_told(json.loads(document)) and trial.verify() and trial.tamper()

    # -- before the vote

    def _prepare(self) -> None:
        stage = self._stage
        definition, regions = stage.definition, stage.definition.regions
        voters = [[one for one in self._story.holders if one.region == region.index] for region in regions]
        count = len(definition.registrars)
        rolls = [openings(region.id, len(some), count) for region, some in zip(regions, voters, strict=True)]
        stage.call(rolls)
        stage.ceremony()
        self._voices = Voices(stage)
        self._say(f"The trustees have made the key together: {', '.join(story.TRUSTEES)}; any two can count.")
        self._say(f"Cover: {noise(definition)}.")
        self._say(
            f"People enrol at {' and '.join(story.REGISTRARS)}, with an invitation from each; their cards go "
            f"through the relay of the {story.RELAY['name']}, which mixes those of a day."
        )
        self._cover = enrol(
            stage,
            self._crowd,
            [list(zip(some, roll, strict=True)) for some, roll in zip(voters, rolls, strict=True)],
        )
        for roster in stage.board.record.rosters:
            self._say(
                f"  {regions[roster.region].name['en']}: {roster.issued_by(1)} voters, {roster.cards} cards "
                f"(batches: {len(roster.batches)})"
            )
        self._speak(0)
        stage.board.log_checkpoint()
        stage.publish()

    def _speak(self, day: int) -> None:
        for said in self._voices.speak(day):
            self._say(said)

    # -- the days

    def _castings(self) -> list[Casting]:
        """Everybody's ballots; the cover of the trustee who vanishes stops when it does."""
        castings = list(self._story.castings)
        for trustee, holders in enumerate(self._cover, 1):
            days = 2 if trustee == VANISHES else story.DAYS
            for holder in holders:
                drawn = (
                    story.give_cover(self._stage.definition, holder, card, self._coins)
                    for card in holder.voting
                )
                castings += [one for one in drawn if one.day <= days]
        return castings

    def _vote(self) -> None:
        vote(self._stage, self._caster, self._castings(), self._day_over)

    def _day_over(self, day: int) -> None:
        stage = self._stage
        if day == 3 and VANISHES in self._present:
            self._present.remove(VANISHES)
            self._say(
                f"  The {story.TRUSTEES[VANISHES - 1]} cannot be reached any more: whoever forces people "
                "has its share of the key. The others go on."
            )
        stood_in = stage.weigh(self._present)
        box = stage.board.record.box
        counts = [
            f"{region.name['en']} {len(box.days[region.index, day]) if box else 0}"
            for region in stage.definition.regions
            if stage.board.record.rosters[region.index].enrolled
        ]
        self._say(
            f"{day_and_time(stage.clock())}: day {day} is sealed and weighed"
            f"{f' ({stood_in} chunks by stand-ins)' if stood_in else ''}. "
            f"Cards that voted: {', '.join(counts)}."
        )
        self._speak(day)

    # -- the count

    def _count(self) -> bytes:
        stage = self._stage
        document = stage.count(self._present)
        (self._directory / "result.json").write_bytes(document)
        (self._directory / "pin.json").write_bytes(stage.pin.encode())
        self._say(show_result(document))
        return document

    def _tell_of_coercion(self) -> None:
        """What those who stood behind voters saw, and what it was worth."""
        coerced = self._story.coerced
        views = seen_by_coercers(self._stage, coerced, self._caster.sent)
        (self._directory / "coerced.json").write_text(json.dumps(views, indent=1) + "\n")
        handed = sum(len(one.handed) for one in coerced)
        cast = [casting for one in coerced for casting in one.castings]
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
        stage, coerced = self._stage, self._story.coerced
        shown = judged_alike(stage, self._crowd.delivery.delivered)
        cards = sum(len(one.handed) + 1 for one in coerced)
        opened, right = look_behind(stage, coerced, bought, lacking)
        if opened or right < cards:
            raise PsephosError(f"coercers open what {opened} cards weigh, and trustees {right} of {cards}")
        self._say(
            f"Both registrars, the board and the {story.TRUSTEES[VANISHES - 1]} gave the coercers all that "
            f"they have. To each registrar all {shown} cards look alike: each is proven to be in order, and "
            f"nothing says of which kind it is. With one share of the key nobody opens what any of the "
            f"coerced voters' {cards} cards weighs; with a second trustee's share all {right} open."
        )

    def _as_told(self, result: dict[str, Any]) -> bool:
        """Whether the counted result is the one that the story implies."""
        wanted = totals(self._stage, self._story)
        found = {
            (contest.id, area["id"]): (area["voted"], *map(area["votes"].get, contest.options), area["blank"])
            for contest, counted in zip(self._stage.definition.contests, result["contests"], strict=True)
            for area in counted["areas"]
            if area["counted"]
        }
        self._say(
            "The count is exactly what the voters wanted, area by area."
            if found == wanted
            else f"NOT what the voters wanted: {found} instead of {wanted}"
        )
        return found == wanted


def perform(directory: Path, voters: int, seed: int | None, say: Say) -> bool:
    """Hold the demo in an empty directory; whether all came out as it must."""
    check_empty(directory)
    return Demo(directory, voters, seed, say).run()
