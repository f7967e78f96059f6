"""A published log: hash tree, tiles and where they are read from. spec/log.md#tiles, spec/log.md#reading"""

from __future__ import annotations

import urllib.error
import urllib.request
from collections.abc import Callable, Iterable, Iterator
from hashlib import sha256
from http.client import HTTPException
from itertools import count
from pathlib import Path

from entries import MissingError, NotThereError
from group import FormatError

LIMIT = 16_777_472
Source = Callable[
    [str], bytes
]  # a path's content; MissingError when it cannot be had, NotThereError when there is none


def source(record: str) -> Source:
    """Reads paths below a directory or a URL."""
    if not record.startswith(("http://", "https://")):
        return lambda path: _read(Path(record) / path)
    return lambda path: _fetch(record.rstrip("/") + "/" + path)


def _read(path: Path) -> bytes:
    try:
        with path.open("rb") as file:
            return _limited(file.read(LIMIT + 1))
    except FileNotFoundError as error:
        raise NotThereError(f"{path}: {error.strerror}") from error
    except OSError as error:
        raise MissingError(f"{path}: {error.strerror}") from error


def _fetch(url: str) -> bytes:
    try:
        with urllib.request.urlopen(url, timeout=30) as answer:
            if answer.status != 200:
                raise MissingError(f"{url}: status {answer.status}")
            return _limited(answer.read(LIMIT + 1))
    except urllib.error.HTTPError as error:
        not_there = 400 <= error.code < 500 and error.code not in (408, 429)
        raise (NotThereError if not_there else MissingError)(f"{url}: {error}") from error
    except (urllib.error.URLError, HTTPException, OSError) as error:
        raise MissingError(f"{url}: {error}") from error


def _limited(data: bytes) -> bytes:
    if len(data) > LIMIT:
        raise FormatError("file is too large")
    return data


def leaf(entry: bytes) -> bytes:
    """The hash of an entry (RFC 6962, section 2.1)."""
    return sha256(b"\0" + entry).digest()


def node(left: bytes, right: bytes) -> bytes:
    """The hash of two subtrees."""
    return sha256(b"\1" + left + right).digest()


class Tree:
    """Complete subtrees by height, so that the root at every size so far is cheap."""

    def __init__(self, leaves: Iterable[bytes] = ()) -> None:
        self.levels: list[list[bytes]] = [[]]
        for leaf in leaves:
            self.add(leaf)

    def add(self, hash_: bytes) -> None:
        """The next leaf."""
        for height in count():
            if height == len(self.levels):
                self.levels.append([])
            level = self.levels[height]
            level.append(hash_)
            if len(level) % 2:
                return
            hash_ = node(*level[-2:])

    def root(self, size: int) -> bytes:
        """The root of the first `size` leaves."""
        root, end = b"", size
        for height, hashes in enumerate(self.levels):
            if size >> height & 1:
                end -= 1 << height
                left = hashes[end >> height]
                root = node(left, root) if root else left
        return root or sha256(b"").digest()


def tile_path(level: str, number: int, width: int) -> str:
    """spec/log.md#layout"""
    digits = f"{number:03d}"
    digits = digits.zfill(-(-len(digits) // 3) * 3)
    groups = [digits[start : start + 3] for start in range(0, len(digits), 3)]
    path = "/".join(["x" + group for group in groups[:-1]] + groups[-1:])
    return f"tile/{level}/{path}" + (f".p/{width}" if width < 256 else "")


def read_tile(read: Source, level: str, number: int, width: int) -> tuple[bytes, int]:
    """A tile or bundle and how many it must hold: the full one is read when the partial one has gone."""
    try:
        return read(tile_path(level, number, width)), width
    except NotThereError as error:
        if width == 256:
            raise
        try:
            return read(tile_path(level, number, 256)), 256
        except MissingError:
            raise error from None


def parse_bundle(data: bytes, width: int) -> list[bytes]:
    """The entries of a bundle, which are exactly `width`."""
    entries: list[bytes] = []
    offset = 0
    while offset < len(data):
        size = int.from_bytes(data[offset : offset + 2], "big")
        entries.append(data[offset + 2 : offset + 2 + size])
        offset += 2 + size
        if not size or offset > len(data):
            raise FormatError("bundle is malformed")
    if len(entries) != width:
        raise FormatError(f"bundle has {len(entries)} entries, not {width}")
    return entries


class Published:
    """The log under a checkpoint, read in the order of spec/judgement.md#files."""

    def __init__(self, read: Source, size: int, root: bytes) -> None:
        self.read, self.size = read, size
        self.tiles: dict[tuple[int, int], list[bytes]] = {}
        made = b""
        for level in range(8):
            number, width = divmod(size >> 8 * level, 256)
            if width:
                self.tiles[level, number] = self._hashes(level, number, width)
                made = subtree(self.tiles[level, number] + ([made] if made else []))
        if (made or subtree([])) != root:
            raise FormatError("the last tiles do not make the root")

    def _hashes(self, level: int, number: int, width: int) -> list[bytes]:
        data, full = read_tile(self.read, str(level), number, width)
        if len(data) != 32 * full:
            raise FormatError(f"tile {level}/{number} has {len(data)} bytes, not {32 * full}")
        return [data[start : start + 32] for start in range(0, 32 * width, 32)]

    def tile(self, level: int, number: int) -> list[bytes]:
        """The hashes of a tile, which the tile above it vouches for."""
        if (level, number) not in self.tiles:
            above = self.tile(level + 1, number // 256)[number % 256]
            hashes = self._hashes(level, number, 256)
            if subtree(hashes) != above:
                raise FormatError(f"tile {level}/{number} is not that of the tree")
            self.tiles[level, number] = hashes
        return self.tiles[level, number]

    def bundles(self) -> Iterator[list[bytes]]:
        """The entries, bundle by bundle, each once its hashes are right."""
        for number in range(-(-self.size // 256)):
            hashes = self.tile(0, number)
            data, full = read_tile(self.read, "entries", number, len(hashes))
            entries = parse_bundle(data, full)[: len(hashes)]
            if [leaf(entry) for entry in entries] != hashes:
                raise FormatError(f"bundle {number} does not hash to its tile")
            yield entries


def subtree(hashes: list[bytes]) -> bytes:
    """The root over these (RFC 6962, section 2.1)."""
    if len(hashes) < 2:
        return hashes[0] if hashes else sha256(b"").digest()
    k = 1 << (len(hashes) - 1).bit_length() - 1
    return node(subtree(hashes[:k]), subtree(hashes[k:]))
