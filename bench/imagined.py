"""More workers than there are processors: a verification whose jobs were done before, and are waited for."""

from __future__ import annotations

import heapq
from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from time import perf_counter, process_time, sleep
from typing import Any, NamedTuple

from bench.record import Published
from bench.table import table
from psephos.executor.job import Done, Executor, Job
from psephos.executor.local import Local

WORKERS = (1, 2, 4, 8, 16, 32)
AHEAD = 2
"""Jobs under way for each worker, as a cluster has them."""


class Seen(NamedTuple):
    """What came out of a job, and after how many seconds of the processor."""

    result: Any
    took: float


class Watched:
    """Does jobs here, where nothing else is done at the time, and remembers how it went."""

    def __init__(self, executor: Executor) -> None:
        self.seen: list[Seen] = []
        self._executor = executor

    def map(self, jobs: Iterable[Job[Done]]) -> Iterator[Done]:
        for job in jobs:
            begin = process_time()
            (result,) = self._executor.map([job])
            self.seen.append(Seen(result, process_time() - begin))
            yield result


class Imagined:
    """So many workers, who take as long as the jobs took before; their results cost nothing but the wait.

    Nothing travels: what a cluster costs beside the work is not in it.
    """

    def __init__(self, workers: int, seen: Sequence[Seen]) -> None:
        self._seen = iter(seen)
        self._free = [0.0] * workers
        """When each worker has done what it was given."""

    def map(self, jobs: Iterable[Job[Done]]) -> Iterator[Done]:
        waiting: deque[tuple[float, Done]] = deque()
        for _ in jobs:
            if len(waiting) == AHEAD * len(self._free):
                yield _awaited(*waiting.popleft())
            known = next(self._seen)
            end = max(perf_counter(), heapq.heappop(self._free)) + known.took
            heapq.heappush(self._free, end)
            waiting.append((end, known.result))
        while waiting:
            yield _awaited(*waiting.popleft())


def _awaited(end: float, result: Done) -> Done:
    sleep(max(0.0, end - perf_counter()))
    return result


def imagined(published: Published, size: int, rounds: int) -> list[str]:
    """A verification of so many bytes by more workers than there are: how long it takes."""
    watched = Watched(Local())
    begin = process_time()
    report = published.verified(watched, wait=True)
    whole, work = process_time() - begin, sum(seen.took for seen in watched.seen)
    rows = []
    for workers in WORKERS:
        took = [
            min(_elapsed(published, report, Imagined(workers, watched.seen), wait) for _ in range(rounds))
            for wait in (True, False)
        ]
        rows.append([f"{workers}", *(f"{one:.2f}" for one in took), *(f"{whole / one:.1f}x" for one in took)])
    own = whole - work
    return [
        f"Of a verification of {size / 1e6:.1f} MB, {whole:.2f} s, the coordinator's own part is {own:.2f} s"
        f" on one thread: {own / whole:.0%}, {size / own / 1e6:.0f} MB/s.",
        "",
        *table(["imagined workers", "s, waiting", "s, going on", "gain, waiting", "gain, going on"], rows),
    ]


def _elapsed(published: Published, report: bytes, executor: Executor, wait: bool) -> float:
    begin = perf_counter()
    if published.verified(executor, wait) != report:
        raise SystemExit("imagined workers, another report")
    return perf_counter() - begin
