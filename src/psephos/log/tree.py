"""A log as its checkpoint fixes it: every tile and entry read is checked before it is handed out.

The last tiles of all levels make up the checkpoint's root, and the root of every full tile is a hash in the
tile above. So nothing that a server sends is believed because it was sent (`spec/log.md#reading`).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import lru_cache
from threading import Lock

from psephos.crypto.hashing import tree_root
from psephos.errors import EvidenceMissing, FormatError, LogError, NotThere
from psephos.log import merkle, tiles
from psephos.log.checkpoints import TreeHead
from psephos.log.merkle import HASH_SIZE
from psephos.log.tiles import ENTRIES, TILE_HEIGHT, TILE_WIDTH, Edge, Tile, tile_at

Fetch = Callable[[str, int], bytes]
"""(path, most bytes) -> the bytes; raises NotThere where there are none, EvidenceMissing on no answer."""

_CACHED_TILES = 256


class Tree:
    """The tree under a checkpoint that the caller has verified, read through `fetch`.

    Several threads may use it; one of them fetches at a time.
    """

    def __init__(self, checkpoint: TreeHead, fetch: Fetch) -> None:
        self.checkpoint = checkpoint
        self._source = fetch
        self._fetching = Lock()
        self._edge = self._read_edge()
        self._tile = lru_cache(_CACHED_TILES)(self._read_tile)

    def _read_edge(self) -> Edge:
        size, level = self.checkpoint.size, 0
        last: list[bytes] = []
        while size >> TILE_HEIGHT * level:
            tile = tile_at(level, size >> TILE_HEIGHT * (level + 1), size)
            last.append(self._hashes(tile) if tile.width else b"")
            level += 1
        edge = Edge(size, last)
        if edge.root() != self.checkpoint.root:
            raise LogError(f"the last tiles of size {size} do not make the checkpoint's root")
        return edge

    def _fetch(self, path: str, limit: int) -> bytes:
        with self._fetching:
            return self._source(path, limit)

    def _hashes(self, tile: Tile) -> bytes:
        fetched, data = self._fetch_tile(tile, TILE_WIDTH * HASH_SIZE)
        if len(data) != fetched.width * HASH_SIZE:
            raise FormatError(f"{fetched.path}: {len(data)} bytes instead of {fetched.width * HASH_SIZE}")
        return data[: tile.width * HASH_SIZE]

    def _fetch_tile(self, tile: Tile, limit: int) -> tuple[Tile, bytes]:
        try:
            return tile, self._fetch(tile.path, limit)
        except NotThere as missing:  # no answer says nothing about the tile
            if tile.width == TILE_WIDTH:
                raise
            full = Tile(tile.level, tile.index)
            try:  # a partial tile may go once the full one is there
                return full, self._fetch(full.path, limit)
            except EvidenceMissing:
                raise missing from None

    def _read_tile(self, level: int, index: int) -> bytes:
        tile = tile_at(level, index, self.checkpoint.size)
        if not tile.width:
            raise LogError(f"{Tile(level, index).path}: not in a tree of size {self.checkpoint.size}")
        if tile.width < TILE_WIDTH:
            return bytes(self._edge.tiles[level])
        above, offset = self._tile(level + 1, index // TILE_WIDTH), HASH_SIZE * (index % TILE_WIDTH)
        hashes = self._hashes(tile)
        if tree_root(hashes) != above[offset : offset + HASH_SIZE]:
            raise LogError(f"{tile.path}: not the tile under the checkpoint of size {self.checkpoint.size}")
        return hashes

    def hash(self, level: int, index: int) -> bytes:
        """The root of a perfect subtree of the tree (a `merkle.HashReader`)."""
        above, inside = divmod(level, TILE_HEIGHT)
        first = index << inside
        tile = self._tile(above, first // TILE_WIDTH)
        offset = HASH_SIZE * (first % TILE_WIDTH)
        hashes = tile[offset : offset + (HASH_SIZE << inside)]
        if len(hashes) != HASH_SIZE << inside:
            raise LogError(f"subtree {level}/{index}: not in a tree of size {self.checkpoint.size}")
        return tree_root(hashes)

    def bundle(self, index: int) -> list[bytes]:
        """The entries of one bundle, 256 unless it is the last."""
        tile = tile_at(ENTRIES, index, self.checkpoint.size)
        if not tile.width:
            raise LogError(f"{Tile(ENTRIES, index).path}: not in a tree of size {self.checkpoint.size}")
        leaves = self._tile(0, index)
        fetched, data = self._fetch_tile(tile, tiles.MAX_BUNDLE_SIZE)
        entries, hashes = tiles.open_bundle(data, fetched.width, fetched.path)
        if hashes[: len(leaves)] != leaves:
            raise LogError(f"{tile.path}: does not hash to its tile")
        return entries[: tile.width]

    def entries(self, start: int = 0) -> Iterator[tuple[int, list[bytes]]]:
        """All entries from index `start` on, as (index of the first, entries), bundle by bundle."""
        if start > self.checkpoint.size:
            raise LogError(f"there is no entry {start} in a log of size {self.checkpoint.size}")
        while start < self.checkpoint.size:
            index, skip = divmod(start, TILE_WIDTH)
            entries = self.bundle(index)[skip:]
            yield start, entries
            start += len(entries)

    def root(self, size: int) -> bytes:
        """The root that the log had at an earlier size."""
        return merkle.range_root(0, size, self.hash)

    def check_extends(self, old: TreeHead) -> None:
        """Raise LogError unless this tree begins with the old checkpoint's."""
        if old.origin != self.checkpoint.origin or old.size > self.checkpoint.size:
            raise LogError(f"a log of {old.origin}, size {old.size}, cannot lead to {self.checkpoint}")
        if self.root(old.size) != old.root:
            raise LogError(f"size {self.checkpoint.size} does not extend size {old.size}: the log was forked")

    def inclusion_proof(self, index: int) -> list[bytes]:
        """The hashes that lead from entry `index` to the checkpoint's root."""
        return merkle.inclusion_proof(index, self.checkpoint.size, self.hash)
