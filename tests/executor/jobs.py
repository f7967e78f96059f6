"""Jobs that tests give to executors, where workers can import them."""

from __future__ import annotations

import ctypes
import os
import signal
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import ClassVar

from psephos.errors import Fault

_PR_GET_DUMPABLE = 3


@dataclass(frozen=True)
class Square:
    secret: ClassVar[bool] = False
    number: int

    def __call__(self) -> int:
        return self.number * self.number


@dataclass(frozen=True)
class Whisper:
    secret: ClassVar[bool] = True
    word: bytes = field(repr=False)

    def __call__(self) -> int:
        return len(self.word)


@dataclass(frozen=True)
class Mortal:
    """Kills the process that does it first, in the middle of its work; the next lives."""

    secret: ClassVar[bool] = False
    number: int
    grave: Path

    def __call__(self) -> int:
        try:
            self.grave.touch(exist_ok=False)
        except FileExistsError:
            return self.number
        os.kill(os.getpid(), signal.SIGKILL)
        raise AssertionError("nobody outlives SIGKILL")


@dataclass(frozen=True)
class Refusing:
    secret: ClassVar[bool] = False

    def __call__(self) -> int:
        raise ArithmeticError("will not")


@dataclass(frozen=True)
class Faulty:
    """Finds out that the machine cannot be relied on; who asks again does not."""

    secret: ClassVar[bool] = False
    grave: Path

    def __call__(self) -> int:
        try:
            self.grave.touch(exist_ok=False)
        except FileExistsError:
            return 0
        raise Fault("they differ")


@dataclass(frozen=True)
class Patient:
    """Waits until a file is there."""

    secret: ClassVar[bool] = False
    sign: Path

    def __call__(self) -> int:
        while not self.sign.exists():
            time.sleep(0.01)
        return 0


@dataclass(frozen=True)
class Dumpable:
    """Whether others may read the worker's memory, and a crash write it to disk (Linux)."""

    secret: ClassVar[bool] = False

    def __call__(self) -> int:
        return ctypes.CDLL(None).prctl(_PR_GET_DUMPABLE, 0, 0, 0, 0)
