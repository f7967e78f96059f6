"""Entries of the published log, for the page that lists them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from psephos.errors import FormatError, LogError
from psephos.log import checkpoint as checkpoints
from psephos.log.client import Client
from psephos.log.tiles import ENTRIES as BUNDLES
from psephos.log.tiles import MAX_BUNDLE_SIZE, TILE_WIDTH, parse_bundle, tile_at
from psephos.protocol import entry as entries

PAGE = 50


@dataclass(frozen=True)
class Line:
    """An entry: its index, type, tracker in hex, and length in bytes."""

    index: int
    type: str
    tracker: str
    length: int


@dataclass(frozen=True)
class Listing:
    """A page of the log from `first` on; `size` entries are published."""

    size: int
    first: int
    lines: tuple[Line, ...]


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


def _lines(log: Client, start: int, stop: int, size: int) -> Iterator[Line]:
    for bundle in range(start // TILE_WIDTH, -(-stop // TILE_WIDTH)):
        tile = tile_at(BUNDLES, bundle, size)
        data = parse_bundle(log.fetch(tile.path, MAX_BUNDLE_SIZE), tile.width)
        for index, entry in enumerate(data, bundle * TILE_WIDTH):
            if start <= index < stop:
                yield _line(index, entry)


def _line(index: int, data: bytes) -> Line:
    try:
        entry = entries.decode(data)
    except FormatError:
        return Line(index, "?", "", len(data))
    return Line(index, entry.payload.type_name(), entry.body_hash.hex(), len(data))
