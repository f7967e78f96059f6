"""A role's secrets: small named files in a directory of their own, each sealed to the role's lock."""

from __future__ import annotations

import re
from pathlib import Path

from psephos.errors import FormatError
from psephos.files import erase, write_secret
from psephos.keystore.lock import Lock

_NAME = re.compile(r"[a-z][a-z0-9-]*")
_IDENTITY = "identity"
"""The lock's own file, in stores that a passphrase opens."""


class KeyStore:
    """Secrets by name (`[a-z][a-z0-9-]*`). What they hold never touches the disk in the clear."""

    def __init__(self, directory: Path, lock: Lock) -> None:
        self._directory = _own(directory)
        self._lock = lock

    def __repr__(self) -> str:
        return f"KeyStore({str(self._directory)!r}, {self._lock})"

    @classmethod
    def unlock(cls, directory: Path, passphrase: str) -> KeyStore:
        """The store that a passphrase opens; an empty one gets a lock, sealed to the passphrase."""
        path = _path(_own(directory), _IDENTITY)
        if not path.exists():
            if any(directory.glob("*.age")):
                raise FormatError(f"{directory}: a store, but not one that a passphrase opens")
            lock = Lock.draw()
            write_secret(path, lock.to_passphrase(passphrase))
            return cls(directory, lock)
        try:
            return cls(directory, Lock.from_passphrase(path.read_bytes(), passphrase))
        except FormatError as error:
            raise FormatError(f"{path}: {error}") from None

    def read(self, name: str) -> bytes | None:
        """A secret's bytes, or None where there is none; FormatError when the file does not open."""
        path = self._path(name)
        if not path.exists():
            return None
        try:
            return self._lock.open(path.read_bytes())
        except FormatError as error:
            raise FormatError(f"{path}: {error}") from None

    def write(self, name: str, data: bytes) -> None:
        """Put a secret on disk; when this returns it stays there."""
        if self.read(name) != data:
            write_secret(self._path(name), self._lock.seal(data))

    def erase(self, name: str) -> None:
        """Overwrite a secret's file, and remove it."""
        erase(self._path(name))

    def _path(self, name: str) -> Path:
        if name == _IDENTITY:
            raise FormatError(f"key store: {name} is the name of the lock")
        return _path(self._directory, name)


def _own(directory: Path) -> Path:
    """A directory that only its owner may enter."""
    directory.mkdir(mode=0o700, parents=True, exist_ok=True)
    directory.chmod(0o700)
    return directory


def _path(directory: Path, name: str) -> Path:
    if not _NAME.fullmatch(name):
        raise FormatError(f"key store: {name!r} is no name of a secret")
    return directory / f"{name}.age"
