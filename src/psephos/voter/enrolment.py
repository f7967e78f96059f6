"""Cards before they are enrolled: how many are proposed, and which counts."""

from __future__ import annotations

import random
from collections.abc import Container, Sequence

from psephos.errors import FormatError
from psephos.protocol.enrolment.cards import GroupPlan
from psephos.protocol.enrolment.setting import Setting
from psephos.protocol.setup.definition import Definition
from psephos.voter.card import Card

FEWEST = 3
"""Cards that a device proposes, at least."""


def propose(definition: Definition, rng: random.Random) -> int:
    """How many cards a voter might have, drawn uniformly from FEWEST to `decoys`; one without decoys.

    `rng` is a `random.SystemRandom` wherever the cards are real.
    """
    return rng.randint(FEWEST, definition.decoys) if definition.coercion_resistant else 1


def plan(
    setting: Setting, region: int, rng: random.Random, cards: int | None = None, counts: int | None = None
) -> GroupPlan:
    """Cards to make: as many as proposed and any of them to count, unless the voter chooses."""
    number = propose(setting.definition, rng) if cards is None else cards
    if counts is None:
        counts = rng.randrange(number)
    elif not 0 <= counts < number:
        raise FormatError(f"card {counts} of {number} cannot count")
    return GroupPlan(region, rng.randbytes(16 * number), counts, rng.randbytes(32))


def draw(
    election: bytes, region: int, number: int, rng: random.Random, held: Container[str] = ()
) -> list[Card]:
    """New cards, ascending by K, to be shown before it is chosen which counts; `rng` as for `propose`.

    No two have one name, and none has one of those that are `held`: people tell cards apart by it.
    """
    cards: dict[str, Card] = {}
    while len(cards) < number:
        card = Card.derive(election, region, rng.randbytes(16))
        if card.face.name not in held:
            cards[card.face.name] = card
    return sorted(cards.values(), key=lambda card: card.key)


def plan_of(cards: Sequence[Card], counts: int | None, rng: random.Random) -> GroupPlan:
    """Cards that were drawn; `counts` is the position of the one that counts (None: all are decoys)."""
    return GroupPlan(cards[0].region, b"".join(card.secret for card in cards), counts, rng.randbytes(32))
