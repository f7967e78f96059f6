"""Jobs in this process, beside whoever has them done."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any, ClassVar, Generic

from psephos.crypto.workers import work_apart
from psephos.executor.job import Done, Job

_AT_ONCE = 3
"""Jobs under way: while the last pieces of one are done, threads that have none left begin the next."""


@dataclass(frozen=True)
class Carrying(Generic[Done]):
    """A job with the bytes that it is about: it reads none from the log, and stays in this process."""

    secret: ClassVar[bool] = False
    job: Job[Done]
    """The same without them, which tells it from others."""
    do: Callable[[], Done] = field(repr=False, compare=False)

    def __call__(self) -> Done:
        return self.do()

    def __getstate__(self) -> Job[Done]:
        return self.job


class Beside:
    """Does some jobs at once; the core spreads each over threads that nobody else uses (`crypto.workers`)."""

    def map(self, jobs: Iterable[Job[Done]]) -> Iterator[Done]:
        """The jobs' results, in their order."""
        waiting: deque[Future[Any]] = deque()
        with ThreadPoolExecutor(_AT_ONCE, "checks", work_apart) as threads:
            for job in jobs:
                waiting.append(threads.submit(job))
                if len(waiting) == _AT_ONCE:
                    yield waiting.popleft().result()
            while waiting:
                yield waiting.popleft().result()
