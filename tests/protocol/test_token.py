"""Tokens: asked for blind, all proofs checked before any is used, and asked for alike by everybody."""

from __future__ import annotations

from dataclasses import replace

import pytest

from psephos.crypto.column import rows
from psephos.crypto.token import token_inputs
from psephos.errors import FormatError, PhaseError, VerificationError
from psephos.protocol.enrolment import response, token
from psephos.protocol.enrolment.audit import open_cards
from psephos.protocol.enrolment.ready import ask_ready, read_ready
from psephos.protocol.enrolment.token import NO_CARD, PADDED
from psephos.protocol.entries import Ready, Refusal, TokenReceipt, TokenResponse, decode, encode
from tests.protocol.enrolling import Referendum


@pytest.fixture
def referendum() -> Referendum:
    return Referendum()


def written(referendum: Referendum, number: int, payload) -> bytes:
    return referendum.registrars[number].write(payload)


# Ready


def test_every_registrar_says_whether_it_is_ready_for_the_voter(referendum) -> None:
    for number, opening in referendum.openings().items():
        message = referendum.registrars[number].ready(ask_ready(referendum.setting, 0, opening))
        answer = read_ready(referendum.setting, number, 0, opening, message)
        assert isinstance(answer, Ready)
        assert answer.wait == 60
        with pytest.raises(VerificationError):
            read_ready(referendum.setting, 3 - number, 0, opening, message)
        changed = written(referendum, number, replace(answer, region=1))
        with pytest.raises(VerificationError, match="another request"):
            read_ready(referendum.setting, number, 0, opening, changed)


def test_a_registrar_that_knows_the_other_registrars_hash_alone_is_not_ready(referendum) -> None:
    first, second = referendum.openings().values()
    answers = [
        read_ready(
            referendum.setting, number, 0, opening, registrar.ready(ask_ready(referendum.setting, 0, opening))
        )
        for (number, registrar), opening in zip(referendum.registrars.items(), (second, first), strict=True)
    ]
    assert [isinstance(answer, Refusal) and answer.reason for answer in answers] == ["roll", "roll"]


# Requests


def test_requests_of_all_voters_and_all_numbers_of_cards_have_one_length(referendum) -> None:
    lengths = set()
    for cards in (1, 3, 5):
        openings = referendum.openings()
        lengths |= {len(ask_ready(referendum.setting, 0, opening)) for opening in openings.values()}
        asked = referendum.ask(referendum.draft(cards), openings)
        lengths |= {len(one.message) for one in asked.values()}
        assert {len(one.blinded) for one in asked.values()} == {32 * 5}
    assert lengths == {PADDED}


def test_the_longest_and_the_shortest_name_are_padded_alike() -> None:
    referendum = Referendum(decoys=16)
    opening = referendum.openings()[1]
    for name in ("a", "\U0001f5f3" * 200):
        named = replace(opening, voter=name)
        [asked] = token.ask(referendum.setting, 1, [referendum.draft(17)], [named], referendum.seed())
        assert len(asked.message) == len(ask_ready(referendum.setting, 0, named)) == PADDED


def test_the_first_element_is_for_the_card_that_counts_and_others_are_in_random_order(referendum) -> None:
    orders, inputs = set(), set()
    for _ in range(12):
        draft = referendum.draft(3, counts=2)
        own = rows(token_inputs(referendum.setting.election, 0, draft.keys), 32)
        for asked in referendum.ask(draft, referendum.openings()).values():
            assert draft.weights[asked.cards[0]] == 1
            assert sorted(asked.cards[1:]) == sorted([NO_CARD, NO_CARD, *{0, 1, 2} - {asked.cards[0]}])
            for card, row in zip(asked.cards, rows(asked.inputs, 32), strict=True):
                assert (row == own[card]) if card != NO_CARD else (row not in own)
            orders.add(tuple(card == NO_CARD for card in asked.cards[1:]))
            inputs |= {
                row for card, row in zip(asked.cards, rows(asked.inputs, 32), strict=True) if card == NO_CARD
            }
    assert len(orders) > 2
    assert len(inputs) == 12 * 2 * 2


def test_no_blind_is_used_for_two_registrars_or_two_inputs(referendum) -> None:
    asked = [*referendum.ask(referendum.draft(), referendum.openings()).values()]
    blinds = [row for one in asked for row in rows(one.blinds + one.blinded, 32)]
    assert len(set(blinds)) == len(blinds)


def test_audited_cards_are_never_asked_for_and_asked_ones_never_opened(referendum) -> None:
    opened, asked = referendum.draft(), referendum.draft()
    open_cards(referendum.setting, opened)
    with pytest.raises(PhaseError, match="never enrolled"):
        referendum.ask(opened, referendum.openings())
    referendum.ask(asked, referendum.openings())
    with pytest.raises(PhaseError, match="never opened"):
        open_cards(referendum.setting, asked)


# Responses


def test_every_card_gets_the_token_of_its_weight_from_every_registrar(referendum) -> None:
    draft = referendum.draft(4, counts=3)
    messages = referendum.enrol(draft)
    for number, own in messages.items():
        answers = [referendum.registrars[number].admit(message) for message in own]
        assert {decode(answer, message=True).payload.type_name() for answer in answers} == {"card-receipt"}


def test_nothing_is_used_when_one_proof_of_one_registrar_fails(referendum) -> None:
    draft = referendum.draft()
    asked = referendum.ask(draft, referendum.openings())
    right = referendum.responses(asked)
    other = referendum.responses(referendum.ask(referendum.draft(), referendum.openings()))[2]
    wrong = [
        replace(right[2], voter_evaluated=other.voter_evaluated),
        replace(right[2], decoys=right[2].decoys[:96] + other.decoys[:32]),
        replace(right[2], decoys=right[2].decoys[32:] + right[2].decoys[:32]),
        replace(right[2], voter_proof=right[2].decoy_proof),
        replace(right[2], decoy_proof=other.decoy_proof),
        replace(right[2], voter_evaluated=bytes(32)),
    ]
    for changed in wrong:
        with pytest.raises(VerificationError, match="registrar 2") as refused:
            response.tokens(referendum.setting, list(asked.values()), [right[1], changed])
        assert refused.value.culprit == "registrar 2"
    assert len(response.tokens(referendum.setting, list(asked.values()), list(right.values()))) == 2


def test_a_response_to_another_request_or_without_its_receipt_is_refused(referendum) -> None:
    asked = referendum.ask(referendum.draft(), referendum.openings())[1]
    registrar = referendum.registrars[1]
    right = decode(registrar.give(asked.message), message=True).payload
    assert isinstance(right, TokenResponse)
    strange = [
        replace(right, region=1),
        replace(right, request=bytes(32)),
        replace(right, hash=bytes(32)),
        replace(right, decoys=right.decoys[32:]),
        replace(right, decoy_proof=b""),
        replace(right, receipt=b""),
        replace(right, receipt=registrar.write(TokenReceipt(0, bytes(32)))),
        replace(right, receipt=referendum.registrars[2].write(TokenReceipt(0, asked.hash))),
        TokenReceipt(0, asked.hash),
    ]
    for payload in strange:
        with pytest.raises(VerificationError):
            response.read_response(referendum.setting, asked, registrar.write(payload))
    with pytest.raises(VerificationError):
        response.read_response(referendum.setting, asked, referendum.registrars[2].write(right))
    assert response.read_response(referendum.setting, asked, registrar.write(right)) == right


def test_another_request_of_the_voter_is_shown_to_who_comes_too_late(referendum) -> None:
    openings = referendum.openings()
    thief = referendum.ask(referendum.draft(), openings)
    assert isinstance(referendum.responses(thief)[1], TokenResponse)
    late = referendum.ask(referendum.draft(), openings)
    refusal = referendum.responses(late)[1]
    assert isinstance(refusal, Refusal)
    assert (refusal.reason, refusal.evidence) == ("issued", thief[1].message)


# Decoys beyond a voter's own


def test_a_trustee_asks_for_more_decoys_than_it_has_cards(referendum) -> None:
    trustee, draft = referendum.keys.trustees[0], referendum.draft(2, counts=None)
    asked = token.ask_decoys(referendum.setting, 1, draft, 9, trustee, referendum.seed())
    given = response.read_response(referendum.setting, asked, referendum.registrars[1].give(asked.message))
    [found] = response.tokens(referendum.setting, [asked], [given])
    assert (sorted(found), len(asked.blinded)) == ([0, 1], 32 * 9)
    with pytest.raises(FormatError):
        token.ask_decoys(referendum.setting, 1, referendum.draft(3), 9, trustee, referendum.seed())


def test_a_trustee_passes_on_whose_name_nobody_sees(referendum) -> None:
    trustee, draft = referendum.keys.trustees[0], referendum.draft(4, counts=None)
    asked = token.ask_more(referendum.setting, 1, draft, referendum.seed())
    payload = decode(asked.message, message=True).payload
    passed = token.pass_on(referendum.setting, payload, trustee)
    given = response.read_response(referendum.setting, asked, referendum.registrars[1].give(passed))
    [found] = response.tokens(referendum.setting, [asked], [given])
    assert sorted(found) == [0, 1, 2, 3]
    refused = encode(
        Refusal(decode(asked.message, message=True).body_hash, "limit", "", b""),
        referendum.setting.election,
        trustee.public.raw,
        trustee.sign,
    )
    answer = response.read_response(referendum.setting, asked, refused)
    assert isinstance(answer, Refusal)
    other = encode(
        Refusal(bytes(32), "limit", "", b""), referendum.setting.election, trustee.public.raw, trustee.sign
    )
    with pytest.raises(VerificationError):
        response.read_response(referendum.setting, asked, other)


def test_without_decoys_a_voter_gets_the_output_of_one_token() -> None:
    referendum = Referendum(decoys=0)
    messages = referendum.enrol(referendum.draft(1))
    for number, [message] in messages.items():
        answer = referendum.registrars[number].admit(message)
        assert decode(answer, message=True).payload.type_name() == "card-receipt"
