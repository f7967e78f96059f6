"""Jobs in this process."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from psephos.executor.job import Done, Job


class Local:
    """Does one job after the other: the core spreads each over its threads (`crypto.workers`)."""

    def map(self, jobs: Iterable[Job[Done]]) -> Iterator[Done]:
        """The jobs' results; each is done when its result is asked for."""
        return (job() for job in jobs)
