"""Enrolment by the core and by the reference: each side's devices enrol at the other's registrars."""

from __future__ import annotations

from dataclasses import replace
from hashlib import sha256

import pytest
import registrar as model
from device import Device
from evidence import false_known
from group import scalar
from provers import Stream

from psephos.crypto.card import derive_cards
from psephos.crypto.column import rows
from psephos.crypto.schnorr import sign
from psephos.protocol.enrolment.admission import known
from psephos.protocol.enrolment.evidence import is_false_refusal
from psephos.protocol.enrolment.roll import RollOpening
from psephos.protocol.entries import CardReceipt, Refusal, TokenRequest, decode, encode_body, seal
from tests.protocol.enrolling import Referendum


def models(referendum: Referendum, name: bytes) -> dict[int, model.Registrar]:
    """The reference's registrars with the same keys, and one voter on their rolls of both regions."""
    made = {}
    for number, registrar in referendum.registrars.items():
        pieces = [rows(registrar.secrets(region), 32) for region in (0, 1)]
        secrets = [(scalar(some[0]), scalar(some[-1])) for some in pieces]
        setting = referendum.setting
        made[number] = model.Registrar(
            number, setting.definition.decoys, secrets, [{name}, {name}], setting.election, setting.key
        )
    return made


@pytest.mark.parametrize("decoys", [0, 4])
def test_a_device_of_the_core_enrols_at_registrars_of_the_reference(decoys: int) -> None:
    referendum = Referendum(decoys=decoys)
    draft, name = referendum.draft(3 if decoys else 1, region=1), bytes(32)
    asked = referendum.ask(draft, referendum.openings(1))
    answers = referendum.responses(asked)
    registrars = models(referendum, name)
    for number, one in asked.items():
        given = registrars[number].give(1, name, one.blinded[:32], one.blinded[32:])
        answers[number] = replace(
            answers[number],
            voter_evaluated=given.voter,
            voter_proof=given.voter_proof,
            decoys=given.decoys,
            decoy_proof=given.decoy_proof,
        )
    for number, messages in referendum.admissions(draft, asked, answers).items():
        for message in messages:
            receipt = registrars[number].admit(message)
            own = decode(referendum.registrars[number].admit(message), message=True).payload
            assert own == CardReceipt(1, receipt.card, receipt.record, receipt.batch)


@pytest.mark.parametrize("decoys", [0, 4])
def test_a_device_of_the_reference_enrols_at_registrars_of_the_core(decoys: int) -> None:
    referendum = Referendum(decoys=decoys)
    setting = referendum.setting
    device = Device(setting.election, setting.key, 0, decoys, Stream("a voter"))
    device.make_cards(3 if decoys else 1, 0)
    publics = {number: setting.publics(number, 0) for number in referendum.registrars}
    responses = {}
    for number, opening in referendum.openings().items():
        responses[number] = given(referendum, number, opening, *device.request(number))
    answers = []
    for message in device.make(publics, responses):
        number = decode(message, message=True).payload.registrar
        answers.append(decode(referendum.registrars[number].admit(message), message=True).payload)
    assert len(answers) == len(device.cards) * 2
    assert {type(answer) for answer in answers} == {CardReceipt}


def given(
    referendum: Referendum, number: int, opening: RollOpening, voter: bytes, decoys: bytes
) -> model.Response:
    """What a registrar of the core gives."""
    request = TokenRequest(0, opening.salt, opening.voter, voter, decoys, b"")
    message = seal(encode_body(request, referendum.setting.election, bytes(32)), bytes(64))
    answer = decode(referendum.registrars[number].give(message), message=True).payload
    return model.Response(answer.voter_evaluated, answer.voter_proof, answer.decoys, answer.decoy_proof)


def test_both_refuse_what_belongs_to_another_card() -> None:
    referendum = Referendum()
    draft = referendum.draft()
    messages = referendum.enrol(draft)[1]
    first, second = (decode(message, message=True) for message in messages[:2])
    registrar = models(referendum, bytes(32))[1]
    scalar_of, _ = derive_cards(referendum.setting.election, 0, draft.secrets[:16])
    for change in ({"token": second.payload.token}, {"proof": second.payload.proof}):
        message = signed(referendum, replace(first.payload, **change), first.author, scalar_of)
        with pytest.raises(model.RefusedError, match="refused"):
            registrar.admit(message)
        assert decode(referendum.registrars[1].admit(message), message=True).payload.reason == "refused"


def signed(referendum: Referendum, payload, author: bytes, secret: bytes) -> bytes:
    body = encode_body(payload, referendum.setting.election, author)
    return seal(body, sign("admission", sha256(body).digest(), secret, referendum.seed()))


@pytest.mark.parametrize("decoys", [0, 4])
def test_both_judge_alike_whether_a_card_was_known(decoys: int) -> None:
    """Another record that the card signed is a reason; its own, nothing, and another's signature are none."""
    referendum = Referendum(decoys=decoys)
    draft = referendum.draft(1)
    asked = referendum.ask(draft, referendum.openings())
    [message] = referendum.admissions(draft, asked, referendum.responses(asked))[1]
    entry, judge = decode(message, message=True), models(referendum, bytes(32))[1]
    record = draft.records
    own = known(referendum.setting, 0, record).evidence
    secret, _ = derive_cards(referendum.setting.election, 0, draft.secrets)
    other = bytes(32) + sign("card-entry", bytes(32), secret, referendum.seed())
    again = own[:32] + sign("card-entry", own[:32], secret, referendum.seed())
    moved = known(referendum.setting, 1, record).evidence
    shown = {
        "own": (own, True),
        "nothing": (b"", True),
        "no signature": (own[:32] + other[32:], True),
        "too long": (other + b"\0", True),
        "its own in another region": (moved, True),
        "another": (other, False),
        "its own signed again": (again, False),
    }
    for name, (evidence, false) in shown.items():
        refusal = Refusal(entry.body_hash, "known", "", evidence)
        assert is_false_refusal(referendum.setting, 1, None, message, refusal) == false, name
        assert false_known(judge, message, evidence) == false, name
    assert not false_known(judge, message[:-1], b"")
    assert not is_false_refusal(
        referendum.setting, 1, None, message[:-1], Refusal(sha256(message[:-1]).digest(), "known", "", b"")
    )
