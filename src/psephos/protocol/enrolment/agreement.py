"""What registrars ask one another before a batch: which of the records the others have admitted too.

Questions and answers are signed and kept: they show who left a card out (`spec/messages.md#batches`).
"""

from __future__ import annotations

from collections.abc import Container, Iterator, Sequence

from psephos.crypto.column import rows
from psephos.errors import FormatError, VerificationError
from psephos.protocol.enrolment.roster import LEAD
from psephos.protocol.enrolment.setting import Setting
from psephos.protocol.entries import BatchAnswer, BatchQuery, Refusal, decode
from psephos.protocol.message import answer, read, request_id

MOST = 4_000
"""Hashes of records in one query."""


def queries(region: int, batch: int, last: bool, records: Sequence[bytes]) -> Iterator[BatchQuery]:
    """The lead's questions about SHA-256 of records, in as many messages as they need.

    `last`: whether the lead admits nothing more in the region.
    """
    ascending = sorted(records)
    for first in range(0, len(ascending), MOST):
        yield BatchQuery(region, batch, int(last), b"".join(ascending[first : first + MOST]))


def read_query(setting: Setting, message: bytes) -> BatchQuery:
    """A query of the lead's; FormatError for another message, VerificationError when it is not the lead's."""
    payload = decode(message, message=True).payload
    if not isinstance(payload, BatchQuery):
        raise FormatError(f"a {payload.type_name()} is no batch-query")
    if payload.region >= len(setting.definition.regions):
        raise FormatError(f"batch-query: there is no region {payload.region}")
    if payload.last > 1:
        raise FormatError("batch-query: last is neither 0 nor 1")
    if len(payload.records) > 32 * MOST or not _ascending(payload.records):
        raise FormatError(f"batch-query: not at most {MOST} strictly ascending hashes")
    read(message, setting.election, setting.author(LEAD))
    return payload


def answer_query(message: bytes, query: BatchQuery, admitted: Container[bytes]) -> BatchAnswer:
    """Which of the records that are asked about are admitted here; `message` is the query."""
    here = [name for name in rows(query.records, 32) if name in admitted]
    return BatchAnswer(request_id(message, message=True), query.region, query.batch, b"".join(here))


def read_answer(
    setting: Setting, registrar: int, query_message: bytes, message: bytes
) -> BatchAnswer | Refusal:
    """What a registrar answered; VerificationError `batch` through it when that does not fit the query."""
    query = read_query(setting, query_message)
    name = request_id(query_message, message=True)
    payload = answer(message, setting.election, setting.author(registrar), lambda: name).payload
    if isinstance(payload, Refusal):
        return payload
    if not isinstance(payload, BatchAnswer) or payload.query != name:
        raise _refuse(registrar, "answers another query")
    asked = set(rows(query.records, 32))
    if (payload.region, payload.batch) != (query.region, query.batch) or not _ascending(payload.records):
        raise _refuse(registrar, "the answer is about another batch, or not strictly ascending")
    if not asked.issuperset(rows(payload.records, 32)):
        raise _refuse(registrar, "the answer has records that were not asked about")
    return payload


def _ascending(records: bytes) -> bool:
    names = rows(records, 32)
    return len(records) % 32 == 0 and names == sorted(set(names))


def _refuse(registrar: int, message: str) -> VerificationError:
    return VerificationError("batch", f"registrar {registrar}", message)
