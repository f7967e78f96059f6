"""One referendum, stopped where attacks begin. Every call gives a copy that a test may lead astray.

Two regions, two days, two registrars. Piraeus (0) has both contests and decoys beside three voters' groups,
Athens (1) one contest. Two of three trustees decrypt; the mayor's contest allows no blank vote.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import cache, wraps

from psephos.simulation.adversary import fork
from psephos.simulation.definitions import HARBOUR, TEMPLE, sample
from psephos.simulation.referendum import BLANK, HeldCard, Referendum

DAYS = ((1_900_000_000, 1_900_036_000), (1_900_086_400, 1_900_122_400))
MAYOR = replace(TEMPLE, id="mayor", blank=0)
PIRAEUS, ATHENS = 0, 1
GROUPS = {PIRAEUS: [[0, 1], [1, 0, 0], [0, 0, 1], [0]], ATHENS: [[1, 0], [0, 1], [1, 0]]}
YES, NO = 0, 1

Scene = Callable[[], Referendum]


def scene(play: Scene) -> Scene:
    """Play once; hand out copies."""
    played = cache(play)

    @wraps(play)
    def copied() -> Referendum:
        return fork(played())

    return copied


@scene
def begun() -> Referendum:
    """The trustees have made the key."""
    document, keys = sample(
        questions=(HARBOUR, MAYOR),
        ballots={"athens": ["harbour"]},
        windows=DAYS,
        registrars=2,
        min_batch=2,
        min_region=2,
    )
    referendum = Referendum(document, keys)
    referendum.publish()
    referendum.ceremony()
    return referendum


@scene
def enrolled() -> Referendum:
    """Every region's enrolment is over."""
    referendum = begun()
    for region, groups in GROUPS.items():
        referendum.enrol(region, groups)
    return referendum


@scene
def voting() -> Referendum:
    """Day 1 is open; Piraeus' card 1, which counts, and 0, a decoy, have voted, and Athens' card 0."""
    referendum = enrolled()
    for region in GROUPS:
        referendum.open(region, 1)
    cards = referendum.cards
    referendum.log(
        referendum.ballot(cards[PIRAEUS][1], (YES, 2)),
        referendum.ballot(cards[PIRAEUS][0], (NO, 1)),
        referendum.ballot(cards[ATHENS][0], (BLANK,)),
    )
    return referendum


@scene
def sealed() -> Referendum:
    """Day 1 is sealed, nothing weighed."""
    referendum = voting()
    for region in GROUPS:
        referendum.seal(region, 1)
    return referendum


@scene
def over() -> Referendum:
    """Day 2 is sealed too; Piraeus' card 1 has voted again. All is weighed but nothing witnessed since."""
    referendum = sealed()
    referendum.weigh((1, 2))
    for region in GROUPS:
        referendum.open(region, 2)
    referendum.log(referendum.ballot(referendum.cards[PIRAEUS][1], (NO, 2), day=2))
    for region in GROUPS:
        referendum.seal(region, 2)
    referendum.weigh((1, 2))
    return referendum


@scene
def closable() -> Referendum:
    """The close checkpoint is logged."""
    referendum = over()
    referendum.checkpoint()
    return referendum


@scene
def closed() -> Referendum:
    """Trustees 1 and 2 have closed; no witnessed checkpoint contains that yet."""
    referendum = closable()
    right = referendum.closing.right
    assert right is not None
    referendum.log(*(referendum.write(right, key) for key in referendum.keys.trustees[:2]))
    return referendum


@scene
def releasing() -> Referendum:
    """Shares are due."""
    referendum = closed()
    referendum.checkpoint()
    return referendum


@scene
def counted() -> Referendum:
    """The totals are known, but not certified."""
    referendum = releasing()
    referendum.release((1, 2))
    return referendum


def card(referendum: Referendum, place: int = 2, region: int = PIRAEUS) -> HeldCard:
    """A card; 2 of Piraeus, which counts, has not voted yet."""
    return referendum.cards[region][place]


def named(of: HeldCard) -> str:
    """What the report calls a card."""
    return f"card {of.key.hex()}"
