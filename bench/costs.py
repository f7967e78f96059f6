"""What each party's steps cost, added up by phase."""

from __future__ import annotations

import gc
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from time import perf_counter, process_time

from bench.clocks import Clocks

DEVICES = "devices"
"""The voters' own: spread over as many machines as there are voters."""


class Costs:
    """Seconds by (phase, party, step): elapsed, of the processor, and what of the latter the clocks saw."""

    def __init__(self, clocks: Clocks) -> None:
        self._clocks = clocks
        self._sums: dict[tuple[str, str, str], dict[str, float]] = defaultdict(lambda: defaultdict(float))
        self.phase = "enrol"
        """What is going on in the referendum; the days' weighings are "weigh 1", "weigh 2".."""

    @contextmanager
    def of(self, party: str, step: str) -> Iterator[None]:
        """Measure what a party does now; what others hold in this process is no garbage to search in."""
        gc.freeze()
        wall, cpu, seen = perf_counter(), process_time(), self._clocks.seconds()
        yield
        spent = {name: seconds - seen[name] for name, seconds in self._clocks.seconds().items()}
        spent |= {"cpu": process_time() - cpu, "wall": perf_counter() - wall}
        sums = self._sums[self.phase, party, step]
        for name, seconds in spent.items():
            if seconds:
                sums[name] += seconds

    def rows(self) -> list[dict[str, str | float]]:
        """All sums, in the order in which they began."""
        return [
            {"phase": phase, "party": party, "step": step, **seconds}
            for (phase, party, step), seconds in self._sums.items()
        ]
