"""Groups that wait for their batch, sealed under a key of the batch in a file of its own.

Which cards came together is in no other file, and in no backup of the state but under that key. Destroying
the key when the batch is signed forgets it everywhere, which deleting rows would not.
"""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Sequence

from psephos.crypto.siv import KEY_SIZE, open_each, seal_each
from psephos.errors import FormatError
from psephos.keystore.store import KeyStore
from psephos.protocol.enrolment.group import width
from psephos.protocol.setup.definition import Definition
from psephos.registrar.store import Store

Kept = tuple[bytes, bytes, bytes]
"""Commitment, randomness and cards of a group."""


class SealedGroups:
    """The groups of all batches that wait."""

    def __init__(self, definition: Definition, store: Store, secrets: KeyStore) -> None:
        self._store = store
        self._secrets = secrets
        self._card = width(definition)
        self._most = 64 + self._card * definition.cards
        self._keys: dict[tuple[int, int], bytes] = {}
        self.destroy_keys()  # the process may have ended before it did

    def add(self, database: sqlite3.Connection, region: int, batch: int, groups: Sequence[Kept]) -> None:
        """Keep groups with a batch, inside a transaction."""
        key = self._key(region, batch)
        if key is None:
            key = self._keys[region, batch] = os.urandom(KEY_SIZE)
            self._secrets.write(_name(region, batch), key)
        sealed = seal_each(key, map(self._pack, groups), _context(region, batch))
        database.executemany("INSERT INTO groups VALUES (?, ?, ?)", [(region, batch, one) for one in sealed])

    def read(self, region: int, batch: int) -> list[Kept]:
        """The groups of a batch; FormatError where its key is gone."""
        rows = self._store.read("SELECT sealed FROM groups WHERE region = ? AND batch = ?", region, batch)
        key = self._key(region, batch)
        if key is None:
            if not rows:
                return []
            raise FormatError(f"registrar's state: the key of batch {batch} of region {region} is gone")
        opened = open_each(key, (sealed for (sealed,) in rows), _context(region, batch))
        return [self._unpack(one) for one in opened]

    def drop(self, database: sqlite3.Connection, region: int, batch: int) -> None:
        """Give up a batch's groups, inside a transaction; after it, `destroy_keys` makes it true."""
        database.execute("DELETE FROM groups WHERE region = ? AND batch = ?", [region, batch])
        database.execute("INSERT INTO dropped VALUES (?, ?)", [region, batch])

    def destroy_keys(self) -> None:
        """Destroy the keys of batches that were dropped."""
        for region, batch in self._store.read("SELECT region, batch FROM dropped"):
            self._secrets.erase(_name(region, batch))
            self._keys.pop((region, batch), None)
            with self._store.write() as database:
                database.execute("DELETE FROM dropped WHERE region = ? AND batch = ?", [region, batch])

    def _key(self, region: int, batch: int) -> bytes | None:
        place = region, batch
        if place not in self._keys and (key := self._secrets.read(_name(region, batch))) is not None:
            self._keys[place] = key
        return self._keys.get(place)

    def _pack(self, group: Kept) -> bytes:
        """One length for all groups: how many cards one has is its voter's secret."""
        cards = len(group[2]) // self._card
        return bytes([cards]) + b"".join(group).ljust(self._most, b"\0")

    def _unpack(self, data: bytes) -> Kept:
        end = 65 + self._card * data[0]
        return data[1:33], data[33:65], data[65:end]


def _name(region: int, batch: int) -> str:
    """What the key store calls a batch's key."""
    return f"batch-{region}-{batch}"


def _context(region: int, batch: int) -> bytes:
    return f"psephos groups of batch {batch} of region {region}".encode()
