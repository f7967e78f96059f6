"""What registrars ask one another before a batch, and whom the answers name."""

from __future__ import annotations

from dataclasses import replace

import pytest

from psephos.crypto.column import rows
from psephos.errors import FormatError, VerificationError
from psephos.protocol.enrolment.agreement import answer_query, queries, read_answer, read_query
from psephos.protocol.entries import BatchQuery
from tests.protocol.enrolling import Referendum


@pytest.fixture(scope="module")
def referendum() -> Referendum:
    return Referendum()


def test_queries_ask_about_many_records_in_ascending_order(referendum) -> None:
    names = [referendum.seed() for _ in range(9_000)]
    asked = list(queries(0, 1, False, names))
    assert [len(query.records) // 32 for query in asked] == [4_000, 4_000, 1_000]
    message = referendum.registrars[1].write(asked[0])
    answer = answer_query(message, asked[0], set(names[::2]))
    assert set(rows(answer.records, 32)) == set(names[::2]) & set(rows(asked[0].records, 32))
    read = read_answer(referendum.setting, 2, message, referendum.registrars[2].write(answer))
    assert read == answer


def test_only_the_lead_asks_and_only_in_one_form(referendum) -> None:
    [query] = queries(0, 1, True, [b"a" * 32, b"b" * 32])
    assert read_query(referendum.setting, referendum.registrars[1].write(query)) == query
    with pytest.raises(VerificationError):
        read_query(referendum.setting, referendum.registrars[2].write(query))
    wrong = [
        replace(query, region=2),
        replace(query, last=2),
        replace(query, records=query.records[32:] + query.records[:32]),
        replace(query, records=query.records[:32] * 2),
        replace(query, records=query.records[:33]),
    ]
    for payload in wrong:
        with pytest.raises(FormatError):
            read_query(referendum.setting, referendum.registrars[1].write(payload))


def test_an_answer_has_what_was_asked_about_alone(referendum) -> None:
    query = BatchQuery(0, 1, 0, b"a" * 32 + b"b" * 32)
    message = referendum.registrars[1].write(query)
    right = answer_query(message, query, {b"b" * 32, b"c" * 32})
    assert right.records == b"b" * 32
    wrong = [
        replace(right, query=bytes(32)),
        replace(right, batch=2),
        replace(right, region=1),
        replace(right, records=b"c" * 32),
        replace(right, records=b"b" * 32 + b"a" * 32),
        query,
    ]
    for payload in wrong:
        with pytest.raises(VerificationError, match="registrar 2"):
            read_answer(referendum.setting, 2, message, referendum.registrars[2].write(payload))
