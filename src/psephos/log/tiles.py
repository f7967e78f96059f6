"""Tiles and entry bundles: a log as a set of immutable files (C2SP tlog-tiles; `spec/log.md#tiles`)."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from psephos.crypto.hashing import bundle_entries
from psephos.errors import FormatError
from psephos.log.merkle import EMPTY_ROOT, HASH_SIZE, root_of, split

TILE_HEIGHT = 8
TILE_WIDTH = 1 << TILE_HEIGHT
MAX_LEVEL = 63
ENTRIES = -1
"""The level that stands for entry bundles."""

MAX_ENTRY_SIZE = 65_535
MAX_BUNDLE_SIZE = TILE_WIDTH * (2 + MAX_ENTRY_SIZE)

_PATH = re.compile(r"tile/(entries|\d{1,2})/((?:x\d{3}/){0,6}\d{3})(?:\.p/(\d{1,3}))?", re.ASCII)


@dataclass(frozen=True)
class Tile:
    """A tile's coordinates: level (or ENTRIES), index in its level, and width, 256 unless partial."""

    level: int
    index: int
    width: int = TILE_WIDTH

    @property
    def path(self) -> str:
        """`tile/<L>/<N>[.p/<W>]`, relative to the log's prefix."""
        digits = str(self.index)
        digits = digits.zfill(-(-len(digits) // 3) * 3)
        groups = [digits[start : start + 3] for start in range(0, len(digits), 3)]
        number = "/".join([f"x{group}" for group in groups[:-1]] + groups[-1:])
        partial = f".p/{self.width}" if self.width < TILE_WIDTH else ""
        return f"tile/{'entries' if self.level == ENTRIES else self.level}/{number}{partial}"

    @classmethod
    def parse(cls, path: str) -> Tile:
        """The tile at a path; every path but the one of a tile that can exist is refused."""
        match = _PATH.fullmatch(path)
        if match is None:
            raise FormatError(f"tile path {path[:80]!r}: not a tile's")
        level, number, width = match.groups()
        index = int(re.sub("[x/]", "", number))
        tile = cls(ENTRIES if level == "entries" else int(level), index, int(width or TILE_WIDTH))
        if tile.path != path or tile.level > MAX_LEVEL or not 0 < tile.width <= TILE_WIDTH:
            raise FormatError(f"tile path {path[:80]!r}: not the one encoding")
        return tile


def tile_at(level: int, index: int, size: int) -> Tile:
    """The tile at this place in a tree of `size` leaves, partial if it is the last; width 0 if not there."""
    hashes = size >> TILE_HEIGHT * max(level, 0)
    return Tile(level, index, max(0, min(TILE_WIDTH, hashes - index * TILE_WIDTH)))


def new_tiles(old: int, new: int) -> Iterator[Tile]:
    """Every bundle and tile of size `new` that size `old` does not have, bundles first."""
    for level in range(ENTRIES, MAX_LEVEL + 1):
        below = TILE_HEIGHT * max(level, 0)
        first, count = old >> below, new >> below
        if not count:
            return
        if first < count:
            for index in range(first // TILE_WIDTH, -(-count // TILE_WIDTH)):
                yield tile_at(level, index, new)


def encode_bundle(entries: Iterable[bytes]) -> bytes:
    """Entries, each behind its length in two bytes."""
    parts = []
    for entry in entries:
        check_entry(entry)
        parts += [len(entry).to_bytes(2, "big"), entry]
    return b"".join(parts)


def open_bundle(data: bytes, width: int, subject: str = "bundle") -> tuple[list[bytes], bytes]:
    """Exactly `width` entries, and their leaf hashes, 32 bytes each; FormatError names `subject`."""
    try:
        return bundle_entries(data, width)
    except FormatError as error:
        raise FormatError(f"{subject}: {error}") from None


def parse_bundle(data: bytes, width: int, subject: str = "bundle") -> list[bytes]:
    """Exactly `width` entries; FormatError names `subject`."""
    return open_bundle(data, width, subject)[0]


def check_entry(entry: bytes) -> None:
    """Raise FormatError unless the entry has 1 to 65,535 bytes."""
    if not 0 < len(entry) <= MAX_ENTRY_SIZE:
        raise FormatError(f"log entry: {len(entry)} bytes instead of 1 to {MAX_ENTRY_SIZE}")


class Edge:
    """The last tile of each level of a growing tree, level 0 first; none of them is full."""

    def __init__(self, size: int = 0, tiles: Iterable[bytes] = ()) -> None:
        self.size = size
        self.tiles = [bytearray(tile) for tile in tiles]
        widths = [size >> TILE_HEIGHT * level & TILE_WIDTH - 1 for level in range(len(self.tiles))]
        covered = size >> TILE_HEIGHT * len(self.tiles) == 0
        if [len(tile) for tile in self.tiles] != [width * HASH_SIZE for width in widths] or not covered:
            raise FormatError(f"edge: the last tiles do not make a tree of size {size}")

    def extend(self, leaves: Iterable[bytes]) -> list[tuple[Tile, bytes]]:
        """Append leaf hashes; returns the tiles that became full."""
        filled = []
        for leaf in leaves:
            self.size += 1
            level, carry = 0, leaf
            while carry:
                if level == len(self.tiles):
                    self.tiles.append(bytearray())
                tile = self.tiles[level]
                tile += carry
                carry = b""
                if len(tile) == TILE_WIDTH * HASH_SIZE:
                    full = bytes(tile)
                    index = (self.size >> TILE_HEIGHT * (level + 1)) - 1
                    filled.append((Tile(level, index), full))
                    carry = root_of(split(full))
                    tile.clear()
                    level += 1
        return filled

    def partial(self) -> list[tuple[Tile, bytes]]:
        """The partial tiles of the tree as it stands."""
        return [
            (tile_at(level, self.size >> TILE_HEIGHT * (level + 1), self.size), bytes(tile))
            for level, tile in enumerate(self.tiles)
            if tile
        ]

    def root(self) -> bytes:
        """The root over everything appended."""
        root = b""
        for tile in self.tiles:
            row = split(bytes(tile)) + ([root] if root else [])
            root = root_of(row) if row else b""
        return root or EMPTY_ROOT
