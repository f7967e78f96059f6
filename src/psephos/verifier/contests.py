"""What a result document says of each contest, as values (`spec/schemas/result.json`)."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from psephos.protocol.tally.outcome import Outcome


@dataclass(frozen=True)
class AreaResult:
    """Votes of one area: a region, several that were counted together, or what is left of a division."""

    id: str
    regions: tuple[str, ...]
    counted: bool
    """False where too few were enrolled to count the area: then there are no votes."""
    roll: int
    enrolled: int
    voted: int
    votes: dict[str, int]
    blank: int


@dataclass(frozen=True)
class ContestResult:
    """Votes of one contest, in total and by area; the total is that of the areas that were counted."""

    id: str
    roll: int
    """People who may vote, also in areas that were not counted."""
    enrolled: int
    voted: int
    votes: dict[str, int]
    """By option."""
    blank: int
    areas: tuple[AreaResult, ...]
    outcome: Outcome | None
    """What the contest's rule decides; None for a contest without a rule."""


def contest_results(document: bytes) -> tuple[ContestResult, ...]:
    """Every contest of a result document, in the definition's order; none of a cancelled referendum."""
    return tuple(_contest(contest) for contest in json.loads(document)["contests"])


def _contest(contest: dict[str, Any]) -> ContestResult:
    total = contest["total"]
    return ContestResult(
        contest["id"],
        total["roll"],
        total["enrolled"],
        total["voted"],
        total["votes"],
        total["blank"],
        tuple(_area(area) for area in contest["areas"]),
        contest["rule"]["outcome"] if "rule" in contest else None,
    )


def _area(area: dict[str, Any]) -> AreaResult:
    return AreaResult(
        area["id"],
        tuple(area["regions"]),
        bool(area["counted"]),
        area["roll"],
        area["enrolled"],
        area.get("voted", 0),
        area.get("votes", {}),
        area.get("blank", 0),
    )
