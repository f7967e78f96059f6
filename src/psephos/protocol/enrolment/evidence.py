"""What signed words of a registrar prove against it (`spec/messages.md#batches`, `#false-refusals`).

Signatures of the words are taken as checked, but that of a known record.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from hashlib import sha256

from psephos.crypto.column import rows
from psephos.crypto.group import check_points
from psephos.crypto.schnorr import check_signatures
from psephos.protocol.enrolment.admission import (
    admission_of,
    card_entry_hash,
    check_admissions,
    check_authors,
    decode_admissions,
)
from psephos.protocol.enrolment.response import holds
from psephos.protocol.enrolment.roll import RollOpening
from psephos.protocol.enrolment.roster import LEAD, Roster
from psephos.protocol.enrolment.setting import Setting
from psephos.protocol.enrolment.token import NOBODY, PendingTokens
from psephos.protocol.entries import (
    BatchAnswer,
    BatchQuery,
    CardReceipt,
    Refusal,
    TokenRequest,
    TokenResponse,
    decode,
)
from psephos.protocol.message import request_id

Answers = Mapping[int, Sequence[tuple[BatchQuery, BatchAnswer]]]
"""What the lead can show of other registrars' answers, by registrar."""
ONE = bytes([1]) + bytes(31)
"""The scalar that blinds nothing."""
WORDS = ("form", "refused", "known", "closed")
"""With which admissions are refused."""


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
        if any(_denies(query, said, receipts[registrar]) for query, said in answers[registrar]):
            return registrar
    return LEAD


def _denies(query: BatchQuery, said: BatchAnswer, receipt: CardReceipt) -> bool:
    """Whether an answer that came after a receipt lacks its card."""
    after = query.last == 1 or query.batch > receipt.batch
    asked = receipt.record in rows(query.records, 32)
    return query.region == receipt.region and after and asked and receipt.record not in rows(said.records, 32)


def is_false_refusal(
    setting: Setting, registrar: int, secrets: bytes | None, message: bytes, refusal: Refusal
) -> bool:
    """Whether a registrar refused an admission falsely.

    `secrets` are those of the admission's region, once its `issued` shows them: without them `refused` cannot
    be judged.
    """
    if refusal.request != request_id(message, message=True):
        return False
    admissions, faults = decode_admissions(setting, registrar, [message])
    if faults:
        return False
    if refusal.reason == "known":
        return not _is_known(setting, message, refusal.evidence)
    if refusal.reason != "refused":
        return refusal.reason == "form" or refusal.reason not in WORDS
    if secrets is None:
        return False
    wrong = check_authors(admissions) or check_admissions(setting, registrar, lambda _: secrets, admissions)
    return not wrong


def _is_known(setting: Setting, message: bytes, evidence: bytes) -> bool:
    """Whether evidence shows that the card signed another record than the one that was refused.

    Two records may differ in their signature alone, for a card can sign one hash twice.
    """
    payload = admission_of(decode(message, message=True))
    name, signature = evidence[:32], evidence[32:]
    own = card_entry_hash(setting, payload.region, payload.record) + payload.record[-64:]
    if len(signature) != 64 or evidence == own:
        return False
    return not check_signatures("card-entry", payload.record[:32], name, signature)


def evaluates_wrongly(
    setting: Setting, registrar: int, request: TokenRequest, response: TokenResponse
) -> str:
    """What is wrong with a registrar's response to the request that it names; empty where nothing is.

    A request that is not in form shows nothing: whoever wrote it may have made it so that nothing fits it.
    """
    asked = _asked(setting, registrar, request)
    if asked is None:
        return ""
    if (response.region, response.hash) != (asked.region, asked.hash):
        return "it is for another region or hash"
    if len(response.decoys) != len(request.decoys):
        return "it has another number of elements"
    return "" if holds(setting, asked, response) else "a proof of evaluation does not hold"


def _asked(setting: Setting, registrar: int, request: TokenRequest) -> PendingTokens | None:
    """A request as if its blinds were all one: proofs are over elements as they were sent."""
    if request.region >= len(setting.definition.regions):
        return None
    voters = request.voter_blinded != NOBODY
    blinded = request.voter_blinded + request.decoys if voters else request.decoys
    if not blinded or len(blinded) % 32 or check_points(blinded, allow_identity=False):
        return None
    opening = RollOpening(request.salt, request.voter)
    name = opening.hash(setting.definition.hash, registrar, request.region) if voters else NOBODY
    ones = ONE * (len(blinded) // 32)
    return PendingTokens(b"", registrar, request.region, name, b"", (), blinded, ones, blinded)
