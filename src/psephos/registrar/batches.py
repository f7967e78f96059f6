"""Batches: groups wait for others, are published as cards, and are erased (`spec/checks.md`, 4.2).

A group joins the open batch until that has `min_batch` voters' groups, then the next. A batch is cut when as
many wait behind it, so that what is left over is never too small; what waits at the close is the last batch.
"""

from __future__ import annotations

import sqlite3
from array import array
from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import sha256

from psephos.crypto.column import KeySet, columns, rows_where, sort_records
from psephos.crypto.group import sum_scalars
from psephos.protocol.enrolment.group import width
from psephos.protocol.enrolment.roster import UNWEIGHTED
from psephos.protocol.entry import Batch
from psephos.registrar.office import Office
from psephos.registrar.sealed_groups import Kept, SealedGroups

_CLOSE = "INSERT INTO regions (region, closed) VALUES (?, 1) ON CONFLICT DO UPDATE SET closed = 1"


@dataclass(frozen=True, repr=False)
class Admitted:
    """What is kept, sealed, of a group until its batch is signed."""

    region: int
    kind: int
    commitment: bytes
    randomness: bytes
    cards: bytes


class Batches:
    """All batches of all regions, waiting and signed."""

    def __init__(self, office: Office) -> None:
        self._office = office
        self._store = office.store
        self._groups = SealedGroups(office.definition, office.store, office.secrets)
        self._width = width(office.definition)
        self.known = KeySet()
        """K of every card that waits or is in a signed batch."""
        self._know_all()

    def _know_all(self) -> None:
        for place in self._store.read("SELECT region, batch FROM waiting"):
            for *_, cards in self._groups.read(*place):
                self.known.add(self.keys(cards))
        for region, batch in self._store.read("SELECT region, batch FROM batches"):
            signed = "SELECT content, groups FROM batches WHERE region = ? AND batch = ?"
            [(content, groups)] = self._store.read(signed, region, batch)
            self.known.add(self.keys(content[: len(content) - 32 * groups]))

    def keys(self, cards: bytes) -> bytes:
        """K of each card record."""
        return columns(cards, self._width, 0, 32)

    def enrolled(self, keys: bytes) -> set[bytes]:
        """Those of these keys, 32 bytes each, whose cards wait or are in a signed batch."""
        known = array("I", rows_where(self.known.has(keys), 1, b"\1"))
        return {keys[32 * row : 32 * row + 32] for row in known}

    def add(self, database: sqlite3.Connection, groups: Sequence[Admitted]) -> list[int]:
        """Let groups wait, inside a transaction; the number of the batch that each will be in."""
        open_batches = {region: self._open_batch(region) for region in {group.region for group in groups}}
        joining: dict[tuple[int, int], list[Kept]] = {}
        waiting: dict[tuple[int, int], int] = {}
        numbers = []
        for group in groups:
            batch, voters = open_batches[group.region]
            if voters >= self._office.definition.min_batch:
                batch, voters = batch + 1, 0
            open_batches[group.region] = batch, voters + group.kind
            waiting[group.region, batch] = voters + group.kind
            joining.setdefault((group.region, batch), []).append(
                (group.commitment, group.randomness, group.cards)
            )
            numbers.append(batch)
        for place, kept in joining.items():
            self._groups.add(database, *place, kept)
        database.executemany(
            "INSERT INTO waiting VALUES (?, ?, ?) ON CONFLICT DO UPDATE SET voters = excluded.voters",
            [(*place, voters) for place, voters in waiting.items()],
        )
        return numbers

    def _open_batch(self, region: int) -> tuple[int, int]:
        """The number of the batch that groups join, and its voters' groups so far."""
        waiting = self._waiting(region)
        if waiting:
            return waiting[-1]
        (last,) = self._store.read("SELECT MAX(batch) FROM batches WHERE region = ?", region)[0]
        return (last or 0) + 1, 0

    def _waiting(self, region: int) -> list[tuple[int, int]]:
        """Number and voters' groups of each batch that waits, ascending."""
        return self._store.read("SELECT batch, voters FROM waiting WHERE region = ? ORDER BY batch", region)

    def cut(self, region: int) -> list[bytes]:
        """Sign the lowest batch that waits, if it is due: the entries that log it, or none."""
        definition = self._office.definition
        enough = definition.min_batch if definition.coercion_resistant else 1
        with self._store.write() as database:
            waiting = self._waiting(region)
            if not waiting or waiting[0][1] < enough or sum(voters for _, voters in waiting[1:]) < enough:
                return []
            self._sign(database, region, waiting[:1], last=False)
        self._groups.destroy_keys()
        return self.entries(region, waiting[0][0])

    def close(self, region: int) -> list[bytes]:
        """End a region's enrolment: the entries of its last batch, the same each time; none without voters.

        Decoys' groups in a region without voters are erased and make no batch.
        """
        with self._store.write() as database:
            if not self._office.closed(region):
                self._sign(database, region, self._waiting(region), last=True)
                database.execute(_CLOSE, [region])
        self._groups.destroy_keys()
        (last,) = self._store.read("SELECT MAX(batch) FROM batches WHERE region = ?", region)[0]
        return self.entries(region, last) if last else []

    def entries(self, region: int, batch: int) -> list[bytes]:
        """The entries that log a signed batch; none where there is no such batch."""
        found = self._store.read(
            "SELECT content, entry FROM batches WHERE region = ? AND batch = ?", region, batch
        )
        return [*self._office.bundle(found[0][0]), found[0][1]] if found else []

    def _sign(
        self, database: sqlite3.Connection, region: int, waiting: Sequence[tuple[int, int]], last: bool
    ) -> None:
        """Make one batch of those that wait, and delete what they were made of."""
        voters = sum(count for _, count in waiting)
        if voters:
            groups = [group for batch, _ in waiting for group in self._groups.read(region, batch)]
            content, batch = self._content(region, waiting[0][0], voters, groups, last)
            row = (region, batch.batch, batch.groups, content, self._office.sign(batch))
            database.execute("INSERT INTO batches VALUES (?, ?, ?, ?, ?)", row)
        for number, _ in waiting:
            database.execute("DELETE FROM waiting WHERE region = ? AND batch = ?", [region, number])
            self._groups.drop(database, region, number)

    def _content(
        self, region: int, number: int, voters: int, groups: Sequence[Kept], last: bool
    ) -> tuple[bytes, Batch]:
        """A batch's bundle and what closes it."""
        definition = self._office.definition
        cards, _ = sort_records(b"".join(cards for *_, cards in groups), self._width)
        content = cards + b"".join(sorted(commitment for commitment, *_ in groups))
        weighted = definition.coercion_resistant
        return content, Batch(
            region,
            number,
            voters,
            len(groups),
            len(cards) // self._width,
            int(last),
            int(weighted and voters < definition.min_batch),
            sum_scalars(b"".join(one for _, one, _ in groups)) if weighted else UNWEIGHTED,
            sha256(content).digest(),
        )
