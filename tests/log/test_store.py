"""The store: durable before acknowledged, safe over crashes and restarts, never rewound."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from hashlib import sha256
from typing import TYPE_CHECKING

import pytest

from psephos.database.location import Schema
from psephos.errors import DatabaseError, FormatError, LogError
from psephos.log import checkpoints, merkle, tiles
from psephos.log.checkpoints import TreeHead
from psephos.log.merkle import leaf_hash, root_of
from psephos.log.store import LogStore
from psephos.log.tiles import ENTRIES, Edge, Tile
from tests.databases import Backend, Server

if TYPE_CHECKING:
    from conftest import Keys

ALL = [n.to_bytes(3, "big") for n in range(1500)]


@pytest.fixture
def store(backend: Backend, keys: Keys) -> Iterator[LogStore]:
    with LogStore(backend.location("log"), keys.origin) as opened:
        yield opened


def signed(store: LogStore, keys: Keys, size: int) -> bytes:
    return checkpoints.sign(TreeHead(store.origin, size, store.root(size)), keys.log)


def test_appends_are_numbered_and_read_back(store: LogStore) -> None:
    assert store.append(ALL[:3]).result() == range(3)
    assert store.append([]).result() == range(3, 3)
    assert store.append(ALL[3:700]).result() == range(3, 700)
    assert store.size == 700
    assert store.entries(0, 700) == ALL[:700]
    assert store.entries(699, 700) == ALL[699:700]
    for start, stop in ((0, 701), (700, 701), (-1, 1), (5, 4)):
        with pytest.raises(LogError):
            store.entries(start, stop)


def test_tiles_roots_and_proofs(store: LogStore) -> None:
    store.append(ALL).result()
    leaves = [leaf_hash(entry) for entry in ALL]
    for size in (0, 1, 255, 256, 257, 1024, 1500):
        assert store.root(size) == root_of(leaves[:size])
        for tile in tiles.new_tiles(0, size):
            data = store.tile(tile)
            if tile.level == ENTRIES:
                assert tiles.parse_bundle(data, tile.width) == ALL[tile.index * 256 :][: tile.width]
            if tile.level == 0:
                assert data == b"".join(leaves[tile.index * 256 :][: tile.width])
    proof = merkle.inclusion_proof(777, 1400, store.hash)
    merkle.verify_inclusion(leaves[777], 777, 1400, proof, store.root(1400))
    proof = merkle.consistency_proof(300, 1500, store.hash)
    merkle.verify_consistency(300, 1500, proof, store.root(300), store.root(1500))
    for missing in (Tile(0, 6), Tile(0, 5, 221), Tile(1, 0, 6), Tile(ENTRIES, 5, 221)):
        with pytest.raises(LogError):
            store.tile(missing)


def test_many_threads_get_indices_of_their_own(store: LogStore) -> None:
    with ThreadPoolExecutor(8) as pool:
        ranges = [f.result() for f in pool.map(lambda n: store.append([ALL[n], ALL[n]]), range(500))]
    assert sorted(number for pair in ranges for number in pair) == list(range(1000))
    for n, pair in enumerate(ranges):
        assert store.entries(pair.start, pair.stop) == [ALL[n], ALL[n]]
    assert store.root(1000) == root_of([leaf_hash(entry) for entry in store.entries(0, 1000)])


def test_blobs_go_by_their_hash(store: LogStore) -> None:
    blob = bytes(100_000)
    assert store.append([b"entry"], [blob, blob]).result() == range(1)
    assert store.blobs() == [sha256(blob).hexdigest()]
    assert store.blob(store.blobs()[0]) == blob
    with pytest.raises(LogError):
        store.blob("00" * 32)


def test_entries_of_a_wrong_size_are_refused_at_once(store: LogStore) -> None:
    for entries in ([b""], [b"x", bytes(65_536)]):
        with pytest.raises(FormatError):
            store.append(entries)
    assert store.append([bytes(65_535)]).result() == range(1)


def test_a_restart_goes_on_where_it_was(backend: Backend, keys: Keys) -> None:
    for start in range(0, 1500, 250):
        with LogStore(backend.location("log"), keys.origin) as store:
            assert store.size == start
            store.append(ALL[start : start + 250]).result()
            store.save_checkpoint(signed(store, keys, store.size))
    with LogStore(backend.location("log"), keys.origin) as store:
        assert store.root(1500) == root_of([leaf_hash(entry) for entry in ALL])
        assert store.checkpoint() == signed(store, keys, 1500)


KILLED = """
import os, sys
from pathlib import Path
from psephos.database.location import Schema
from psephos.log.store import LogStore
url = os.environ.get("URL")
store = LogStore(Schema(url, "log") if url else Path(sys.argv[1]), sys.argv[2])
for n in range(10_000):
    done = store.append([n.to_bytes(3, "big")] * 50)
    if n % 7 == 0:
        done.result()
        print(n, flush=True)
    if n == 300:
        os.kill(os.getpid(), 9)
"""


def test_what_was_acknowledged_survives_a_kill(backend: Backend, keys: Keys) -> None:
    place = backend.location("log")
    command = [sys.executable, "-c", KILLED, str(place), keys.origin]
    environment = os.environ | ({"URL": backend.url} if backend.url else {})
    run = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    assert run.returncode == -9, run.stderr
    acknowledged = int(run.stdout.split()[-1])
    assert acknowledged == 294
    with LogStore(place, keys.origin) as store:
        assert store.size >= 50 * (acknowledged + 1)
        assert store.size % 50 == 0  # each append is all there or not at all
        entries = store.entries(0, store.size)
        assert entries == [(n // 50).to_bytes(3, "big") for n in range(store.size)]
        assert store.root(store.size) == root_of([leaf_hash(entry) for entry in entries])
        assert store.append([b"on"]).result().start == len(entries)


FULL = {
    False: ["CREATE TRIGGER full_ BEFORE INSERT ON blobs BEGIN SELECT RAISE(ABORT, 'full'); END"],
    True: [
        "CREATE FUNCTION full_() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'full'; END $$",
        "CREATE TRIGGER full_ BEFORE INSERT ON blobs EXECUTE FUNCTION full_()",
    ],
}
"""What makes blobs fail in SQLite, and in PostgreSQL."""


@pytest.mark.needs("postgresql")
def test_what_was_acknowledged_survives_a_crash_of_postgresql(crashing: Server, keys: Keys) -> None:
    place = Schema(crashing.new(), "log")
    store = LogStore(place, keys.origin)
    waiting = [store.append([entry]) for entry in ALL]
    waiting[100].result()
    crashing.stop(signal.SIGQUIT)
    outcomes = [done.exception() for done in waiting]
    assert all(error is None or isinstance(error, DatabaseError) for error in outcomes)
    with pytest.raises(DatabaseError):
        store.append([b"more"]).result()
    store.close()
    crashing.start()
    with LogStore(place, keys.origin) as store:
        acknowledged = outcomes.count(None)
        assert 101 <= acknowledged <= store.size
        assert store.entries(0, store.size) == ALL[: store.size]
        assert store.root(store.size) == root_of([leaf_hash(entry) for entry in ALL[: store.size]])


def test_a_failed_write_is_reported_and_undone(backend: Backend, keys: Keys) -> None:
    on_server = backend.url is not None
    with LogStore(backend.location("log"), keys.origin) as store:
        store.append(ALL[:300]).result()
        backend.execute("log", *FULL[on_server])
        with pytest.raises(DatabaseError, match="full"):
            store.append(ALL[300:600], [b"blob"]).result()
        backend.execute("log", "DROP TRIGGER full_ ON blobs" if on_server else "DROP TRIGGER full_")
        assert store.size == 300
        assert store.append(ALL[300:]).result() == range(300, 1500)
        assert store.root(1500) == root_of([leaf_hash(entry) for entry in ALL])


def test_two_writers_cannot_fork_the_log(backend: Backend, keys: Keys) -> None:
    with (
        LogStore(backend.location("log"), keys.origin) as one,
        LogStore(backend.location("log"), keys.origin) as two,
    ):
        one.append([b"first"]).result()
        with pytest.raises(DatabaseError):
            two.append([b"second"]).result()
        assert one.entries(0, 1) == [b"first"]


def test_checkpoints_are_of_this_log_and_never_rewound(store: LogStore, keys: Keys) -> None:
    store.append(ALL).result()
    assert store.checkpoint() is None
    store.save_checkpoint(signed(store, keys, 1000))
    with pytest.raises(LogError, match="rewind"):
        store.save_checkpoint(signed(store, keys, 999))
    with pytest.raises(LogError, match="not of this log"):
        store.save_checkpoint(checkpoints.sign(TreeHead(keys.origin, 1001, bytes(32)), keys.log))
    with pytest.raises(LogError, match="not of this log"):
        store.save_checkpoint(checkpoints.sign(TreeHead(keys.origin, 1501, bytes(32)), keys.log))
    with pytest.raises(LogError, match="is not example"):
        store.save_checkpoint(checkpoints.sign(TreeHead("example.org/b", 1000, store.root(1000)), keys.log))
    assert store.checkpoint() == signed(store, keys, 1000)
    store.save_checkpoint(signed(store, keys, 1500))


def test_a_store_is_of_one_log(backend: Backend, keys: Keys) -> None:
    LogStore(backend.location("log"), keys.origin).close()
    with pytest.raises(LogError, match="holds the log"):
        LogStore(backend.location("log"), "example.org/other")


def test_a_damaged_store_is_refused(backend: Backend, keys: Keys) -> None:
    with LogStore(backend.location("log"), keys.origin) as store:
        store.append(ALL[:300]).result()
    backend.execute("log", "DELETE FROM entries WHERE number = 299")
    with pytest.raises(FormatError, match="edge"):
        LogStore(backend.location("log"), keys.origin)


def test_a_closed_store_refuses(backend: Backend, keys: Keys) -> None:
    store = LogStore(backend.location("log"), keys.origin)
    waiting = [store.append([entry]) for entry in ALL]
    store.close()
    assert [done.result().start for done in waiting] == list(range(1500))
    with pytest.raises(LogError, match="closed"):
        store.append([b"x"])


def test_the_edge_is_what_a_fresh_one_would_be(store: LogStore) -> None:
    for start in range(0, 1500, 100):
        store.append(ALL[start : start + 100])
    store.append([]).result()
    edge = Edge()
    edge.extend(map(leaf_hash, ALL))
    for tile, hashes in edge.partial():
        assert store.tile(tile) == hashes
