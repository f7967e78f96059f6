"""More workers than there are processors: a verification whose jobs were done before, and are waited for."""

from __future__ import annotations

import heapq
from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from time import perf_counter, process_time, sleep
from typing import Any, NamedTuple

from bench.clocks import Clocks
from bench.record import Published
from bench.table import table
from psephos.crypto.workers import set_workers
from psephos.executor.job import Done, Executor, Job
from psephos.executor.local import Local

WORKERS = (1, 2, 4, 8)
PROCESSORS = (1, 2, 8, 32)
"""Of a coordinator."""
_LEAST = 0.05
"""Seconds: what is left where two measured times are subtracted may be less, or less than nothing."""
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
    """A verification of so many bytes by more workers than there are; the last thing that is measured."""
    watched = Watched(Local())
    report = published.verified(watched, wait=True)
    work = sum(seen.took for seen in watched.seen)
    set_workers(0)  # nobody else computes
    rows = []
    for workers in WORKERS:
        executors = [Imagined(workers, watched.seen) for _ in range(rounds)]
        took = min(_elapsed(published, report, executor) for executor in executors)
        rows.append([f"{workers}", f"{took:.2f}", f"{work / took:.1f}"])
    own, core = _own(published, watched.seen)
    alone = max(own - core, _LEAST)
    most = [round(work / (alone + core / count)) for count in PROCESSORS]
    rate = (
        f"at most {_LEAST} s on one thread, more than" if alone == _LEAST else f"{alone:.2f} s on one thread,"
    )
    return [
        f"Of a verification of {size / 1e6:.1f} MB {work:.2f} s of the processor are jobs. The coordinator's"
        f" own part is {own:.2f} s: {rate} {size / alone / 1e6:.0f} MB/s, and"
        f" {core:.2f} s in the core, which uses all processors. So one with"
        f" {_listed(PROCESSORS)} processors keeps at most {_listed(most)} workers busy.",
        "",
        *table(["imagined workers", "s elapsed", "of them busy"], rows),
    ]


def _listed(numbers: Sequence[int]) -> str:
    return ", ".join(map(str, numbers))


def _elapsed(published: Published, report: bytes, executor: Executor) -> float:
    begin = perf_counter()
    if published.verified(executor) != report:
        raise SystemExit("imagined workers, another report")
    return perf_counter() - begin


def _own(published: Published, seen: Sequence[Seen]) -> tuple[float, float]:
    """Seconds of the processor for a verification whose jobs take none; and of these in the core."""
    clocks, begin = Clocks(), process_time()
    published.verified(Imagined(1, [one._replace(took=0.0) for one in seen]))
    return process_time() - begin, clocks.seconds()["core"]
