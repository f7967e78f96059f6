"""How much of the time is spent inside the Rust core, by a clock around each of its functions."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from time import process_time
from typing import Any

from psephos import _core


class CoreClock:
    """Processor seconds of this process spent in functions of the core since the clock was put on."""

    def __init__(self) -> None:
        """Put it on; functions that were imported by name before this go unmeasured."""
        self.seconds = 0.0
        for name, function in list(vars(_core).items()):
            if callable(function) and not name.startswith("_"):
                setattr(_core, name, self._timed(function))

    def _timed(self, function: Callable[..., Any]) -> Callable[..., Any]:
        @wraps(function)
        def timed(*arguments: Any, **named: Any) -> Any:
            start = process_time()
            try:
                return function(*arguments, **named)
            finally:
                self.seconds += process_time() - start

        return timed
