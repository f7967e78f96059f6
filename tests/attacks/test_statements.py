"""Strong Fiat-Shamir: a proof made for one statement holds for no other, whichever absorbed field is altered.

Bernhard, Pereira, Warinschi 2012 show what happens otherwise. Each field of `spec/proofs.md` is altered.
"""

from __future__ import annotations

from array import array
from collections.abc import Sequence
from dataclasses import dataclass, replace

import pytest

from psephos.crypto.ballot import check_ballots, encrypt_ballots, sign_ballots
from psephos.crypto.card import RECORD, check_cards, make_cards, make_plain_cards
from psephos.crypto.group import base_multiples, random_scalars, sum_points
from psephos.crypto.schnorr import check_signatures, sign
from psephos.crypto.threshold import check_shares, make_shares
from psephos.crypto.weighing import check_weighings, weigh
from psephos.protocol import entries

SEED = bytes(32)
SCALARS = random_scalars(b"\x01" * 32, 4)
KEYS = base_multiples(SCALARS)
ELECTION, ANOTHER = b"\x05" * 32, b"\x06" * 32
H, OTHER_H = KEYS[:32], KEYS[32:64]
CARD, OTHER_CARD = SCALARS[64:96], SCALARS[96:]
ONE = base_multiples(b"\x01" + bytes(31))


# -- ballots


@dataclass(frozen=True)
class Vote:
    """A ballot and everything that its proofs are bound to."""

    election: bytes = ELECTION
    key: bytes = H
    region: int = 1
    day: int = 2
    serial: int = 3
    card: bytes = CARD
    styles: tuple[tuple[tuple[int, int, int], ...], ...] = (((9, 2, 1),), ((0, 2, 1), (4, 2, 1)))

    def entry(self) -> bytes:
        """Proven and signed."""
        style = self.styles[self.region]
        public = base_multiples(self.card)
        choices = array("H", [0] * len(style))
        bodies, lengths, _ = encrypt_ballots(
            self.election,
            self.key,
            self.region,
            style,
            public,
            array("H", [self.day]),
            bytes([self.serial]),
            choices,
            SEED,
        )
        return sign_ballots(bodies, lengths, self.card, SEED)[0]

    def with_votes_of(self, other: Vote) -> bytes:
        """This ballot with the other's votes, signed by this ballot's card."""
        given = entries.decode(other.entry()).payload
        assert isinstance(given, entries.Ballot)
        ballot = replace(given, region=self.region, day=self.day, serial=self.serial)
        body = entries.encode_body(ballot, self.election, base_multiples(self.card))
        return sign_ballots(body, len(body).to_bytes(4, "little"), self.card, SEED)[0]

    def bad(self, entry: bytes) -> Sequence[tuple[int, str]]:
        styles = [list(style) for style in self.styles]
        return check_ballots(entry, len(entry).to_bytes(4, "little"), self.election, self.key, styles)


VOTES = {
    "election": Vote(election=ANOTHER),
    "key": Vote(key=OTHER_H),
    "region": Vote(region=0, styles=(((0, 2, 1), (4, 2, 1)), ((0, 2, 1), (4, 2, 1)))),
    "day": Vote(day=3),
    "serial": Vote(serial=4),
    "card": Vote(card=OTHER_CARD),
    "contest": Vote(styles=(((9, 2, 1),), ((0, 2, 1), (5, 2, 1)))),
    "order of contests": Vote(styles=(((9, 2, 1),), ((4, 2, 1), (0, 2, 1)))),
}


@pytest.mark.parametrize("field", VOTES)
def test_a_ballots_proof_holds_for_its_own_statement_alone(field: str) -> None:
    own, other = Vote(), VOTES[field]
    assert own.bad(own.entry()) == other.bad(other.entry()) == []
    assert own.bad(own.with_votes_of(own)) == []
    assert own.bad(own.with_votes_of(other)) == [(0, "contest proof")]
    assert other.bad(other.with_votes_of(own)) == [(0, "contest proof")]


def test_no_two_pattern_sets_have_votes_of_one_length() -> None:
    """So patterns, which are absorbed too, cannot be taken for others: the length gives them away."""
    lengths = {64 * m + 128 * (m + blank) - 32 for m in range(1, 101) for blank in (0, 1)}
    assert len(lengths) == 200
    two, three = Vote(styles=((), ((0, 2, 1),))), Vote(styles=((), ((0, 3, 0),)))
    assert two.bad(two.with_votes_of(two)) == []
    (only,) = two.bad(two.with_votes_of(three))
    assert only == (0, "not a well-formed ballot")


# -- weighing

ROW = 64 * 3
PLACE = (1, 2, 3, 1, 2)


def ciphertexts(number: int) -> bytes:
    return base_multiples(random_scalars(b"\x07" * 32, 2 * number))


BEFORE = ciphertexts(6)  # two rows of three
AFTER = weigh(ELECTION, H, PLACE, BEFORE, 3, SEED)


def weighing_bad(
    election: bytes = ELECTION,
    key: bytes = H,
    place: tuple[int, int, int, int, int] = PLACE,
    before: bytes = BEFORE,
    after: bytes = AFTER,
) -> list[tuple[int, int]]:
    found = check_weighings(election, key, [place], [2], [-1], before, after, 3)
    assert {reason for *_, reason in found} <= {"weighing proof"}
    return [(chunk, row) for chunk, row, _ in found]


def moved(field: int) -> tuple[int, int, int, int, int]:
    a, b, c, d, e = (value + (at == field) for at, value in enumerate(PLACE))
    return a, b, c, d, e


def test_a_weighing_holds_at_its_own_place() -> None:
    assert weighing_bad() == []


@pytest.mark.parametrize("field", range(5), ids=["region", "day", "chunk", "position", "trustee"])
def test_a_weighings_proof_is_for_one_place(field: int) -> None:
    assert weighing_bad(place=moved(field)) == [(0, 0), (0, 1)]


@pytest.mark.parametrize("field", range(5), ids=["region", "day", "chunk", "position", "trustee"])
def test_places_do_not_wrap_around(field: int) -> None:
    """A place that is the same modulo the width of its field is refused, not taken for the same."""
    widths = (16, 16, 32, 8, 16)
    a, b, c, d, e = (value + (1 << widths[at]) * (at == field) for at, value in enumerate(PLACE))
    with pytest.raises(OverflowError):
        weighing_bad(place=(a, b, c, d, e))


@pytest.mark.parametrize(("election", "key"), [(ANOTHER, H), (ELECTION, OTHER_H)], ids=["election", "key"])
def test_a_weighings_proof_is_for_one_election_and_key(election: bytes, key: bytes) -> None:
    assert weighing_bad(election=election, key=key) == [(0, 0), (0, 1)]


def test_a_weighings_rows_are_numbered() -> None:
    size = ROW + 224
    swapped = AFTER[size:] + AFTER[:size]
    assert weighing_bad(before=BEFORE[ROW:] + BEFORE[:ROW], after=swapped) == [(0, 0), (0, 1)]


@pytest.mark.parametrize("piece", range(6))
def test_every_piece_of_both_rows_is_bound(piece: int) -> None:
    """Before and after are shifted by the same point: their difference, which is what is proven, stays."""
    at = 32 * piece

    def shifted(row: bytes) -> bytes:
        return row[:at] + sum_points(row[at : at + 32] + ONE) + row[at + 32 :]

    assert weighing_bad(before=shifted(BEFORE)) == [(0, 0)]
    assert weighing_bad(after=shifted(AFTER)) == [(0, 0)]
    assert weighing_bad(before=shifted(BEFORE), after=shifted(AFTER)) == [(0, 0)]


# -- shares

SHARES_PLACE = (1, 2, 3, 4, 5)
INPUTS = ciphertexts(2)
CONTENT = make_shares(ELECTION, [SHARES_PLACE], [4], INPUTS, CARD, SEED)


def shares_bad(
    election: bytes = ELECTION,
    place: tuple[int, int, int, int, int] = SHARES_PLACE,
    inputs: bytes = INPUTS,
    public: bytes = KEYS[64:96],
    content: bytes = CONTENT,
) -> list[int]:
    return check_shares(election, [place], [len(inputs) // 32], inputs, public, content)


def test_shares_hold_at_their_own_place() -> None:
    assert shares_bad() == []


@pytest.mark.parametrize("field", range(5), ids=["stage", "trustee", "region", "day", "chunk"])
def test_shares_are_for_one_place(field: int) -> None:
    a, b, c, d, e = (value + (at == field) for at, value in enumerate(SHARES_PLACE))
    assert shares_bad(place=(a, b, c, d, e)) == [0]


def test_shares_are_for_one_election_public_key_and_inputs() -> None:
    assert shares_bad(election=ANOTHER) == [0]
    assert shares_bad(public=KEYS[96:]) == [0]
    assert shares_bad(inputs=INPUTS[32:] + INPUTS[:32]) == [0]
    shares, proof = CONTENT[:128], CONTENT[128:]
    rotated = shares[32:] + shares[:32]
    assert shares_bad(inputs=INPUTS[32:] + INPUTS[:32], content=rotated + proof) == [0]
    assert shares_bad(inputs=INPUTS[:96], content=shares[:96] + proof) == [0]


def test_errors_in_two_shares_that_cancel_are_refused() -> None:
    """The combination hashes all shares: nobody can know beforehand which errors would cancel."""
    minus = base_multiples((2**252 + 27742317777372353535851937790883648493 - 1).to_bytes(32, "little"))
    bent = sum_points(CONTENT[:32] + ONE) + sum_points(CONTENT[32:64] + minus)
    assert shares_bad(content=bent + CONTENT[64:]) == [0]


# -- cards and signatures


def test_a_cards_record_is_for_one_election_region_and_key() -> None:
    record, _ = make_cards(ELECTION, 4, H, CARD, b"\x01", SEED)
    assert check_cards(ELECTION, 4, H, record, False) == []
    for election, region, key in ((ANOTHER, 4, H), (ELECTION, 5, H), (ELECTION, 4, OTHER_H)):
        assert check_cards(election, region, key, record, False) == [(0, "bit proof")]


@pytest.mark.parametrize("piece", range(RECORD // 32))
def test_every_piece_of_a_cards_record_is_bound(piece: int) -> None:
    """Another record of the same card, made with other coins, does not lend its pieces."""
    record, _ = make_cards(ELECTION, 4, H, CARD + OTHER_CARD, b"\x01\x00", SEED)
    other, _ = make_cards(ELECTION, 4, H, OTHER_CARD + CARD, b"\x01\x00", b"\x01" * 32)
    at = 32 * piece
    mixed = record[:at] + other[at : at + 32] + record[at + 32 : RECORD]
    assert [row for row, _ in check_cards(ELECTION, 4, H, mixed, False)] == [0]


def test_a_plain_record_is_for_one_election_and_region() -> None:
    record = make_plain_cards(ELECTION, 4, CARD, SEED)
    assert check_cards(ELECTION, 4, H, record, True) == []
    for election, region in ((ANOTHER, 4), (ELECTION, 5)):
        assert check_cards(election, region, H, record, True) == [(0, "signature")]


PURPOSES = ["card-entry", "ballot", "admission", "ceremony-constant"]


@pytest.mark.parametrize("purpose", PURPOSES)
def test_a_signature_is_for_one_purpose_key_and_message(purpose: str) -> None:
    signature = sign(purpose, ELECTION, CARD, SEED)
    key = KEYS[64:96]
    assert check_signatures(purpose, key, ELECTION, signature) == []
    for other in PURPOSES:
        if other != purpose:
            assert check_signatures(other, key, ELECTION, signature) == [0]
    assert check_signatures(purpose, key, ANOTHER, signature) == [0]
    assert check_signatures(purpose, KEYS[96:], ELECTION, signature) == [0]
    assert check_signatures(purpose, sum_points(key + ONE), ELECTION, signature) == [0]


def test_a_plain_record_does_not_sign_a_weighted_one() -> None:
    """Empty ciphertext and proof are fields of their own in what is signed."""
    plain = make_plain_cards(ELECTION, 4, CARD, SEED)
    record, _ = make_cards(ELECTION, 4, H, CARD, b"\x01", SEED)
    assert check_cards(ELECTION, 4, H, record[: RECORD - 64] + plain[-64:], False) == [(0, "signature")]
    assert check_cards(ELECTION, 4, H, plain[:32] + record[-64:], True) == [(0, "signature")]
