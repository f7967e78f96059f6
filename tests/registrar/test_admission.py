"""Admission: each card once over all regions, refused in one order, and nothing of it told twice."""

from __future__ import annotations

import sqlite3
from contextlib import contextmanager
from dataclasses import replace
from hashlib import sha256

import pytest

from psephos.crypto.card import derive_cards
from psephos.crypto.column import rows
from psephos.crypto.schnorr import check_signatures, sign
from psephos.errors import DatabaseError
from psephos.protocol.enrolment.admission import card_entry_hash
from psephos.protocol.entries import CardReceipt, Refusal, decode, encode_body, seal
from psephos.registrar import admission
from tests.registrar.registering import Town, payloads


@pytest.fixture
def town(tmp_path):
    made = Town(tmp_path, regions=("piraeus", "athens"))
    yield made
    made.close()


@pytest.fixture
def enrolled(town):
    return town.enrol(town.voters[0], 3)


def signed(town, draft, card: int, payload) -> bytes:
    """An admission with another payload, signed by one of a draft's cards."""
    scalar, key = derive_cards(town.setting.election, draft.region, rows(draft.secrets, 16)[card])
    body = encode_body(payload, town.setting.election, key)
    return seal(body, sign("admission", sha256(body).digest(), scalar, town.rng.randbytes(32)))


def words(answers) -> list[str]:
    return [getattr(payload, "reason", payload.type_name()) for payload in payloads(answers)]


def test_a_card_is_admitted_once_and_gets_the_same_receipt_at_any_time(town, enrolled) -> None:
    draft, made = enrolled
    first = town.registrars[1].admit(made[1])
    for message, answer, record in zip(made[1], payloads(first), rows(draft.records, 384), strict=True):
        assert answer == CardReceipt(0, record[:32], sha256(record).digest(), 1)
        assert message
    town.restart(1)
    town.shut()
    town.turn()
    assert town.registrars[1].admit(made[1]) == first
    assert town.registrars[1].admit(made[1] * 2) == first * 2
    assert town.registrars[1].numbers(0).cards == 3


def test_what_comes_twice_in_one_call_is_admitted_once(town, enrolled) -> None:
    _, made = enrolled
    answers = town.registrars[1].admit([made[1][0], made[1][1], made[1][0]])
    assert answers[0] == answers[2]
    assert town.registrars[1].numbers(0).cards == 2


def test_another_record_of_a_card_is_refused_with_what_the_card_signed(town, enrolled) -> None:
    draft, made = enrolled
    first, *_ = rows(draft.records, 384)
    assert words(town.registrars[1].admit(made[1])) == ["card-receipt"] * 3
    payload = decode(made[1][0], message=True).payload
    changed = first[:-32] + bytes([first[-32] ^ 1]) + first[-31:]
    for other in (replace(payload, region=1), replace(payload, record=changed)):
        [refusal] = payloads(town.registrars[1].admit([signed(town, draft, 0, other)]))
        assert isinstance(refusal, Refusal)
        assert refusal.reason == "known"
        name, signature = refusal.evidence[:32], refusal.evidence[32:]
        assert name == card_entry_hash(town.setting, 0, first)
        assert not check_signatures("card-entry", first[:32], name, signature)


def test_admissions_are_refused_with_the_first_thing_that_is_wrong(town, enrolled) -> None:
    draft, made = enrolled
    payload = decode(made[1][0], message=True).payload
    flipped = payload.proof[:-1] + bytes([payload.proof[-1] ^ 1])
    unsigned = made[1][0][:-1] + bytes([made[1][0][-1] ^ 1])
    wrong = {
        b"no message": "form",
        made[2][0]: "form",
        signed(town, draft, 1, payload): "form",
        signed(town, draft, 0, replace(payload, region=7)): "form",
        signed(town, draft, 0, replace(payload, proof=payload.proof[:-1])): "form",
        signed(town, draft, 0, replace(payload, token=b"\xff" * 96)): "form",
        signed(town, draft, 0, replace(payload, proof=payload.proof[:-32] + b"\xff" * 32)): "form",
        unsigned: "refused",
        signed(town, draft, 0, replace(payload, proof=flipped)): "refused",
        signed(town, draft, 0, replace(payload, region=1)): "refused",
        signed(town, draft, 0, replace(payload, token=payload.token[32:] + payload.token[:32])): "refused",
    }
    answers = town.registrars[1].admit(list(wrong))
    assert words(answers) == list(wrong.values())
    refusals = [refusal for refusal in payloads(answers) if refusal.reason == "refused"]
    assert len({refusal.detail for refusal in refusals}) == 1
    assert not any(refusal.evidence for refusal in refusals)
    assert town.registrars[1].numbers(0).cards == 0
    assert words(town.registrars[1].admit([unsigned, made[1][0]])) == ["refused", "card-receipt"]
    assert words(town.registrars[1].admit([unsigned])) == ["refused"]


def test_cards_are_admitted_tolerance_longer_than_tokens_are_given(town, enrolled) -> None:
    _, made = enrolled
    town.held.now = town.definition.regions[0].closes + town.definition.tolerance - 1
    assert words(town.registrars[1].admit(made[1][:1])) == ["card-receipt"]
    town.held.now += 1
    assert words(town.registrars[1].admit(made[1])) == ["card-receipt", "closed", "closed"]


def test_a_region_that_was_shut_stays_shut_whatever_the_clock_says(town, enrolled) -> None:
    _, made = enrolled
    town.shut()
    town.turn()
    town.held.now = town.definition.regions[0].closes - 10
    town.restart(1)
    assert words(town.registrars[1].admit(made[1])) == ["closed"] * 3


def test_a_whole_batch_is_checked_in_one_call(town, monkeypatch) -> None:
    made = [town.enrol(voter, 3)[1][1] for voter in town.voters[:4]]
    calls = []
    check = admission.check_admissions

    def counted(*arguments):
        calls.append(len(arguments[-1]))
        return check(*arguments)

    monkeypatch.setattr(admission, "check_admissions", counted)
    answers = town.registrars[1].admit([message for each in made for message in each])
    assert words(answers) == ["card-receipt"] * 12
    assert calls == [12]


def test_a_card_is_in_the_state_with_its_receipt_or_not_at_all(town, enrolled, monkeypatch) -> None:
    _, made = enrolled
    state = town.registrars[1]._store

    class Broken:
        def __init__(self, database) -> None:
            self.database = database

        def executemany(self, statement, written) -> None:
            self.database.execute(statement, written[0])
            raise sqlite3.OperationalError("disk I/O error")

    with monkeypatch.context() as broken:
        write = state.write

        @contextmanager
        def breaking():
            with write() as database:
                yield Broken(database)

        broken.setattr(state, "write", breaking)
        with pytest.raises(DatabaseError):
            town.registrars[1].admit(made[1])
    town.restart(1)
    assert town.registrars[1].numbers(0).cards == 0
    assert words(town.registrars[1].admit(made[1])) == ["card-receipt"] * 3
