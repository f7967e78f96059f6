"""Where processor time goes: clocks around everything that is not Python's own work.

What reading a clock takes outside of what it measures is measured before, and added up.

They read the time of the whole process (`time.process_time`), for the core works on threads of its own, and
the log's store writes on one. Two threads are never busy at once here, so nothing is counted twice. What no
clock sees is Python's: its interpreter, its memory, hashing with `hashlib`.
"""

from __future__ import annotations

import os
import sqlite3
import sys
import threading
from collections.abc import Callable, Iterator
from functools import wraps
from time import process_time
from typing import Any

from psephos import _core
from psephos.crypto.signature import SigningKey
from psephos.log import client, export
from psephos.log.tree import Tree


class Clock:
    """Processor seconds spent in what it was put around; what is called from inside is counted with it."""

    def __init__(self) -> None:
        self.seconds, self.times = 0.0, 0
        self._running = threading.local()

    def __enter__(self) -> None:
        depth = getattr(self._running, "depth", 0)
        if not depth:
            self._running.start = process_time()
        self._running.depth = depth + 1

    def __exit__(self, *_: object) -> None:
        self._running.depth -= 1
        if not self._running.depth:
            self.seconds += process_time() - self._running.start
            self.times += 1

    def around(self, function: Callable[..., Any]) -> Callable[..., Any]:
        """The same function, measured."""

        @wraps(function)
        def measured(*arguments: Any, **named: Any) -> Any:
            with self:
                return function(*arguments, **named)

        return measured

    def each(self, function: Callable[..., Iterator[Any]]) -> Callable[..., Iterator[Any]]:
        """The same generator function, measured while it makes the next of what it yields."""

        @wraps(function)
        def measured(*arguments: Any, **named: Any) -> Iterator[Any]:
            items = function(*arguments, **named)
            while True:
                with self:
                    item = next(items, self)
                if item is self:
                    return
                yield item

        return measured


class Clocks:
    """All clocks: `core`, `pyca` (signing, AES), `disk` (SQLite, files) share no time; the rest is Python,
    but for `clocks`, what they take themselves.

    `reading` overlaps with them: reading, hashing and parsing a log by who verifies it.
    """

    def __init__(self) -> None:
        """Put them on, for good: a process that measures does nothing else."""
        self.pyca, self.disk, self.reading = Clock(), Clock(), Clock()
        self._functions: dict[str, Clock] = {}
        self._each = _overhead()
        self._around_core()
        SigningKey.sign = self.pyca.around(SigningKey.sign)  # type: ignore[method-assign]
        self._around_disk()
        Tree.entries = self.reading.each(Tree.entries)  # type: ignore[method-assign]

    def seconds(self) -> dict[str, float]:
        """What each shows; those of the core's functions besides by name."""
        shown = {f"core.{name}": clock.seconds for name, clock in self._functions.items()}
        shown["core"] = sum(shown.values())
        for name in ("pyca", "disk", "reading"):
            shown[name] = getattr(self, name).seconds
        clocks = (*self._functions.values(), self.pyca, self.disk)
        shown["clocks"] = self._each * sum(clock.times for clock in clocks)
        return shown

    def _around_core(self) -> None:
        """Every function of the core, wherever a module has imported it to; its classes, too.

        But for the codec of single messages, which takes less time than a clock and counts as Python.
        """
        measured: dict[Any, Any] = {}
        for name, function in vars(_core).items():
            if callable(function) and not name.startswith("_") and name not in ("decode_cbor", "encode_cbor"):
                clock = self._functions[name] = Clock()
                measured[function] = (
                    _methods(function, clock) if isinstance(function, type) else clock.around(function)
                )
        measured[_core.parse_ballots] = self.reading.around(measured[_core.parse_ballots])
        modules = [module for name, module in sys.modules.items() if name.partition(".")[0] == "psephos"]
        for module in modules:
            for name, value in list(vars(module).items()):
                if callable(value) and value.__hash__ and value in measured:
                    setattr(module, name, measured[value])

    def _around_disk(self) -> None:
        """Cursors of SQLite, files as a log is read and exported, scratch files, waiting for the disk."""
        disk = self.disk

        class Cursor(sqlite3.Cursor):
            execute = disk.around(sqlite3.Cursor.execute)
            executemany = disk.around(sqlite3.Cursor.executemany)
            fetchall = disk.around(sqlite3.Cursor.fetchall)
            fetchone = disk.around(sqlite3.Cursor.fetchone)

        class Connection(sqlite3.Connection):
            def cursor(self, factory: Any = Cursor) -> Any:
                return super().cursor(factory)

            def execute(self, *given: Any) -> Any:
                return self.cursor().execute(*given)

            def executemany(self, *given: Any) -> Any:
                return self.cursor().executemany(*given)

        connect = sqlite3.connect
        sqlite3.connect = lambda *given, **named: connect(*given, factory=Connection, **named)  # type: ignore
        client._Directory.fetch = disk.around(client._Directory.fetch)  # type: ignore[method-assign]
        export._write = disk.around(export._write)
        for name in ("fsync", "pread", "pwrite"):
            setattr(os, name, disk.around(getattr(os, name)))


def _overhead() -> float:
    """Seconds that a clock takes, each time it is used, outside of what it shows."""
    clock, times = Clock(), 20_000
    nothing = clock.around(lambda: None)
    start = process_time()
    for _ in range(times):
        nothing()
    return (process_time() - start - clock.seconds) / times


def _methods(kind: type, clock: Clock) -> type:
    """A class that does as `kind`, measured."""

    class Measured:
        def __init__(self, *given: Any) -> None:
            self._inner = kind(*given)

        def __getattr__(self, name: str) -> Any:
            return clock.around(getattr(self._inner, name))

        def __len__(self) -> int:
            return len(self._inner)

    return Measured
