"""What can be done anywhere, and what does it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import ClassVar, Protocol, TypeVar

Done = TypeVar("Done")
Done_co = TypeVar("Done_co", covariant=True)


class Job(Protocol[Done_co]):
    """A pure piece of work that can be pickled: done again, anywhere, it gives the same.

    It takes a second or so, and carries what identifies its input rather than the input, where that is in
    the log. A job with secrets does not show them in its `repr`, which executors may log.
    """

    secret: ClassVar[bool]
    """Whether it carries what only the machines of its owner may know."""

    def __call__(self) -> Done_co:
        """Do it."""


class Executor(Protocol):
    """Does jobs."""

    def map(self, jobs: Iterable[Job[Done]]) -> Iterator[Done]:
        """The jobs' results in the jobs' order.

        Jobs are taken as they are needed, so that only so many are under way at once. Raises ExecutorError
        where they cannot be done.
        """
