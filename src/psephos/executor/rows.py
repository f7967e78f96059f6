"""The rows of a chunk that jobs are about: named where the log has them, else carried along."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from psephos.crypto.weighing import weighed_rows
from psephos.errors import ExecutorError
from psephos.executor.logged import Log
from psephos.protocol import entries
from psephos.protocol.entries import Weighing
from psephos.protocol.tally.weighing import Chain


@dataclass(frozen=True)
class ChunkRows:
    """The last rows of a chunk, of `width` ciphertexts: those that entry `entry` gives, or `given`."""

    width: int
    entry: int | None
    given: bytes = field(default=b"", repr=False)

    @classmethod
    def of(cls, chain: Chain, log: Log | None) -> ChunkRows:
        """The rows that a chain has come to. Rows 0 stand in no entry."""
        if log is None or not chain.links:
            return cls(chain.width, None, chain.last)
        return cls(chain.width, chain.links[-1].entry)


def read(log: Log | None, rows: Sequence[ChunkRows]) -> list[bytes]:
    """The bytes of some chunks' rows, each `64 * width` bytes a row."""
    named = [one.entry for one in rows if one.entry is not None]
    given = dict(zip(named, weighings(log, named), strict=True)) if log else {}
    return [
        one.given if one.entry is None else weighed_rows(given[one.entry].rows, one.width) for one in rows
    ]


def weighings(log: Log, indices: Sequence[int]) -> list[Weighing]:
    """The weighings that these entries are; ExecutorError for any other, which no fold would name."""
    payloads = [entries.decode(data).payload for data in log.entries(indices)]
    found = [payload for payload in payloads if isinstance(payload, Weighing)]
    if len(found) < len(payloads):
        raise ExecutorError(f"{log.location}: an entry that was named as a weighing is none")
    return found
