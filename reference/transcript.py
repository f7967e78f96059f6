"""The running SHAKE128 transcript: spec/encoding.md#transcript."""

from __future__ import annotations

from hashlib import shake_128

import labels
from group import L


def u8(value: int) -> bytes:
    """One byte."""
    return value.to_bytes(1, "little")


def u16(value: int) -> bytes:
    """Two bytes, little-endian."""
    return value.to_bytes(2, "little")


def u32(value: int) -> bytes:
    """Four bytes, little-endian."""
    return value.to_bytes(4, "little")


def u64(value: int) -> bytes:
    """Eight bytes, little-endian."""
    return value.to_bytes(8, "little")


def field(label: str, data: bytes) -> bytes:
    """A labelled, length-prefixed field."""
    return u8(len(label)) + label.encode("ascii") + u64(len(data)) + data


class Transcript:
    """One SHAKE128 state that goes on absorbing while challenges are read from copies of it."""

    def __init__(self, protocol: str) -> None:
        self.state = shake_128(field(labels.PSEPHOS, protocol.encode("ascii")))

    def append(self, label: str, data: bytes) -> Transcript:
        """Absorb one field."""
        self.state.update(field(label, data))
        return self

    def squeeze(self, label: str, count: int) -> bytes:
        """`count` bytes that depend on all absorbed so far, the label and the count."""
        self.append(label, u64(count))
        return self.state.copy().digest(count)

    def challenge(self, label: str) -> int:
        """A scalar from 64 bytes."""
        return int.from_bytes(self.squeeze(label, 64), "little") % L

    def coefficients(self, label: str, count: int) -> list[int]:
        """1 and `count - 1` integers of 128 bits; nothing for a count of 0."""
        if count < 2:
            return [1] * count
        stream = self.squeeze(label, 16 * (count - 1))
        pieces = (stream[start : start + 16] for start in range(0, len(stream), 16))
        return [1, *(int.from_bytes(piece, "little") for piece in pieces)]


def digest(protocol: str, *fields: tuple[str, bytes]) -> bytes:
    """`hash(protocol, (label, data), ..)`: 32 bytes."""
    transcript = Transcript(protocol)
    for label, data in fields:
        transcript.append(label, data)
    return transcript.squeeze("hash", 32)
