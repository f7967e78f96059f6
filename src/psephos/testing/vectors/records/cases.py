"""All records: the accepted ones, then what each check refuses."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache

from psephos.testing.vectors.records.ceremony_cases import ceremony_cases
from psephos.testing.vectors.records.count_cases import count_cases
from psephos.testing.vectors.records.enrolment_cases import enrolment_cases
from psephos.testing.vectors.records.log_cases import log_cases
from psephos.testing.vectors.records.record import Case, changed_record, whole_record
from psephos.testing.vectors.records.stories import STORIES
from psephos.testing.vectors.records.voting_cases import voting_cases
from psephos.testing.vectors.records.weighing_cases import weighing_cases
from psephos.testing.vectors.records.word_cases import word_cases
from psephos.testing.vectors.vector import Vector

GROUPS = [str(number) for number in range(1, 11)]
"""Checks come in groups: 4.3 is of group 4."""


def _cases() -> Iterator[Case]:
    yield from log_cases()
    yield from word_cases()
    yield from ceremony_cases()
    yield from enrolment_cases()
    yield from voting_cases()
    yield from weighing_cases()
    yield from count_cases()


@cache
def _vectors() -> list[Vector]:
    parents = {name: whole_record(story()) for name, story in STORIES.items()}
    return [*parents.values(), *(changed_record(case, parents[case.story().name]) for case in _cases())]


def accepted_records() -> Iterator[Vector]:
    """Those in which nothing is wrong."""
    yield from (vector for vector in _vectors() if vector["valid"])


def refused_records(group: str) -> Iterator[Vector]:
    """Those that a check of a group refuses, in the order of checks."""
    found = [v for v in _vectors() if v["check"] and v["check"].split(".")[0] == group]
    yield from sorted(found, key=lambda vector: str(vector["check"]))
