"""The log on disk: entries, hash tiles, blobs and the latest checkpoint, in SQLite or PostgreSQL.

One thread writes. It takes all appends that are waiting into one transaction, and answers none of them before
the disk has it.
"""

from __future__ import annotations

import queue
import threading
from collections.abc import Sequence
from concurrent.futures import Future
from functools import lru_cache
from hashlib import sha256

from psephos.crypto.hashing import leaf_hashes, tree_root
from psephos.database.database import Transaction
from psephos.database.location import Location, open_tables
from psephos.database.lock_wait import LockWait
from psephos.errors import LogError
from psephos.log import checkpoints, merkle, tiles
from psephos.log.checkpoints import TreeHead
from psephos.log.merkle import HASH_SIZE, split
from psephos.log.tiles import ENTRIES, TILE_HEIGHT, TILE_WIDTH, Edge, Tile

_TABLES = """
CREATE TABLE IF NOT EXISTS log ("only" INTEGER PRIMARY KEY CHECK ("only" = 1), origin TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS entries (number INTEGER PRIMARY KEY, data BLOB NOT NULL);
CREATE TABLE IF NOT EXISTS tiles
    (level INTEGER NOT NULL, number INTEGER NOT NULL, hashes BLOB NOT NULL, PRIMARY KEY (level, number));
CREATE TABLE IF NOT EXISTS blobs (digest TEXT PRIMARY KEY, data BLOB NOT NULL);
CREATE TABLE IF NOT EXISTS checkpoint ("only" INTEGER PRIMARY KEY CHECK ("only" = 1), note BLOB NOT NULL);
"""
_PUT_TILE = (
    "INSERT INTO tiles VALUES (?, ?, ?) ON CONFLICT (level, number) DO UPDATE SET hashes = excluded.hashes"
)
_PUT_NOTE = 'INSERT INTO checkpoint VALUES (1, ?) ON CONFLICT ("only") DO UPDATE SET note = excluded.note'
_MOST_AT_ONCE = 10_000
_CACHED_TILES = 16


class _Append:
    """What one caller wants appended, and where it waits for the indices."""

    def __init__(self, entries: Sequence[bytes], blobs: Sequence[bytes]) -> None:
        for entry in entries:
            tiles.check_entry(entry)
        self.entries = entries
        self.blobs = [(sha256(blob).hexdigest(), blob) for blob in blobs]
        self.done: Future[range] = Future()
        self.done.set_running_or_notify_cancel()  # what is on its way to the disk cannot be called back


class LogStore:
    """An append-only log of bytes with the given origin; safe to call from any thread."""

    def __init__(self, place: Location, origin: str, lock_wait: LockWait | None = None) -> None:
        """`lock_wait`: how long another program that holds the tables is waited for."""
        self.origin = origin
        self._queueing = threading.Lock()
        self._queue: queue.Queue[_Append | None] = queue.Queue()
        self._closed = False
        self._full = lru_cache(_CACHED_TILES)(self.tile)
        self._database = open_tables(place, _TABLES, lock_wait)
        try:
            with self._database.write() as transaction:
                self._claim(transaction)
                self._edge = _last_edge(transaction)
        except BaseException:
            self._database.close()
            raise
        self._writer = threading.Thread(target=self._write_all, name=f"log of {origin}", daemon=True)
        self._writer.start()

    def _claim(self, transaction: Transaction) -> None:
        transaction.run("INSERT INTO log VALUES (1, ?) ON CONFLICT DO NOTHING", self.origin)
        ((origin,),) = transaction.run("SELECT origin FROM log")
        if origin != self.origin:
            raise LogError(f"store: holds the log {origin}, not {self.origin}")

    def __enter__(self) -> LogStore:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    @property
    def size(self) -> int:
        """The number of entries that are on disk."""
        return self._edge.size

    def append(self, entries: Sequence[bytes], blobs: Sequence[bytes] = ()) -> Future[range]:
        """Append entries in order, and keep blobs with them, all or none.

        The future gives the entries' indices once they are on disk; they are neighbours.
        """
        job = _Append(entries, blobs)
        with self._queueing:
            if self._closed:
                raise LogError("store: it is closed already")
            self._queue.put(job)
        return job.done

    def entries(self, start: int, stop: int) -> list[bytes]:
        """Entries start..stop-1."""
        rows = self._database.read(
            "SELECT data FROM entries WHERE number >= ? AND number < ? ORDER BY number", start, stop
        )
        if not 0 <= start <= stop or len(rows) != stop - start:
            raise LogError(f"store: entries {start} to {stop}: the log has only {self.size}")
        return [data for (data,) in rows]

    def tile(self, tile: Tile) -> bytes:
        """A hash tile's or bundle's bytes, at any width that the log has reached."""
        if tile.level == ENTRIES:
            first = tile.index * TILE_WIDTH
            return tiles.encode_bundle(self.entries(first, first + tile.width))
        rows = self._database.read(
            "SELECT hashes FROM tiles WHERE level = ? AND number = ?", tile.level, tile.index
        )
        if not rows or len(rows[0][0]) < tile.width * HASH_SIZE:
            raise LogError(f"store: there is no {tile.path}")
        hashes: bytes = rows[0][0]
        return hashes[: tile.width * HASH_SIZE]

    def hash(self, level: int, index: int) -> bytes:
        """The root of a perfect subtree (a `merkle.HashReader`)."""
        above, inside = divmod(level, TILE_HEIGHT)
        number, first = divmod(index << inside, TILE_WIDTH)
        hashes = self._hashes(Tile(above, number, first + (1 << inside)))
        return tree_root(hashes[first * HASH_SIZE :])

    def root(self, size: int) -> bytes:
        """The root of the first `size` entries."""
        edge = self._edge
        return edge.root() if size == edge.size else merkle.range_root(0, size, self.hash)

    def _hashes(self, tile: Tile) -> bytes:
        """A hash tile's bytes: the log's last are in memory, and of those that are full some."""
        edge = self._edge
        if tile.level < len(edge.tiles) and tile.index == edge.size >> TILE_HEIGHT * (tile.level + 1):
            hashes = bytes(edge.tiles[tile.level])
        else:
            hashes = self._full(Tile(tile.level, tile.index))
        if len(hashes) < tile.width * HASH_SIZE:
            raise LogError(f"store: there is no {tile.path}")
        return hashes[: tile.width * HASH_SIZE]

    def blob(self, digest: str) -> bytes:
        """A blob by the hex of its SHA-256."""
        rows = self._database.read("SELECT data FROM blobs WHERE digest = ?", digest)
        if not rows:
            raise LogError(f"store: there is no blob {digest}")
        data: bytes = rows[0][0]
        return data

    def blob_size(self, digest: str) -> int:
        """Bytes of a blob by the hex of its SHA-256; 0 where there is none."""
        rows = self._database.read("SELECT length(data) FROM blobs WHERE digest = ?", digest)
        return int(rows[0][0]) if rows else 0

    def blobs(self) -> list[str]:
        """The digests of all blobs."""
        return [digest for (digest,) in self._database.read("SELECT digest FROM blobs ORDER BY digest")]

    def checkpoint(self) -> bytes | None:
        """The latest checkpoint that was saved."""
        rows = self._database.read("SELECT note FROM checkpoint")
        return rows[0][0] if rows else None

    def save_checkpoint(self, data: bytes) -> None:
        """Keep a signed or cosigned checkpoint of this log, unless that would rewind the one kept."""
        checkpoint, _ = checkpoints.read(data)
        with self._database.write() as transaction:
            latest = transaction.run("SELECT note FROM checkpoint")
            self._check_follows(checkpoint, checkpoints.read(latest[0][0])[0] if latest else None)
            transaction.run(_PUT_NOTE, data)

    def _check_follows(self, checkpoint: TreeHead, latest: TreeHead | None) -> None:
        if checkpoint.origin != self.origin:
            raise LogError(f"store: {checkpoint.origin} is not {self.origin}")
        if latest and checkpoint.size < latest.size:
            raise LogError(f"store: size {checkpoint.size} would rewind the log from {latest.size}")
        if checkpoint.size > self.size or checkpoint.root != self.root(checkpoint.size):
            raise LogError(f"store: the checkpoint of size {checkpoint.size} is not of this log")

    def close(self) -> None:
        """Write what is waiting, and close."""
        with self._queueing:
            self._closed = True
            self._queue.put(None)
        self._writer.join()
        self._database.close()

    def _write_all(self) -> None:
        while jobs := self._take():
            first = self.size
            try:
                self._write(jobs)
            except Exception as error:  # whoever waits is told
                for job in jobs:
                    job.done.set_exception(error)
                continue
            for job in jobs:
                job.done.set_result(range(first, first + len(job.entries)))
                first += len(job.entries)

    def _take(self) -> list[_Append]:
        """All appends that are waiting, within reason; none once closed."""
        jobs: list[_Append] = []
        count = 0
        while count < _MOST_AT_ONCE and not (jobs and self._queue.empty()):
            job = self._queue.get()
            if job is None:
                self._queue.put(None)  # nothing comes after it: the next call sees it again
                break
            jobs.append(job)
            count += len(job.entries)
        return jobs

    def _write(self, jobs: list[_Append]) -> None:
        entries = [entry for job in jobs for entry in job.entries]
        blobs = [blob for job in jobs for blob in job.blobs]
        edge = Edge(self._edge.size, map(bytes, self._edge.tiles))
        filled = edge.extend(split(leaf_hashes(entries)))
        rows = [(tile.level, tile.index, hashes) for tile, hashes in filled + edge.partial()]
        with self._database.write() as transaction:
            # A second process that appended meanwhile makes this fail on the primary key, as it should.
            transaction.run_many("INSERT INTO entries VALUES (?, ?)", enumerate(entries, self.size))
            transaction.run_many(_PUT_TILE, rows)
            transaction.run_many("INSERT INTO blobs VALUES (?, ?) ON CONFLICT DO NOTHING", blobs)
        self._edge = edge


def _last_edge(transaction: Transaction) -> Edge:
    ((last,),) = transaction.run("SELECT MAX(number) FROM entries")
    size: int = 0 if last is None else last + 1
    hashes: list[bytes] = []
    while size >> TILE_HEIGHT * len(hashes):
        partial = len(hashes), size >> TILE_HEIGHT * (len(hashes) + 1)
        rows = transaction.run("SELECT hashes FROM tiles WHERE level = ? AND number = ?", *partial)
        hashes.append(rows[0][0] if rows else b"")
    return Edge(size, hashes)
