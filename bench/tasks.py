"""`python -m bench.tasks`: what it costs to give work to a cluster instead of doing it here.

Prints Markdown. The same jobs are done on one thread of this process, by one local worker with one thread,
and by two; the results must be the same. Times are of the processor, in all processes together, the least of
several rounds, in which all take turns; of elapsed times only the ratio is shown.
"""

from __future__ import annotations

import argparse
import tempfile
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from hashlib import shake_128
from pathlib import Path
from time import perf_counter, process_time
from typing import ClassVar

import psutil

from bench.table import table
from psephos.crypto.workers import set_workers
from psephos.executor.cluster import connected
from psephos.executor.job import Done, Executor, Job
from psephos.executor.local import Local
from psephos.executor.logged import Followed, Log
from psephos.executor.site import Site
from psephos.executor.spread import folded
from psephos.executor.weighing import weighings
from psephos.log import checkpoint as checkpoints
from psephos.log.client import Client
from psephos.protocol.proofs import Bad, Proofs
from psephos.protocol.setup.pin import Pin
from psephos.testing.definitions import sample
from psephos.testing.referendum import Referendum
from psephos.verifier.run import verify

EMPTY = 300
CARDS = 3
"""Of a voter; with two of them the voter casts a ballot."""


@dataclass(frozen=True)
class Nothing:
    """A job that only travels, with so many bytes."""

    secret: ClassVar[bool] = False
    load: bytes

    def __call__(self) -> int:
        return len(self.load)


def referendum(voters: int) -> Referendum:
    """One region and day, weighed by the first trustee."""
    document, keys = sample(regions=("piraeus",))
    held = Referendum(document, keys)
    held.publish()
    held.ceremony()
    held.enrol(0, [[1] + [0] * (CARDS - 1)] * voters)
    held.open(0, 1)
    choices = [0] * len(held.definition.regions[0].style.shape)
    voting = [card for at, card in enumerate(held.cards[0]) if at % CARDS < 2]
    held.log(*(held.ballot(card, choices) for card in voting))
    held.seal(0, 1)
    held.weigh((1,))
    return held


def coins(size: int) -> bytes:
    """No randomness at all, so that what is made twice is the same."""
    return shake_128(b"bench").digest(size)


def weigh(held: Referendum, site: Site) -> list[bytes]:
    """The second trustee's weighings."""
    scales = held.record.scales
    assert scales is not None
    return [one.rows for one in weighings(site, scales, scales.chains.values(), 2, coins)]


def verified(directory: Path, pin: Pin, executor: Executor) -> bytes:
    """The report on a record."""
    with Client(directory) as client:
        followed = Followed(client, str(directory))
        report = folded(lambda proofs: verify(followed, pin, proofs=proofs), executor, followed.log)
        return report.encode()


class Counted:
    """An executor that counts its jobs."""

    def __init__(self, executor: Executor) -> None:
        self._executor = executor
        self.jobs = 0

    def map(self, jobs: Iterable[Job[Done]]) -> Iterator[Done]:
        for done in self._executor.map(jobs):
            self.jobs += 1
            yield done


class Believing(Proofs):
    """Believes everything: what is left of a verification is the coordinator's own part."""

    def check_cards(self, *_: object) -> tuple[list[Bad], bool]:
        return [], True

    def check_ballots(self, *_: object) -> list[Bad]:
        return []

    def check_weighings(self, *_: object) -> list[tuple[int, int, str]]:
        return []

    def check_shares(self, *_: object) -> list[int]:
        return []


def own_part(directory: Path, pin: Pin, rounds: int) -> tuple[float, float]:
    """Seconds of the processor for a verification on one thread, and for its part that no worker takes."""
    best = [float("inf")] * 2
    for _ in range(rounds):
        for at, proofs in enumerate((Proofs(), Believing())):
            begin = process_time()
            with Client(directory) as client:
                verify(client, pin, proofs=proofs)
            best[at] = min(best[at], process_time() - begin)
    return best[0], best[1]


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
    return sum(times.user + times.system for times in (one.cpu_times() for one in every))


def line(name: str, rounds: int, executors: Sequence[Executor], work: Work) -> list[str]:
    """A row of the table: the lowest cost by each executor, and what a job costs more by one worker."""
    costs: list[list[Cost]] = [[] for _ in executors]
    for _ in range(rounds):
        results, jobs = [], 0
        for executor, own in zip(executors, costs, strict=True):
            counted = Counted(executor)
            cost, result = Cost.of(lambda counted=counted: work(counted))
            own.append(cost)
            results.append(result)
            jobs = counted.jobs
        if any(result != results[0] for result in results):
            raise SystemExit(f"{name}: other workers, another result")
    processor = [1e3 * min(cost.processor for cost in own) / jobs for own in costs]
    elapsed = [min(cost.elapsed for cost in own) for own in costs]
    more = f"{processor[1] - processor[0]:.1f}"
    return [name, f"{jobs}", *(f"{one:.1f}" for one in processor), more, f"{elapsed[0] / elapsed[-1]:.2f}x"]


def measured(voters: int, rounds: int, directory: Path, executors: Sequence[Executor]) -> list[list[str]]:
    """All rows of the table."""
    held = referendum(voters)
    pin, record = held.export(directory), directory / "record"
    checkpoint, _ = checkpoints.read((record / "checkpoint").read_bytes())
    log = Log(str(record), checkpoint)
    works: dict[str, Work] = {
        "nothing": lambda executor: list(executor.map([Nothing(b"")] * EMPTY)),
        "nothing, with 100 kB": lambda executor: list(executor.map([Nothing(bytes(100_000))] * EMPTY)),
        "weighing, rows read": lambda executor: weigh(held, Site(executor, log)),
        "weighing, rows sent": lambda executor: weigh(held, Site(executor)),
        "verification": lambda executor: verified(record, pin, executor),
    }
    rows = [line(name, rounds, executors, work) for name, work in works.items()]
    whole, own = own_part(record, pin, rounds)
    size = sum(map(len, held.logged))
    print(
        f"Of a verification, {whole:.2f} s for {size / 1e6:.1f} MB, {own:.2f} s are left to the coordinator: "
        f"{own / whole:.0%}, {size / own / 1e6:.0f} MB/s."
    )
    return rows


def main(given: Sequence[str] | None = None) -> None:
    """Measure, and print a table."""
    parser = argparse.ArgumentParser(prog="python -m bench.tasks", description=__doc__)
    parser.add_argument("--voters", type=int, default=1000)
    parser.add_argument("--rounds", type=int, default=5)
    options = parser.parse_args(given)
    set_workers(1)
    with (
        tempfile.TemporaryDirectory() as directory,
        connected("local", 1) as one,
        connected("local", 2) as two,
    ):
        rows = measured(options.voters, options.rounds, Path(directory), (Local(), one, two))
    head = ["work", "jobs", "here, ms a job", "one worker", "two", "one - here", "elapsed, here / two"]
    print("\n".join(table(head, rows)))


if __name__ == "__main__":
    main()
