"""The published log as a role reads it, verified: what is new, each time; what was seen stays seen."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from functools import cached_property
from pathlib import Path

from psephos.cli.process.stop import FAILED, WAITING, Stop, stopping
from psephos.cli.source import open_record
from psephos.errors import EvidenceMissing
from psephos.executor.execution import Execution
from psephos.executor.job import Executor
from psephos.executor.local import Local
from psephos.executor.logged import Followed
from psephos.executor.speculative_fold import SpeculativeFold
from psephos.files import write_whole
from psephos.log.checkpoints import TreeHead
from psephos.log.client import Client
from psephos.protocol.proofs import Proofs
from psephos.protocol.record import Record
from psephos.protocol.setup.pin import Pin
from psephos.reader import Reader
from psephos.scratch import Scratch
from psephos.verifier.run import policy

_PART = "not all of the log is there"
_NOTHING = "no log is published yet, which begins when the organiser publishes the definition"


class Reading:
    """Reads a log into a record; proofs are checked by workers, where there are some."""

    def __init__(self, log: str, pin: Pin, seen: Path, executor: Executor | None = None) -> None:
        """`seen` is the file that says what earlier commands have read."""
        self.latest: TreeHead | None = None
        """Up to where the record was read."""
        self._source: Client = open_record(log)
        self._followed = Followed(self._source, log)
        self._pin, self._seen, self._executor = pin, seen, executor

    @contextmanager
    def record(self) -> Iterator[Record]:
        """The record as far as the log goes: what is new since it was last asked for.

        It must extend what was read before, also by earlier commands.
        """
        with self._source, stopping(FAILED):
            try:
                reader = self._read()
            except EvidenceMissing as error:
                missing = _NOTHING if str(error).startswith("checkpoint: ") and not self._earlier() else _PART
                raise Stop(f"waits for the board: {missing}: {error}", WAITING) from error
            self.latest, record = reader.latest, reader.record
            if self.latest is not None and self.latest != self._earlier():
                write_whole(self._seen, self.latest.text.encode())
            if record.begun and record.definition.hash != self._pin.definition:
                raise Stop("check 2.1 failed through organiser: the definition is not the pinned one", FAILED)
            yield record

    @property
    def site(self) -> Execution:
        """Where work on the record is done, once it has been read."""
        return (
            Execution(Local()) if self._executor is None else Execution(self._executor, self._followed.log())
        )

    def _read(self) -> Reader:
        return _read(self._reader) if self._ahead is None else self._ahead.fold(_read)

    @cached_property
    def _ahead(self) -> SpeculativeFold[Reader] | None:
        if self._executor is None:
            return None
        return SpeculativeFold(self._begin, self._executor, self._followed.log)

    @cached_property
    def _reader(self) -> Reader:
        return self._begin()

    def _begin(self, proofs: Proofs | None = None) -> Reader:
        return Reader(self._followed, policy(self._pin), self._earlier(), Scratch(), proofs)

    def _earlier(self) -> TreeHead | None:
        with stopping(FAILED, str(self._seen)):
            return TreeHead.parse(self._seen.read_text(errors="replace")) if self._seen.exists() else None


def _read(reader: Reader) -> Reader:
    reader.read()
    return reader
