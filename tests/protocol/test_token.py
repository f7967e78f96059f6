"""Tokens: asked for blind, answered with a proof, and refused to whom they are not due."""

from __future__ import annotations

from dataclasses import replace

import pytest

from psephos.crypto.token import token_outputs
from psephos.errors import FormatError, VerificationError
from psephos.protocol.enrolment import token
from psephos.protocol.enrolment.token import DECOY, NOBODY, UNSIGNED, VOTER
from psephos.protocol.entry import Refusal, TokenRequest, decode, encode, encode_body, seal
from tests.protocol.enrolling import Referendum, payloads, reasons


@pytest.fixture
def referendum() -> Referendum:
    return Referendum()


@pytest.fixture
def voters(referendum):
    return referendum.openings(5)


@pytest.fixture
def registrar(referendum, voters, tmp_path):
    with referendum.registrar(tmp_path / "registrar", [voters, referendum.openings(2)]) as registrar:
        yield registrar


def ask(referendum, openings, decoys=0, region=0):
    return token.ask(
        referendum.definition,
        referendum.election,
        region,
        openings,
        [decoys] * len(openings),
        referendum.seed(),
    )


def issue(referendum, registrar, *messages):
    return registrar.issue(list(messages), referendum.seed())


def unsigned(referendum, payload: TokenRequest) -> bytes:
    return seal(encode_body(payload, referendum.election, NOBODY), UNSIGNED)


def test_voters_get_a_token_each_and_the_decoys_they_ask_for(referendum, voters, registrar) -> None:
    found = referendum.tokens(registrar, 0, voters, decoys=2)
    assert [[one.kind for one in tokens] for tokens in found] == [[VOTER, DECOY, DECOY]] * 5
    for tokens in found:
        for one in tokens:
            secret = (referendum.keys.decoy_tokens, referendum.keys.voter_tokens)[one.kind][0]
            assert one.output == token_outputs(secret, one.key)
    assert len({one.key for tokens in found for one in tokens}) == 15


def test_tokens_and_requests_show_no_secret(referendum, voters, registrar) -> None:
    requests = ask(referendum, voters[:1])
    responses = issue(referendum, registrar, requests[0].message)
    [[one]] = token.finish(referendum.definition, referendum.election, requests, responses)
    for shown in (repr(one), repr(requests[0]), repr(voters[0])):
        assert one.secret.hex() not in shown
        assert repr(one.secret)[2:-1] not in shown
        assert voters[0].voter not in shown


def test_the_same_request_has_the_same_response_also_after_a_restart(
    referendum, voters, registrar, tmp_path
) -> None:
    [request] = ask(referendum, voters[:1], decoys=1)
    first = issue(referendum, registrar, request.message, request.message)
    assert first[0] == first[1]
    registrar.close()
    with referendum.registrar(tmp_path / "registrar") as again:
        assert issue(referendum, again, request.message) == first[:1]


def test_a_voter_gets_no_second_token(referendum, voters, registrar) -> None:
    first, second, third = (ask(referendum, voters[:1])[0].message for _ in range(3))
    assert reasons(issue(referendum, registrar, first, second)) == ["token-response", "issued"]
    assert reasons(issue(referendum, registrar, third)) == ["issued"]


def test_who_is_not_on_the_roll_of_the_region_gets_none(referendum, voters, registrar) -> None:
    stranger, elsewhere = ask(referendum, referendum.openings(1)), ask(referendum, voters[:1], region=1)
    salted = ask(referendum, [replace(voters[0], salt=bytes(16))])
    messages = [requests[0].message for requests in (stranger, elsewhere, salted)]
    assert reasons(issue(referendum, registrar, *messages)) == ["roll"] * 3


def test_a_refusal_reaches_the_voter(referendum, registrar) -> None:
    requests = ask(referendum, referendum.openings(1))
    responses = issue(referendum, registrar, requests[0].message)
    [refusal] = token.finish(referendum.definition, referendum.election, requests, responses)
    assert isinstance(refusal, Refusal)
    assert refusal.reason == "roll"


@pytest.mark.parametrize(
    "change",
    [
        {"region": 9},
        {"voter_blinded": bytes(32)},
        {"voter_blinded": b"\xff" * 32},
        {"decoys": bytes(33)},
        {"decoys": bytes(32)},
    ],
    ids=str,
)
def test_malformed_requests_are_refused(referendum, voters, registrar, change) -> None:
    [request] = ask(referendum, voters[:1], decoys=1)
    payload = decode(request.message, message=True).payload
    assert reasons(issue(referendum, registrar, unsigned(referendum, replace(payload, **change)))) == ["form"]


def test_nine_decoys_are_too_many(referendum, voters, registrar) -> None:
    with pytest.raises(FormatError):
        ask(referendum, voters[:1], decoys=9)
    [request] = ask(referendum, voters[:1], decoys=8)
    payload = decode(request.message, message=True).payload
    more = replace(payload, decoys=payload.decoys + payload.voter_blinded)
    answers = issue(referendum, registrar, unsigned(referendum, more), request.message)
    assert reasons(answers) == ["form", "token-response"]


def test_bytes_that_are_no_request_are_refused(referendum, voters, registrar) -> None:
    [request] = ask(referendum, voters[:1])
    payload = decode(request.message, message=True).payload
    foreign = seal(encode_body(payload, bytes(32), NOBODY), UNSIGNED)
    signed = seal(encode_body(payload, referendum.election, NOBODY), bytes([1]) * 64)
    response = issue(referendum, registrar, request.message)[0]
    answers = issue(referendum, registrar, b"", b"\x85", foreign, signed, response)
    assert reasons(answers) == ["form"] * 5


def test_trustees_get_as_many_decoys_as_they_ask_for(referendum, registrar) -> None:
    trustee = referendum.keys.trustees[1]
    requests = token.ask_decoys(referendum.election, 1, 2_003, trustee, referendum.seed())
    responses = registrar.issue([request.message for request in requests], referendum.seed())
    found = token.finish(referendum.definition, referendum.election, requests, responses)
    assert [len(tokens) for tokens in found] == [2_000, 3]
    assert {(one.kind, one.region) for tokens in found for one in tokens} == {(DECOY, 1)}
    assert reasons(registrar.issue([requests[1].message], referendum.seed())) == ["token-response"]


def test_only_trustees_ask_for_decoys_alone(referendum, registrar) -> None:
    trustee, organiser = referendum.keys.trustees[0], referendum.keys.organiser
    [stranger] = token.ask_decoys(referendum.election, 0, 1, organiser, referendum.seed())
    [request] = token.ask_decoys(referendum.election, 0, 1, trustee, referendum.seed())
    forged = request.message[:-64] + bytes(64)
    payload = decode(request.message, message=True).payload

    def by_trustee(**change) -> bytes:
        changed = replace(payload, **change)
        return encode(changed, referendum.election, trustee.public.raw, trustee.sign)

    messages = [stranger.message, forged, by_trustee(voter="x"), by_trustee(salt=b"1" * 16)]
    messages += [by_trustee(decoys=b""), by_trustee(voter_blinded=payload.decoys)]
    answers = issue(referendum, registrar, *messages)
    assert reasons(answers) == ["author", "author", "form", "form", "form", "form"]


def test_wrong_responses_are_the_registrars_fault(referendum, voters, registrar) -> None:
    requests = ask(referendum, voters[:2], decoys=1)
    responses = issue(referendum, registrar, *(request.message for request in requests))
    payload = payloads(responses)[0]

    def finish(response: bytes):
        return token.finish(referendum.definition, referendum.election, requests[:1], [response])

    def signed(key=referendum.keys.registrar, election=referendum.election, **change) -> bytes:
        return encode(replace(payload, **change), election, key.public.raw, key.sign)

    assert finish(signed())
    mine = referendum.keys.board
    wrong = [
        responses[1],
        responses[0][:-1] + bytes([responses[0][-1] ^ 1]),
        signed(key=mine),
        signed(election=bytes(32)),
        signed(region=1),
        signed(decoys=b""),
        signed(voter_evaluated=payload.decoys),
        signed(decoy_proof=payload.voter_proof),
        signed(decoy_proof=b""),
        signed(voter_proof=bytes(96)),
        signed(voter_proof=payload.decoy_proof),
    ]
    for response in wrong:
        with pytest.raises(VerificationError):
            finish(response)


def test_a_refusal_of_another_request_is_no_answer(referendum, registrar) -> None:
    one, other = ask(referendum, referendum.openings(2))
    refusals = issue(referendum, registrar, one.message, other.message)
    with pytest.raises(VerificationError, match="another request"):
        token.finish(referendum.definition, referendum.election, [one], refusals[1:])


def test_without_decoys_there_are_no_decoy_tokens(tmp_path) -> None:
    plain = Referendum(cards=1)
    voters = plain.openings(2)
    with plain.registrar(tmp_path / "registrar", [voters]) as registrar:
        assert [len(tokens) for tokens in plain.tokens(registrar, 0, voters[:1])] == [1]
        with pytest.raises(FormatError):
            ask(plain, voters, decoys=1)
        [cover] = token.ask_decoys(plain.election, 0, 1, plain.keys.trustees[0], plain.seed())
        [request] = ask(plain, voters[1:])
        payload = decode(request.message, message=True).payload
        decoy = unsigned(plain, replace(payload, decoys=payload.voter_blinded))
        assert reasons(issue(plain, registrar, cover.message, decoy)) == ["form", "form"]


def test_requests_answered_together_are_answered_as_each_would_be_alone(
    referendum, voters, registrar, tmp_path
) -> None:
    of_one = [ask(referendum, voters[:1], decoys)[0].message for decoys in (0, 2)]
    of_others = [request.message for request in ask(referendum, voters[1:4], 3)]
    messages = [of_others[0], of_one[0], b"nothing", of_one[1], of_others[0], *of_others]
    seed = referendum.seed()
    with referendum.registrar(tmp_path / "another", [voters]) as another:
        alone = [another.issue([message], seed)[0] for message in messages]
    assert registrar.issue(messages, seed) == alone
    assert reasons(alone)[1:4] == ["token-response", "form", "issued"]
