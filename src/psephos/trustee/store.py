"""A trustee's secrets on disk: whole or not there, and for nobody else to read."""

from __future__ import annotations

import os
from pathlib import Path


class SecretStore:
    """Small files under a directory that only its owner may enter."""

    def __init__(self, directory: Path) -> None:
        directory.mkdir(mode=0o700, parents=True, exist_ok=True)
        directory.chmod(0o700)
        self._directory = directory

    def read(self, name: str) -> bytes | None:
        """A secret's bytes, or None where there is none."""
        path = self._directory / name
        return path.read_bytes() if path.exists() else None

    def write(self, name: str, data: bytes) -> None:
        """Put a secret on disk in place of the old one; when this returns it stays there."""
        self._tidy(name)
        if self.read(name) == data:
            return
        path, new, old = self._paths(name)
        with os.fdopen(os.open(new, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        if path.exists():
            old.hardlink_to(path)
        new.replace(path)
        self._sync()
        self._tidy(name)

    def erase(self, name: str) -> None:
        """Overwrite a secret and remove it, with what a process that ended early may have left beside it."""
        for path in self._paths(name):
            _shred(path)
        self._sync()

    def _paths(self, name: str) -> tuple[Path, Path, Path]:
        """Where a secret is, where it is before it is whole, and where the one before it goes."""
        path = self._directory / name
        return path, path.with_name(f"{name}.new"), path.with_name(f"{name}.old")

    def _tidy(self, name: str) -> None:
        """Erase what a write has left, or one that did not come to its end."""
        path, new, old = self._paths(name)
        _shred(new)
        if old.exists() and path.exists() and old.samefile(path):
            old.unlink()  # only a second name, of what has not been replaced
        else:
            _shred(old)
        self._sync()

    def _sync(self) -> None:
        directory = os.open(self._directory, os.O_RDONLY)
        try:
            os.fsync(directory)
        finally:
            os.close(directory)


def _shred(path: Path) -> None:
    """Zeros over the bytes, as much as a file system lets a program do, and the file is gone."""
    if path.exists():
        with path.open("r+b") as file:
            file.write(bytes(path.stat().st_size))
            file.flush()
            os.fsync(file.fileno())
        path.unlink()
