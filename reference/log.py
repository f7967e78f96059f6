"""A published log: hash tree, tiles and where they are read from. spec/log.md#tiles, spec/log.md#reading"""

from __future__ import annotations

import urllib.error
import urllib.request
from collections.abc import Callable
from hashlib import sha256
from http.client import HTTPException
from pathlib import Path

from entries import MissingError
from group import FormatError

LIMIT = 16_777_472
Source = Callable[[str], bytes]  # a path's content; MissingError when it cannot be had


def source(record: str) -> Source:
    """Reads paths below a directory or a URL."""
    if not record.startswith(("http://", "https://")):
        return lambda path: _read(Path(record) / path)
    return lambda path: _fetch(record.rstrip("/") + "/" + path)


def _read(path: Path) -> bytes:
    try:
        with path.open("rb") as file:
            return _limited(file.read(LIMIT + 1))
    except OSError as error:
        raise MissingError(f"{path}: {error.strerror}") from error


def _fetch(url: str) -> bytes:
    try:
        with urllib.request.urlopen(url, timeout=30) as answer:
            if answer.status != 200:
                raise MissingError(f"{url}: status {answer.status}")
            return _limited(answer.read(LIMIT + 1))
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
    """Complete subtrees by height, so that the root at every size is cheap."""

    def __init__(self, leaves: list[bytes]) -> None:
        self.levels = [leaves]
        while len(below := self.levels[-1]) > 1:
            self.levels.append([node(*below[i : i + 2]) for i in range(0, len(below) - 1, 2)])

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
    groups = [digits[at : at + 3] for at in range(0, len(digits), 3)]
    path = "/".join(["x" + group for group in groups[:-1]] + groups[-1:])
    return f"tile/{level}/{path}" + (f".p/{width}" if width < 256 else "")


def read_tile(read: Source, level: str, number: int, width: int) -> bytes:
    """A tile or bundle, from the full one when the partial one has gone."""
    try:
        return read(tile_path(level, number, width))
    except MissingError as error:
        if width == 256:
            raise
        try:
            return read(tile_path(level, number, 256))
        except MissingError:
            raise error from None


def parse_bundle(data: bytes, width: int, full: bool) -> list[bytes]:
    """The first `width` entries of a bundle, which has no more unless it is the `full` one instead."""
    found: list[bytes] = []
    at = 0
    while at < len(data):
        size = int.from_bytes(data[at : at + 2], "big")
        found.append(data[at + 2 : at + 2 + size])
        at += 2 + size
        if not size or at > len(data):
            raise FormatError("bundle is malformed")
    if len(found) != width and not (full and len(found) == 256):
        raise FormatError(f"bundle has {len(found)} entries, not {width}")
    return found[:width]


def widths(count: int) -> list[int]:
    """The widths of the tiles of a level with `count` hashes."""
    return [256] * (count // 256) + ([count % 256] if count % 256 else [])


def read_log(read: Source, size: int, root: bytes) -> tuple[list[bytes], Tree]:
    """All entries under a root, with every hash tile checked."""
    entries: list[bytes] = []
    for number, width in enumerate(widths(size)):
        entries += parse_bundle(read_tile(read, "entries", number, width), width, width < 256)
    tree = Tree([leaf(entry) for entry in entries])
    if tree.root(size) != root:
        raise FormatError("entries do not hash to the root")
    for level in range(8):
        hashes = tree.levels[8 * level] if 8 * level < len(tree.levels) else []
        for number, width in enumerate(widths(size >> 8 * level)):
            data = read_tile(read, str(level), number, width)
            if len(data) not in (32 * width, 8192) or data[: 32 * width] != b"".join(
                hashes[256 * number : 256 * number + width]
            ):
                raise FormatError(f"tile {level}/{number} is not that of the entries")
    return entries, tree
