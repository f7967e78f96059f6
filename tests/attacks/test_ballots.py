"""Ballots that are not what their card may cast: each is void, by the right check, and changes nothing."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import proofs
import provers
import pytest

from psephos.crypto.ballot import sign_ballots
from psephos.crypto.group import base_multiples, random_scalars, sum_points
from psephos.protocol import entries
from psephos.protocol.entries import Ballot
from psephos.simulation.adversary import fatal, fork, refused
from psephos.simulation.definitions import HARBOUR, sample
from psephos.simulation.referendum import HeldCard, Referendum
from tests.attacks.scenes import (
    ATHENS,
    BLANK,
    NO,
    PIRAEUS,
    YES,
    begun,
    card,
    closable,
    closed,
    enrolled,
    named,
    sealed,
    voting,
)

ONE = base_multiples((1).to_bytes(32, "little"))
SHAPE = [(0, 2, 1), (1, 3, 0)]  # Piraeus' contests
VOTES = [64 * m + 128 * (m + blank) - 32 for _, m, blank in SHAPE]


def signed(
    referendum: Referendum, of: HeldCard, ballot: Ballot, referendum_hash: bytes | None = None
) -> bytes:
    """A ballot of any content, well signed by its card."""
    election = referendum_hash or referendum.record.joint_key.election_hash
    body = entries.encode_body(ballot, election, of.key)
    return sign_ballots(body, len(body).to_bytes(4, "little"), of.scalar, referendum.random())[0]


def payload_of(data: bytes) -> Ballot:
    payload = entries.decode(data).payload
    assert isinstance(payload, Ballot)
    return payload


def rows_of(referendum: Referendum) -> int:
    assert referendum.record.box is not None
    return sum(map(len, referendum.record.box.days.values()))


def assert_void(referendum: Referendum, data: bytes, check: str, of: HeldCard) -> None:
    """It is void, and neither the rows nor later ballots by the same card are touched.

    Through the board where it stands at a wrong place: out of its day, or again.
    """
    rows = rows_of(referendum)
    culprit = "board" if check in ("6.2", "6.5") else named(of)
    assert refused(referendum, data) == [(check, culprit)]
    assert rows_of(referendum) == rows


# -- form: 6.1

FORM: dict[str, dict[str, Any]] = {
    "serial 0": {"serial": 0},
    "serial 21": {"serial": 21},
    "serial 2^53 - 1": {"serial": 2**53 - 1},
    "day 0": {"day": 0},
    "day beyond u16": {"day": 65_537},
    "no such region": {"region": 2},
    "region beyond u16": {"region": 65_536},
    "no votes": {"votes": b""},
}


@pytest.mark.parametrize("name", FORM)
def test_a_ballot_out_of_form_is_void(name: str) -> None:
    referendum, honest = voting(), card(voting())
    ballot = payload_of(referendum.ballot(honest, (YES, 1)))
    assert_void(referendum, signed(referendum, honest, replace(ballot, **FORM[name])), "6.1", honest)
    assert refused(referendum, referendum.ballot(honest, (YES, 1))) == []


@pytest.mark.parametrize(
    "change", [lambda v: v[:-1], lambda v: v + b"\0", lambda v: v[: VOTES[0]], lambda v: v + v]
)
def test_votes_have_one_length(change: Callable[[bytes], bytes]) -> None:
    referendum, honest = voting(), card(voting())
    ballot = payload_of(referendum.ballot(honest, (YES, 1)))
    assert_void(
        referendum, signed(referendum, honest, replace(ballot, votes=change(ballot.votes))), "6.1", honest
    )


def test_a_last_challenge_on_the_wire_is_refused_by_its_length() -> None:
    """`e_n` follows from the others (`spec/proofs.md#zero-disjunction`): 32 bytes more are no proof."""
    referendum, honest = voting(), card(voting())
    ballot = payload_of(referendum.ballot(honest, (YES, 1)))
    at = 64 * 2 + 64 * 3 + 32 * 2  # behind ciphertexts, commitments and the two challenges that are sent
    more = replace(ballot, votes=ballot.votes[:at] + bytes(32) + ballot.votes[at:])
    assert_void(referendum, signed(referendum, honest, more), "6.1", honest)


def test_the_wrong_style_is_refused_by_its_length() -> None:
    """A card of Piraeus votes on Athens' ballot, and the other way round."""
    referendum = voting()
    honest, athenian = card(referendum), referendum.cards[ATHENS][0]
    short = payload_of(referendum.ballot(athenian, (YES,), serial=2))
    assert_void(referendum, signed(referendum, honest, replace(short, region=PIRAEUS)), "6.1", honest)
    long = payload_of(referendum.ballot(honest, (YES, 1)))
    assert_void(referendum, signed(referendum, athenian, replace(long, region=ATHENS)), "6.1", athenian)


def test_a_ballot_of_another_referendum_is_void() -> None:
    referendum, honest = voting(), card(voting())
    ballot = payload_of(referendum.ballot(honest, (YES, 1)))
    for other in (bytes(32), referendum.definition.hash):
        assert_void(referendum, signed(referendum, honest, ballot, other), "6.1", honest)


def test_a_ballot_before_there_is_a_key_is_void() -> None:
    whole = voting()
    early = fork(begun(), begun().logged[:3])
    data = whole.ballot(card(whole), (YES, 1))
    assert refused(early, data) == [("6.1", named(card(whole)))]


# -- time: 6.2


def test_ballots_out_of_their_window_are_void() -> None:
    for scene in (enrolled, sealed, closable, closed):
        referendum = scene()
        honest = card(referendum)
        for day, check in ((1, "6.2"), (2, "6.2"), (3, "6.1")):
            assert_void(referendum, referendum.ballot(honest, (YES, 1), day=day), check, honest)


def test_a_ballot_for_another_day_than_the_open_one_is_void() -> None:
    referendum, honest = voting(), card(voting())
    assert_void(referendum, referendum.ballot(honest, (YES, 1), day=2), "6.2", honest)
    kept = referendum.ballot(honest, (YES, 1))
    referendum.seal(PIRAEUS, 1)
    referendum.open(PIRAEUS, 2)
    assert_void(referendum, kept, "6.2", honest)


def test_a_ballot_after_a_cancel_is_void() -> None:
    referendum, honest = voting(), card(voting())
    referendum.log(referendum.write(entries.Cancel("fire"), referendum.keys.organiser))
    assert_void(referendum, referendum.ballot(honest, (YES, 1)), "6.2", honest)


# -- cards: 6.3


def test_a_card_votes_in_its_own_region_alone() -> None:
    """Its ballot may be perfect in the other region's style: no batch there has the card."""
    referendum, honest = voting(), card(voting())
    assert_void(referendum, referendum.ballot(honest, (YES,), region=ATHENS), "6.3", honest)


def test_a_card_that_nobody_enrolled_is_void() -> None:
    referendum = voting()
    scalar = random_scalars(bytes(32), 1)
    stranger = HeldCard(PIRAEUS, scalar, base_multiples(scalar), 1)
    assert_void(referendum, referendum.ballot(stranger, (YES, 1)), "6.3", stranger)


# -- proofs and signatures: 6.4


def test_a_ballot_copied_under_another_card_is_void() -> None:
    """The thief signs it well, but the proofs are for the first card."""
    referendum, thief = voting(), card(voting())
    victim = next(data for data in referendum.logged if data[:3] == entries.BALLOT_HEAD)
    assert_void(referendum, signed(referendum, thief, payload_of(victim)), "6.4", thief)


def test_a_ballot_with_the_author_exchanged_is_void() -> None:
    referendum, other = voting(), card(voting(), 3)
    data = bytearray(referendum.ballot(card(referendum), (YES, 1)))
    data[39:71] = other.key
    assert_void(referendum, bytes(data), "6.4", other)


@pytest.mark.parametrize("field", ["serial", "day", "region"])
def test_proofs_are_for_one_place(field: str) -> None:
    """The card itself cannot say the same vote again on another day, with another serial, or elsewhere."""
    referendum = voting()
    honest = referendum.cards[ATHENS][0]
    ballot = payload_of(referendum.ballot(honest, (YES,), serial=2))
    if field == "day":
        for step in (referendum.seal, lambda region, day: referendum.open(region, day + 1)):
            step(ATHENS, 1)
    moved = replace(ballot, **{field: getattr(ballot, field) + 1 if field != "region" else ATHENS})
    if field == "region":  # in its own region with the proofs of the same contest in the other
        foreign = payload_of(referendum.ballot(honest, (YES, 0), region=PIRAEUS, serial=2))
        moved = replace(ballot, votes=foreign.votes[: VOTES[0]])
    assert_void(referendum, signed(referendum, honest, moved), "6.4", honest)


def test_contests_cannot_be_exchanged() -> None:
    """Two contests of one shape: a vote on the first is no vote on the second."""
    document, keys = sample(
        regions=("athens",), questions=(HARBOUR, replace(HARBOUR, id="bridge")), min_batch=2, min_region=2
    )
    referendum = Referendum(document, keys)
    referendum.publish()
    referendum.ceremony()
    referendum.enrol(0, [[1, 0], [0, 1]])
    referendum.open(0, 1)
    honest = referendum.cards[0][0]
    ballot = payload_of(referendum.ballot(honest, (YES, NO)))
    half = len(ballot.votes) // 2
    swapped = replace(ballot, votes=ballot.votes[half:] + ballot.votes[:half])
    assert_void(referendum, signed(referendum, honest, swapped), "6.4", honest)
    doubled = replace(ballot, votes=ballot.votes[:half] * 2)
    assert_void(referendum, signed(referendum, honest, doubled), "6.4", honest)


def cheated_vote(referendum: Referendum, of: HeldCard, contest: int, values: list[int], branch: int) -> bytes:
    """A contest's vote that encrypts any values, with the proof a cheat makes who claims a branch."""
    keys, coins = referendum.record.joint_key, provers.Stream(f"cheat {contest} {values}")
    rs = [coins.scalar() for _ in values]
    ys = b"".join(provers.encrypt(keys.point, value, r) for value, r in zip(values, rs, strict=True))
    transcript, branches = proofs.ballot_statement(
        keys.election_hash, keys.point, (PIRAEUS, 1, 1), of.key, SHAPE[contest], ys
    )
    return ys + provers.prove_zero(transcript, keys.point, branches, branch, rs, coins)


PATTERNS = [
    (0, [1, 1], 0),
    (0, [1, 1], 1),
    (0, [-1, 1], 1),
    (0, [-1, 0], 2),
    (0, [2, 0], 0),
    (0, [2, -1], 0),
    (1, [0, 0, 0], 0),
    (1, [1, 1, 0], 1),
    (1, [1, -1, 1], 2),
    (1, [-1, 1, 1], 1),
]


@pytest.mark.parametrize(("contest", "values", "branch"), PATTERNS)
def test_patterns_that_are_not_allowed_are_void(contest: int, values: list[int], branch: int) -> None:
    """Two options, minus one, twice the same, sums that come out as one, blank where it is not allowed."""
    referendum, cheat = voting(), card(voting())
    ballot = payload_of(referendum.ballot(cheat, (YES, 1)))
    votes = [ballot.votes[: VOTES[0]], ballot.votes[VOTES[0] :]]
    votes[contest] = cheated_vote(referendum, cheat, contest, values, branch)
    assert_void(referendum, signed(referendum, cheat, replace(ballot, votes=b"".join(votes))), "6.4", cheat)


@pytest.mark.parametrize(("contest", "values", "branch"), [(0, [1, 0], 0), (0, [0, 0], 2), (1, [0, 0, 1], 2)])
def test_the_cheats_prover_makes_proofs_that_hold_where_the_pattern_is_allowed(
    contest: int, values: list[int], branch: int
) -> None:
    referendum, voter = voting(), card(voting())
    ballot = payload_of(referendum.ballot(voter, (YES, 1)))
    votes = [ballot.votes[: VOTES[0]], ballot.votes[VOTES[0] :]]
    votes[contest] = cheated_vote(referendum, voter, contest, values, branch)
    assert refused(referendum, signed(referendum, voter, replace(ballot, votes=b"".join(votes)))) == []


def test_blank_is_not_made_by_claiming_that_it_is_allowed() -> None:
    """The pattern set is in the transcript: a proof with one branch more has another length."""
    referendum, cheat = voting(), card(voting())
    ballot = payload_of(referendum.ballot(cheat, (YES, 1)))
    keys = referendum.record.joint_key
    blank = provers.vote(
        keys.election_hash, keys.point, (PIRAEUS, 1, 1), cheat.key, (1, 3, 1), 3, provers.Stream("blank")
    )
    data = signed(referendum, cheat, replace(ballot, votes=ballot.votes[: VOTES[0]] + blank))
    assert_void(referendum, data, "6.1", cheat)


def malleated(kind: str, votes: bytes, key: bytes) -> bytes:
    """What can be done to the first ciphertext without knowing what is in it."""
    first, second = votes[:32], votes[32:64]
    match kind:
        case "re-randomised":
            return sum_points(first + ONE) + sum_points(second + key) + votes[64:]
        case "plus one":
            return first + sum_points(second + ONE) + votes[64:]
        case "doubled":
            return sum_points(first * 2) + sum_points(second * 2) + votes[64:]
        case "options exchanged":
            return votes[64:128] + votes[:64] + votes[128:]
        case "halves exchanged":
            return second + first + votes[64:]
        case "zero":
            return bytes(64) + votes[64:]
        case _:
            raise ValueError(kind)


@pytest.mark.parametrize(
    "kind", ["re-randomised", "plus one", "doubled", "options exchanged", "halves exchanged", "zero"]
)
@pytest.mark.parametrize("own", [True, False], ids=["by its card", "by another"])
def test_ciphertexts_are_not_malleable(kind: str, own: bool) -> None:
    referendum = voting()
    author, thief = card(referendum), card(referendum, 3)
    ballot = payload_of(referendum.ballot(author, (YES, 1)))
    bent = replace(ballot, votes=malleated(kind, ballot.votes, referendum.record.joint_key.point))
    signer = author if own else thief
    assert_void(referendum, signed(referendum, signer, bent), "6.4", signer)


@pytest.mark.parametrize("part", range((VOTES[0] + VOTES[1]) // 32))
def test_every_part_of_the_votes_is_bound(part: int) -> None:
    """Another ballot's piece of the same kind, in every place, with a fresh signature."""
    referendum, author = voting(), card(voting())
    ballot = payload_of(referendum.ballot(author, (YES, 1)))
    donor = payload_of(referendum.ballot(author, (YES, 1)))
    votes = (
        ballot.votes[: 32 * part] + donor.votes[32 * part : 32 * part + 32] + ballot.votes[32 * part + 32 :]
    )
    assert_void(referendum, signed(referendum, author, replace(ballot, votes=votes)), "6.4", author)


@pytest.mark.parametrize("what", ["point", "scalar", "scalar + l", "signature scalar", "signature zero"])
def test_other_encodings_of_the_same_are_void(what: str) -> None:
    referendum, author = voting(), card(voting())
    data = bytearray(referendum.ballot(author, (YES, 1)))
    start = len(data) - 66 - sum(VOTES)
    order = 2**252 + 27742317777372353535851937790883648493
    responses = start + 128 + 192 + 64  # behind ciphertexts, commitments and challenges of the first contest
    match what:
        case "point":
            data[start + 31] |= 0x80
        case "scalar":
            data[responses : responses + 32] = b"\xff" * 32
        case "scalar + l":
            value = int.from_bytes(data[responses : responses + 32], "little") + order
            data[responses : responses + 32] = value.to_bytes(32, "little")
        case "signature scalar":
            value = int.from_bytes(data[-32:], "little") + order
            data[-32:] = value.to_bytes(32, "little")
        case _:
            data[-64:] = bytes(64)
    assert_void(referendum, bytes(data), "6.4", author)


# -- replay: 6.5


def test_a_replayed_ballot_is_void() -> None:
    referendum = voting()
    data = next(one for one in referendum.logged if one[:3] == entries.BALLOT_HEAD)
    assert_void(referendum, data, "6.5", card(referendum, 1))


def test_a_repetition_in_one_run_is_void() -> None:
    referendum, author = voting(), card(voting())
    data = referendum.ballot(author, (YES, 1))
    assert refused(referendum, data, data) == [("6.5", "board")]


def test_a_second_signature_over_the_same_body_is_void() -> None:
    referendum, author = voting(), card(voting())
    data = referendum.ballot(author, (YES, 1))
    again = signed(referendum, author, payload_of(data))
    assert again != data
    assert refused(referendum, data, again) == [("6.5", "board")]


def test_a_ballot_whose_forged_twin_came_first_still_counts() -> None:
    """Whoever logs the body with a broken signature before its author does not keep it out."""
    referendum, author = voting(), card(voting())
    data = referendum.ballot(author, (YES, 1))
    forged = data[:-1] + bytes([data[-1] ^ 1])
    rows = rows_of(referendum)
    assert refused(referendum, forged, data) == [("6.4", named(author))]
    assert rows_of(referendum) == rows + 1


def test_an_older_ballot_replayed_later_does_not_win() -> None:
    """Position in the log never matters, only day and serial."""
    referendum = voting()
    author, held_back = card(referendum), referendum.ballot(card(referendum), (NO, 0), serial=1)
    referendum.log(referendum.ballot(author, (YES, 1), serial=2), held_back)
    latest = next(data for data in referendum.logged if data[39:71] == author.key)
    referendum.seal(PIRAEUS, 1)
    assert referendum.record.box is not None
    rows = referendum.record.box.days[PIRAEUS, 1]
    assert entries.decode(latest).body_hash in [rows.hash(row) for row in range(len(rows))]
    assert entries.decode(held_back).body_hash not in [rows.hash(row) for row in range(len(rows))]


@pytest.mark.parametrize("bad", [b"\x89\x01\x11", b"\x89\x01\x11" + bytes(70), b"\x89\x01\x11" + bytes(500)])
def test_what_begins_as_a_ballot_and_is_none_is_fatal(bad: bytes) -> None:
    """Only the board can have logged what is no entry at all."""
    assert fatal(voting(), bad) == ("1.4", "board")


def test_a_flood_of_bad_ballots_leaves_the_good_ones() -> None:
    referendum, author = voting(), card(voting())
    good = referendum.ballot(author, (BLANK, 1))
    bad = [good[:at] + bytes([good[at] ^ 1]) + good[at + 1 :] for at in range(100, len(good) - 66, 37)]
    rows = rows_of(referendum)
    found = refused(referendum, *bad[:10], good, *bad[10:])
    assert set(found) == {("6.4", named(author))}
    assert len(found) == len(bad)
    assert rows_of(referendum) == rows + 1
