"""All records: the accepted ones, then what each check refuses."""

from __future__ import annotations

from collections.abc import Iterator

from psephos.testing.vectors.records.arrival_cases import arrival_cases, parts
from psephos.testing.vectors.records.batch_cases import batch_cases
from psephos.testing.vectors.records.ceremony_cases import ceremony_cases
from psephos.testing.vectors.records.count_cases import count_cases
from psephos.testing.vectors.records.log_cases import log_cases
from psephos.testing.vectors.records.opening_cases import opening_cases
from psephos.testing.vectors.records.record import Case, RecordVector, changed_record, whole_record
from psephos.testing.vectors.records.registrar_cases import registrar_cases
from psephos.testing.vectors.records.said_cases import said_cases
from psephos.testing.vectors.records.stories import STORIES, decided, levels, undecided
from psephos.testing.vectors.records.voting_cases import voting_cases
from psephos.testing.vectors.records.weighing_cases import weighing_cases
from psephos.testing.vectors.records.weight_cases import weight_cases
from psephos.testing.vectors.records.word_cases import word_cases


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
    """Every record: of each story the complete one, then what each check makes of it."""
    for story in (*STORIES.values(), levels, decided, undecided, parts):
        yield whole_record(story())
    for case in _cases():
        yield changed_record(case)
