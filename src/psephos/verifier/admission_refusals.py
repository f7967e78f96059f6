"""Refusals of admissions by registrars, held against the log (`spec/messages.md#false-refusals`)."""

from __future__ import annotations

from psephos.errors import FormatError
from psephos.protocol import entries
from psephos.protocol.enrolment.admission import admission_of
from psephos.protocol.enrolment.evidence import is_false_refusal
from psephos.protocol.entries import Refusal
from psephos.protocol.message import request_id
from psephos.protocol.record import Record
from psephos.verifier.enrolment_claims import signed_by_registrar
from psephos.verifier.evidence import NotProven


def falsely_refused(record: Record, message: bytes, refusal_message: bytes) -> str:
    """What a registrar's refusal of an admission proves against it; NotProven where it proves nothing."""
    registrar, entry = signed_by_registrar(record, refusal_message)
    refusal = entry.payload
    if not isinstance(refusal, Refusal) or refusal.request != request_id(message, message=True):
        raise NotProven("the registrar's message does not refuse this admission")
    try:
        region = admission_of(entries.decode(message, message=True)).region
    except FormatError as error:
        raise NotProven(f"what was refused is no admission: {error}") from error
    secrets = record.registrar_keys.secrets.get((registrar, region))
    if refusal.reason == "refused" and secrets is None:
        raise NotProven(f"registrar {registrar} has not shown the region's secrets yet")
    if not is_false_refusal(record.setting, registrar, secrets, message, refusal):
        raise NotProven(f"nothing shows that {refusal.reason} is false")
    return f"registrar {registrar} refused an admission with {refusal.reason}, which is false"
