"""Files that are whole or not there, and stay once they are there; secrets are overwritten when they go.

`write_whole` is for all files, `write_secret` and `erase` for those whose earlier bytes must not be left.
`replace_whole` and `sync` are its two steps, for who writes many files before one that speaks of them.
"""

from __future__ import annotations

import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

PUBLIC = 0o644
"""The mode of files that are made to be handed on, or served; all others are their owner's alone."""
PRIVATE = 0o600


def write_whole(path: Path, data: bytes, mode: int = PRIVATE) -> None:
    """Put a file in its place; when this returns it is on disk, and nobody ever sees a part of it.

    It has exactly this mode, whatever the process's umask is. Two may write the same file at once.
    """
    replace_whole(path, data, mode, path.with_name(f".{path.name}.{secrets.token_hex(8)}"))
    sync(path.parent)


def replace_whole(path: Path, data: bytes, mode: int, beside: Path) -> None:
    """Put a file in its place, written `beside` first; it is not there for certain before `sync`.

    What a process that ended early has left beside is removed.
    """
    beside.unlink(missing_ok=True)
    try:
        _create(beside, data, mode)
        beside.replace(path)
    except BaseException:
        beside.unlink(missing_ok=True)
        raise


def sync(directory: Path) -> None:
    """Have the disk know what a directory holds."""
    descriptor = os.open(directory, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def write_secret(path: Path, data: bytes) -> None:
    """Put a file in its place, for its owner alone; when this returns its earlier bytes are overwritten."""
    beside = _beside(path)
    _remove(beside)  # of a process that did not come to its end
    _create(beside, data, PRIVATE)
    with _overwritten(path):
        beside.replace(path)
        sync(path.parent)


def erase(path: Path) -> None:
    """Overwrite a file and remove it, with what a process that ended early may have left beside it."""
    _remove(_beside(path))
    _remove(path)


def _create(path: Path, data: bytes, mode: int) -> None:
    """Write a file that is not there yet, and have its bytes on disk."""
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode), "wb") as file:
        os.fchmod(file.fileno(), mode)
        file.write(data)
        file.flush()
        os.fsync(file.fileno())


def _beside(path: Path) -> Path:
    """Where a secret is before it is whole: its name is known, so that what is left there can be erased."""
    return path.with_name(f"{path.name}.new")


def _remove(path: Path) -> None:
    if path.exists():
        with _overwritten(path):
            path.unlink()
            sync(path.parent)


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
