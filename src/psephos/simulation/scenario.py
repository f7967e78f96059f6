"""The demo's scenario: four regions, five days, and people with somebody standing behind them."""

from __future__ import annotations

import random
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from psephos.protocol.encoding import canonical_json
from psephos.protocol.setup.definition import Definition
from psephos.simulation.clock import utc
from psephos.simulation.definitions import Keys, institutions
from psephos.simulation.schedule import BLANK, Casting, Holder

HOUR = 3600
FIRST_DAY = utc(2025, 5, 12)
DAYS = 5
CLOSES = utc(2025, 5, 8, 18)
REVIEW = 48 * HOUR
REGISTRARS = ("Civil Registry", "Chamber of Notaries")
RELAY = {"name": "Bar Association", "address": "https://relay.bar.example"}
ENROLMENT = utc(2025, 4, 14, 9)
TRUSTEES = ("University of Selm", "Bar Association", "Fishermen's Union")
WITNESSES = ("witness.selm.example", "watch.orvan.example", "press.example")
ORIGIN = "board.four-valleys.example/status-2025"


@dataclass(frozen=True)
class RegionPlan:
    """A region of the scenario: how many of a hundred voters live there, when it votes, and how it leans."""

    id: str
    name: str
    style: str
    share: int
    opens: int
    seals: int
    lean: tuple[float, ...]
    """Probability of each option of the first contest; what is left is blank."""


REGIONS = (
    RegionPlan("selm", "Selm", "north", 40, 5, 17, (0.44, 0.50)),
    RegionPlan("orvan", "Orvan", "north", 30, 5, 17, (0.38, 0.57)),
    RegionPlan("tamar", "Tamar", "coast", 20, 6, 18, (0.61, 0.33)),
    RegionPlan("lirrin", "Lirrin", "coast", 10, 7, 16, (0.55, 0.41)),
)
STATUS = {"id": "status", "options": ["secede", "remain"], "blank": 1}
HARBOUR = {"id": "harbour", "options": ["open", "military", "close"], "blank": 1}


def _wording(contest: str, question: Mapping[str, str], *options: Mapping[str, str]) -> dict[str, Any]:
    return {"contest": contest, "question": dict(question), "options": [dict(option) for option in options]}


def definition(keys: Keys, decoys: int = 4) -> bytes:
    """The demo's definition: two ballot styles, each with its own wording and languages."""
    rule = {
        "option": "secede",
        "conditions": [
            {"kind": "absolute-majority", "of": "voted"},
            {"kind": "region-majority", "more_than": [1, 2]},
            {"kind": "turnout-quorum", "at_least": [1, 2], "of": "roll"},
        ],
    }
    status = "Shall the Four Valleys leave the Federation?"
    document = {
        "version": 1,
        "title": {"en": "Referendum on the status of the Four Valleys"},
        "languages": ["en"],
        **institutions(
            keys,
            organiser="Assembly of the Four Valleys",
            registrars=REGISTRARS,
            board="Electoral Commission",
            origin=ORIGIN,
            witnesses=WITNESSES,
            trustees=TRUSTEES,
            threshold=2,
        ),
        "decoys": decoys,
        "relays": [RELAY],
        "hold": 24 * HOUR,
        "min_batch": 40,
        "min_region": 20,
        "tolerance": 900,
        "round": HOUR,
        "cover": {"epsilon": [2, 1], "delta": 2, "ballots": 2},
        "regions": [_region(plan) for plan in REGIONS],
        "contests": [STATUS | {"rule": rule}, HARBOUR],
        "styles": [
            {
                "id": "north",
                "contests": [_wording("status", {"en": status}, {"en": "Leave"}, {"en": "Remain"})],
            },
            {
                "id": "coast",
                "languages": ["en", "cy"],
                "contests": [
                    _wording(
                        "status",
                        {
                            "en": f"{status} The coast would keep its own court.",
                            "cy": "A ddylai'r Pedwar Cwm adael y Ffederasiwn? "
                            "Byddai'r arfordir yn cadw ei lys.",
                        },
                        {"en": "Leave", "cy": "Gadael"},
                        {"en": "Remain", "cy": "Aros"},
                    ),
                    _wording(
                        "harbour",
                        {"en": "What shall become of the harbour?", "cy": "Beth ddylai ddod o'r harbwr?"},
                        {"en": "An open port", "cy": "Porthladd agored"},
                        {"en": "A naval base", "cy": "Canolfan y llynges"},
                        {"en": "It shall close", "cy": "Dylai gau"},
                    ),
                ],
            },
        ],
    }
    return canonical_json.encode(document)


def _region(plan: RegionPlan) -> dict[str, Any]:
    days = [
        [FIRST_DAY + day * 24 * HOUR + plan.opens * HOUR, FIRST_DAY + day * 24 * HOUR + plan.seals * HOUR]
        for day in range(DAYS)
    ]
    merge = {"merge_into": "tamar"} if plan.id == "lirrin" else {}
    names = {"id": plan.id, "name": {"en": plan.name}, "style": plan.style, "timezone": "Europe/Bucharest"}
    return names | {"days": days, "closes": CLOSES, "review": REVIEW} | merge


@dataclass
class Coerced:
    """A coerced voter: which cards went to the coercer, and the ballots the coercer cast with them."""

    holder: Holder
    handed: list[int]
    castings: list[Casting] = field(default_factory=list)


@dataclass
class Scenario:
    """Everything people will do; fixed by the seed."""

    holders: list[Holder]
    castings: list[Casting]
    coerced: list[Coerced]


def voters_of(voters: int) -> list[int]:
    """How many voters each region has."""
    counts = [voters * plan.share // 100 for plan in REGIONS]
    counts[0] += voters - sum(counts)
    return counts


def tell(definition: Definition, voters: int, coins: random.Random) -> Scenario:
    """Draw a scenario from the coins."""
    scenario = Scenario([], [], [])
    for region, count in enumerate(voters_of(voters)):
        for place in range(count):
            k = coins.randint(2, 1 + definition.decoys)
            holder = Holder(region, k, coins.randrange(k))
            scenario.holders.append(holder)
            if place % 16 == 5:
                _coerced(definition, scenario, holder, coins)
            else:
                _free(definition, scenario, holder, coins)
    return scenario


def _choices(definition: Definition, region: int, coins: random.Random) -> tuple[int, ...]:
    chosen = []
    for contest, options, _blank in definition.regions[region].style.shape:
        lean = REGIONS[region].lean if contest == 0 else (0.5, 0.2, 0.25)
        draw = coins.choices([*range(options), BLANK], [*lean, 1 - sum(lean)])
        chosen.append(draw[0])
    return tuple(chosen)


def _time(definition: Definition, region: int, day: int, coins: random.Random) -> int:
    opens, seals = definition.regions[region].days[day - 1]
    return coins.randrange(opens, seals)


def give_cover(definition: Definition, holder: Holder, card: int, coins: random.Random) -> Casting:
    """A trustee's ballot: on a day, at a time and for a choice that somebody of the region could make."""
    return _casting(definition, holder, card, coins.randint(1, DAYS), 1, coins)


def _casting(
    definition: Definition, holder: Holder, card: int, day: int, serial: int, coins: random.Random
) -> Casting:
    time = _time(definition, holder.region, day, coins)
    return Casting(time, day, serial, holder, card, _choices(definition, holder.region, coins))


def _free(definition: Definition, scenario: Scenario, holder: Holder, coins: random.Random) -> None:
    """Three of four vote, a few again on a later day, some with a decoy, to practise or to mislead."""
    counting = holder.counting or 0
    if coins.random() < 0.75:
        day = coins.choice((1, 1, 2, 3, 4, 5))
        scenario.castings.append(_casting(definition, holder, counting, day, 1, coins))
        if coins.random() < 0.08:
            scenario.castings.append(_casting(definition, holder, counting, day, 2, coins))
        if day < DAYS and coins.random() < 0.05:
            again = coins.randint(day + 1, DAYS)
            scenario.castings.append(_casting(definition, holder, counting, again, 1, coins))
    if coins.random() < 0.1:
        decoy = coins.choice([card for card in range(holder.cards) if card != counting])
        scenario.castings.append(_casting(definition, holder, decoy, coins.randint(1, DAYS), 1, coins))


def _coerced(definition: Definition, scenario: Scenario, holder: Holder, coins: random.Random) -> None:
    """Hands over every card but the one that counts; votes freely another day.

    Some were told beforehand how many to bring: they have more decoys from a trustee.
    """
    counting = holder.counting or 0
    handed = [card for card in range(holder.cards) if card != counting]
    if coins.random() < 0.4:
        holder.more = 1
        handed.append(holder.cards)
    coerced = Coerced(holder, handed)
    day = coins.randint(2, DAYS)
    wanted = (0,) * len(definition.regions[holder.region].style.shape)
    for card in handed:
        time = _time(definition, holder.region, day, coins)
        coerced.castings.append(Casting(time, day, 1, holder, card, wanted))
    scenario.castings += coerced.castings
    scenario.coerced.append(coerced)
    free = coins.choice([another_day for another_day in range(1, DAYS + 1) if another_day != day])
    scenario.castings.append(_casting(definition, holder, counting, free, 1, coins))
