"""All records: the accepted ones, then what each check refuses."""

from __future__ import annotations

from collections.abc import Iterator

from vector_generator.records.arrival_cases import arrival_cases, parts
from vector_generator.records.batch_cases import batch_cases
from vector_generator.records.ceremony_cases import ceremony_cases
from vector_generator.records.count_cases import count_cases
from vector_generator.records.log_cases import log_cases
from vector_generator.records.opening_cases import opening_cases
from vector_generator.records.record import Case, RecordVector, changed_record, whole_record
from vector_generator.records.registrar_cases import registrar_cases
from vector_generator.records.said_cases import said_cases
from vector_generator.records.scenarios import SCENARIOS, decided, levels, undecided
from vector_generator.records.voting_cases import voting_cases
from vector_generator.records.weighing_cases import weighing_cases
from vector_generator.records.weight_cases import weight_cases
from vector_generator.records.word_cases import word_cases


def _cases() -> Iterator[Case]:
    yield from log_cases()
    yield from word_cases()
    yield from arrival_cases()
    yield from ceremony_cases()
    yield from registrar_cases()
    yield from batch_cases()
    yield from opening_cases()
    yield from voting_cases()
    yield from weighing_cases()
    yield from count_cases()
    yield from weight_cases()
    yield from said_cases()


def record_vectors() -> Iterator[RecordVector]:
    """Every record: of each scenario the complete one, then what each check makes of it."""
    for scenario in (*SCENARIOS.values(), levels, decided, undecided, parts):
        yield whole_record(scenario())
    for case in _cases():
        yield changed_record(case)
