"""Files that only their owner reads: whole or not there, and overwritten when they go."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


def put(path: Path, data: bytes) -> None:
    """Make these a file's bytes, at once; when this returns they stay there, and the old ones are erased."""
    beside = _beside(path)
    _remove(beside)  # of a process that did not come to its end
    with os.fdopen(os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())
    with _overwritten(path):
        beside.replace(path)
        _sync(path.parent)


def erase(path: Path) -> None:
    """Overwrite a file and remove it, with what a process that ended early may have left beside it."""
    _remove(_beside(path))
    _remove(path)


def _beside(path: Path) -> Path:
    """Where a file is before it is whole."""
    return path.with_name(f"{path.name}.new")


def _remove(path: Path) -> None:
    if path.exists():
        with _overwritten(path):
            path.unlink()
            _sync(path.parent)


@contextmanager
def _overwritten(path: Path) -> Iterator[None]:
    """Zeros over what has lost its name inside: as much as a file system lets a program do."""
    if not path.exists():
        yield
        return
    with path.open("r+b") as old:
        yield
        old.write(bytes(os.fstat(old.fileno()).st_size))
        old.flush()
        os.fsync(old.fileno())


def _sync(directory: Path) -> None:
    descriptor = os.open(directory, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
