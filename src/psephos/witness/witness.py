"""A witness of logs: cosigns each checkpoint that extends the last it cosigned, and nothing else.

The rules are those of C2SP tlog-witness, add-checkpoint (`spec/log.md#witnesses`).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path

from psephos.crypto.signature import SigningKey
from psephos.database.database import Database
from psephos.database.lock_wait import LockWait
from psephos.database.sqlite import SQLite
from psephos.errors import FormatError, LogError
from psephos.log import checkpoints, cosignature, merkle, note
from psephos.log.checkpoints import TreeHead
from psephos.log.note import COSIGNATURE_V1, Note, Signature, VerifierKey
from psephos.log.submission import Conflict, Inconsistent, UnknownLog, Unsigned

_TABLE = """
CREATE TABLE IF NOT EXISTS seen (
    origin TEXT PRIMARY KEY,
    size INTEGER NOT NULL,
    root BLOB NOT NULL,
    time INTEGER NOT NULL,
    note BLOB NOT NULL
)
"""
_PUT = """
INSERT INTO seen VALUES (?, ?, ?, ?, ?) ON CONFLICT (origin)
DO UPDATE SET size = excluded.size, root = excluded.root, time = excluded.time, note = excluded.note
"""


_TIMEOUT = 6.0
"""Seconds for which another program that holds the state is waited for: less than a board waits."""


class Witness:
    """A named cosigner that remembers on disk what it cosigned last, for each log that it knows."""

    def __init__(self, name: str, key: SigningKey, logs: Iterable[VerifierKey], path: Path) -> None:
        """`logs`: the keys of the logs to witness, each named by its origin; `path`: where to remember."""
        self.key = VerifierKey(name, COSIGNATURE_V1, key.public)
        self._signing_key = key
        self._logs = {log.name: log for log in logs}
        self._state = Database(SQLite(path, journal="DELETE"), _TABLE, LockWait(_TIMEOUT))

    def add_checkpoint(self, old_size: int, proof: Sequence[bytes], checkpoint: bytes, now: int) -> bytes:
        """The signature line for a checkpoint that extends the one cosigned last, which had size `old_size`.

        `now`, in POSIX seconds, goes into the cosignature, or the last time where that is later. The state is
        on disk before anything is returned. Raises FormatError, UnknownLog, Unsigned, Conflict,
        Inconsistent; DatabaseHeld while another program holds the state.
        """
        new, signed, by_log = self._open(checkpoint)
        if not 0 <= old_size <= new.size:
            raise FormatError(f"submission: old size {old_size} is beyond the checkpoint's {new.size}")
        with self._state.write() as transaction:
            seen = transaction.run("SELECT size, root, time FROM seen WHERE origin = ?", new.origin)
            size, root, time = seen[0] if seen else (0, merkle.EMPTY_ROOT, 0)
            if old_size != size:
                raise Conflict(size)
            try:
                merkle.verify_consistency(size, new.size, proof, root, new.root)
            except LogError as error:
                raise Inconsistent(f"{new.origin}: {error}") from error
            # An earlier time would contradict what it has said. So a clock that was wrong for a moment, and
            # is right again, costs true times for a while, and no cosignature.
            said = max(now, time)
            line = cosignature.sign(signed.text, said, self.key.name, self._signing_key)
            kept = Note(signed.text, (by_log, line)).encode()
            transaction.run(_PUT, new.origin, new.size, new.root, said, kept)
        return line.encode()

    def checkpoint(self, origin: str) -> bytes | None:
        """The last checkpoint cosigned of a log, with the log's signature and this witness's; None before."""
        rows = self._state.read("SELECT note FROM seen WHERE origin = ?", origin)
        return rows[0][0] if rows else None

    def close(self) -> None:
        """Close the state."""
        self._state.close()

    def __enter__(self) -> Witness:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _open(self, data: bytes) -> tuple[TreeHead, Note, Signature]:
        checkpoint, signed = checkpoints.read(data)
        if checkpoint.origin not in self._logs:
            raise UnknownLog(f"witness {self.key.name}: {checkpoint.origin!r} is not a log it knows")
        try:
            by_log = note.verify(signed, self._logs[checkpoint.origin])
        except LogError as error:
            raise Unsigned(str(error)) from error
        if checkpoint.size == 0 and checkpoint.root != merkle.EMPTY_ROOT:
            raise Inconsistent(f"{checkpoint.origin}: size 0 with a root that is not the empty tree's")
        return checkpoint, signed, by_log
