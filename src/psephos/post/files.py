"""Files that are whole or not there, and stay once they are there."""

from __future__ import annotations

import os
import secrets
from pathlib import Path

PUBLIC = 0o644
"""The mode of files that are made to be handed on, or served; all others are their owner's alone."""


def write_whole(path: Path, data: bytes, mode: int = 0o600) -> None:
    """Put a file in its place; when this returns it is on disk, and nobody ever sees a part of it.

    It has exactly this mode, whatever the process's umask is.
    """
    beside = path.with_name(f".{path.name}.{secrets.token_hex(8)}")
    try:
        with os.fdopen(os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode), "wb") as file:
            os.fchmod(file.fileno(), mode)
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        beside.replace(path)
    except BaseException:
        beside.unlink(missing_ok=True)
        raise
    sync(path.parent)


def sync(directory: Path) -> None:
    """Have the disk know what a directory holds."""
    descriptor = os.open(directory, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
