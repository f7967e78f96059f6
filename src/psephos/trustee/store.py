"""A trustee's secrets on disk: whole or not there, and for nobody else to read."""

from __future__ import annotations

import os
from pathlib import Path


class SecretStore:
    """Small files under a directory that only its owner may enter."""

    def __init__(self, directory: Path) -> None:
        directory.mkdir(mode=0o700, parents=True, exist_ok=True)
        self._directory = directory

    def read(self, name: str) -> bytes | None:
        """A secret's bytes, or None where there is none."""
        path = self._directory / name
        return path.read_bytes() if path.exists() else None

    def write(self, name: str, data: bytes) -> None:
        """Put a secret on disk; when this returns it stays there."""
        if self.read(name) == data:
            return
        beside = self._directory / f"{name}.new"
        beside.unlink(missing_ok=True)
        with os.fdopen(os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        old = self._directory / f"{name}.old"
        old.unlink(missing_ok=True)
        if (path := self._directory / name).exists():
            old.hardlink_to(path)
        beside.replace(path)
        self._sync()
        self.erase(old.name)

    def erase(self, name: str) -> None:
        """Overwrite a secret and remove it."""
        self._overwrite(name)
        (self._directory / name).unlink(missing_ok=True)
        self._sync()

    def _overwrite(self, name: str) -> None:
        """Zeros over the old bytes: as much as a file system lets a program do."""
        path = self._directory / name
        if path.exists():
            with path.open("r+b") as file:
                file.write(bytes(path.stat().st_size))
                file.flush()
                os.fsync(file.fileno())

    def _sync(self) -> None:
        directory = os.open(self._directory, os.O_RDONLY)
        try:
            os.fsync(directory)
        finally:
            os.close(directory)
