"""Tokens: once for each hash, after the log counts them; a registrar that was restored gives none twice."""

from __future__ import annotations

import shutil
from dataclasses import replace

import pytest

from psephos.crypto.signature import SigningKey
from psephos.errors import FormatError, PhaseError, VerificationError
from psephos.protocol.enrolment import response
from psephos.protocol.enrolment.ready import ask_ready, read_ready
from psephos.protocol.enrolment.response import read_token_receipt
from psephos.protocol.enrolment.token import NOBODY, UNSIGNED, ask_decoys
from psephos.protocol.entries import (
    Given,
    Ready,
    ReadyRequest,
    Refusal,
    TokenRequest,
    TokenResponse,
    decode,
    encode,
    encode_body,
    seal,
)
from psephos.registrar import issuance
from psephos.registrar.token_secrets import TokenSecrets
from tests.registrar.registering import Town, payloads


@pytest.fixture
def town(tmp_path):
    made = Town(tmp_path)
    yield made
    made.close()


def reasons(answers) -> list[str]:
    return [payload.reason for payload in payloads(answers)]


def as_nobody(town, payload) -> bytes:
    return seal(encode_body(payload, town.setting.election, NOBODY), UNSIGNED)


def test_responses_leave_once_the_log_counts_them_and_are_the_same_again(town) -> None:
    asked = town.ask_tokens(town.voters[0], town.draft())[1]
    assert town.give(1, asked.message) == [None]
    town.restart(1)
    assert town.give(1, asked.message) == [None]
    assert [payload.count for payload in town.one(1) if isinstance(payload, Given)] == [1]
    first = town.give(1, asked.message)
    town.restart(1)
    assert town.give(1, asked.message, asked.message) == first * 2
    given = response.read_response(town.setting, asked, first[0])
    assert isinstance(given, TokenResponse)
    name = town.voters[0].openings[1].hash(town.definition.hash, 1, 0)
    assert read_token_receipt(town.setting, 1, 0, name, given.receipt).hash == name


def test_many_who_ask_at_once_are_counted_together(town) -> None:
    asked = [town.ask_tokens(voter, town.draft())[2] for voter in town.voters]
    assert town.give(2, *(one.message for one in asked)) == [None] * 6
    assert [payload.count for payload in town.turn() if isinstance(payload, Given)] == [6]
    answers = town.give(2, *(one.message for one in asked))
    responses = [
        response.read_response(town.setting, one, answer) for one, answer in zip(asked, answers, strict=True)
    ]
    assert all(len(tokens) == 2 for tokens in response.tokens(town.setting, asked, responses))


def test_another_request_of_the_same_voter_is_refused_with_the_first(town) -> None:
    voter = town.voters[0]
    first, second = (town.ask_tokens(voter, town.draft())[1].message for _ in range(2))
    answers = town.give(1, first, second)
    assert answers[0] is None
    [refusal] = payloads(answers[1:])
    assert (refusal.reason, refusal.evidence) == ("issued", first)
    town.turn()
    assert reasons(town.give(1, second)) == ["issued"]


def test_ready_is_said_to_whom_tokens_would_be_given(town) -> None:
    opening, other = (voter.openings[1] for voter in town.voters[:2])
    request = ask_ready(town.setting, 0, opening)
    assert len(request) == 2048
    [answer] = town.give(1, request)
    assert isinstance(read_ready(town.setting, 1, 0, opening, answer), Ready)
    assert reasons(town.give(2, request)) == ["roll"]
    town.give(1, town.ask_tokens(town.voters[1], town.draft())[1].message)
    assert reasons(town.give(1, ask_ready(town.setting, 0, other))) == ["issued"]
    town.held.now = town.definition.regions[0].closes
    assert reasons(town.give(1, request)) == ["closed"]


def test_a_request_is_refused_with_the_first_thing_that_is_wrong(town) -> None:
    message = town.ask_tokens(town.voters[0], town.draft())[1].message
    right = decode(message, message=True).payload
    strange = replace(right, voter="nobody here")
    forms = [
        b"no message",
        as_nobody(town, replace(strange, region=9)),
        as_nobody(town, replace(strange, decoys=strange.decoys[32:])),
        as_nobody(town, replace(strange, voter_blinded=bytes(32))),
        as_nobody(town, replace(strange, decoys=b"\xff" * 128)),
        as_nobody(town, replace(strange, padding=b"\1")),
        seal(encode_body(right, town.setting.election, NOBODY), bytes([1]) * 64),
        as_nobody(town, ReadyRequest(0, bytes(16), "nobody", b"\1")),
        seal(encode_body(right, bytes(32), NOBODY), UNSIGNED),
    ]
    assert reasons(town.give(1, *forms)) == ["form"] * len(forms)
    town.held.now = town.definition.regions[0].closes - 1
    assert reasons(town.give(1, as_nobody(town, strange))) == ["roll"]
    town.held.now += 1
    assert reasons(town.give(1, as_nobody(town, strange), message)) == ["closed"] * 2
    assert reasons(town.give(1, *forms[:1])) == ["form"]


def test_an_answered_request_is_answered_as_it_was_after_the_close(town) -> None:
    message = town.ask_tokens(town.voters[0], town.draft())[1].message
    town.give(1, message)
    town.shut()
    assert town.give(1, message) == [None]
    town.turn()
    [answer] = town.give(1, message)
    assert isinstance(payloads([answer])[0], TokenResponse)


# -- trustees


def test_trustees_are_given_decoy_tokens_at_once_and_alone(town) -> None:
    trustee = town.held.keys.trustees[0]
    asked = ask_decoys(town.setting, 1, town.draft(cards=3, counts=None), 20, trustee, town.rng.randbytes(32))
    [answer] = town.give(1, asked.message)
    given = response.read_response(town.setting, asked, answer)
    assert [len(tokens) for tokens in response.tokens(town.setting, [asked], [given])] == [3]
    assert not [payload for payload in town.turn() if isinstance(payload, Given)]
    assert town.give(1, asked.message) == [answer]


def test_nobody_else_is_given_decoy_tokens_alone(town) -> None:
    somebody = SigningKey(bytes([5]) * 32)
    asked = ask_decoys(town.setting, 1, town.draft(cards=3, counts=None), 4, somebody, town.rng.randbytes(32))
    trustee = town.held.keys.trustees[0].public.raw
    payload = decode(asked.message, message=True).payload
    forged = encode(payload, town.setting.election, trustee, somebody.sign)
    assert reasons(town.give(1, asked.message, forged)) == ["author", "author"]
    of_voter = replace(payload, voter="somebody")
    signed = encode(of_voter, town.setting.election, trustee, town.held.keys.trustees[0].sign)
    assert reasons(town.give(1, signed)) == ["form"]


def test_a_trustee_is_given_so_many_in_a_region_and_no_more(town, monkeypatch) -> None:
    monkeypatch.setattr(issuance, "MOST_OF_A_TRUSTEE", 30)
    for trustee in town.held.keys.trustees[:2]:
        drafts = [town.draft(cards=3, counts=None) for _ in range(2)]
        messages = [
            ask_decoys(town.setting, 1, draft, 20, trustee, town.rng.randbytes(32)).message
            for draft in drafts
        ]
        first, second = town.give(1, *messages)
        assert isinstance(payloads([first])[0], TokenResponse)
        assert reasons([second]) == ["limit"]
        assert town.give(1, messages[0]) == [first]


# -- restored from an older copy


def copied(town, number: int):
    """A registrar's state as it is now."""
    town.registrars[number].close()
    copy = town.path / "copy"
    shutil.copy(town.path / f"registrar-{number}", copy)
    town.registrars[number] = town.open(number)
    town.registrars[number].follow(town.held.record)
    return copy


def restored(town, number: int, copy):
    town.registrars[number].close()
    shutil.copy(copy, town.path / f"registrar-{number}")
    town.registrars[number] = town.open(number)
    return town.registrars[number]


def test_a_registrar_restored_from_an_older_copy_does_not_start(town) -> None:
    town.enrol(town.voters[0])
    copy = copied(town, 1)
    town.enrol(town.voters[1])
    registrar = restored(town, 1, copy)
    with pytest.raises(PhaseError, match="counts 2 voters who got tokens, and the state has 1"):
        registrar.follow(town.held.record)


def test_a_registrar_restored_from_an_older_copy_does_not_start_with_other_voters(town) -> None:
    copy = copied(town, 1)
    town.enrol(town.voters[0])
    registrar = restored(town, 1, copy)
    other = town.voters[1].openings[1].hash(town.definition.hash, 1, 0)
    with registrar._store.write() as database:
        database.execute("INSERT INTO given (number, region, hash) VALUES (1, 0, ?)", [other])
    with pytest.raises(PhaseError, match="counts other voters"):
        registrar.follow(town.held.record)


def test_token_receipts_rebuild_the_table_and_nobody_gets_tokens_twice(town) -> None:
    copy = copied(town, 1)
    asked = [town.ask_tokens(voter, town.draft())[1] for voter in town.voters[:2]]
    town.give(1, *(one.message for one in asked))
    town.turn()
    receipts = [town.read(one).receipt for one in asked]
    registrar = restored(town, 1, copy)
    assert registrar.recover(receipts[:1], town.setting) == 1
    with pytest.raises(PhaseError, match="counts 2"):
        registrar.follow(town.held.record)
    assert registrar.recover(receipts, town.setting) == 1
    registrar.follow(town.held.record)
    refusals = payloads(town.give(1, *(one.message for one in asked)))
    assert [(refusal.reason, refusal.evidence) for refusal in refusals] == [("issued", b"")] * 2
    assert not [payload for payload in town.turn() if isinstance(payload, Given)]
    town.shut()
    town.turn()
    assert town.held.record.rosters[0].issued_by(1) == 2


def test_a_receipt_of_another_registrar_rebuilds_nothing(town) -> None:
    asked = town.ask_tokens(town.voters[0], town.draft())[2]
    town.give(2, asked.message)
    town.turn()
    receipt = town.read(asked).receipt
    with pytest.raises(FormatError, match="not a token receipt of this registrar"):
        town.registrars[1].recover([receipt], town.setting)
    forged = receipt[:-1] + bytes([receipt[-1] ^ 1])
    with pytest.raises(VerificationError):
        town.registrars[2].recover([forged], town.setting)


# -- secrets


def test_secrets_are_of_one_definition_and_refused_to_another(town, tmp_path_factory) -> None:
    keys = town.path / "keys-1"
    assert [path.name for path in keys.iterdir()] == ["token-secrets.age"]
    other = Town(tmp_path_factory.mktemp("other"), min_region=4)
    other.registrars[1].close()
    shutil.copy(keys / "token-secrets.age", other.path / "keys-1")
    other.lock = town.lock
    with pytest.raises(FormatError, match="drawn for another definition"):
        other.open(1)
    for registrar in list(other.registrars.values())[1:]:
        registrar.close()


def test_all_secrets_of_all_regions_kinds_and_definitions_differ(tmp_path) -> None:
    towns = [
        Town(tmp_path / name, regions=("a", "b"), voters=1, tolerance=at) for at, name in enumerate("xy")
    ]
    scalars = [
        secrets.of_kind(region, kind)
        for town in towns
        for secrets in (registrar.secrets for registrar in town.registrars.values())
        for region in (0, 1)
        for kind in (0, 1)
    ]
    assert len(set(scalars)) == 16
    for town in towns:
        town.close()


def test_a_home_without_the_keys_that_were_logged_does_not_start(town) -> None:
    town.registrars[1].close()
    (town.path / "keys-1" / "token-secrets.age").unlink()
    registrar = town.open(1)
    with pytest.raises(PhaseError, match="not those of this home"):
        registrar.follow(town.held.record)
    registrar.close()
    town.registrars.pop(1)


def test_secrets_show_in_no_repr(town) -> None:
    secrets: TokenSecrets = town.registrars[1].secrets
    shown = repr(secrets)
    assert not any(
        piece.hex() in shown or repr(piece)[2:-1] in shown for piece in (secrets.gateway, secrets.scalars)
    )


def test_a_refused_request_says_what_it_refuses(town) -> None:
    [refusal] = payloads(town.give(1, b"no message"))
    assert isinstance(refusal, Refusal)
    assert len(refusal.detail) <= 200
    [refusal] = payloads(
        town.give(1, as_nobody(town, TokenRequest(0, bytes(16), "x", bytes(32), bytes(128), b"")))
    )
    assert refusal.reason == "form"
