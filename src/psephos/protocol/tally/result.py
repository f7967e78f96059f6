"""The result document: a pure function of the record (`spec/schemas/result.json`)."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from psephos.protocol.encoding import canonical_json
from psephos.protocol.setup.areas import Area, areas_of, partition
from psephos.protocol.setup.definition import Contest, Definition
from psephos.protocol.tally.levels import Level, levels
from psephos.protocol.tally.outcome import Decision, decide
from psephos.protocol.tally.tally import ContestTally, Electorate, Tally

Weights = Mapping[tuple[int, int], int]
IN_ENTRY = 60_000
"""Bytes of the longest document that stands in a `result` entry."""


@dataclass(frozen=True)
class RegionNumbers:
    """What the record counts in a region; `ballots` are the rows of each sealed day."""

    roll: int = 0
    issued: tuple[int, ...] = ()
    """By each registrar."""
    enrolled: int = 0
    cards: int = 0
    ballots: tuple[int, ...] = ()
    counting: int = 0


def counted(
    definition: Definition,
    election: bytes,
    regions: Sequence[RegionNumbers],
    weights: Weights,
    tallies: Mapping[tuple[int, int], Tally],
) -> bytes:
    """The result of a referendum that was counted.

    `regions` are those of the definition, in order. `weights` and `tallies` map contest and area (the
    position of the region where it stands) to what was opened: of every area of enough enrolled its weight,
    of every counted area its tally.
    """
    everywhere = partition(definition, [region.enrolled for region in regions])
    areas = [_areas(definition, contest, everywhere, weights) for contest in definition.contests]
    counts = [
        _count(definition, contest, regions, own, weights, tallies)
        for contest, own in zip(definition.contests, areas, strict=True)
    ]
    decisions = decide(definition.contests, counts)
    document = _head(definition, election, "counted") | {
        "regions": [
            {"id": region.id}
            | vars(numbers)
            | {"ballots": list(numbers.ballots), "issued": list(numbers.issued)}
            for region, numbers in zip(definition.regions, regions, strict=True)
        ],
        "contests": [
            _contest(definition, contest, regions, own, weights, count, decision)
            for contest, own, count, decision in zip(
                definition.contests, areas, counts, decisions, strict=True
            )
        ],
    }
    return canonical_json.encode(document)


def logged(document: bytes) -> bytes:
    """What a `result` entry holds of a document: all of it, or the SHA-256 of one that does not fit."""
    return document if len(document) <= IN_ENTRY else hashlib.sha256(document).digest()


def cancelled(definition: Definition, election: bytes = b"") -> bytes:
    """The result of a cancelled referendum; no election hash when the ceremony had not ended."""
    return canonical_json.encode(_head(definition, election, "cancelled") | {"regions": [], "contests": []})


def _head(definition: Definition, election: bytes, status: str) -> dict[str, Any]:
    rehearsal = {"rehearsal": 1} if definition.about.rehearsal else {}
    return rehearsal | {
        "version": 1,
        "definition": definition.hash.hex(),
        "election": election.hex(),
        "status": status,
        "coercion_resistant": int(definition.coercion_resistant),
    }


def _areas(
    definition: Definition, contest: Contest, everywhere: Sequence[Area], weights: Weights
) -> list[Area]:
    """The areas of a contest; those that weigh too little are not counted."""
    areas, least = areas_of(definition, contest.index, everywhere), definition.min_region
    return [
        replace(area, counted=area.counted and weights[contest.index, area.region] >= least) for area in areas
    ]


def _count(
    definition: Definition,
    contest: Contest,
    regions: Sequence[RegionNumbers],
    areas: Sequence[Area],
    weights: Weights,
    tallies: Mapping[tuple[int, int], Tally],
) -> ContestTally:
    """What rules ask of a contest."""
    found = [tallies[contest.index, area.region] if area.counted else None for area in areas]
    own = [regions[region.index] for region in definition.regions_of(contest.index)]
    return ContestTally(
        found,
        Tally.total([tally for tally in found if tally is not None], len(contest.options)),
        Electorate(sum(one.roll for one in own), sum(one.enrolled for one in own)),
        [
            _unknown(area, regions, weights.get((contest.index, area.region)))
            for area in areas
            if not area.counted
        ],
    )


def _unknown(area: Area, regions: Sequence[RegionNumbers], weight: int | None) -> int:
    """How many can have voted in an area: no more than are enrolled, than ballots count, than it weighs."""
    found = sum(min(regions[index].enrolled, regions[index].counting) for index in area.regions)
    return found if weight is None else min(found, weight)


def _contest(
    definition: Definition,
    contest: Contest,
    regions: Sequence[RegionNumbers],
    areas: Sequence[Area],
    weights: Weights,
    count: ContestTally,
    decision: Decision | None,
) -> dict[str, Any]:
    document: dict[str, Any] = {
        "id": contest.id,
        "areas": [
            _area(definition, contest, regions, area, weights.get((contest.index, area.region)), tally)
            for area, tally in zip(areas, count.areas, strict=True)
        ],
        "total": vars(count.electorate)
        | {"not_counted": _not_counted(areas, regions, count)}
        | _tally(contest, count.total),
    }
    if definition.divisions:
        found = levels(definition, contest.index, areas, count.areas)
        document["levels"] = [_level(definition, contest, regions, level) for level in found]
    if contest.rule is not None and decision is not None:
        document["rule"] = {
            "option": contest.options[contest.rule.option],
            "conditions": list(decision.conditions),
            "outcome": decision.outcome,
        }
    return document


def _not_counted(
    areas: Sequence[Area], regions: Sequence[RegionNumbers], count: ContestTally
) -> dict[str, int]:
    """What of the electorate is in areas that are not counted."""
    closed = [area for area in areas if not area.counted]
    return {
        "areas": len(closed),
        "roll": sum(regions[index].roll for area in closed for index in area.regions),
        "enrolled": sum(area.enrolled for area in closed),
        "more": count.more,
    }


def _area(
    definition: Definition,
    contest: Contest,
    regions: Sequence[RegionNumbers],
    area: Area,
    weight: int | None,
    tally: Tally | None,
) -> dict[str, Any]:
    document: dict[str, Any] = {
        "id": area.name(definition),
        "regions": [definition.regions[index].id for index in area.regions],
        "roll": sum(regions[index].roll for index in area.regions),
        "enrolled": area.enrolled,
        "counted": int(area.counted),
    }
    if weight is not None:
        document["weight"] = weight
    if area.division is not None:
        document["remainder"] = 1
    return document if tally is None else document | _tally(contest, tally)


def _level(
    definition: Definition, contest: Contest, regions: Sequence[RegionNumbers], level: Level
) -> dict[str, Any]:
    missing = [index for index in level.regions if regions[index].enrolled and index not in level.added]
    return {
        "id": definition.divisions[level.division].id,
        "areas": len(level.tallies),
        "roll": sum(regions[index].roll for index in level.regions),
        "enrolled": sum(regions[index].enrolled for index in level.regions),
        "missing": {
            "regions": [definition.regions[index].id for index in missing],
            "roll": sum(regions[index].roll for index in missing),
            "enrolled": sum(regions[index].enrolled for index in missing),
        },
    } | _tally(contest, Tally.total(level.tallies, len(contest.options)))


def _tally(contest: Contest, tally: Tally) -> dict[str, Any]:
    votes = dict(zip(contest.options, tally.votes, strict=True))
    return {
        "voted": tally.voted,
        "votes": votes,
        "blank": tally.blank,
        "unanimous": int(tally.unanimous),
    }
