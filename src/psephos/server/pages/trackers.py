"""Which entry of the log has a hash: what people search by."""

from __future__ import annotations

from collections.abc import Sequence

from psephos.crypto.ballot import Ballots
from psephos.crypto.column import rows
from psephos.protocol import entries
from psephos.protocol.entries import BALLOT_HEAD
from psephos.protocol.record import Record

_HASH = 32


class Trackers:
    """The body hash of every entry, in the order of the log. One thread adds, others find."""

    def __init__(self) -> None:
        self._hashes = bytearray()

    @property
    def size(self) -> int:
        """How many entries are known."""
        return len(self._hashes) // _HASH

    def add(self, record: Record, data: Sequence[bytes]) -> None:
        """The next entries of the log that `record` has folded."""
        ballots = [entry for entry in data if entry[:3] == BALLOT_HEAD]
        column = iter(_ballot_hashes(record, ballots))
        self._hashes += b"".join(
            next(column) if entry[:3] == BALLOT_HEAD else entries.decode(entry).body_hash for entry in data
        )

    def find(self, tracker: bytes) -> int | None:
        """The first entry with this body hash."""
        offset = self._hashes.find(tracker)
        while offset >= 0 and offset % _HASH:
            offset = self._hashes.find(tracker, offset + 1)
        return offset // _HASH if offset >= 0 else None


def _ballot_hashes(record: Record, ballots: Sequence[bytes]) -> list[bytes]:
    """Zeros for what is not well formed: it is void, and nobody's."""
    if not ballots:
        return []
    styles = [region.style.shape for region in record.definition.regions]
    return rows(Ballots.parse(ballots, record.joint_key.election_hash, styles).hashes, _HASH)
