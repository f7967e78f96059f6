"""A whole referendum through the core: from the keys of three trustees to totals that two of them open."""

from __future__ import annotations

from array import array
from itertools import combinations

import pytest

from psephos.crypto import ballot, card, column, group, schnorr, threshold, token, weighing, workers
from psephos.crypto.transcript import transcript_hash
from psephos.errors import FormatError

ELECTION = bytes(range(32))
STYLE = [(0, 2, 1), (3, 3, 0)]
WIDTH = 6
TRUSTEES = [1, 2, 3]
COUNT = 12
WEIGHTS = bytes([1, 0, 0, 1, 1, 0, 1, 1, 0, 1, 0, 1])
CHOICES = [((0, 1, ballot.BLANK)[row % 3], row % 2 * 2) for row in range(COUNT)]


def seed(name: str, number: int = 0) -> bytes:
    return transcript_hash("test", ("seed", f"{name} {number}".encode()))


def u16(*values: int) -> bytes:
    return array("H", values).tobytes()


class Keys:
    """Pedersen's key generation without the messages."""

    def __init__(self) -> None:
        polynomials = [threshold.polynomial(seed("polynomial", dealer), 2) for dealer in TRUSTEES]
        dealt = [threshold.evaluate_polynomial(polynomial, TRUSTEES) for polynomial in polynomials]
        parts = [b"".join(column.take(values, 32, array("I", [at])) for values in dealt) for at in range(3)]
        self.secrets = [group.sum_scalars(part) for part in parts]
        self.publics = [group.base_multiples(secret) for secret in self.secrets]
        commitments = [group.base_multiples(polynomial) for polynomial in polynomials]
        terms = [b"".join(c[32 * term : 32 * term + 32] for c in commitments) for term in (0, 1)]
        self.points = b"".join(map(group.sum_points, terms))
        self.key = self.points[:32]

    def shares(self, ciphertexts: bytes, stage: int, trustees: tuple[int, ...]) -> list[bytes]:
        """Checked shares of each of these trustees."""
        inputs, counts = column.columns(ciphertexts, 64, 0, 32), [len(ciphertexts) // 64]
        lists = []
        for index in trustees:
            place, secret, public = (stage, index, 0, 1, 0), self.secrets[index - 1], self.publics[index - 1]
            content = threshold.make_shares(ELECTION, [place], counts, inputs, secret, seed("shares", index))
            assert threshold.check_shares(ELECTION, [place], counts, inputs, public, content) == []
            other = self.publics[index % 3]
            assert threshold.check_shares(ELECTION, [place], counts, inputs, other, content) == [0]
            lists.append(threshold.chunk_shares(counts, content))
        return lists

    def open(self, ciphertexts: bytes, stage: int, trustees: tuple[int, ...]) -> bytes:
        """Points encrypted."""
        lists = self.shares(ciphertexts, stage, trustees)
        return threshold.decrypt(ciphertexts, threshold.combine_shares(lists, trustees))


@pytest.fixture(scope="module")
def keys() -> Keys:
    return Keys()


@pytest.fixture(scope="module")
def scalars() -> bytes:
    secrets = b"".join(row.to_bytes(16, "little") for row in range(COUNT))
    return card.derive_cards(ELECTION, 1, secrets)[0]


@pytest.fixture(scope="module")
def records(keys: Keys, scalars: bytes) -> tuple[bytes, bytes]:
    return card.make_cards(ELECTION, 1, keys.key, scalars, WEIGHTS, seed("cards"))


@pytest.fixture(scope="module")
def ballots(keys: Keys, scalars: bytes) -> tuple[bytes, bytes]:
    cards = group.base_multiples(scalars)
    choices = u16(*(option for pair in CHOICES for option in pair))
    days, serials = u16(*[1] * COUNT), bytes(range(1, COUNT + 1))
    bodies, lengths, _ = ballot.encrypt_ballots(
        ELECTION, keys.key, 1, STYLE, cards, days, serials, choices, seed("ballots")
    )
    return ballot.sign_ballots(bodies, lengths, scalars, seed("signatures"))


def test_the_key_and_the_shares_belong_together(keys: Keys) -> None:
    assert b"".join(keys.publics) == threshold.evaluate_commitments(keys.points, TRUSTEES)
    for some in combinations(TRUSTEES, 2):
        lists = [keys.publics[index - 1] for index in some]
        assert threshold.combine_shares(lists, some) == keys.key


def test_cards_hold_and_weigh_what_they_say(keys: Keys, records: tuple[bytes, bytes]) -> None:
    made, randomness = records
    weights = column.columns(made, card.RECORD, 32, 96)
    total, wrong = [sum(WEIGHTS)], [sum(WEIGHTS) + 1]
    r = group.sum_scalars(randomness)
    assert card.check_cards(ELECTION, 1, keys.key, made, False) == []
    assert card.check_cards(ELECTION, 2, keys.key, made[: card.RECORD], False) == [(0, "bit proof")]
    assert card.check_sums(keys.key, weights, [COUNT], r, total) == []
    assert card.check_sums(keys.key, weights, [COUNT], r, wrong) == [0]


def test_plain_cards_are_signed(keys: Keys, scalars: bytes) -> None:
    made = card.make_plain_cards(ELECTION, 1, scalars, seed("plain"))
    assert card.check_cards(ELECTION, 1, keys.key, made, True) == []
    swapped = made[:32] + made[card.PLAIN_RECORD + 32 : 2 * card.PLAIN_RECORD]
    assert card.check_cards(ELECTION, 1, keys.key, swapped, True) == [(0, "signature")]


@pytest.mark.parametrize("trustees", [(1, 2), (3, 1)])
def test_totals_are_those_of_the_cards_that_count(
    keys: Keys, records: tuple[bytes, bytes], ballots: tuple[bytes, bytes], trustees: tuple[int, ...]
) -> None:
    entries, lengths = ballots
    assert ballot.check_ballots(entries, lengths, ELECTION, keys.key, [[], STYLE]) == []
    weights = column.columns(records[0], card.RECORD, 32, 96)
    first = weighing.first_rows(weights, ballot.ballot_ciphertexts(entries, lengths, STYLE), WIDTH)
    last, chain = first, []
    for position, trustee in enumerate((2, 3), start=1):
        place = (1, 1, 0, position, trustee)
        after = weighing.weigh(ELECTION, keys.key, place, last, WIDTH, seed("weigh", trustee))
        one = (ELECTION, keys.key, [place], [COUNT], [-1])
        assert weighing.check_weighings(*one, last, after, WIDTH) == []
        forged = after[:64] + last[64:128] + after[128:]
        culprits = weighing.check_weighings(*one, last, forged, WIDTH)
        assert culprits == [(0, 0, "weighing proof")]
        last = weighing.weighed_rows(after, WIDTH)
        chain.append((place, after))
    places, given = [place for place, _ in chain], b"".join(after for _, after in chain)
    both = (ELECTION, keys.key, places, [COUNT] * 2)
    assert weighing.check_weighings(*both, [-1, 0], first, given, WIDTH) == []
    culprits = weighing.check_weighings(*both, [-1, -1], first + first, given, WIDTH)
    assert culprits == [(1, row, "weighing proof") for row in range(COUNT)]
    column_x = column.columns(last, 64 * WIDTH, 0, 64)
    signs = threshold.open_signs(column_x, keys.shares(column_x, 1, trustees), trustees)
    opened = threshold.discrete_logs(keys.open(column_x, 1, trustees), 1)
    assert [sign == 1 for sign in signs] == [log == 1 for log in opened]
    assert set(signs) <= {1, 255}
    sums = threshold.signed_sums(signs, last, first, WIDTH) + threshold.sum_columns(weights, 1)
    totals = threshold.discrete_logs(keys.open(sums, 2, trustees), 2 * COUNT)
    counted = [CHOICES[row] for row in range(COUNT) if WEIGHTS[row]]
    votes = [sum(choice[contest] == option for choice in counted) for contest, option in _options()]
    assert totals == [*(2 * number for number in votes), len(counted)]


def _options() -> list[tuple[int, int]]:
    return [(at, option) for at, (_, options, _) in enumerate(STYLE) for option in range(options)]


def test_ballots_become_columns(scalars: bytes, ballots: tuple[bytes, bytes]) -> None:
    entries, lengths = ballots
    columns = ballot.parse_ballots(entries, lengths, ELECTION, [[], STYLE])
    status, regions, days, serials, cards, hashes = columns
    assert status == bytes(COUNT)
    assert regions == days == u16(*[1] * COUNT)
    assert serials == bytes(range(1, COUNT + 1))
    assert cards == group.base_multiples(scalars)
    assert len(hashes) == 32 * COUNT
    assert ballot.parse_ballots(entries, lengths, bytes(32), [[], STYLE])[0] == bytes([2] * COUNT)
    roster, _ = column.sort_records(cards, 32)
    places = column.match_keys(roster, cards)
    assert column.last_ballots(places, serials, hashes) == array("I", range(COUNT)).tobytes()


def test_a_spoiled_ballot_is_named(keys: Keys, ballots: tuple[bytes, bytes]) -> None:
    entries, lengths = ballots
    start = sum(array("I", lengths)[:5])
    spoiled = entries[: start + 200] + bytes(32) + entries[start + 232 :]
    culprits = ballot.check_ballots(spoiled, lengths, ELECTION, keys.key, [[], STYLE])
    assert [row for row, _ in culprits] == [5]


def test_a_challenged_ballot_opens_to_its_choices_alone(keys: Keys, scalars: bytes) -> None:
    cards, days = group.base_multiples(scalars[:32]), u16(1)
    choices, other = u16(ballot.BLANK, 2), u16(1, 2)
    body, _, randomness = ballot.encrypt_ballots(
        ELECTION, keys.key, 1, STYLE, cards, days, b"\x01", choices, seed("challenge")
    )
    assert ballot.check_opening(body, keys.key, STYLE, choices, randomness)
    assert not ballot.check_opening(body, keys.key, STYLE, other, randomness)
    with pytest.raises(FormatError, match="choices"):
        ballot.check_opening(body, keys.key, STYLE, u16(2, 2), randomness)


def test_tokens_are_blind_and_verifiable() -> None:
    secret, public = token.token_key(seed("token key"))
    inputs = group.base_multiples(group.random_scalars(seed("inputs"), 3))
    blinds, blinded = token.blind(inputs, seed("blind"))
    asked = ELECTION, [(3, 1, 1)], [3]
    evaluated, proof = token.evaluate(*asked, secret, blinded, seed("evaluate"))
    outputs = token.finalize(*asked, public, inputs, blinds, blinded, evaluated, proof)
    assert outputs == token.token_outputs(secret, inputs)
    _, other = token.token_key(seed("another"))
    with pytest.raises(FormatError, match="token proof"):
        token.finalize(*asked, other, inputs, blinds, blinded, evaluated, proof)


def test_signatures_are_for_one_purpose(scalars: bytes) -> None:
    keys, messages = group.base_multiples(scalars), bytes(32 * COUNT)
    signatures = schnorr.sign("admission", messages, scalars, seed("sign"))
    assert schnorr.check_signatures("admission", keys, messages, signatures) == []
    assert schnorr.check_signatures("ballot", keys, messages, signatures) == list(range(COUNT))


def test_the_number_of_threads_changes_no_byte(keys: Keys, scalars: bytes) -> None:
    made = []
    for threads in (1, 2):
        workers.set_workers(threads)
        made.append(card.make_cards(ELECTION, 1, keys.key, scalars, WEIGHTS, seed("cards")))
    workers.set_workers(0)
    assert made[0] == made[1]


def test_bad_arguments_are_named_and_any_buffer_is_taken(keys: Keys) -> None:
    with pytest.raises(FormatError, match="scalars, row 1: not a canonical scalar"):
        group.base_multiples(bytes(32) + b"\xff" * 32)
    with pytest.raises(FormatError, match="seed: 31 bytes instead of 32"):
        group.random_scalars(bytes(31), 1)
    with pytest.raises(FormatError, match="the identity is refused"):
        card.make_cards(ELECTION, 1, bytes(32), bytes(32), b"\x01", bytes(32))
    assert group.check_points(keys.key + bytes(32), allow_identity=False) == [1]
    assert group.sum_points(memoryview(bytearray(keys.key))) == keys.key
    with pytest.raises(TypeError):
        group.sum_points(3)  # type: ignore[arg-type]


def test_a_set_of_keys_says_what_it_has_seen() -> None:
    keys, other = column.KeySet(), column.KeySet()
    assert keys.add(b"a" * 32 + b"b" * 32 + b"a" * 32) == b"\0\0\1"
    assert keys.add(b"b" * 32 + b"c" * 32) == b"\1\0"
    assert keys.has(b"c" * 32 + b"d" * 32) == b"\1\0"
    assert (len(keys), len(other)) == (3, 0)
