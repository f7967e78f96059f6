"""What time it is in a rehearsal: the options that say so are hidden, for they serve nobody else."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path
from typing import Annotated

from cyclopts import Parameter

At = Annotated[int | None, Parameter(show=False)]
"""The time, UTC seconds; the clock's unless it is given."""
ClockFile = Annotated[Path | None, Parameter(show=False)]
"""A file with the time, UTC seconds, which may change; the clock's unless it is given."""


def clock_from(file: Path | None) -> Callable[[], int]:
    """The clock, or what a file says instead."""
    return lambda: int(time.time() if file is None else file.read_text())
