"""What a contest asks, in the first wording of its regions: for headings and sentences."""

from __future__ import annotations

from dataclasses import dataclass

from psephos.protocol.setup.definition import Contest, Definition, Region
from psephos.server.pages.speaker import Speaker


@dataclass(frozen=True)
class ContestWording:
    """A contest: its question, the texts of its options by id, in order, and the regions that are asked."""

    contest: Contest
    question: str
    labels: dict[str, str]
    regions: tuple[Region, ...]


def questions(definition: Definition, speaker: Speaker) -> dict[str, ContestWording]:
    """All contests of a definition, by id, in order."""
    return {contest.id: asked(definition, contest.index, speaker) for contest in definition.contests}


def asked(definition: Definition, index: int, speaker: Speaker) -> ContestWording:
    """A contest of a definition, for a reader."""
    contest, regions = definition.contests[index], tuple(definition.regions_of(index))
    (worded,) = (wording for wording in regions[0].style.contests if wording.contest.index == index)
    labels = dict(zip(contest.options, map(speaker.text, worded.options), strict=True))
    return ContestWording(contest, speaker.text(worded.question), labels, regions)
