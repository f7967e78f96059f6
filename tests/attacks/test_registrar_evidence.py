"""What registrars sign and do not keep to is evidence that anybody can check, and nothing else is."""

from __future__ import annotations

import hashlib
import json
import random
from dataclasses import replace
from pathlib import Path

import pytest

from psephos.log.client import Client
from psephos.protocol import entries
from psephos.protocol.entries import BatchAnswer, BatchQuery, CardReceipt, Payload, Refusal, TokenReceipt
from psephos.protocol.message import refused_as, request_id
from psephos.simulation.adversary import fork, of_type
from psephos.simulation.referendum import Referendum
from psephos.verifier.evidence import Evidence, NotProven
from psephos.verifier.exhibits import exhibits
from psephos.verifier.run import Verification
from tests.attacks.scenes import ATHENS, PIRAEUS, begun, enrolled, voting
from tests.protocol import enrolling
from tests.verifier.test_verifier import SCHEMAS, conforms

LOST = bytes([7]) * 32


class Enrolling(enrolling.Referendum):
    """Registrars and devices of a referendum with a log."""

    def __init__(self, referendum: Referendum) -> None:
        self.keys, self.definition = referendum.keys, referendum.definition
        self.setting, self.rng = referendum.record.setting, random.Random(3)
        self.registrars = {
            number: enrolling.Registrar(number, self.setting, self.keys, self.seed())
            for number in self.setting.registrars
        }


def signed(referendum: Referendum, registrar: int, payload: Payload) -> bytes:
    return referendum.write(payload, referendum.keys.registrars[registrar - 1])


def proven(referendum: Referendum, directory: Path, **documents: bytes) -> list[str]:
    """What files show under the log, after they went through evidence as others read it."""
    log, shown = Verification(referendum.export(directory)), []
    with Client(directory / "record") as source:
        log.follow(source)
    named = {name.replace("_", "."): data for name, data in documents.items()}
    for _, exhibit in exhibits(named, log.note):
        assert not isinstance(exhibit, Exception)
        document = Evidence.of(exhibit, log, 1_900_000_000, "something").encode()
        conforms(json.loads(document), json.loads((SCHEMAS / "evidence.json").read_text()))
        try:
            shown.append(Evidence.parse(document).proves(log))
        except NotProven:
            continue
    return shown


# -- cards that are left out


def receipts(referendum: Referendum, batch: int = 1, card: bytes = LOST) -> dict[str, bytes]:
    payload = CardReceipt(PIRAEUS, card, LOST, batch)
    return {f"receipt{number}": signed(referendum, number, payload) for number in (1, 2)}


def asked(referendum: Referendum, query: BatchQuery, admitted: bytes = b"") -> dict[str, bytes]:
    """The lead's question and the other's answer."""
    question = signed(referendum, 1, query)
    answer = BatchAnswer(request_id(question, message=True), query.region, query.batch, admitted)
    return {"query": question, "answer": signed(referendum, 2, answer)}


def test_a_card_that_is_left_out_accuses_the_first_registrar(tmp_path: Path) -> None:
    referendum = enrolled()
    (shown,) = proven(referendum, tmp_path, **receipts(referendum))
    assert shown.startswith("registrar 1 left out card")


def test_a_card_that_another_denies_after_its_receipt_accuses_that_registrar(tmp_path: Path) -> None:
    referendum = enrolled()
    for name, query in {
        "last": BatchQuery(PIRAEUS, 1, 1, LOST),
        "a later batch": BatchQuery(PIRAEUS, 2, 0, LOST),
    }.items():
        documents = receipts(referendum) | asked(referendum, query)
        (shown,) = proven(referendum, tmp_path / name, **documents)
        assert shown.startswith("registrar 2 left out card"), name


def test_an_answer_from_before_the_receipt_frames_nobody(tmp_path: Path) -> None:
    """The first registrar asks early, and leaves out what the others admit afterwards."""
    referendum = enrolled()
    harmless = {
        "before": asked(referendum, BatchQuery(PIRAEUS, 1, 0, LOST)),
        "another region": asked(referendum, BatchQuery(ATHENS, 1, 1, LOST)),
        "another record": asked(referendum, BatchQuery(PIRAEUS, 1, 1, bytes(32))),
        "admitted": asked(referendum, BatchQuery(PIRAEUS, 1, 1, LOST), LOST),
    }
    forged = asked(referendum, BatchQuery(PIRAEUS, 1, 1, LOST))
    answer = entries.decode(forged["answer"], message=True).payload
    harmless["by the first itself"] = forged | {"answer": signed(referendum, 1, answer)}
    for name, documents in harmless.items():
        (shown,) = proven(referendum, tmp_path / name, **receipts(referendum), **documents)
        assert shown.startswith("registrar 1 left out card"), name


def test_receipts_that_prove_nothing(tmp_path: Path) -> None:
    referendum = enrolled()
    card = referendum.cards[PIRAEUS][0].key
    record = referendum.record.rosters[PIRAEUS].record(card)
    assert record is not None
    own = CardReceipt(PIRAEUS, card, hashlib.sha256(record).digest(), 1)
    batch = of_type(referendum, entries.Batch)[0]
    early = fork(referendum, referendum.logged[:batch])
    one = receipts(referendum)["receipt1"]
    assert (
        proven(referendum, tmp_path / "in", r1=signed(referendum, 1, own), r2=signed(referendum, 2, own))
        == []
    )
    assert proven(referendum, tmp_path / "one", r=one) == []
    assert proven(early, tmp_path / "early", **receipts(early)) == []
    other = signed(referendum, 2, CardReceipt(PIRAEUS, LOST, bytes(32), 1))
    assert proven(referendum, tmp_path / "two", r1=one, r2=other) == []


# -- tokens


def test_a_voter_who_got_tokens_and_is_not_listed(tmp_path: Path) -> None:
    """Not before the region opens: until then the list may grow."""
    hashes = {"listed": voting().roll_hashes(PIRAEUS, 3, 2)[:32], "unlisted": LOST}
    for name, accused in {"listed": [], "unlisted": ["registrar 2"]}.items():
        receipt = TokenReceipt(PIRAEUS, hashes[name])
        referendum = voting()
        shown = proven(referendum, tmp_path / name, receipt=signed(referendum, 2, receipt))
        assert [one[:11] for one in shown] == accused
    early = enrolled()
    assert proven(early, tmp_path / "early", receipt=signed(early, 2, TokenReceipt(PIRAEUS, LOST))) == []


def test_tokens_of_other_keys_are_evidence_and_right_ones_are_not(tmp_path: Path) -> None:
    referendum = begun()
    devices = Enrolling(referendum)
    asked = devices.ask(devices.draft(), devices.openings())[2]
    right = devices.registrars[2].give(asked.message)
    response = entries.decode(right, message=True).payload
    assert isinstance(response, entries.TokenResponse)
    swapped = replace(response, decoys=response.decoys[32:] + response.decoys[:32])
    wrong = {
        "an element": replace(response, voter_evaluated=response.decoys[:32]),
        "two in another order": swapped,
        "a proof": replace(response, decoy_proof=bytes(96)),
        "too few": replace(response, decoys=response.decoys[32:]),
        "another hash": replace(response, hash=bytes(32)),
    }
    assert proven(referendum, tmp_path / "right", r_response=right, r_entry=asked.message) == []
    for name, payload in wrong.items():
        documents = {"r_response": signed(referendum, 2, payload), "r_entry": asked.message}
        (shown,) = proven(referendum, tmp_path / name, **documents)
        assert shown.startswith("registrar 2 answered a token-request wrongly"), name
    foreign = {"r_response": referendum.write(swapped, referendum.keys.board), "r_entry": asked.message}
    assert proven(referendum, tmp_path / "foreign", **foreign) == []


# -- refused cards


@pytest.mark.parametrize("reason", ["form", "refused", "known", "busy"])
def test_a_right_admission_that_is_refused_is_evidence(reason: str, tmp_path: Path) -> None:
    """`refused` once the region's secrets are there; a word that there is not is no reason at all."""
    referendum = enrolled()
    devices = Enrolling(referendum)
    message = devices.enrol(devices.draft())[2][0]
    refusal = devices.registrars[2].refuse(message, reason)
    documents = {"r_refusal": refusal, "r_entry": message}
    (shown,) = proven(referendum, tmp_path / "shown", **documents)
    assert shown == f"registrar 2 refused an admission with {reason}, which is false"
    early = begun()
    assert len(proven(early, tmp_path / "early", **documents)) == (reason != "refused")


def test_right_refusals_of_admissions_accuse_nobody(tmp_path: Path) -> None:
    referendum = enrolled()
    devices = Enrolling(referendum)
    message, other = devices.enrol(devices.draft())[2][:2]
    wrong = message[:-1] + bytes([message[-1] ^ 1])
    registrar = devices.registrars[2]

    def refusal_of(entry: bytes) -> bytes:
        """As an honest registrar gives it: a wrong signature is no word about the body."""
        return registrar.write(Refusal(refused_as(entry, message=True), "refused", "", b""))

    for name, (entry, refusal) in {
        "wrong": (wrong, refusal_of(wrong)),
        "signed rightly later": (message, refusal_of(wrong)),
        "no form": (wrong[:-1], registrar.refuse(wrong[:-1], "form")),
        "closed": (message, registrar.refuse(message, "closed")),
        "by the other": (message, devices.registrars[1].refuse(message, "form")),
        "of another": (message, registrar.refuse(other, "refused")),
    }.items():
        assert proven(referendum, tmp_path / name, r_refusal=refusal, r_entry=entry) == [], name
