"""A cluster where workers die while they are at it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path

from psephos.executor.cluster import Cluster
from psephos.executor.job import Done, Job
from tests.executor.jobs import Mortal

DEATHS = 3


class Deadly:
    """Slips jobs among the first that kill whichever worker does them, one after each of them."""

    def __init__(self, cluster: Cluster, graves: Path) -> None:
        self._cluster = cluster
        self._graves = graves
        self.jobs = 0

    @property
    def deaths(self) -> int:
        return len(list(self._graves.iterdir()))

    def map(self, jobs: Iterable[Job[Done]]) -> Iterator[Done]:
        deadly: list[bool] = []

        def mixed() -> Iterator[Job[Done | int]]:
            for job in jobs:
                deadly.append(False)
                yield job
                if self.jobs < DEATHS:
                    deadly.append(True)
                    yield Mortal(self.jobs, self._graves / str(self.jobs))
                self.jobs += 1

        for at, done in enumerate(self._cluster.map(mixed())):
            if not deadly[at]:
                yield done
