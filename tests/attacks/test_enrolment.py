"""A registrar that cheats: batches, rolls and issued hashes that do not add up are fatal."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import provers
import pytest

from psephos.crypto.card import RECORD, derive_cards
from psephos.crypto.column import sort_records
from psephos.crypto.group import base_multiples, sum_points, sum_scalars
from psephos.protocol import bundle
from psephos.protocol import entry as entries
from psephos.testing.adversary import fatal, fork, of_type, refused, resigned
from psephos.testing.referendum import Referendum
from tests.attacks.scenes import ATHENS, GROUPS, PIRAEUS, begun, closed, counted, enrolled, releasing

L = 2**252 + 27742317777372353535851937790883648493
Change = Callable[[bytes, entries.Batch], tuple[bytes, entries.Batch]]


def rolled(voters: int = 3) -> Referendum:
    """Piraeus' roll is logged."""
    referendum = begun()
    referendum.roll(PIRAEUS, voters)
    return referendum


def rebundled(
    records: bytes, commitments: bytes, batch: entries.Batch, /, **more: Any
) -> tuple[bytes, entries.Batch]:
    content = sort_records(records, RECORD)[0] + commitments
    return content, replace(batch, digest=bundle.digest(content), **more)


def cut(content: bytes, batch: entries.Batch) -> tuple[bytes, bytes]:
    return content[: RECORD * batch.cards], content[RECORD * batch.cards :]


def forged(referendum: Referendum, weights: tuple[int, ...]) -> tuple[bytes, bytes]:
    """Cards of any weights, each with the proof that a cheat would make of it; their joined randomness."""
    keys, coins = referendum.record.keys, provers.Stream("forged")
    records, randomness = b"", b""
    for number, weight in enumerate(weights):
        scalar = int.from_bytes(derive_cards(keys.election_hash, PIRAEUS, coins.bytes(16))[0], "little")
        r = coins.scalar()
        ciphertext = provers.encrypt(keys.key, weight, r)
        transcript, branches = provers.proofs.bit_statement(
            keys.election_hash, keys.key, PIRAEUS, provers.base(scalar), ciphertext
        )
        proof = provers.prove_zero(transcript, keys.key, branches, number % 2, [r], coins)
        message = provers.proofs.card_message(
            keys.election_hash, PIRAEUS, provers.base(scalar), ciphertext, proof
        )
        signature = provers.sign("card-entry", scalar, message, coins)
        records += provers.base(scalar) + ciphertext + proof + signature
        randomness += r.to_bytes(32, "little")
    return records, sum_scalars(randomness)


@pytest.mark.parametrize("weights", [(2, 0), (2, -1, 1), (1, -1, 2), (3, 0, 0)])
def test_a_weight_that_is_no_bit_is_refused_though_the_sum_is_right(weights: tuple[int, ...]) -> None:
    referendum = rolled()
    records, randomness = forged(referendum, weights)
    voters = sum(weights)

    def forge(content: bytes, batch: entries.Batch) -> tuple[bytes, entries.Batch]:
        commitments = cut(content, batch)[1]
        return rebundled(records, commitments, batch, cards=len(weights), randomness=randomness)

    data = referendum.batch(PIRAEUS, [[1]] * voters, change=forge)
    assert fatal(referendum, *data) == ("4.3", "registrar")


def test_the_forger_makes_cards_that_hold_where_the_weights_are_bits() -> None:
    referendum = rolled()
    records, randomness = forged(referendum, (0, 1, 0, 1))

    def forge(content: bytes, batch: entries.Batch) -> tuple[bytes, entries.Batch]:
        return rebundled(records, cut(content, batch)[1], batch, cards=4, randomness=randomness)

    assert refused(referendum, *referendum.batch(PIRAEUS, [[1], [1]], change=forge)) == []


@pytest.mark.parametrize("groups", [[[1, 1], [1, 0]], [[0, 0], [1, 0], [1], [1]], [[1], [1], [1], [0, 1]]])
@pytest.mark.parametrize("off", [1, -1])
def test_a_sum_off_by_one_is_refused(groups: list[list[int]], off: int) -> None:
    referendum = rolled(9)
    voters = sum(map(sum, groups)) + off
    change = lambda content, batch: (content, replace(batch, voters=voters))  # noqa: E731
    data = referendum.batch(PIRAEUS, [*groups, [0], [0]], change=change)
    assert fatal(referendum, *data) == ("4.4", "registrar")


def test_honest_odd_groups_are_accepted_by_their_sum() -> None:
    """The two tests above refuse for the sum alone: with the right number the same cards pass."""
    referendum = rolled(9)
    assert refused(referendum, *referendum.batch(PIRAEUS, [[1, 0], [1], [0, 1], [0]])) == []


def swapped_part(start: int, end: int) -> Change:
    """The second card takes a part of the first one's record."""

    def change(content: bytes, batch: entries.Batch) -> tuple[bytes, entries.Batch]:
        cards, commitments = cut(content, batch)
        changed = cards[:RECORD] + cards[RECORD : RECORD + start] + cards[start:end]
        return rebundled(changed + cards[RECORD + end :], commitments, batch)

    return change


@pytest.mark.parametrize(
    ("start", "end"),
    [(32, 96), (32, 320), (32, 64), (64, 96), (96, 320), (320, 384), (96, 384)],
    ids=["C", "C and proof", "C's first half", "C's second half", "proof", "signature", "all but K and C"],
)
def test_parts_of_another_card_are_refused(start: int, end: int) -> None:
    referendum = rolled()
    data = referendum.batch(PIRAEUS, [[0, 1], [1, 0]], change=swapped_part(start, end))
    assert fatal(referendum, *data) == ("4.3", "registrar")


def test_another_cards_key_over_ones_own_weight_is_refused() -> None:
    referendum = rolled()
    foreign = referendum.make_cards(PIRAEUS, [1])[0][:32]

    def steal(content: bytes, batch: entries.Batch) -> tuple[bytes, entries.Batch]:
        cards, commitments = cut(content, batch)
        return rebundled(foreign + cards[32:], commitments, batch)

    assert fatal(referendum, *referendum.batch(PIRAEUS, [[0, 1], [1, 0]], change=steal)) == (
        "4.3",
        "registrar",
    )


@pytest.mark.parametrize("moved", [PIRAEUS, ATHENS])
def test_a_group_cannot_move_to_another_region(moved: int) -> None:
    """Its proofs and signatures name the region: the whole batch, well summed, is refused elsewhere."""
    referendum, elsewhere = begun(), 1 - moved
    referendum.roll(elsewhere, 3)
    data = referendum.batch(moved, [[0, 1], [1, 0]])
    data[-1] = resigned(referendum, data[-1], referendum.keys.registrar, region=elsewhere)
    assert fatal(referendum, *data) == ("4.3", "registrar")


def test_a_card_cannot_be_enrolled_twice() -> None:
    referendum = rolled()
    first = referendum.batch(PIRAEUS, [[0, 1], [1, 0]], last=False)
    referendum.log(*first)
    again = resigned(referendum, first[-1], referendum.keys.registrar, batch=2, last=1)
    assert fatal(referendum, *first[:-1], again) == ("4.5", "registrar")


def test_one_card_in_two_regions_is_refused_by_its_signature_before_its_key() -> None:
    referendum = rolled()
    referendum.roll(ATHENS, 3)
    first = referendum.batch(PIRAEUS, [[0, 1], [1, 0]])
    referendum.log(*first)
    again = resigned(referendum, first[-1], referendum.keys.registrar, region=ATHENS)
    assert fatal(referendum, *first[:-1], again) == ("4.3", "registrar")


@pytest.mark.parametrize(
    "randomness", [bytes(32), b"\x01" + bytes(31), b"\xff" * 32], ids=["zero", "another", "no scalar"]
)
def test_wrong_randomness_is_refused(randomness: bytes) -> None:
    referendum = rolled()
    change = lambda content, batch: (content, replace(batch, randomness=randomness))  # noqa: E731
    data = referendum.batch(PIRAEUS, [[0, 1], [1, 0]], change=change)
    assert fatal(referendum, *data) == ("4.4", "registrar")


def test_weights_negated_against_a_negative_number_of_voters_do_not_parse() -> None:
    """-1 voters would balance weights of -1; there is no such integer on the wire."""
    referendum = rolled()
    with pytest.raises(Exception, match="outside 0"):
        referendum.write(
            entries.Batch(PIRAEUS, 1, -1, 1, 1, 1, 1, bytes(32), bytes(32)), referendum.keys.registrar
        )


BATCH_NUMBERS: dict[str, dict[str, int]] = {
    "another number": {"batch": 2},
    "number 0": {"batch": 0},
    "no voters": {"voters": 0},
    "more voters than groups": {"voters": 4},
    "more groups than cards": {"groups": 9},
    "small though it is not": {"small": 1},
    "last is 2": {"last": 2},
    "no such region": {"region": 7},
    "fewer cards than there are": {"cards": 3},
    "2^53 - 1 cards": {"cards": 2**53 - 1},
}


@pytest.mark.parametrize("name", BATCH_NUMBERS)
def test_wrong_numbers_of_a_batch_are_refused(name: str) -> None:
    referendum = rolled()
    data = referendum.batch(PIRAEUS, [[0, 1], [1, 0], [1, 0]])
    data[-1] = resigned(referendum, data[-1], referendum.keys.registrar, **BATCH_NUMBERS[name])
    if name in ("another number", "number 0"):
        assert refused(referendum, *data) == [("1.6", "board")]
    else:
        assert fatal(referendum, *data) == ("4.2", "registrar")


def test_a_small_batch_beside_others_is_refused() -> None:
    """Two voters are the least: a batch of one would show whose cards they are."""
    referendum = rolled()
    referendum.log(*referendum.batch(PIRAEUS, [[0, 1], [1, 0]], last=False))
    assert fatal(referendum, *referendum.batch(PIRAEUS, [[1, 0]])) == ("4.2", "registrar")
    early = rolled()
    assert fatal(early, *early.batch(PIRAEUS, [[1, 0]], last=False)) == ("4.2", "registrar")


def disordered(content: bytes, batch: entries.Batch) -> tuple[bytes, entries.Batch]:
    cards, commitments = cut(content, batch)
    content = cards[RECORD:] + cards[:RECORD] + commitments
    return content, replace(batch, digest=bundle.digest(content))


def repeated_commitment(content: bytes, batch: entries.Batch) -> tuple[bytes, entries.Batch]:
    cards, commitments = cut(content, batch)
    content = cards + commitments[:32] * batch.groups
    return content, replace(batch, digest=bundle.digest(content))


@pytest.mark.parametrize("change", [disordered, repeated_commitment])
def test_cards_and_commitments_have_one_order(change: Change) -> None:
    referendum = rolled()
    data = referendum.batch(PIRAEUS, [[0, 1], [1, 0]], change=change)
    assert fatal(referendum, *data) == ("4.2", "registrar")


def test_parts_that_are_not_those_of_the_digest_are_refused() -> None:
    referendum = rolled()
    data = referendum.batch(PIRAEUS, [[0, 1], [1, 0]])
    part = entries.decode(data[0]).payload
    assert isinstance(part, entries.Part)
    data[0] = resigned(referendum, data[0], referendum.keys.registrar, data=part.data[:-1] + b"\0")
    assert fatal(referendum, *data) == ("4.2", "registrar")


# -- rolls and issued hashes


def hashes(referendum: Referendum, *which: int, voters: int = 5) -> bytes:
    roll = referendum.roll_hashes(PIRAEUS, voters)
    return b"".join(roll[32 * at : 32 * at + 32] for at in which)


def with_roll_of_five() -> Referendum:
    referendum = rolled(5)
    referendum.log(*referendum.batch(PIRAEUS, [[0, 1], [1, 0], [1, 0]]))
    return referendum


ISSUED: dict[str, Callable[[Referendum], bytes]] = {
    "a hash used twice": lambda r: hashes(r, 0, 1, 1),
    "a hash twice beside enough others": lambda r: hashes(r, 0, 0, 1, 2),
    "not on the roll": lambda r: sort_records(hashes(r, 0, 1) + bytes(31) + b"\x07", 32)[0],
    "fewer than voters": lambda r: hashes(r, 0, 1),
    "none": lambda r: b"",
    "not in order": lambda r: hashes(r, 2, 1, 0),
}


@pytest.mark.parametrize("name", ISSUED)
def test_issued_hashes_that_do_not_cover_the_voters_are_refused(name: str) -> None:
    referendum = with_roll_of_five()
    assert fatal(referendum, *referendum.issue(PIRAEUS, ISSUED[name](referendum))) == ("4.6", "registrar")


def test_issued_hashes_are_published_once_and_last() -> None:
    referendum = with_roll_of_five()
    data = referendum.issue(PIRAEUS, hashes(referendum, 0, 1, 2))
    early = rolled(5)
    assert refused(early, *data) == [("1.6", "board")]
    assert refused(referendum, *data) == []
    again = referendum.issue(PIRAEUS, hashes(referendum, 0, 1, 2, 3))
    assert refused(referendum, *again) == [("1.6", "board")]
    assert referendum.record.rosters[PIRAEUS].issued == 3


def test_the_size_of_the_issued_is_not_just_claimed() -> None:
    referendum = with_roll_of_five()
    data = referendum.issue(PIRAEUS, hashes(referendum, 0, 1))
    data[-1] = resigned(referendum, data[-1], referendum.keys.registrar, size=3)
    assert fatal(referendum, *data) == ("4.6", "registrar")


@pytest.mark.parametrize("voters", [[0, 1, 1], [1, 0]], ids=["twice", "not in order"])
def test_a_roll_with_one_hash_twice_or_out_of_order_is_refused(voters: list[int]) -> None:
    referendum = begun()
    content = hashes(referendum, *voters)
    roll = entries.Roll(PIRAEUS, len(voters), bundle.digest(content))
    data = referendum.bundle(content, roll, referendum.keys.registrar)
    assert fatal(referendum, *data) == ("4.1", "registrar")


def test_a_roll_is_not_replaced() -> None:
    referendum = rolled()
    content = referendum.roll_hashes(PIRAEUS, 4)
    data = referendum.bundle(
        content, entries.Roll(PIRAEUS, 4, bundle.digest(content)), referendum.keys.registrar
    )
    assert refused(referendum, *data) == [("1.6", "board")]


def late_roll(referendum: Referendum) -> list[bytes]:
    content = referendum.roll_hashes(ATHENS, 1000)
    roll = entries.Roll(ATHENS, 1000, bundle.digest(content))
    return referendum.bundle(content, roll, referendum.keys.registrar)


@pytest.mark.parametrize("stage", ["over", "closed", "released"])
def test_nobody_is_enrolled_or_listed_once_voting_is_over(stage: str) -> None:
    """Otherwise areas would change after the signs are known, and quorums after the totals are."""
    referendum = begun()
    referendum.enrol(PIRAEUS, GROUPS[PIRAEUS])
    for day in (1, 2):
        referendum.open(PIRAEUS, day)
        referendum.seal(PIRAEUS, day)
    if stage != "over":
        referendum.close((1, 2))
    if stage == "released":
        referendum.release((1, 2))
    assert refused(referendum, *late_roll(referendum)) == [("1.6", "board")]
    assert referendum.record.rosters[ATHENS].roll is None


def test_a_batch_does_not_follow_its_regions_votes() -> None:
    """A region without a batch when voting is over stays without one, whether or not its roll is there."""
    referendum = begun()
    referendum.roll(ATHENS, 3)
    referendum.enrol(PIRAEUS, GROUPS[PIRAEUS])
    for day in (1, 2):
        referendum.open(PIRAEUS, day)
        referendum.seal(PIRAEUS, day)
    assert refused(referendum, *referendum.batch(ATHENS, GROUPS[ATHENS])) == [("1.6", "board")]


@pytest.mark.parametrize("scene", [enrolled, closed, releasing, counted])
@pytest.mark.parametrize("payload", [entries.Roll, entries.Batch, entries.Issued])
def test_a_board_that_replays_the_registrars_entries_frames_nobody(
    scene: Callable[[], Referendum], payload: type[entries.Payload]
) -> None:
    referendum = scene()
    again = referendum.logged[of_type(referendum, payload)[0]]
    assert refused(referendum, again) == [("1.6", "board")]


def test_the_identity_is_no_card() -> None:
    """Anybody could sign for it."""
    referendum = rolled()

    def identity(content: bytes, batch: entries.Batch) -> tuple[bytes, entries.Batch]:
        cards, commitments = cut(content, batch)
        return rebundled(bytes(32) + cards[32:], commitments, batch)

    assert fatal(referendum, *referendum.batch(PIRAEUS, [[0, 1], [1, 0]], change=identity)) == (
        "4.3",
        "registrar",
    )


def test_a_related_key_does_not_carry_a_signature() -> None:
    """K + G with the signature of K: the key is inside the hash (`spec/proofs.md#signature`)."""
    referendum = rolled()
    one = base_multiples((1).to_bytes(32, "little"))

    def shift(content: bytes, batch: entries.Batch) -> tuple[bytes, entries.Batch]:
        cards, commitments = cut(content, batch)
        return rebundled(sum_points(cards[:32] + one) + cards[32:], commitments, batch)

    assert fatal(referendum, *referendum.batch(PIRAEUS, [[0, 1], [1, 0]], change=shift)) == (
        "4.3",
        "registrar",
    )


def test_a_region_whose_enrolment_never_ends_holds_nobody_back() -> None:
    """It is out once its last window is over, and the others close without it; before, it may still vote."""
    referendum = begun()
    referendum.enrol(PIRAEUS, GROUPS[PIRAEUS])
    referendum.roll(ATHENS, 3)
    referendum.log(*referendum.batch(ATHENS, GROUPS[ATHENS], last=False))
    for day in (1, 2):
        referendum.open(PIRAEUS, day)
        referendum.log(referendum.ballot(referendum.cards[PIRAEUS][1], (0, 1), day=day))
        referendum.seal(PIRAEUS, day)
    referendum.weigh((1, 2))
    referendum.now += referendum.definition.tolerance
    referendum.checkpoint()
    assert not referendum.record.voting_over
    late = fork(referendum)
    assert refused(late, *late.batch(ATHENS, [[1, 0], [0, 1]])) == []
    referendum.now += 1
    referendum.checkpoint()
    assert referendum.record.voting_over
    assert [notice.check for notice in referendum.record.notices] == ["5.3"]
    *_, batch = referendum.batch(ATHENS, [[1, 0], [0, 1]])
    assert refused(referendum, batch) == [("1.6", "board")]
    referendum.close((1, 2))
    referendum.release((1, 2))
    assert referendum.record.phase == "counted"
