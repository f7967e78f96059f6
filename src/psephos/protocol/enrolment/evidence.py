"""What signed words of a registrar prove against it (`spec/messages.md#batches`, `#false-refusals`).

Signatures of the words are taken as checked, but that of a known record.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from hashlib import sha256

from psephos.crypto.column import rows
from psephos.crypto.schnorr import check_signatures
from psephos.protocol.enrolment.admission import (
    admission_of,
    card_entry_hash,
    check_admissions,
    check_authors,
    decode_admissions,
)
from psephos.protocol.enrolment.roster import LEAD, Roster
from psephos.protocol.enrolment.setting import Setting
from psephos.protocol.entry import BatchAnswer, BatchQuery, CardReceipt, Refusal, decode
from psephos.protocol.message import identity

Answers = Mapping[int, Sequence[tuple[BatchQuery, BatchAnswer]]]
"""What the lead can show of other registrars' answers, by registrar."""


def left_out(roster: Roster, receipts: Mapping[int, CardReceipt], answers: Answers) -> int | None:
    """Which registrar left a card out for which all gave receipts, by registrar; None while none did.

    A card is due in the batch after the highest number that its receipts name, or in the last one.
    """
    words = {(receipt.region, receipt.card, receipt.record) for receipt in receipts.values()}
    if len(receipts) < roster.registrars or len(words) != 1:
        return None
    [(_, card, name)] = words
    if not roster.complete and len(roster.batches) <= max(one.batch for one in receipts.values()):
        return None
    record = roster.record(card)
    if record is not None and sha256(record).digest() == name:
        return None
    for registrar in sorted(answers):
        if any(_lacks(query, said, name) for query, said in answers[registrar]):
            return registrar
    return LEAD


def _lacks(query: BatchQuery, said: BatchAnswer, name: bytes) -> bool:
    return name in rows(query.records, 32) and name not in rows(said.records, 32)


def is_false_refusal(
    setting: Setting, registrar: int, secrets: bytes | None, message: bytes, refusal: Refusal
) -> bool:
    """Whether a registrar refused an admission falsely.

    `secrets` are those of the admission's region, once its `issued` shows them: without them `refused` cannot
    be judged.
    """
    if refusal.request != identity(message):
        return False
    admissions, faults = decode_admissions(setting, registrar, [message])
    if faults:
        return False
    if refusal.reason == "known":
        return not _is_known(setting, message, refusal.evidence)
    if refusal.reason != "refused" or secrets is None:
        return refusal.reason == "form"
    wrong = check_authors(admissions) or check_admissions(setting, registrar, lambda _: secrets, admissions)
    return not wrong


def _is_known(setting: Setting, message: bytes, evidence: bytes) -> bool:
    """Whether evidence shows that the card signed another record than the one that was refused."""
    payload = admission_of(decode(message, message=True))
    name, signature = evidence[:32], evidence[32:]
    if len(signature) != 64 or name == card_entry_hash(setting, payload.region, payload.record):
        return False
    return not check_signatures("card-entry", payload.record[:32], name, signature)
