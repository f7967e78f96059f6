"""What signed words of a registrar prove against it: spec/messages.md#batches, #false-refusals.

Signatures of the words are taken as checked.
"""

from __future__ import annotations

from dataclasses import dataclass

import batch
import labels
import proofs
from entries import Entry
from group import scalar
from registrar import Receipt, RefusedError, Registrar
from state import State

WORDS = ("form", "refused", "known", "closed")  # with which admissions are refused


@dataclass(frozen=True)
class Answer:
    """A batch-answer beside the batch-query that it answers: hashes of records."""

    batch: int
    last: int
    asked: set[bytes]
    admitted: set[bytes]


def left_out(state: State, number: int, receipts: list[Receipt], answers: dict[int, Answer]) -> str:
    """Who left a card out of the batches for which all registrars gave receipts, in order, or nothing.

    `answers` are those that the lead can show, by registrar.
    """
    region, first = state.regions[number], receipts[0]
    cards = {(receipt.card, receipt.record) for receipt in receipts}
    if len(receipts) < len(state.definition.registrars) or len(cards) > 1:
        return ""
    due = region.last or region.batches > max(receipt.batch for receipt in receipts)
    if not due or region.records.get(first.card) == first.record:
        return ""
    for registrar, answer in sorted(answers.items()):
        after = answer.last == 1 or answer.batch > receipts[registrar - 1].batch
        if after and first.record in answer.asked - answer.admitted:
            return f"registrar {registrar}"
    return "registrar 1"


def false_refusal(state: State, issued: Entry, message: bytes, word: str, shown: bytes = b"") -> bool:
    """Whether an admission was refused falsely, for whoever knows the secrets that an `issued` shows.

    `shown` is the refusal's evidence.
    """
    registrar = state.registrar(issued)
    secrets = [scalar(piece) for piece in proofs.split(issued["secrets"])]
    v, d = secrets[0], secrets[-1]
    regions = len(state.regions)
    election, joint, decoys = state.ceremony.election, state.ceremony.joint, state.definition.decoys
    judge = Registrar(registrar, decoys, [(v, d)] * regions, [set()] * regions, election, joint)
    if word == "known":
        return false_known(judge, message, shown)
    without_reason = word == "form" or word not in WORDS
    try:
        judge.admit(message)
    except RefusedError as error:
        return error.word != "form" and without_reason
    return without_reason or word == "refused"


def false_known(judge: Registrar, message: bytes, shown: bytes) -> bool:
    """Whether what a refusal `known` shows is not another record that the card has signed.

    `judge` needs no secrets.
    """
    try:
        region, record, *_ = judge.parse(message)
    except RefusedError:
        return False
    claim = labels.CARD_ENTRY, record[:32], shown[:32], shown[32:]
    if len(shown) != 96 or shown == judge.signed_by_card(region, record):
        return True
    return bool(batch.failures(proofs.signature, [claim]))
