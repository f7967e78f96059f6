"""Admissions: each card, to each registrar, once; what is wrong is refused in one order."""

from __future__ import annotations

from dataclasses import replace
from hashlib import sha256

import pytest

from psephos.crypto.card import derive_cards
from psephos.crypto.column import rows
from psephos.crypto.schnorr import check_signatures, sign
from psephos.errors import VerificationError
from psephos.protocol.enrolment import admission
from psephos.protocol.enrolment.evidence import is_false_refusal
from psephos.protocol.enrolment.presentation import read_receipt
from psephos.protocol.entries import Admission, CardReceipt, Refusal, decode, encode_body, seal
from tests.protocol.enrolling import Referendum, reasons


@pytest.fixture(scope="module")
def referendum() -> Referendum:
    return Referendum()


class Enrolled:
    """The messages of a voter's three cards, of which the middle one counts."""

    def __init__(self, referendum: Referendum, region: int = 0) -> None:
        self.referendum = referendum
        self.draft = referendum.draft(3, counts=1, region=region)
        self.secrets = rows(self.draft.secrets, 16)
        self.messages = referendum.enrol(self.draft)

    def changed(self, card: int = 0, signer: int | None = None, **change) -> bytes:
        """A message to registrar 1 with another payload, signed by a card."""
        payload = decode(self.messages[1][card], message=True).payload
        setting = self.referendum.setting
        scalar, key = derive_cards(
            setting.election, self.draft.region, self.secrets[card if signer is None else signer]
        )
        body = encode_body(replace(payload, **change), setting.election, key)
        return seal(body, sign("admission", sha256(body).digest(), scalar, self.referendum.seed()))


@pytest.fixture
def enrolled(referendum) -> Enrolled:
    return Enrolled(referendum)


def test_every_registrar_admits_every_card_and_says_so_again(referendum, enrolled) -> None:
    for number, messages in enrolled.messages.items():
        for message, record in zip(messages, rows(enrolled.draft.records, 384), strict=True):
            first, again = (referendum.registrars[number].admit(message) for _ in range(2))
            assert first == again
            receipt = read_receipt(referendum.setting, message, first)
            assert receipt == CardReceipt(0, record[:32], sha256(record).digest(), 1)


def test_a_message_has_448_bytes_of_proof_token_and_signature_beside_its_record(enrolled) -> None:
    for message in enrolled.messages[1]:
        payload = decode(message, message=True).payload
        assert isinstance(payload, Admission)
        assert (len(payload.record), len(payload.token) + len(payload.proof) + 64) == (384, 448)
    assert len({len(message) for messages in enrolled.messages.values() for message in messages}) == 1


def test_a_receipt_of_another_card_or_registrar_is_refused(referendum, enrolled) -> None:
    first, second, _ = enrolled.messages[1]
    receipts = [referendum.registrars[1].admit(message) for message in (first, second)]
    with pytest.raises(VerificationError, match="another card's") as refused:
        read_receipt(referendum.setting, first, receipts[1])
    assert refused.value.culprit == "registrar 1"
    other = referendum.registrars[2].write(decode(receipts[0], message=True).payload)
    with pytest.raises(VerificationError):
        read_receipt(referendum.setting, first, other)


def test_what_has_another_form_is_refused_as_that(referendum, enrolled) -> None:
    payload = decode(enrolled.messages[1][0], message=True).payload
    wrong = [
        enrolled.messages[2][0],
        enrolled.changed(region=2),
        enrolled.changed(record=payload.record[:-1]),
        enrolled.changed(token=payload.token + bytes(1)),
        enrolled.changed(proof=b""),
        enrolled.changed(token=b"\xff" * 96),
        enrolled.changed(proof=payload.proof[:160] + b"\xff" * 128),
        enrolled.changed(record=payload.record[:352] + b"\xff" * 32),
        enrolled.changed(signer=1),
        b"no message",
        enrolled.messages[1][0][:-1],
    ]
    assert set(reasons([referendum.registrars[1].admit(message) for message in wrong])) == {"form"}


def test_what_does_not_hold_is_refused_without_a_reason(referendum, enrolled) -> None:
    own, other = (decode(message, message=True).payload for message in enrolled.messages[1][:2])
    elsewhere = decode(enrolled.messages[2][0], message=True).payload
    wrong = [
        enrolled.messages[1][0][:-1] + bytes([enrolled.messages[1][0][-1] ^ 1]),
        enrolled.changed(token=other.token),
        enrolled.changed(proof=other.proof),
        enrolled.changed(token=elsewhere.token, proof=elsewhere.proof),
        enrolled.changed(token=own.token[:32] + bytes(64)),
        enrolled.changed(token=bytes(96)),
        enrolled.changed(region=1),
        enrolled.changed(record=own.record[:32] + other.record[32:]),
    ]
    answers = [referendum.registrars[1].admit(message) for message in wrong]
    assert set(reasons(answers)) == {"refused"}
    assert len({decode(answer, message=True).payload.detail for answer in answers}) == 1


def test_a_decoy_token_never_admits_a_card_that_counts(referendum) -> None:
    draft = referendum.draft(2, counts=0)
    asked = referendum.ask(draft, referendum.openings())
    swapped = {
        number: replace(one, cards=tuple({0: 1, 1: 0}.get(card, card) for card in one.cards))
        for number, one in asked.items()
    }
    messages = referendum.admissions(draft, swapped, referendum.responses(asked))
    for number, own in messages.items():
        answers = [referendum.registrars[number].admit(message) for message in own]
        assert reasons(answers) == ["refused", "refused"]


def test_another_record_of_a_card_is_known_with_what_it_signed(referendum, enrolled) -> None:
    registrar = referendum.registrars[1]
    registrar.admit(enrolled.messages[1][0])
    scalar, key = derive_cards(referendum.setting.election, 0, enrolled.secrets[0])
    record = rows(enrolled.draft.records, 384)[0]
    other = record[:-64] + sign(
        "card-entry",
        admission.card_entry_hash(referendum.setting, 0, record),
        scalar,
        referendum.seed(),
    )
    message = enrolled.changed(record=other)
    refusal = decode(registrar.admit(message), message=True).payload
    assert isinstance(refusal, Refusal)
    assert refusal.reason == "known"
    name, signature = refusal.evidence[:32], refusal.evidence[32:]
    assert check_signatures("card-entry", key, name, signature) == []
    assert not judged(referendum, message, refusal), "whoever signs a card twice frames nobody"


def test_enrolment_that_is_closed_admits_nothing_new(referendum) -> None:
    registrar, enrolled = referendum.registrars[1], Enrolled(referendum, region=1)
    before = registrar.admit(enrolled.messages[1][0])
    registrar.closed = {1}
    assert registrar.admit(enrolled.messages[1][0]) == before
    assert reasons([registrar.admit(enrolled.messages[1][1])]) == ["closed"]
    registrar.closed = set()


# Refusals that are judged


def judged(referendum, message, refusal, shown=True, registrar=1) -> bool:
    secrets = referendum.registrars[registrar].secrets(0) if shown else None
    return is_false_refusal(referendum.setting, registrar, secrets, message, refusal)


def test_whoever_has_the_published_secrets_judges_a_refusal(referendum, enrolled) -> None:
    message = enrolled.messages[1][0]
    name = decode(message, message=True).body_hash
    assert judged(referendum, message, Refusal(name, "refused", "", b""))
    assert not judged(referendum, message, Refusal(name, "refused", "", b""), shown=False)
    assert judged(referendum, message, Refusal(name, "form", "", b""), shown=False)
    assert not judged(referendum, message, Refusal(name, "closed", "", b""))
    assert not judged(referendum, message, Refusal(bytes(32), "refused", "", b""))


def test_right_refusals_are_no_evidence(referendum, enrolled) -> None:
    other = decode(enrolled.messages[1][1], message=True).payload
    for message in (enrolled.changed(token=other.token), enrolled.changed(proof=b""), b"no message"):
        refusal = decode(referendum.registrars[1].admit(message), message=True).payload
        assert not judged(referendum, message, refusal)


def test_a_card_that_is_said_to_be_known_has_signed_another_record(referendum, enrolled) -> None:
    message, record = enrolled.messages[1][0], rows(enrolled.draft.records, 384)[0]
    name = decode(message, message=True).body_hash
    scalar, _ = derive_cards(referendum.setting.election, 0, enrolled.secrets[0])
    own = admission.known(referendum.setting, 0, record).evidence
    another = sign("card-entry", bytes(32), scalar, referendum.seed())
    assert judged(referendum, message, Refusal(name, "known", "", own))
    assert judged(referendum, message, Refusal(name, "known", "", b""))
    assert judged(referendum, message, Refusal(name, "known", "", bytes(96)))
    assert not judged(referendum, message, Refusal(name, "known", "", bytes(32) + another))
