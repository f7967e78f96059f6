"""What a request to the board holds: entries, and the blobs that they name (`spec/messages.md#post`)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from psephos.errors import FormatError
from psephos.log.tiles import encode_bundle
from psephos.post.post import LARGEST

MOST = 64
"""Entries of a bundle, so that no request takes long."""
_NO_MORE = bytes(2)


@dataclass(frozen=True)
class Envelope:
    """Entries or messages in their order, and blobs."""

    entries: tuple[bytes, ...]
    blobs: tuple[bytes, ...] = ()

    def encode(self) -> bytes:
        """Entries behind their lengths in two bytes; blobs, if any, after two zero bytes, behind four."""
        blobs = b"".join(len(blob).to_bytes(4, "big") + blob for blob in self.blobs)
        return encode_bundle(self.entries) + (_NO_MORE + blobs if blobs else b"")

    @classmethod
    def parse(cls, data: bytes) -> Envelope:
        """The one encoding of 1 to 64 entries; everything else is refused."""
        entries: list[bytes] = []
        blobs: list[bytes] = []
        position = 0
        while position < len(data) and data[position : position + 2] != _NO_MORE:
            if len(entries) == MOST:
                raise FormatError(f"bundle: more than {MOST} entries")
            part, position = _part(data, position, 2)
            entries.append(part)
        ends = position == len(data)
        position += len(_NO_MORE)
        while position < len(data):
            part, position = _part(data, position, 4)
            blobs.append(part)
        if not entries or ends == bool(blobs):
            raise FormatError("bundle: expected an entry, and an attachment after two zero bytes")
        return cls(tuple(entries), tuple(blobs))


def _part(data: bytes, position: int, width: int) -> tuple[bytes, int]:
    """The part at `position`, behind its length of `width` bytes, and where the next begins."""
    start = position + width
    length = int.from_bytes(data[position:start], "big")
    if not length or start + length > len(data):
        raise FormatError(f"bundle: the part at byte {position} is empty or cut short")
    return data[start : start + length], start + length


def first_entry(data: bytes) -> bytes | None:
    """The first entry of a request that begins so; None while it is not there whole, or there is none."""
    end = 2 + int.from_bytes(data[:2], "big")
    return data[2:end] if 2 < end <= len(data) else None


def split(entries: Sequence[bytes], largest: int = LARGEST, most: int = MOST) -> list[tuple[bytes, ...]]:
    """Entries in runs of at most `most` whose bundles have at most `largest` bytes, as long as can be."""
    runs: list[list[bytes]] = []
    left = 0
    for entry in entries:
        if not runs or left < 2 + len(entry) or len(runs[-1]) == most:
            runs.append([])
            left = largest
        runs[-1].append(entry)
        left -= 2 + len(entry)
    return [tuple(run) for run in runs]
