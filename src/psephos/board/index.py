"""Where in the log which entry is, ballots apart."""

from __future__ import annotations

from collections.abc import Sequence
from hashlib import sha256

from psephos.protocol.entries import BALLOT_HEAD

CHECKPOINT_HEAD = b"\x86\x01\x03"  # how every checkpoint entry begins: six elements, version 1, type 3


class Index:
    """Knows the entries of a log by their bytes, so that none is logged twice."""

    def __init__(self) -> None:
        self._places: dict[bytes, int] = {}
        self.last = -1
        """Index of the last entry that is neither a ballot nor a checkpoint."""

    def add(self, start: int, entries: Sequence[bytes]) -> None:
        """Entries `start` and following."""
        for place, entry in enumerate(entries, start):
            if entry[:3] == BALLOT_HEAD:
                continue
            self._places.setdefault(sha256(entry).digest(), place)
            if entry[:3] != CHECKPOINT_HEAD:
                self.last = place

    def find(self, entry: bytes) -> int | None:
        """Where an entry stands; None where it does not, or is a ballot."""
        return self._places.get(sha256(entry).digest())
