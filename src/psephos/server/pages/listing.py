"""Entries of the published log, for the pages that list and open them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from psephos.errors import FormatError, LogError
from psephos.log import checkpoints
from psephos.log.client import Client
from psephos.log.tiles import ENTRIES as BUNDLES
from psephos.log.tiles import MAX_BUNDLE_SIZE, TILE_WIDTH, parse_bundle, tile_at
from psephos.protocol import entries
from psephos.protocol.entries import Entry

PAGE = 50


@dataclass(frozen=True)
class ListedEntry:
    """An entry: its index, what it is unless it is none, its length in bytes, and the files that prove it."""

    index: int
    entry: Entry | None
    length: int
    bundle: str
    tile: str


@dataclass(frozen=True)
class Listing:
    """A page of the log from `first` on; `size` entries are published."""

    size: int
    first: int
    lines: tuple[ListedEntry, ...]

    def line(self, index: int) -> ListedEntry | None:
        """The entry with this index, if it is on the page."""
        place = index - self.first
        return self.lines[place] if 0 <= place < len(self.lines) else None


def listing(public: Path, first: int | None) -> Listing:
    """A page that holds entry `first`, or the last one; empty before anything is published."""
    with Client(public) as log:
        try:
            size = checkpoints.read(log.checkpoint())[0].size
        except LogError:
            return Listing(0, 0, ())
        last = max(size - 1, 0)
        start = min(first if first is not None else last, last) // PAGE * PAGE
        stop = min(start + PAGE, size)
        return Listing(size, start, tuple(_lines(log, start, stop, size)))


def _lines(log: Client, start: int, stop: int, size: int) -> Iterator[ListedEntry]:
    for bundle in range(start // TILE_WIDTH, -(-stop // TILE_WIDTH)):
        tile = tile_at(BUNDLES, bundle, size)
        data = parse_bundle(log.fetch(tile.path, MAX_BUNDLE_SIZE), tile.width)
        for index, entry in enumerate(data, bundle * TILE_WIDTH):
            if start <= index < stop:
                yield ListedEntry(
                    index, _decoded(entry), len(entry), tile.path, tile_at(0, bundle, size).path
                )


def _decoded(data: bytes) -> Entry | None:
    try:
        return entries.decode(data)
    except FormatError:
        return None
