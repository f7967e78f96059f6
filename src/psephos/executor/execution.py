"""Where the work of a role is done."""

from __future__ import annotations

from dataclasses import dataclass

from psephos.executor.job import Executor
from psephos.executor.local import Local
from psephos.executor.logged import Log


@dataclass(frozen=True)
class Execution:
    """An executor, and the log that its workers read.

    Without one, jobs carry the bytes that they are about: right where these need not travel.
    """

    executor: Executor
    log: Log | None = None


LOCAL = Execution(Local())
"""This process."""
