"""The coercion game: a card is handed over, and whether it counts shows nowhere.

The same world is played twice with the same coins. In one the card that the coercer gets counts, in the
other it is a decoy; the voter uses another card freely in both, and one other voter's vote makes the totals
equal, for exact totals always tell what they tell. Everything on the card must be the same bytes, and
everything public the same in order, size, time and form, down to each field, with nothing but points,
scalars, hashes and signatures blanked, piece by piece (`tests/attacks/shape.py`).

What this shows: no number, length, order, time stamp, author, count or error message, and no identity or
small scalar where there should be a random one, tells the two apart; nor do the signs that are opened.
What it does not show: that the blanked group elements are indistinguishable. That rests on the decisional
Diffie-Hellman assumption in ristretto255, on the zero knowledge of the proofs, on at least one honest weigher
a chain, and on fewer than `t` colluding trustees (`spec/parties.md`): on an argument, not on a test. What
registrars see is played in `tests/attacks/test_all_registrars.py`. Nor does it cover the network, the voter's
device, somebody who watches the enrolment, or totals so small that they tell the vote (`spec/threats.md`).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cache

import pytest

from psephos.simulation.adversary import fork
from psephos.simulation.definitions import HARBOUR, sample
from psephos.simulation.referendum import Referendum
from psephos.voter.card import Card
from tests.attacks.shape import point, scalar, shape

YES, NO, BLANK = 0, 1, 0xFFFF
HANDED, FREE, SPARE, OTHER, OTHERS_DECOY = 0, 1, 2, 3, 4
"""Places of cards: the coerced voter's three, and two of the voter who makes the totals equal."""


@dataclass(frozen=True)
class World:
    """How the coerced voter's cards are grouped and weigh, and what is demanded of the one handed over."""

    groups: tuple[tuple[int, ...], ...]
    demand: tuple[int, ...] = (YES,)
    """The handed card's votes, one a serial; none is abstention."""
    free: int = NO
    other: int = NO

    @property
    def counts(self) -> bool:
        return self.groups[0][0] == 1


@cache
def _begun() -> Referendum:
    document, keys = sample(regions=("athens",), questions=(HARBOUR,), min_batch=2, min_region=2)
    referendum = Referendum(document, keys)
    referendum.publish()
    referendum.ceremony()
    return referendum


def play(world: World, coins: bytes = b"\x09" * 32) -> tuple[Referendum, Card]:
    """The whole referendum, and the card that the coercer holds."""
    told = fork(_begun())
    told.coins = coins
    groups = [*world.groups, (1, 0), (0, 1)]
    told.roll(0, 5)
    told.give(3)
    told.shut(0)
    secrets = fork(told).random(16 * sum(map(len, groups)))
    told.log(*told.batch(0, groups))
    told.log(*told.issue(0, told.roll_hashes(0, 5)[:96]))
    told.review(0)
    told.open(0, 1)
    cast(told, world)
    told.seal(0, 1)
    told.weigh((1, 2))
    told.close((1, 2))
    told.release((1, 2))
    told.certify()
    election = told.record.joint_key.election_hash
    return told, Card.derive(election, 0, secrets[16 * HANDED : 16 * HANDED + 16])


def cast(told: Referendum, world: World) -> None:
    """Every card votes on its own, witnessed, so that the place of each ballot in time is public."""
    cards = told.cards[0]
    votes = [(HANDED, choice, serial) for serial, choice in enumerate(world.demand, 1)]
    votes += [(FREE, world.free, 1), (OTHER, world.other, 1), (OTHERS_DECOY, YES, 1)]
    for place, choice, serial in votes:
        told.now += 60
        told.log(told.ballot(cards[place], (choice,), 1, serial))
        told.checkpoint()


GAMES = {
    "one decoy of two": (World(((1, 0), (0,))), World(((0, 1), (0,)))),
    "a decoy got later": (World(((1, 0), (0,))), World(((0,), (1, 0)))),
    "one decoy among three": (World(((1, 0, 0),)), World(((0, 1, 0),))),
}
DEMANDS: dict[str, tuple[int, ...]] = {
    "vote": (YES,),
    "abstain": (),
    "vote often": (NO, YES),
    "blank": (BLANK,),
}


def equal_totals(world: World, demand: Sequence[int]) -> World:
    """Let the other voter vote so that both worlds have the same totals.

    Where the handed card counts, its last vote does, the free one's does not; else the other way round.
    """
    forced = demand[-1] if demand else None
    if forced is None:
        return replace(world, demand=tuple(demand))
    return replace(world, demand=tuple(demand), other=world.free if world.counts else forced)


@pytest.mark.parametrize("demand", [d for d in DEMANDS if d != "abstain"])
@pytest.mark.parametrize("game", GAMES)
def test_whether_the_card_counts_shows_nowhere(game: str, demand: str) -> None:
    real, decoy = (equal_totals(world, DEMANDS[demand]) for world in GAMES[game])
    (one, card), (other, same) = play(real), play(decoy)
    assert real.counts
    assert not decoy.counts
    assert (card, card.text, card.words, card.face) == (same, same.text, same.words, same.face)
    assert one.cards[0][HANDED].weight != other.cards[0][HANDED].weight
    assert one.record.result_document() == other.record.result_document()
    assert one.record.void == other.record.void == []
    assert one.record.notices == other.record.notices
    assert one.record.examined == other.record.examined
    left, right = shape(one), shape(other)
    assert len(left) == len(right)
    for first, second in zip(left, right, strict=True):
        assert first == second
    assert one.logged != other.logged


def test_a_card_that_must_abstain_leaves_the_same_record_but_for_the_totals() -> None:
    """Who is kept from voting with a card that counts is one voter fewer: the totals must tell that."""
    real, decoy = (replace(world, demand=()) for world in GAMES["one decoy of two"])
    (one, card), (other, same) = play(real), play(decoy)
    assert (card, card.text) == (same, same.text)
    without_result = [entry for entry in shape(one) if entry[1] != "result"]
    assert without_result == [entry for entry in shape(other) if entry[1] != "result"]
    assert one.record.result_document() != other.record.result_document()


def test_the_card_itself_depends_on_nothing_but_its_secret() -> None:
    (_, one), (_, other) = (play(world) for world in GAMES["a decoy got later"])
    for public in ("election", "region", "key", "secret", "text", "words", "face"):
        assert getattr(one, public) == getattr(other, public)


@pytest.mark.parametrize("game", GAMES)
def test_the_sign_opened_for_the_card_is_as_often_plus_as_minus(game: str) -> None:
    """Over 32 draws of all coins, in both worlds; outside 5..27 with a chance below 10^-4."""
    for world in GAMES[game]:
        plus = 0
        for number in range(32):
            told, card = play(world, b"\x0a" + number.to_bytes(31, "little"))
            assert told.record.count is not None
            assert told.record.box is not None
            [place] = told.record.rosters[0].places(card.key)
            row = told.record.box.days[0, 1].cards.index(place)
            plus += told.record.count.signs[0, 1, 0][row] == 1
        assert 5 <= plus <= 27


# -- the normaliser itself: it sees what it should


def test_an_extra_ballot_a_later_time_or_another_order_would_show() -> None:
    world = GAMES["one decoy of two"][0]
    honest = shape(play(world)[0])
    for leak in (replace(world, demand=(YES, YES)), replace(world, demand=())):
        assert shape(play(leak)[0]) != honest
    late = fork(_begun())
    late.now += 1
    late.checkpoint()
    on_time = fork(_begun())
    on_time.checkpoint()
    assert shape(late) != shape(on_time)


def test_another_number_of_cards_or_groups_would_show() -> None:
    honest = shape(play(World(((1, 0), (0,))))[0])
    assert shape(play(World(((1, 0, 0), (0,))))[0]) != honest
    assert shape(play(World(((1, 0), (0,), (0,))))[0]) != honest


def test_randomness_that_is_zero_or_small_would_show() -> None:
    assert point(bytes(32)) == "identity"
    assert scalar(bytes(32)) != scalar(b"\x01" + bytes(31)) != "scalar"
    with pytest.raises(ValueError, match="not a"):
        point(b"\xff" * 32)
    with pytest.raises(ValueError, match="not a"):
        scalar(b"\xff" * 32)
