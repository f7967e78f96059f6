"""Weighers that cheat are void, and the chain goes on; those that are lazy harm themselves alone."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from unittest.mock import patch

import proofs
import provers
import pytest
from group import L

from psephos.crypto.group import sum_points
from psephos.protocol import entries
from psephos.protocol.entries import Weighing
from psephos.protocol.proofs import Proofs
from psephos.protocol.tally.weighing import Chain
from psephos.simulation.adversary import fork, of_type, refused
from psephos.simulation.definitions import HARBOUR, sample
from psephos.simulation.referendum import Referendum
from tests.attacks.scenes import PIRAEUS, closed, over, sealed, voting

ROW = 64 * 6 + 224  # Piraeus: X, two options, three options, and the proof


def chain_of(referendum: Referendum, region: int = PIRAEUS, day: int = 1) -> Chain:
    assert referendum.record.weighing_chains is not None
    return referendum.record.weighing_chains.chains[region, day, 0]


def weighing(referendum: Referendum, trustee: int, region: int = PIRAEUS, day: int = 1) -> Weighing:
    assert referendum.record.weighing_chains is not None
    return referendum.record.weighing_chains.weigh(
        chain_of(referendum, region, day), trustee, referendum.random()
    )


def log_weighing(referendum: Referendum, trustee: int, payload: Weighing) -> list[tuple[str, str]]:
    return refused(referendum, referendum.write(payload, referendum.keys.trustees[trustee - 1]))


def assert_void(
    referendum: Referendum, trustee: int, payload: Weighing, check: str, culprit: str = ""
) -> None:
    """It is void through that trustee, or a culprit, the head stays, and the others complete the chain."""
    head, weighers = chain_of(referendum).head, list(chain_of(referendum).weighers)
    assert log_weighing(referendum, trustee, payload) == [(check, culprit or f"trustee {trustee}")]
    assert (chain_of(referendum).head, chain_of(referendum).weighers) == (head, weighers)
    others = [index for index in (3, 2, 1) if index not in weighers and index != trustee]
    for index in others[: 2 - len(weighers)]:
        assert log_weighing(referendum, index, weighing(referendum, index)) == []
    assert chain_of(referendum).completed is not None


def rows_of(payload: Weighing) -> list[bytes]:
    return [payload.rows[at : at + ROW] for at in range(0, len(payload.rows), ROW)]


def by_rows(change: Callable[[list[bytes]], list[bytes]]) -> Callable[[Weighing], Weighing]:
    return lambda payload: replace(payload, rows=b"".join(change(rows_of(payload))))


def doubled(row: bytes) -> bytes:
    """Every ciphertext of a row times two."""
    points = [row[at : at + 32] for at in range(0, ROW - 224, 32)]
    return b"".join(sum_points(point * 2) for point in points) + row[-224:]


MISPLACED = {
    "another position",
    "position 0",
    "no such chunk",
    "no such region",
    "a day that is not sealed",
}
"""An honest board logs none of these."""
WRONG: dict[str, tuple[str, Callable[[Weighing], Weighing]]] = {
    "drops a row": ("7.1", by_rows(lambda rows: rows[:1])),
    "adds a row": ("7.1", by_rows(lambda rows: [*rows, rows[0]])),
    "no rows": ("7.1", by_rows(lambda rows: [])),
    "exchanges rows": ("7.2", by_rows(lambda rows: rows[::-1])),
    "gives one row twice": ("7.2", by_rows(lambda rows: [rows[0], rows[0]])),
    "zero row": ("7.2", by_rows(lambda rows: [bytes(384) + rows[0][384:], rows[1]])),
    "weighing_chains a row": ("7.2", by_rows(lambda rows: [doubled(rows[0]), rows[1]])),
    "exchanges options": (
        "7.2",
        by_rows(lambda rows: [rows[0][:64] + rows[0][128:192] + rows[0][64:128] + rows[0][192:], rows[1]]),
    ),
    "exchanges weights": (
        "7.2",
        by_rows(lambda rows: [rows[1][:64] + rows[0][64:], rows[0][:64] + rows[1][64:]]),
    ),
    "gives no canonical point": ("7.2", by_rows(lambda rows: [b"\xff" * 32 + rows[0][32:], rows[1]])),
    "e_2 on the wire": ("7.1", by_rows(lambda rows: [row[:-64] + bytes(32) + row[-64:] for row in rows])),
    "another position": ("7.1", lambda payload: replace(payload, position=2)),
    "position 0": ("7.1", lambda payload: replace(payload, position=0)),
    "another head": ("7.1", lambda payload: replace(payload, previous=bytes(32))),
    "no such chunk": ("7.1", lambda payload: replace(payload, chunk=1)),
    "no such region": ("7.1", lambda payload: replace(payload, region=2)),
    "a day that is not sealed": ("7.1", lambda payload: replace(payload, day=2)),
    "another region's chunk": ("7.1", lambda payload: replace(payload, region=1)),
}


@pytest.mark.parametrize("name", WRONG)
@pytest.mark.parametrize("position", [1, 2])
def test_a_wrong_weighing_is_void_and_the_others_go_on(name: str, position: int) -> None:
    check, change = WRONG[name]
    referendum = sealed()
    if position == 2:
        assert log_weighing(referendum, 1, weighing(referendum, 1)) == []
        if name == "another position":
            change = lambda payload: replace(payload, position=1)  # noqa: E731
    culprit = "board" if name in MISPLACED or (name, position) == ("another region's chunk", 2) else ""
    assert_void(referendum, 2, change(weighing(referendum, 2)), check, culprit)


@pytest.mark.parametrize("many", [1, 2, 4])
def test_a_position_has_no_more_proofs_than_trustees(many: int) -> None:
    """Void weighings cannot be logged to have everybody check them again and again: one try each."""
    referendum = sealed()
    wrong = by_rows(lambda rows: rows[::-1])
    run = [
        referendum.write(wrong(weighing(referendum, trustee)), referendum.keys.trustees[trustee - 1])
        for _ in range(many)
        for trustee in (1, 2, 3)
    ]
    with patch.object(
        Proofs, "check_weighings", autospec=True, side_effect=Proofs.check_weighings
    ) as checked:
        found = refused(referendum, *run)
    assert sorted(found) == sorted(
        [("7.2", f"trustee {trustee}") for trustee in (1, 2, 3)] + [("7.1", "board")] * (3 * many - 3)
    )
    assert sum(len(call.args[4]) for call in checked.call_args_list) == 3


# -- cheats with proofs of their own


def proven(
    referendum: Referendum, trustee: int, make: Callable[[int, bytes], tuple[bytes, list[int], int]]
) -> Weighing:
    """Weighed rows from `make(row, before)`: after, randomness and the branch claimed."""
    keys, chain = referendum.record.joint_key, chain_of(referendum)
    width, rows = 64 * chain.width, b""
    for row in range(chain.size):
        before = chain.last[width * row : width * row + width]
        after, randomness, branch = make(row, before)
        place = (*chain.chunk, len(chain.weighers) + 1, trustee, row)
        transcript, branches = proofs.weighing_statement(keys.election_hash, keys.point, place, before, after)
        coins = provers.Stream(f"weighing {row}")
        rows += after + provers.prove_zero(transcript, keys.point, branches, branch, randomness, coins)
    return Weighing(*chain.chunk, len(chain.weighers) + 1, chain.head, rows)


def times(before: bytes, factors: list[int], key: bytes, coins: provers.Stream) -> tuple[bytes, list[int]]:
    """Each ciphertext times its factor, encrypted anew."""
    pieces, randomness, after = proofs.split(before), [], b""
    for at, factor in enumerate(factors):
        r = coins.scalar()
        for half, base in ((0, proofs.GENERATOR), (1, key)):
            after += provers.encode(provers.evaluate([(factor, pieces[2 * at + half]), (r, base)]))
        randomness.append(r)
    return after, randomness


FACTORS = {
    "all times 2": [2] * 6,
    "the weight times -1 alone": [-1, 1, 1, 1, 1, 1],
    "one option times -1": [1, 1, -1, 1, 1, 1],
    "votes times 0": [1, 0, 0, 0, 0, 0],
    "the weight times 0": [0, 1, 1, 1, 1, 1],
    "one vote times 1000": [1, 1000, 1, 1, 1, 1],
    "halved": [(L + 1) // 2] * 6,
}


@pytest.mark.parametrize("name", FACTORS)
@pytest.mark.parametrize("branch", [0, 1])
def test_only_one_sign_for_a_whole_row_can_be_proven(name: str, branch: int) -> None:
    referendum = sealed()
    key, coins = referendum.record.joint_key.point, provers.Stream(name)

    def make(row: int, before: bytes) -> tuple[bytes, list[int], int]:
        after, randomness = times(before, FACTORS[name] if row == 0 else [1] * 6, key, coins)
        return after, randomness, branch if row == 0 else 0

    assert_void(referendum, 1, proven(referendum, 1, make), "7.2")


def test_errors_of_two_rows_that_cancel_are_still_two_errors() -> None:
    """+1 vote in one row, -1 in the other: the sum over all rows would be right."""
    referendum = sealed()
    key, coins = referendum.record.joint_key.point, provers.Stream("cancel")

    def make(row: int, before: bytes) -> tuple[bytes, list[int], int]:
        after, randomness = times(before, [1] * 6, key, coins)
        off = provers.base(1 if row == 0 else -1)
        return after[:96] + sum_points(after[96:128] + off) + after[128:], randomness, 0

    assert_void(referendum, 1, proven(referendum, 1, make), "7.2")


# -- places


def test_nobody_weighs_a_chain_twice() -> None:
    referendum = sealed()
    assert log_weighing(referendum, 1, weighing(referendum, 1)) == []
    assert_void(referendum, 1, weighing(referendum, 1), "7.1", "board")


def test_no_third_weighing_follows_the_last() -> None:
    referendum = sealed()
    referendum.weigh((1, 2))
    assert log_weighing(referendum, 3, weighing(referendum, 3)) == [("7.1", "board")]
    assert chain_of(referendum).weighers == [1, 2]


def test_a_stolen_weighing_is_worth_nothing() -> None:
    """Seen on its way to the board and signed by another: the proofs name the trustee who made them."""
    referendum = sealed()
    stolen = weighing(referendum, 1)
    assert log_weighing(referendum, 2, stolen) == [("7.2", "trustee 2")]
    assert log_weighing(referendum, 1, stolen) == []


def test_a_weighing_of_one_day_is_none_of_another() -> None:
    referendum = over()
    (at, *_) = of_type(referendum, Weighing)
    first = entries.decode(referendum.logged[at]).payload
    assert isinstance(first, Weighing)
    fresh = fork(referendum, referendum.logged[: of_type(referendum, Weighing)[-2]])  # day 2, not weighed
    moved = replace(first, day=2, previous=chain_of(fresh, day=2).head)
    found = log_weighing(fresh, 1, moved)
    assert found == [("7.1", "trustee 1")]  # day 2 has one row
    same_size = replace(moved, rows=moved.rows[:ROW])
    assert log_weighing(fresh, 1, same_size) == [("7.2", "trustee 1")]


def test_a_replayed_weighing_is_void() -> None:
    referendum = sealed()
    data = referendum.write(weighing(referendum, 1), referendum.keys.trustees[0])
    assert refused(referendum, data, data) == [("7.1", "board")]


def test_of_two_that_extend_one_head_the_first_wins() -> None:
    referendum = sealed()
    keys = referendum.keys.trustees
    both = [referendum.write(weighing(referendum, trustee), keys[trustee - 1]) for trustee in (1, 2)]
    assert refused(referendum, *both) == [("7.1", "board")]
    assert chain_of(referendum).weighers == [1]


def test_who_has_no_share_does_not_weigh() -> None:
    """Trustee 3 missed the ceremony."""
    document, keys = sample(regions=("athens",), questions=(HARBOUR,), min_batch=2, min_region=2)
    referendum = Referendum(document, keys)
    referendum.publish()
    referendum.ceremony(present=(1, 2))
    referendum.enrol(0, [[1, 0], [0, 1]])
    referendum.open(0, 1)
    referendum.log(referendum.ballot(referendum.cards[0][0], (0,)))
    referendum.seal(0, 1)
    assert log_weighing(referendum, 3, weighing(referendum, 3, 0)) == [("7.1", "trustee 3")]
    assert log_weighing(referendum, 1, weighing(referendum, 1, 0)) == []


def test_nobody_weighs_before_the_seal_or_after_the_close() -> None:
    kept = sealed()
    payload = weighing(kept, 1)
    early = voting()
    assert log_weighing(early, 1, payload) == [("7.1", "board")]
    late = closed()
    assert log_weighing(late, 3, payload) == [("7.1", "board")]


# -- lazy weighers


def lazy(referendum: Referendum, trustee: int, sign: int, fresh: bool = True) -> Weighing:
    """One sign for all rows, with fresh randomness or none at all."""
    key, coins = referendum.record.joint_key.point, provers.Stream("lazy")

    def make(row: int, before: bytes) -> tuple[bytes, list[int], int]:
        if not fresh:
            pieces = proofs.split(before)
            after = b"".join(provers.encode(provers.evaluate([(sign, piece)])) for piece in pieces)
            return after, [0] * 6, 0 if sign == 1 else 1
        after, randomness = times(before, [sign] * 6, key, coins)
        return after, randomness, 0 if sign == 1 else 1

    return proven(referendum, trustee, make)


def electorate(cards: int = 12) -> Referendum:
    """A dozen cards of one region have voted, half of them decoys; the day is sealed."""
    document, keys = sample(
        regions=("athens",),
        questions=(
            HARBOUR,
            replace(
                HARBOUR,
                id="bridge",
                options={"a": HARBOUR.options["yes"], "b": HARBOUR.options["no"], "c": HARBOUR.options["no"]},
                rule=None,
            ),
        ),
        min_batch=2,
        min_region=2,
    )
    referendum = Referendum(document, keys)
    referendum.publish()
    referendum.ceremony()
    referendum.enrol(0, [[0, 1]] * (cards // 2))
    referendum.open(0, 1)
    referendum.log(*(referendum.ballot(card, (0, 1)) for card in referendum.cards[0]))
    referendum.seal(0, 1)
    return referendum


def finish(referendum: Referendum) -> dict[str, int]:
    """Close and count; the votes of the first contest."""
    referendum.close((1, 2))
    referendum.release((1, 2))
    total = json.loads(referendum.record.result_document())["contests"][0]["total"]
    return {"voted": total["voted"], **total["votes"]}


def opened_signs(referendum: Referendum) -> list[int]:
    assert referendum.record.count is not None
    return list(referendum.record.count.signs[0, 1, 0])


def weights_in_row_order(referendum: Referendum) -> list[int]:
    """The weight of the card of each row of the day."""
    assert referendum.record.box is not None
    roster, rows = referendum.record.rosters[0], referendum.record.box.days[0, 1]
    cards = referendum.cards[0]
    places = roster.places(b"".join(card.key for card in cards))
    weight = {place: card.weight for place, card in zip(places, cards, strict=True)}
    return [weight[place] for place in rows.cards]


@pytest.mark.parametrize("fresh", [True, False], ids=["fresh randomness", "no randomness"])
@pytest.mark.parametrize("sign", [1, -1])
@pytest.mark.parametrize("first", [1, 2], ids=["lazy first", "lazy last"])
def test_one_lazy_weigher_changes_no_total_and_the_other_hides_every_sign(
    first: int, sign: int, fresh: bool
) -> None:
    """The signs opened are the honest weigher's, times a constant: they follow its coins, not weights."""
    referendum = electorate()
    seen = []
    for coins in (b"\x01" * 32, b"\x02" * 32):
        told = fork(referendum)
        told.coins = coins
        for trustee in (first, 3 - first):
            payload = lazy(told, 1, sign, fresh) if trustee == 1 else weighing(told, 2, 0)
            assert log_weighing(told, trustee, payload) == []
        assert finish(told) == {"voted": 6, "yes": 6, "no": 0}
        signs = opened_signs(told)
        assert set(signs) == {1, 255}
        assert [value == 1 for value in signs] != [weight == 1 for weight in weights_in_row_order(told)]
        seen.append(signs)
    assert seen[0] != seen[1]


def test_when_all_weighers_are_lazy_the_signs_are_the_weights() -> None:
    """Why one weigher must be honest: nothing in the record refuses this, and the totals are still right."""
    referendum = electorate()
    for trustee in (1, 2):
        assert log_weighing(referendum, trustee, lazy(referendum, trustee, 1)) == []
    assert finish(referendum)["yes"] == 6
    assert [value == 1 for value in opened_signs(referendum)] == [
        w == 1 for w in weights_in_row_order(referendum)
    ]


def test_signs_used_before_hide_no_less_when_used_again() -> None:
    """A weigher draws its signs once and reuses them day after day: each day the other's signs differ."""
    referendum = electorate()
    before = fork(referendum)
    assert log_weighing(referendum, 1, lazy(referendum, 1, -1)) == []
    assert log_weighing(before, 1, lazy(before, 1, -1)) == []
    for told, coins in ((referendum, b"\x03" * 32), (before, b"\x04" * 32)):
        told.coins = coins
        assert log_weighing(told, 2, weighing(told, 2, 0)) == []
        finish(told)
    assert opened_signs(referendum) != opened_signs(before)
