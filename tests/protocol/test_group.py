"""Groups: what they weigh is proven, and a second device can look inside one that is thrown away."""

from __future__ import annotations

import copy
import pickle
from dataclasses import replace
from hashlib import sha256

import pytest

from psephos.crypto.card import RECORD, derive_cards, make_cards
from psephos.crypto.group import base_multiples, sum_scalars
from psephos.crypto.schnorr import sign
from psephos.crypto.transcript import transcript_hash
from psephos.errors import FormatError, PhaseError, VerificationError
from psephos.protocol.enrolment.admission import Fault, check_groups, decode_groups
from psephos.protocol.enrolment.audit import check_group_opening, open_group
from psephos.protocol.enrolment.group import Plan, commitment, make_groups, sign_groups
from psephos.protocol.enrolment.token import DECOY, VOTER, Token, rows
from psephos.protocol.entry import Group, GroupReceipt, decode, encode, encode_body, seal
from psephos.voter.enrolment import plan, propose
from reference import group as points
from tests.protocol.enrolling import Referendum

ORDER = 2**252 + 27742317777372353535851937790883648493
BASE = base_multiples((1).to_bytes(32, "little"))


@pytest.fixture
def referendum() -> Referendum:
    return Referendum()


@pytest.fixture(scope="module")
def plain() -> Referendum:
    return Referendum(cards=1)


def token_of(referendum, kind=VOTER, region=0) -> Token:
    """A token whose output no registrar made: what a group shows by itself does not depend on it."""
    secret, key = derive_cards(referendum.election, 99, referendum.rng.randbytes(16))
    return Token(region, kind, secret, key, bytes(64))


def draft_of(referendum, kind=VOTER, cards=3, region=0, counts=None):
    token = token_of(referendum, kind, region)
    planned = plan(referendum.definition, token, referendum.rng, cards, counts)
    return make_groups(*referendum.context, [planned], referendum.seed())[0]


def faults(referendum, *messages) -> dict[int, tuple[str, str]]:
    groups, found = decode_groups(referendum.definition, referendum.election, messages)
    return found | check_groups(*referendum.context, groups)


def changed(referendum, draft, election=None, **change) -> bytes:
    """The group of a draft with another payload, signed by its token."""
    payload = decode(seal(draft.body, bytes(64)), message=True).payload
    body = encode_body(replace(payload, **change), election or referendum.election, draft.token.key)
    return seal(body, sign("group", sha256(body).digest(), draft.token.secret, referendum.seed()))


def enrolled(referendum, secret: bytes, ciphertext: bytes, proof: bytes, region: int = 0) -> bytes:
    """A record with any weight and bit proof, rightly signed by its card."""
    scalar, key = derive_cards(referendum.election, region, secret)
    fields = (
        ("election", referendum.election),
        ("region", region.to_bytes(2, "little")),
        ("card", key),
        ("ciphertext", ciphertext),
        ("proof", proof),
    )
    message = transcript_hash("card-entry", *fields)
    return key + ciphertext + proof + sign("card-entry", message, scalar, referendum.seed())


def encryption(referendum, weight: int, randomness: int) -> bytes:
    """A ciphertext of any weight."""
    generator, joint = points.decode(BASE), points.decode(referendum.key)
    first = points.multiply(randomness, generator)
    message, mask = points.multiply(weight % ORDER, generator), points.multiply(randomness, joint)
    return points.encode(first) + points.encode(points.add(message, mask))


def test_groups_of_both_kinds_hold(referendum) -> None:
    drafts = [draft_of(referendum, kind, cards) for kind, cards in ((1, 2), (1, 4), (0, 1), (0, 4))]
    drafts.append(draft_of(referendum, VOTER, 3, region=1))
    messages = sign_groups(drafts, referendum.seed())
    assert faults(referendum, *messages) == {}
    assert [sum(draft.weights) for draft in drafts] == [1, 1, 0, 0, 1]
    for draft, message in zip(drafts, messages, strict=True):
        payload = decode(message, message=True).payload
        assert isinstance(payload, Group)
        assert rows(draft.keys, 32) == sorted(rows(draft.keys, 32))
        assert payload.cards == draft.records
        assert payload.randomness == sum_scalars(draft.randomness)


def test_groups_of_many_regions_come_back_in_order(referendum) -> None:
    tokens = [token_of(referendum, VOTER, at % 2) for at in range(6)]
    drafts = referendum.drafts(tokens)
    assert [draft.token for draft in drafts] == tokens
    assert faults(referendum, *sign_groups(drafts, referendum.seed())) == {}


def test_the_chosen_card_counts_whatever_its_key(referendum) -> None:
    for counts in range(4):
        token = token_of(referendum)
        planned = plan(referendum.definition, token, referendum.rng, 4, counts)
        [draft] = make_groups(*referendum.context, [planned], referendum.seed())
        _, key = derive_cards(referendum.election, 0, rows(planned.secrets, 16)[counts])
        assert draft.counting == key
    assert draft_of(referendum, DECOY).counting is None


def test_plans_propose_every_allowed_number_of_cards(referendum, plain) -> None:
    drawn = {propose(referendum.definition, VOTER, referendum.rng) for _ in range(100)}
    assert drawn == {2, 3, 4}
    assert {propose(referendum.definition, DECOY, referendum.rng) for _ in range(100)} == {1, 2, 3, 4}
    assert propose(plain.definition, VOTER, plain.rng) == 1
    with pytest.raises(FormatError):
        plan(referendum.definition, token_of(referendum), referendum.rng, 3, 3)


@pytest.mark.parametrize(("kind", "cards"), [(VOTER, 1), (VOTER, 5), (DECOY, 5)])
def test_groups_of_wrong_size_are_not_made(referendum, kind, cards) -> None:
    with pytest.raises(FormatError, match="no group of this kind"):
        draft_of(referendum, kind, cards)


def test_a_voters_group_needs_a_card_that_counts_and_a_decoys_none(referendum) -> None:
    for kind, counts in ((VOTER, None), (DECOY, 0)):
        planned = Plan(token_of(referendum, kind), bytes(range(32)), counts, bytes(32))
        with pytest.raises(FormatError):
            make_groups(*referendum.context, [planned], referendum.seed())


def test_the_commitment_is_to_sorted_pairs_under_nonce_and_token(referendum) -> None:
    draft = draft_of(referendum)
    pairs = b"".join(record[:96] for record in rows(draft.records, RECORD))
    assert draft.commitment == commitment(draft.nonce, draft.token.key, pairs)
    assert draft.commitment != commitment(bytes(32), draft.token.key, pairs)


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"kind": 0}, "proof"),
        ({"kind": 2}, "form"),
        ({"region": 1}, "proof"),
        ({"region": 2}, "form"),
        ({"cards": b""}, "form"),
        ({"randomness": bytes(32)}, "proof"),
        ({"randomness": b"\xff" * 32}, "proof"),
        ({"election": bytes(32)}, "form"),
    ],
    ids=str,
)
def test_changed_groups_are_refused(referendum, change, reason) -> None:
    [fault] = faults(referendum, changed(referendum, draft_of(referendum), **change)).values()
    assert fault.reason == reason


def test_a_sum_off_by_one_is_refused(referendum) -> None:
    draft = draft_of(referendum)
    right = sum_scalars(draft.randomness)
    more = sum_scalars(right + (1).to_bytes(32, "little"))
    assert faults(referendum, changed(referendum, draft, randomness=more)) == {
        0: Fault("proof", "its cards do not weigh its kind")
    }
    assert faults(referendum, changed(referendum, draft, randomness=right)) == {}


def test_two_counting_cards_and_none_are_refused(referendum) -> None:
    for weights in (b"\1\1\0", b"\0\0\0"):
        draft = draft_of(referendum)
        scalars, _ = derive_cards(referendum.election, 0, draft.secrets)
        records, randomness = make_cards(
            referendum.election, 0, referendum.key, scalars, weights, referendum.seed()
        )
        forged = changed(referendum, draft, cards=records, randomness=sum_scalars(randomness))
        assert faults(referendum, forged) == {0: Fault("proof", "its cards do not weigh its kind")}


def test_weights_two_and_minus_one_are_refused_though_they_sum_to_one(referendum) -> None:
    draft = draft_of(referendum, cards=2)
    for proof in rows(draft.records, RECORD)[0][96:320], rows(draft.records, RECORD)[1][96:320]:
        cards = [
            enrolled(referendum, secret, encryption(referendum, weight, 5), proof)
            for secret, weight in zip(rows(draft.secrets, 16), (2, -1), strict=True)
        ]
        ten = (10).to_bytes(32, "little")
        forged = changed(referendum, draft, cards=b"".join(cards), randomness=ten)
        [fault] = faults(referendum, forged).values()
        assert fault.reason == "proof"
        assert "bit proof" in fault.detail


def test_another_cards_weight_is_refused(referendum) -> None:
    victim, draft = draft_of(referendum), draft_of(referendum)
    stolen = victim.records[32:320]
    mine = rows(draft.records, RECORD)
    mine[0] = enrolled(referendum, draft.secrets[:16], stolen[:64], stolen[64:])
    [fault] = faults(referendum, changed(referendum, draft, cards=b"".join(mine))).values()
    assert (fault.reason, "bit proof" in fault.detail) == ("proof", True)


def test_another_voters_card_is_refused(referendum) -> None:
    victim, draft = draft_of(referendum), draft_of(referendum)
    mine = rows(draft.records, RECORD)
    mine[0] = victim.records[:32] + mine[0][32:]
    [fault] = faults(referendum, changed(referendum, draft, cards=b"".join(mine))).values()
    assert fault.reason == "proof"
    assert victim.keys[:32].hex() in fault.detail


def test_a_whole_group_does_not_move_to_another_region(referendum) -> None:
    draft = draft_of(referendum, region=1)
    [fault] = faults(referendum, changed(referendum, draft, region=0)).values()
    assert fault.reason == "proof"


def test_a_card_stands_once_in_a_group(referendum) -> None:
    draft = draft_of(referendum)
    first, second, _ = rows(draft.records, RECORD)
    for cards in (first + first + second, draft.records[:-1], draft.records + bytes(1)):
        [fault] = faults(referendum, changed(referendum, draft, cards=cards)).values()
        assert fault.reason == "form"


def test_only_the_token_signs_its_group(referendum) -> None:
    draft, other = draft_of(referendum), draft_of(referendum)
    mine, another = sign_groups([draft, other], referendum.seed())
    forged = mine[:-64] + another[-64:]
    assert faults(referendum, forged, mine) == {0: Fault("token", "the token's signature does not hold")}


def test_one_bad_group_among_many_is_named(referendum) -> None:
    messages = sign_groups([draft_of(referendum) for _ in range(40)], referendum.seed())
    messages[17] = changed(referendum, draft_of(referendum), randomness=bytes(32))
    messages[31] = b"\x80"
    assert sorted(faults(referendum, *messages)) == [17, 31]


def test_other_messages_are_no_groups(referendum) -> None:
    key = referendum.keys.registrar
    receipt = GroupReceipt(0, bytes(32), bytes(32), 1)
    message = encode(receipt, referendum.election, key.public.raw, key.sign)
    assert [fault.reason for fault in faults(referendum, message).values()] == ["form"]


def test_without_decoys_a_group_is_one_plain_card(plain) -> None:
    draft = draft_of(plain, cards=1)
    [message] = sign_groups([draft], plain.seed())
    assert faults(plain, message) == {}
    assert len(draft.records) == 96
    assert draft.commitment == commitment(draft.nonce, draft.token.key, draft.keys)
    one = (1).to_bytes(32, "little")
    for change in ({"randomness": one}, {"kind": 0}, {"cards": draft.records * 2}, {"cards": b""}):
        assert [fault.reason for fault in faults(plain, changed(plain, draft, **change)).values()] == ["form"]
    forged = changed(plain, draft, cards=draft.records[:-1] + b"\0")
    assert [fault.reason for fault in faults(plain, forged).values()] == ["proof"]


# Audits


@pytest.mark.parametrize("kind", [VOTER, DECOY])
def test_an_honest_audit_passes(referendum, kind) -> None:
    draft = draft_of(referendum, kind)
    opening = open_group(referendum.definition, draft)
    check_group_opening(*referendum.context, opening, draft.commitment, draft.counting)


def test_an_honest_audit_of_a_plain_card_passes(plain) -> None:
    draft = draft_of(plain, cards=1)
    opening = open_group(plain.definition, draft)
    check_group_opening(*plain.context, opening, draft.commitment, draft.counting)


def test_what_was_opened_is_never_enrolled_and_what_was_enrolled_never_opened(referendum) -> None:
    opened, signed = draft_of(referendum), draft_of(referendum)
    open_group(referendum.definition, opened)
    with pytest.raises(PhaseError, match="opened"):
        sign_groups([signed, opened], referendum.seed())
    assert sign_groups([signed], referendum.seed())  # a refused call decided nothing about the others
    with pytest.raises(PhaseError, match="signed"):
        open_group(referendum.definition, signed)


def test_a_draft_has_no_copies(referendum) -> None:
    draft = draft_of(referendum)
    for copied in (copy.copy, copy.deepcopy, pickle.dumps):
        with pytest.raises(TypeError):
            copied(draft)


def test_an_opening_holds_nothing_of_the_tokens_secret(referendum) -> None:
    draft = draft_of(referendum)
    values = vars(open_group(referendum.definition, draft)).values()
    assert draft.token.secret not in values
    assert draft.token.output not in values


def test_an_audit_finds_a_device_that_lies(referendum) -> None:
    draft = draft_of(referendum)
    opening, named = open_group(referendum.definition, draft), draft.counting
    other = next(key for key in rows(draft.keys, 32) if key != named)
    moved = bytes(key == other for key in rows(draft.keys, 32))
    swapped = opening.randomness[32:] + opening.randomness[:32]
    weightless = open_group(referendum.definition, draft_of(referendum, DECOY))
    lies = [
        (replace(opening, nonce=bytes(32)), draft.commitment, named),
        (replace(opening, token=weightless.token), draft.commitment, named),
        (opening, draft.commitment, other),
        (opening, draft.commitment, None),
        (opening, draft.commitment, bytes(32)),
        (replace(opening, weights=moved), draft.commitment, other),
        (replace(opening, randomness=swapped), draft.commitment, named),
        (replace(opening, randomness=b""), draft.commitment, named),
        (replace(opening, secrets=opening.secrets[16:] + opening.secrets[:16]), draft.commitment, named),
        (replace(opening, secrets=opening.secrets[16:]), draft.commitment, named),
        (replace(opening, weights=b"\1\1\1"), draft.commitment, named),
        (weightless, draft.commitment, named),
    ]
    for opening_, committed, name in lies:
        with pytest.raises(VerificationError) as refused:
            check_group_opening(*referendum.context, opening_, committed, name)
        assert refused.value.culprit == "device"


def test_an_audit_finds_a_group_in_which_the_named_card_does_not_count(referendum) -> None:
    draft = draft_of(referendum, DECOY)
    opening = open_group(referendum.definition, draft)
    named = draft.keys[:32]
    for weights in (b"\1\0\0", b"\0\0\0"):
        with pytest.raises(VerificationError):
            check_group_opening(
                *referendum.context, replace(opening, weights=weights), draft.commitment, named
            )
