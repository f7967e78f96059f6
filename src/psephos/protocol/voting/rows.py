"""Ballots of a day as columns, and the rows that its seal makes of them (`spec/phases.md#rows`)."""

from __future__ import annotations

from array import array

from psephos.crypto.column import KeySet, last_ballots, take
from psephos.protocol.storage import RUN, ByteStore, Column


class BallotRows:
    """Ballots of one region and day, column by column; after the seal one row a card, in log order."""

    def __init__(self, storage: ByteStore, options: int) -> None:
        """`options` are those of the region's style, all contests together."""
        self._storage, self._options = storage, options
        self.cards: array[int] = array("I")
        """Each row's place in the roster."""
        self.serials = bytearray()
        self.hashes = Column(storage, 32)
        self.ciphertexts = Column(storage, 64 * options)
        self.known = KeySet()
        """Body hashes, while the day is open."""

    def __len__(self) -> int:
        return len(self.cards)

    def hash(self, row: int) -> bytes:
        """The body hash of a row's ballot."""
        return self.hashes.read(row, row + 1)

    def chosen(self) -> BallotRows:
        """Of each card the ballot with the highest serial, then the lowest hash."""
        order = array("I", last_ballots(self.cards, self.serials, self.hashes.read()))
        rows = BallotRows(self._storage, self._options)
        rows.cards.frombytes(take(self.cards, 4, order))
        rows.serials += take(self.serials, 1, order)
        rows.hashes.append(self.hashes.take(order))
        step = max(1, RUN // self.ciphertexts.width)
        for start in range(0, len(order), step):
            rows.ciphertexts.append(self.ciphertexts.take(order[start : start + step]))
        return rows
