"""`python -m bench.tasks`: what it costs to give work to a cluster, and what is gained.

Prints Markdown. The same jobs are done on one thread of this process, by one local worker with one thread,
and by two; the results must be the same. Then a verification is followed by as many workers as one likes,
who only wait as long as their jobs took before; and by as many cores of one machine (`cores`).
"""

from __future__ import annotations

import argparse
import os
import pickle
import tempfile
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from hashlib import shake_128
from pathlib import Path
from time import perf_counter
from typing import ClassVar

import psutil

from bench.cores import by_cores
from bench.imagined import imagined
from bench.machine import ROOT, header
from bench.record import WEIGHERS, Published, certify, close, weighed_once
from bench.table import place, table
from psephos.crypto.workers import set_workers
from psephos.executor.cluster import connected
from psephos.executor.execution import Execution
from psephos.executor.job import Done, Executor, Job
from psephos.executor.local import Local
from psephos.executor.release import release
from psephos.executor.weighing import weighings
from psephos.simulation.referendum import Referendum

DOCUMENT = ROOT / "docs" / "sizing.md"


@dataclass(frozen=True)
class Nothing:
    """A job that only travels, with so many bytes."""

    secret: ClassVar[bool] = False
    load: bytes

    def __call__(self) -> int:
        return len(self.load)


def coins(size: int) -> bytes:
    """No randomness at all, so that what is made twice is the same."""
    return shake_128(b"bench").digest(size)


def weigh(held: Referendum, site: Execution) -> list[bytes]:
    """The second trustee's weighings."""
    weighing_chains = held.record.weighing_chains
    assert weighing_chains is not None
    return [
        weighing.rows
        for weighing in weighings(site, weighing_chains, weighing_chains.chains.values(), WEIGHERS[1], coins)
    ]


def signs(held: Referendum, site: Execution) -> bytes:
    """The second trustee's shares of all signs."""
    count, trustee = held.record.count, WEIGHERS[1]
    assert count is not None
    _, shares = release(site, count, trustee, held.secrets[trustee].share, coins)
    return shares


class Counted:
    """An executor that counts its jobs, and their bytes."""

    def __init__(self, executor: Executor) -> None:
        self._executor = executor
        self.jobs = self.bytes = 0

    def map(self, jobs: Iterable[Job[Done]]) -> Iterator[Done]:
        def counted() -> Iterator[Job[Done]]:
            for job in jobs:
                self.jobs += 1
                self.bytes += len(pickle.dumps(job))
                yield job

        return self._executor.map(counted())


Work = Callable[[Executor], object]


@dataclass
class Cost:
    """Of some work: seconds on the wall, and of the processor in this process and its workers."""

    elapsed: float
    processor: float

    @classmethod
    def of(cls, work: Callable[[], object]) -> tuple[Cost, object]:
        """The cost of some work, and its result."""
        elapsed, processor = perf_counter(), used()
        result = work()
        return cls(perf_counter() - elapsed, used() - processor), result


def used() -> float:
    """Processor seconds of this process and all that it has started."""
    every = [psutil.Process(), *psutil.Process().children(recursive=True)]
    return sum(times.user + times.system for times in (process.cpu_times() for process in every))


def line(name: str, rounds: int, executors: Sequence[Executor], work: Work) -> list[str]:
    """A row of the table: each executor's lowest cost, what a job costs more by one worker, two's gain."""
    costs: list[list[Cost]] = [[] for _ in executors]
    for _ in range(rounds):
        counts, results = [Counted(executor) for executor in executors], []
        for counted, executor_costs in zip(counts, costs, strict=True):
            cost, result = Cost.of(lambda counted=counted: work(counted))
            executor_costs.append(cost)
            results.append(result)
        if any(result != results[0] for result in results):
            raise SystemExit(f"{name}: other workers, another result")
    jobs, sent = counts[0].jobs, counts[0].bytes
    processor = [1e3 * min(cost.processor for cost in executor_costs) / jobs for executor_costs in costs]
    elapsed = [min(cost.elapsed for cost in executor_costs) for executor_costs in costs]
    return [
        name,
        f"{jobs}",
        f"{sent / jobs / 1e3:.1f}",
        *(f"{milliseconds:.1f}" for milliseconds in processor),
        f"{processor[1] - processor[0]:.1f}",
        *(f"{seconds:.2f}" for seconds in elapsed),
        f"{elapsed[1] / elapsed[2]:.2f}x",
    ]


HEAD = [
    "work",
    "jobs",
    "kB a job",
    "ms a job, here",
    "by one",
    "by two",
    "more by one",
    "s, here",
    "by one",
    "by two",
    "gain of two",
]


def measured(
    voters: int, rounds: int, empty: int, directory: Path, executors: Sequence[Executor]
) -> list[str]:
    """All that is to be said; `empty` jobs at a time do nothing."""
    held = weighed_once(voters)
    log = Published.of(held, directory / "weighed").log()
    works: dict[str, Work] = {
        "nothing": lambda executor: list(executor.map([Nothing(b"")] * empty)),
        "nothing, with 100 kB": lambda executor: list(executor.map([Nothing(bytes(100_000))] * empty)),
        "weighing, rows read": lambda executor: weigh(held, Execution(executor, log)),
        "weighing, rows sent": lambda executor: weigh(held, Execution(executor)),
    }
    rows = [line(name, rounds, executors, work) for name, work in works.items()]
    close(held)
    closed = Published.of(held, directory / "closed").log()
    rows.append(line("release", rounds, executors, lambda executor: signs(held, Execution(executor, closed))))
    certify(held)
    published, size = Published.of(held, directory / "whole"), sum(map(len, held.logged))
    rows.append(line("verification", rounds, executors, published.verified))
    return [
        *table(HEAD, rows),
        "",
        *imagined(published, size, rounds),
        "",
        *by_cores(published, voters, rounds),
    ]


def main(given: Sequence[str] | None = None) -> None:
    """Measure, print tables, and put them into the plan of sizes if asked to."""
    parser = argparse.ArgumentParser(prog="python -m bench.tasks", description=__doc__)
    parser.add_argument("--voters", type=int, default=4000)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--empty", type=int, default=300, help="how many jobs do nothing, at a time")
    parser.add_argument("--write", action="store_true", help=f"put it into {DOCUMENT.name}")
    options = parser.parse_args(given)
    before = os.getloadavg()[0]
    set_workers(1)
    with (
        tempfile.TemporaryDirectory() as directory,
        connected("local", 1) as single,
        connected("local", 2) as two,
    ):
        executors = Local(), single, two
        lines = measured(options.voters, options.rounds, options.empty, Path(directory), executors)
    command = (
        f"- Command: `python -m bench.tasks`; {options.voters:,} voters with two ballots each, all of one day"
    )
    text = "\n".join([command, *header((before, os.getloadavg()[0])), "", *lines])
    print(text)
    if options.write:
        place(DOCUMENT, "bench.tasks", text)


if __name__ == "__main__":
    main()
