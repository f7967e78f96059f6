"""A verification by the threads of one machine: one, two, and more than there are.

Of more than two cores two are real: one folds, one reads ahead. All others are imagined, and do what the core
does for the fold and for the checks beside it: they take as long as it took before on one thread, divided by
their number, as the core divides its work. What the fold waits for is done at half their speed, for checks
go on meanwhile, and takes from what these are given.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from functools import partial
from threading import current_thread, main_thread
from time import perf_counter, process_time, sleep, thread_time
from typing import Any

from bench.imagined import Imagined, Seen, Watched
from bench.record import Published
from bench.table import table
from psephos import _core
from psephos.crypto.workers import set_workers
from psephos.executor.asking import BlockingChecks
from psephos.executor.distributed_proofs import DistributedProofs
from psephos.executor.local import Local
from psephos.executor.logged import Followed
from psephos.executor.speculative_fold import SpeculativeFold, folded
from psephos.log.client import Client
from psephos.protocol.proofs import Proofs
from psephos.scratch import Scratch
from psephos.verifier.run import Verification

REAL = 2
CORES = (1, 2, 4, 8, 16)
ASKED = (
    "parse_ballots",
    "sum_columns",
    "first_rows",
    "signed_sums",
    "open_signs",
    "sort_records",
    "match_keys",
    "last_ballots",
    "check_points",
    "combine_shares",
    "decrypt",
    "discrete_logs",
)
"""What the fold asks of the core that the core spreads over its threads."""

Call = Callable[..., Any]


class Cores(Imagined):
    """So many cores, that do what was done before."""

    def __init__(self, count: int, jobs: list[Seen], calls: list[Seen]) -> None:
        super().__init__(1, [job._replace(took=job.took / count) for job in jobs])
        self._calls, self._count = iter(calls), count

    def call(self, _function: Call, *_: object, **_named: object) -> Any:
        """What a function of the core gave before."""
        known = next(self._calls)
        self._free[0] = max(perf_counter(), self._free[0]) + known.took / self._count
        sleep(2 * known.took / self._count)
        return known.result


class Asked:
    """The functions of the core, done as they are asked for or by who stands in for them."""

    def __init__(self) -> None:
        """Put into all modules, for good."""
        self.by: Callable[..., Any] | None = None
        self.seen: list[Seen] = []
        put = {getattr(_core, name): self._around(getattr(_core, name)) for name in ASKED}
        for module in [module for name, module in sys.modules.items() if name.startswith("psephos.")]:
            for name, value in list(vars(module).items()):
                if callable(value) and value.__hash__ and value in put:
                    setattr(module, name, put[value])

    def watched(self, function: Call, *given: Any, **named: Any) -> Any:
        """Do it, and remember what it gave and took."""
        begin = process_time()
        result = function(*given, **named)
        self.seen.append(Seen(result, process_time() - begin))
        return result

    def _around(self, function: Call) -> Call:
        def asked(*given: Any, **named: Any) -> Any:
            if self.by is None or current_thread() is not main_thread():
                return function(*given, **named)
            return self.by(function, *given, **named)

        return asked


def by_cores(published: Published, voters: int, rounds: int) -> list[str]:
    """Elapsed time on so many cores, the least of some rounds, and what the thread that folds takes of it.

    The last thing that is measured: the core's functions are not what they were.
    """
    asked = Asked()
    expected, jobs = _jobs(published, asked)
    took: dict[int, float] = dict.fromkeys(CORES, float("inf"))
    whole = fold = float("inf")
    for _ in range(rounds):
        for count in CORES:
            set_workers(min(count, REAL))
            imagined = Cores(count - REAL, jobs, asked.seen) if count > REAL else None
            asked.by = imagined.call if imagined else None
            elapsed, processor, thread = perf_counter(), process_time(), thread_time()
            if _verified(published, imagined) != expected:
                raise SystemExit(f"{count} cores, another report")
            took[count] = min(took[count], perf_counter() - elapsed)
            if count == 1:
                whole = min(whole, process_time() - processor)
            if count == REAL:
                fold = min(fold, thread_time() - thread)
    return [
        f"Of {whole * 1e6 / voters:,.0f} µs of the processor a voter the thread that folds takes"
        f" {fold * 1e6 / voters:,.1f}, which nothing can take over: no number of cores verifies more than"
        f" {whole / fold:.0f} times as fast as one.",
        "",
        *table(["cores", "", "s elapsed", "times as fast as one"], list(_rows(took))),
    ]


def _rows(took: dict[int, float]) -> Iterator[list[str]]:
    for count, seconds in took.items():
        kind = "measured" if count <= REAL else f"{REAL} real, {count - REAL} imagined"
        yield [f"{count}", kind, f"{seconds:.2f}", f"{took[1] / seconds:.1f}"]


def _jobs(published: Published, asked: Asked) -> tuple[bytes, list[Seen]]:
    """The report, and what all jobs give and take, one by one on one thread; `asked` sees the rest."""
    set_workers(1)
    watched, asked.by = Watched(Local()), asked.watched

    def work(followed: Followed) -> bytes:
        proofs = DistributedProofs(BlockingChecks(watched), followed.log, here=True)
        return _follow(followed, Verification(published.pin, Scratch(), proofs))

    return _report(published, work), watched.seen


def _verified(published: Published, executor: Imagined | None) -> bytes:
    """The report, in the way of `psephos verify`, or by imagined cores that have the bytes at hand."""
    begin: Callable[[Proofs], Verification] = partial(Verification, published.pin, Scratch())

    def work(followed: Followed) -> bytes:
        step = partial(_follow, followed)
        if executor is None:
            return folded(begin, None, followed.log, step)
        return SpeculativeFold(begin, executor, followed.log, here=True).fold(step)

    return _report(published, work)


def _report(published: Published, work: Callable[[Followed], bytes]) -> bytes:
    with Client(published.directory) as client:
        return work(Followed(client, str(published.directory)))


def _follow(followed: Followed, verification: Verification) -> bytes:
    verification.follow(followed)
    return verification.report().encode()
