"""Registrars that cheat: what breaks a rule of enrolment is void and named, and the region waits."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import provers
import pytest

from psephos.crypto.card import RECORD, derive_cards
from psephos.crypto.column import rows, sort_records
from psephos.crypto.group import base_multiples, sum_points
from psephos.protocol import entries, multipart
from psephos.simulation.adversary import fatal, fork, of_type, refused, resigned
from psephos.simulation.definitions import token_publics, token_secrets
from psephos.simulation.referendum import Referendum
from tests.attacks.scenes import ATHENS, GROUPS, PIRAEUS, begun, closed, counted, enrolled, releasing

Change = Callable[[bytes, entries.Batch], tuple[bytes, entries.Batch]]
BOARD = [("1.6", "board")]


def lead(check: str) -> list[tuple[str, str]]:
    """Void through the first registrar."""
    return [(check, "registrar 1")]


def rolled(voters: int = 3) -> Referendum:
    """Piraeus' rolls are logged, and enrolment there was seen to close."""
    referendum = begun()
    referendum.roll(PIRAEUS, voters)
    referendum.give(voters)
    referendum.shut(PIRAEUS)
    return referendum


def complete(voters: int = 5) -> Referendum:
    """Piraeus' last batch is in effect."""
    referendum = rolled(voters)
    referendum.log(*referendum.batch(PIRAEUS, [[0, 1], [1, 0], [1, 0]]))
    referendum.log(*referendum.endorse(PIRAEUS, referendum.logged[-1]))
    return referendum


def rebundled(records: bytes, batch: entries.Batch, /, **more: Any) -> tuple[bytes, entries.Batch]:
    content = sort_records(records, RECORD)[0]
    return content, replace(batch, digest=multipart.digest(content), **more)


# -- cards


def forged(referendum: Referendum, weights: tuple[int, ...]) -> bytes:
    """Cards of any weights, each with the proof that a cheat would make of it."""
    keys, coins = referendum.record.joint_key, provers.Stream("forged")
    records = b""
    for number, weight in enumerate(weights):
        scalar = int.from_bytes(derive_cards(keys.election_hash, PIRAEUS, coins.bytes(16))[0], "little")
        r = coins.scalar()
        ciphertext = provers.encrypt(keys.point, weight, r)
        transcript, branches = provers.proofs.bit_statement(
            keys.election_hash, keys.point, PIRAEUS, provers.base(scalar), ciphertext
        )
        proof = provers.prove_zero(transcript, keys.point, branches, number % 2, [r], coins)
        message = provers.proofs.card_message(
            keys.election_hash, PIRAEUS, provers.base(scalar), ciphertext, proof
        )
        signature = provers.sign("card-entry", scalar, message, coins)
        records += provers.base(scalar) + ciphertext + proof + signature
    return records


def forged_batch(referendum: Referendum, weights: tuple[int, ...]) -> list[bytes]:
    records = forged(referendum, weights)
    change = lambda _, batch: rebundled(records, batch, cards=len(weights))  # noqa: E731
    return referendum.batch(PIRAEUS, [[1]], change=change)


@pytest.mark.parametrize("weights", [(2, 0), (2, -1, 1), (1, -1, 2), (3, 0, 0)])
def test_a_weight_that_is_no_bit_is_refused_though_the_sum_is_right(weights: tuple[int, ...]) -> None:
    referendum = rolled()
    assert refused(referendum, *forged_batch(referendum, weights)) == lead("4.3")


def test_the_forger_makes_cards_that_hold_where_the_weights_are_bits() -> None:
    referendum = rolled()
    assert refused(referendum, *forged_batch(referendum, (0, 1, 0, 1))) == []


def swapped_part(start: int, end: int) -> Change:
    """The second card takes a part of the first one's record."""

    def change(cards: bytes, batch: entries.Batch) -> tuple[bytes, entries.Batch]:
        changed = cards[:RECORD] + cards[RECORD : RECORD + start] + cards[start:end]
        return rebundled(changed + cards[RECORD + end :], batch)

    return change


@pytest.mark.parametrize(
    ("start", "end"),
    [(32, 96), (32, 320), (32, 64), (64, 96), (96, 320), (320, 384), (96, 384)],
    ids=["C", "C and proof", "C's first half", "C's second half", "proof", "signature", "all but K and C"],
)
def test_parts_of_another_card_are_refused(start: int, end: int) -> None:
    referendum = rolled()
    data = referendum.batch(PIRAEUS, [[0, 1], [1, 0]], change=swapped_part(start, end))
    assert refused(referendum, *data) == lead("4.3")


def with_key(key: Callable[[bytes], bytes]) -> Change:
    """The first card has another key."""
    return lambda cards, batch: rebundled(key(cards[:32]) + cards[32:], batch)


def test_another_cards_key_over_ones_own_weight_is_refused() -> None:
    referendum = rolled()
    foreign = referendum.make_cards(PIRAEUS, [1])[0][:32]
    data = referendum.batch(PIRAEUS, [[0, 1], [1, 0]], change=with_key(lambda _: foreign))
    assert refused(referendum, *data) == lead("4.3")


def test_the_identity_is_no_card() -> None:
    """Anybody could sign for it."""
    referendum = rolled()
    data = referendum.batch(PIRAEUS, [[0, 1], [1, 0]], change=with_key(lambda _: bytes(32)))
    assert refused(referendum, *data) == lead("4.3")


def test_a_related_key_does_not_carry_a_signature() -> None:
    """K + G with the signature of K: the key is inside the hash (`spec/proofs.md#signature`)."""
    referendum = rolled()
    one = base_multiples((1).to_bytes(32, "little"))
    data = referendum.batch(PIRAEUS, [[0, 1], [1, 0]], change=with_key(lambda key: sum_points(key + one)))
    assert refused(referendum, *data) == lead("4.3")


@pytest.mark.parametrize("moved", [PIRAEUS, ATHENS])
def test_cards_cannot_move_to_another_region(moved: int) -> None:
    """Their proofs and signatures name the region."""
    referendum, elsewhere = begun(), 1 - moved
    referendum.roll(elsewhere, 3)
    referendum.shut(elsewhere)
    data = referendum.batch(moved, [[0, 1], [1, 0]])
    data[-1] = resigned(referendum, data[-1], referendum.keys.registrars[0], region=elsewhere)
    assert refused(referendum, *data) == lead("4.3")


def test_a_card_cannot_be_enrolled_twice() -> None:
    referendum = rolled()
    first = referendum.batch(PIRAEUS, [[0, 1], [1, 0]], last=False)
    referendum.log(*first, *referendum.endorse(PIRAEUS, first[-1]))
    again = resigned(referendum, first[-1], referendum.keys.registrars[0], batch=2, last=1)
    assert refused(referendum, *first[:-1], again) == lead("4.5")


def test_more_cards_that_count_than_voters_who_were_issued_tokens_end_the_referendum() -> None:
    """Before any total is opened; and through every registrar that lists too few."""
    referendum = begun()
    referendum.enrol(PIRAEUS, [[1, 0], [1, 0], [0, 1], [1]], voters=3)
    referendum.enrol(ATHENS, GROUPS[ATHENS])
    for day in (1, 2):
        for region in GROUPS:
            referendum.open(region, day)
            referendum.seal(region, day)
    referendum.close((1, 2))
    referendum.log(*referendum.shares(1))
    assert fatal(referendum, *referendum.shares(2)) == ("9.4", "registrar 1, registrar 2")
    assert referendum.record.count is not None
    assert referendum.record.count.totals is None


# -- batches

BATCH_NUMBERS: dict[str, dict[str, int]] = {
    "another number": {"batch": 2},
    "number 0": {"batch": 0},
    "last is 2": {"last": 2},
    "no such region": {"region": 7},
    "fewer cards than there are": {"cards": 3},
    "no cards and not the last": {"cards": 0, "last": 0},
    "2^53 - 1 cards": {"cards": 2**53 - 1},
}


@pytest.mark.parametrize("name", BATCH_NUMBERS)
def test_wrong_numbers_of_a_batch_are_refused(name: str) -> None:
    referendum = rolled()
    data = referendum.batch(PIRAEUS, [[0, 1], [1, 0], [1, 0]])
    data[-1] = resigned(referendum, data[-1], referendum.keys.registrars[0], **BATCH_NUMBERS[name])
    assert refused(referendum, *data) == (BOARD if "number" in name else lead("4.2"))


def test_cards_have_one_order() -> None:
    referendum = rolled()

    def disordered(cards: bytes, batch: entries.Batch) -> tuple[bytes, entries.Batch]:
        content = cards[RECORD:] + cards[:RECORD]
        return content, replace(batch, digest=multipart.digest(content))

    assert refused(referendum, *referendum.batch(PIRAEUS, [[0, 1], [1, 0]], change=disordered)) == lead("4.2")


def test_parts_that_are_not_those_of_the_digest_are_refused() -> None:
    referendum = rolled()
    data = referendum.batch(PIRAEUS, [[0, 1], [1, 0]])
    part = entries.decode(data[0]).payload
    assert isinstance(part, entries.Part)
    data[0] = resigned(referendum, data[0], referendum.keys.registrars[0], data=part.data[:-1] + b"\0")
    assert refused(referendum, *data) == lead("4.2")


def test_nothing_is_the_last_batch_before_enrolment_was_seen_to_close() -> None:
    referendum = begun()
    referendum.roll(PIRAEUS, 3)
    assert refused(referendum, *referendum.batch(PIRAEUS, [[0, 1]])) == BOARD
    assert refused(referendum, *referendum.batch(PIRAEUS, [[0, 1]], last=False)) == []


def test_a_registrar_endorses_the_very_entry_that_stands() -> None:
    """Not another of the number; and a batch that comes again brings no endorsement back."""
    referendum = rolled()
    first = referendum.batch(PIRAEUS, [[0, 1], [1, 0]])
    for_first = referendum.endorse(PIRAEUS, first[-1])
    second = referendum.batch(PIRAEUS, [[0, 1]])
    assert refused(referendum, *first, *second) == []
    assert refused(referendum, *for_first) == BOARD
    assert refused(referendum, first[-1]) == BOARD, "a replay"
    assert not referendum.record.rosters[PIRAEUS].batches
    assert refused(referendum, *referendum.endorse(PIRAEUS, second[-1])) == []
    assert referendum.record.rosters[PIRAEUS].cards == 2


# -- rolls, token keys, issued hashes


def hashes(referendum: Referendum, *which: int, voters: int = 5, registrar: int = 1) -> bytes:
    listed = rows(referendum.roll_hashes(PIRAEUS, voters, registrar), 32)
    return b"".join(listed[at] for at in which)


def token_keys(content: Callable[[Referendum], bytes]) -> Callable[[Referendum], list[bytes]]:
    """The second registrar's, of another content."""

    def made(referendum: Referendum) -> list[bytes]:
        keys = content(referendum)
        closing = entries.TokenKeys(bytes(32), "", multipart.digest(keys))
        return referendum.bundle(keys, closing, referendum.keys.registrars[1])

    return made


def own(referendum: Referendum, registrar: int = 2) -> bytes:
    definition = referendum.definition
    return token_publics(referendum.keys, registrar, len(definition.regions), definition.decoys)


TOKEN_KEYS = {
    "voter and decoy tokens of one key": lambda r: own(r)[:32] * 2 + own(r)[64:],
    "one token key in two regions": lambda r: own(r)[:64] * 2,
    "the identity": lambda r: bytes(32) + own(r)[32:],
    "no point": lambda r: b"\xff" * 32 + own(r)[32:],
    "one too few": lambda r: own(r)[32:],
}


@pytest.mark.parametrize("name", TOKEN_KEYS)
def test_token_keys_that_say_more_than_they_should_are_refused(name: str) -> None:
    whole = begun()
    referendum = fork(whole, whole.logged[:1])
    referendum.log(*referendum.token_keys(1))
    wrong = token_keys(TOKEN_KEYS[name])(referendum)
    assert refused(referendum, *wrong) == [("4.4", "registrar 2")]
    assert refused(referendum, *token_keys(own)(referendum)) == []


def test_who_logs_anothers_token_keys_first_keeps_nobody_out() -> None:
    """And can use them for nothing: a proof of evaluation holds for one registrar's number alone."""
    whole = begun()
    referendum = fork(whole, whole.logged[:1])
    assert refused(referendum, *token_keys(lambda r: own(r, 1))(referendum)) == []
    assert refused(referendum, *referendum.token_keys(1)) == []
    assert referendum.record.registrar_keys.complete


def test_token_keys_come_before_the_trustees_sign() -> None:
    """Nobody signs an election hash without them, and none follow."""
    whole = begun()
    assert of_type(whole, entries.TokenKeys)[-1] < of_type(whole, entries.CeremonySign)[0]
    assert refused(whole, *token_keys(own)(whole)) == BOARD


ISSUED: dict[str, Callable[[Referendum], bytes]] = {
    "a hash used twice": lambda r: hashes(r, 0, 1, 1),
    "not on the roll": lambda r: sort_records(hashes(r, 0, 1) + bytes(31) + b"\x07", 32)[0],
    "of another registrar's roll": lambda r: hashes(r, 0, 1, registrar=2),
    "not in order": lambda r: hashes(r, 2, 1, 0),
}


@pytest.mark.parametrize("name", ISSUED)
def test_issued_hashes_that_are_not_the_rolls_are_refused(name: str) -> None:
    referendum = complete()
    assert refused(referendum, *referendum.issue(PIRAEUS, ISSUED[name](referendum))) == lead("4.6")


def test_issued_hashes_are_only_added_to_and_none_once_the_region_opens() -> None:
    referendum = complete()
    early = rolled(5)
    assert refused(early, *early.issue(PIRAEUS, hashes(early, 0, 1, 2))) == BOARD
    assert refused(referendum, *referendum.issue(PIRAEUS, hashes(referendum, 0, 1, 2))) == []
    assert refused(referendum, *referendum.issue(PIRAEUS, hashes(referendum, 0, 1, 2))) == BOARD
    assert refused(referendum, *referendum.issue(PIRAEUS, hashes(referendum, 1, 2, 3, 4))) == lead("4.6")
    assert refused(referendum, *referendum.issue(PIRAEUS, hashes(referendum, 0, 1, 2, 3))) == []
    referendum.log(*referendum.issue(PIRAEUS, hashes(referendum, 0, 1, 2, registrar=2), 2))
    referendum.review(PIRAEUS)
    referendum.open(PIRAEUS, 1)
    assert referendum.record.rosters[PIRAEUS].enrolled == 3
    assert refused(referendum, *referendum.issue(PIRAEUS, hashes(referendum, 0, 1, 2, 3, 4))) == BOARD


def test_a_region_does_not_open_before_its_review_is_over() -> None:
    referendum = complete()
    for registrar in (1, 2):
        referendum.log(*referendum.issue(PIRAEUS, hashes(referendum, 0, registrar=registrar), registrar))
    referendum.checkpoint()
    opens = referendum.write(entries.Open(PIRAEUS, 1), referendum.keys.board)
    assert refused(referendum, opens) == [("5.1", "board")]


@pytest.mark.parametrize("of", [(1, ATHENS), (2, PIRAEUS)], ids=["another region's", "another registrar's"])
def test_issued_shows_the_secrets_of_its_own_keys(of: tuple[int, int]) -> None:
    referendum = complete()
    data = referendum.issue(PIRAEUS, hashes(referendum, 0, 1, 2))
    secrets = token_secrets(referendum.keys, *of, referendum.definition.decoys)
    data[-1] = resigned(referendum, data[-1], referendum.keys.registrars[0], secrets=secrets)
    assert refused(referendum, *data) == lead("4.6")


def test_the_size_of_the_issued_is_not_just_claimed() -> None:
    referendum = complete()
    data = referendum.issue(PIRAEUS, hashes(referendum, 0, 1))
    data[-1] = resigned(referendum, data[-1], referendum.keys.registrars[0], size=3)
    assert refused(referendum, *data) == lead("4.6")


def test_no_more_tokens_are_counted_than_people_are_listed() -> None:
    """Where all its rolls are logged: before, the board may have moved it."""
    referendum = rolled(3)
    referendum.roll(ATHENS, 1)
    given = [
        referendum.write(entries.Given(count, bytes(32)), referendum.keys.registrars[0]) for count in (5, 3)
    ]
    assert refused(referendum, given[0]) == lead("4.8")
    assert refused(referendum, given[1]) == BOARD, "as many were counted before"


def roll_of(referendum: Referendum, content: bytes, registrar: int = 1) -> list[bytes]:
    closing = entries.Roll(PIRAEUS, len(content) // 32, multipart.digest(content))
    return referendum.bundle(content, closing, referendum.keys.registrars[registrar - 1])


@pytest.mark.parametrize("voters", [[0, 1, 1], [1, 0]], ids=["twice", "not in order"])
def test_a_roll_with_one_hash_twice_or_out_of_order_is_refused(voters: list[int]) -> None:
    referendum = begun()
    assert refused(referendum, *roll_of(referendum, hashes(referendum, *voters))) == lead("4.1")


def test_rolls_of_one_region_have_one_size_and_the_first_registrar_says_it() -> None:
    referendum = begun()
    three, four = (referendum.roll_hashes(PIRAEUS, size, 2) for size in (3, 4))
    assert refused(referendum, *roll_of(referendum, three, 2)) == BOARD
    referendum.log(*roll_of(referendum, referendum.roll_hashes(PIRAEUS, 3)))
    assert refused(referendum, *roll_of(referendum, four, 2)) == [("4.1", "registrar 2")]
    assert refused(referendum, *roll_of(referendum, three, 2)) == []


def test_a_roll_is_not_replaced() -> None:
    referendum = rolled()
    assert refused(referendum, *roll_of(referendum, referendum.roll_hashes(PIRAEUS, 4))) == BOARD


# -- the end of enrolment


@pytest.mark.parametrize("scene", [enrolled, closed, releasing, counted])
@pytest.mark.parametrize("payload", [entries.Roll, entries.Batch, entries.Endorse, entries.Issued])
def test_a_board_that_replays_the_registrars_entries_frames_nobody(
    scene: Callable[[], Referendum], payload: type[entries.Payload]
) -> None:
    referendum = scene()
    again = referendum.logged[of_type(referendum, payload)[0]]
    assert refused(referendum, again) == BOARD


def test_a_batch_does_not_follow_its_regions_votes() -> None:
    referendum = begun()
    for region, groups in GROUPS.items():
        referendum.enrol(region, groups)
    referendum.open(PIRAEUS, 1)
    data = referendum.batch(PIRAEUS, [[1, 0], [0, 1]])
    assert refused(referendum, *data) == BOARD


def test_a_region_whose_enrolment_never_ends_holds_nobody_back() -> None:
    """It is out once its first window is over, and the others close without it; before, it may still open."""
    referendum = begun()
    referendum.enrol(PIRAEUS, GROUPS[PIRAEUS])
    referendum.roll(ATHENS, 3)
    referendum.log(*referendum.batch(ATHENS, GROUPS[ATHENS], last=False))
    referendum.open(PIRAEUS, 1)
    referendum.log(referendum.ballot(referendum.cards[PIRAEUS][1], (0, 1)))
    referendum.seal(PIRAEUS, 1)
    assert referendum.record.windows[ATHENS].out is None
    assert refused(fork(referendum), *referendum.batch(ATHENS, [[1, 0], [0, 1]])) == []
    referendum.open(PIRAEUS, 2)
    (notice,) = referendum.record.notices
    assert (notice.check, notice.message) == ("4.7", "athens never opened; it waited for registrar 2")
    *_, batch = referendum.batch(ATHENS, [[1, 0], [0, 1]])
    assert refused(referendum, batch) == BOARD
    referendum.seal(PIRAEUS, 2)
    assert referendum.record.voting_over
    referendum.weigh((1, 2))
    referendum.close((1, 2))
    referendum.release((1, 2))
    assert referendum.record.phase == "counted"


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
    content = referendum.roll_hashes(ATHENS, 1000)
    roll = entries.Roll(ATHENS, 1000, multipart.digest(content))
    late = referendum.bundle(content, roll, referendum.keys.registrars[0])
    assert refused(referendum, *late) == BOARD
    given = referendum.write(entries.Given(1000, bytes(32)), referendum.keys.registrars[0])
    assert refused(referendum, given) == BOARD
    assert not referendum.record.rosters[ATHENS].rolls
