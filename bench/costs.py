"""What each party's steps cost, added up by phase."""

from __future__ import annotations

import gc
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from time import perf_counter, process_time, thread_time

from bench.clocks import Clocks
from psephos.log import checkpoints
from psephos.reader import witnessed

DEVICES = "devices"
"""The voters' own: spread over as many machines as there are voters."""
Seconds = defaultdict[str, float]


class Costs:
    """Seconds by (phase, party, step): elapsed, of the processor, on this thread, and what clocks saw."""

    def __init__(self, clocks: Clocks) -> None:
        self._clocks = clocks
        self._sums: dict[tuple[str, str, str], Seconds] = {}
        self._inside: list[Seconds] = []
        self.phase = "enrol"
        """What is going on in the referendum; the days' weighings are "weigh 1", "weigh 2".."""

    @contextmanager
    def of(self, party: str, step: str) -> Iterator[None]:
        """Measure what a party does now, but for steps inside, which are others': a board asks witnesses.

        What others hold in this process is no garbage to search in, and no checkpoint that they have judged
        is known to this party.
        """
        if not self._inside:
            gc.freeze()
            witnessed.cache_clear()
            checkpoints.read.cache_clear()
        inside = Seconds(float)
        self._inside.append(inside)
        before = self._read()
        yield
        spent = {name: seconds - before[name] for name, seconds in self._read().items()}
        self._inside.pop()
        sums = self._sums.setdefault((self.phase, party, step), Seconds(float))
        for name, seconds in spent.items():
            if seconds:
                sums[name] += seconds - inside[name]
                for outer in self._inside[-1:]:
                    outer[name] += seconds

    def _read(self) -> dict[str, float]:
        return self._clocks.seconds() | {
            "cpu": process_time(),
            "thread": thread_time(),
            "wall": perf_counter(),
        }

    def rows(self) -> list[dict[str, str | float]]:
        """All sums, in the order in which they began."""
        return [
            {"phase": phase, "party": party, "step": step, **seconds}
            for (phase, party, step), seconds in self._sums.items()
        ]
