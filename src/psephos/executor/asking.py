"""Questions that jobs answer: waited for, or believed to have the usual answer until the jobs are done."""

from __future__ import annotations

import pickle
from collections import deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from hashlib import sha256
from queue import Full, Queue
from threading import Thread
from typing import Any, Protocol, TypeVar

from psephos.errors import ExecutorError, Fault
from psephos.executor.job import Done, Executor, Job

Answer = TypeVar("Answer")

_WAITING = 8
"""Questions that wait for an executor to take their jobs."""
_TIMEOUT = 1.0
"""Seconds after which whoever waits for room looks whether there is still somebody to make it."""


class Asker(Protocol):
    """Has questions answered."""

    def ask(
        self, jobs: Sequence[Job[Done]], conclude: Callable[[Sequence[Done]], Answer], usual: Answer
    ) -> Answer:
        """What `conclude` makes of the jobs' results; `usual` is what it is where nobody has cheated."""


class BlockingChecks:
    """Waits for each answer, unless it is known from before."""

    def __init__(self, executor: Executor, known: Mapping[bytes, Any] | None = None) -> None:
        """`known`: answers, by the digest of their jobs."""
        self._executor = executor
        self._known = known or {}

    def ask(
        self,
        jobs: Sequence[Job[Done]],
        conclude: Callable[[Sequence[Done]], Answer],
        usual: Answer,  # noqa: ARG002  for who does not wait
    ) -> Answer:
        """The true answer."""
        if self._known and (digest := _digest(jobs)) in self._known:
            answer: Answer = self._known[digest]
            return answer
        return conclude(list(self._executor.map(jobs)))


@dataclass
class _Question:
    jobs: Sequence[Job[Any]]
    conclude: Callable[[Sequence[Any]], Any]
    usual: Any
    results: list[Any] = field(default_factory=list)


class DeferredChecks:
    """Gives the usual answer at once, and has the jobs done meanwhile.

    Whatever was made of these answers is worth nothing until `right` has said that they were true; then
    more can be asked.
    """

    def __init__(self, executor: Executor) -> None:
        self.answers: dict[bytes, Any] = {}
        """The true ones, by the digest of their jobs."""
        self._executor = executor
        self._questions: Queue[_Question | None] = Queue(_WAITING)
        self._wrong = False
        self._failed: BaseException | None = None
        self._asked = self._answered = 0
        self._thread: Thread | None = None

    def ask(
        self, jobs: Sequence[Job[Done]], conclude: Callable[[Sequence[Done]], Answer], usual: Answer
    ) -> Answer:
        """The usual answer; ExecutorError where jobs are not done any more."""
        if not jobs:
            return conclude([])
        if self._thread is None:
            self._questions, self._wrong, self._failed = Queue(_WAITING), False, None
            self._asked = self._answered = 0
            self._thread = Thread(target=self._work, daemon=True)
            self._thread.start()
        if not self._put(_Question(jobs, conclude, usual)):
            raise ExecutorError(f"no answers any more: {self._failed}") from self._failed
        self._asked += 1
        return usual

    def right(self) -> bool:
        """Whether all answers since it was asked last were true; ExecutorError where they do not come.

        Fault where a job finds one. If it raises anything else, it was asked something impossible, on the
        ground of a wrong answer.
        What was not answered is not taken to be true, whatever has become of those who should have.
        """
        if self._thread is None:
            return True
        self._put(None)
        self._thread.join()
        self._thread = None
        if isinstance(self._failed, ExecutorError | Fault):
            raise self._failed
        if self._failed is None and self._answered < self._asked:
            raise ExecutorError(f"{self._asked - self._answered} questions were not answered")
        return not self._wrong and self._failed is None

    def _put(self, question: _Question | None) -> bool:
        """Whether there was still somebody to take it."""
        while self._thread is not None and self._thread.is_alive():
            try:
                self._questions.put(question, timeout=_TIMEOUT)
                return True
            except Full:
                pass  # look again whether anybody is left to make room
        return False

    def _work(self) -> None:
        """In a thread of its own."""
        try:
            self._answer()
        except BaseException as error:  # whoever asks is told; a panic of the core is no Exception
            self._failed = error

    def _answer(self) -> None:
        asked: deque[_Question] = deque()

        def jobs() -> Iterator[Job[Any]]:
            while (question := self._questions.get()) is not None:
                asked.append(question)
                yield from question.jobs

        for result in self._executor.map(jobs()):
            first = asked[0]
            first.results.append(result)
            if len(first.results) == len(first.jobs):
                answer = self.answers[_digest(first.jobs)] = first.conclude(first.results)
                self._wrong |= answer != first.usual
                self._answered += 1
                asked.popleft()


def _digest(jobs: Sequence[Job[Any]]) -> bytes:
    return sha256(pickle.dumps(jobs)).digest()
