"""Answers that are believed until they are known; what follows from a wrong one is folded again."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from pathlib import Path

import pytest

from psephos.errors import ExecutorError, Fault
from psephos.executor.asking import Asker, BlockingChecks, DeferredChecks
from psephos.executor.job import Done, Executor, Job
from psephos.executor.local import Local
from tests.executor.jobs import Faulty, Patient, Refusing, Square


class Counting:
    """Does jobs here, and counts them; after so many it is gone."""

    def __init__(self, last: int | None = None) -> None:
        self.done = 0
        self._last = last

    def map(self, jobs: Iterable[Job[Done]]) -> Iterator[Done]:
        for job in jobs:
            if self.done == self._last:
                raise ExecutorError("nobody is there")
            self.done += 1
            yield job()


class Deserting:
    """Does so many jobs and ends, as if there were no more."""

    def __init__(self, last: int) -> None:
        self._last = last

    def map(self, jobs: Iterable[Job[Done]]) -> Iterator[Done]:
        return (job() for job in islice(jobs, self._last))


def total(asker: Asker, numbers: Sequence[int], usual: int) -> int:
    """The sum of squares, if it is not the usual one."""
    return asker.ask([Square(number) for number in numbers], sum, usual)


def test_who_waits_has_the_true_answer() -> None:
    assert total(BlockingChecks(Local()), [1, 2, 3], 0) == 14
    assert total(BlockingChecks(Local()), [], 9) == 0


def test_who_does_not_wait_goes_on_before_the_jobs_are_done(tmp_path: Path) -> None:
    later = DeferredChecks(Local())
    assert later.ask([Patient(tmp_path / "sign")], sum, 0) == 0
    (tmp_path / "sign").touch()  # until here the job cannot have ended
    assert later.right()


def test_right_answers_are_right_however_many_there_are() -> None:
    executor = Counting()
    later = DeferredChecks(executor)
    assert all(total(later, [number, 1], number**2 + 1) == number**2 + 1 for number in range(100))
    assert total(later, [], 7) == 0
    assert later.right()
    assert executor.done == 200


def test_a_wrong_answer_is_found_and_the_true_ones_need_not_be_asked_again() -> None:
    later = DeferredChecks(Local())
    assert [total(later, [number], 9) for number in range(5)] == [9] * 5
    assert not later.right()
    executor = Counting()
    now = BlockingChecks(executor, later.answers)
    assert [total(now, [number], 9) for number in range(6)] == [0, 1, 4, 9, 16, 25]
    assert executor.done == 1


def test_after_a_wrong_answer_more_can_be_asked() -> None:
    later = DeferredChecks(Local())
    assert later.right()
    assert total(later, [1], 2) == 2
    assert not later.right()
    assert total(later, [2], 4) == 4
    assert later.right()
    assert total(later, [3], 4) == 4
    assert not later.right()
    assert len(later.answers) == 3


def test_a_job_that_cannot_be_done_was_asked_on_wrong_grounds() -> None:
    later = DeferredChecks(Local())
    assert later.ask([Square(1)], sum, 1) == 1
    assert later.ask([Refusing()], sum, 0) == 0
    assert not later.right()
    assert len(later.answers) == 1


@pytest.mark.parametrize("last", [0, 3])
def test_where_jobs_are_not_done_it_says_so(last: int) -> None:
    executor: Executor = Counting(last)
    later = DeferredChecks(executor)
    with pytest.raises(ExecutorError, match="nobody is there"):
        sum(total(later, [number], number**2) for number in range(1000))
    with pytest.raises(ExecutorError, match="nobody is there"):
        later.right()
    assert later.right()  # nothing was asked since


@pytest.mark.parametrize("asked", [2, 3, 100])
@pytest.mark.parametrize("last", [0, 1])
def test_what_was_not_answered_is_not_right(last: int, asked: int) -> None:
    later = DeferredChecks(Deserting(last))

    def right() -> bool:
        for number in range(asked):
            total(later, [number], number**2)
        return later.right()

    with pytest.raises(ExecutorError, match=r"no answers any more|not answered"):
        right()


def test_a_fault_is_no_answer_and_nothing_is_asked_again(tmp_path: Path) -> None:
    later = DeferredChecks(Local())
    assert later.ask([Faulty(tmp_path / "grave")], sum, 0) == 0
    with pytest.raises(Fault, match="they differ"):
        later.right()
    assert later.answers == {}
