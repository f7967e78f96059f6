"""Hashes that bind labelled fields: SHAKE128 over a transcript (`spec/encoding.md#transcript`)."""

from __future__ import annotations

import hashlib


def field(label: str, data: bytes) -> bytes:
    """One labelled, length-prefixed field; the label has 1 to 255 ASCII characters."""
    return bytes([len(label)]) + label.encode("ascii") + len(data).to_bytes(8, "little") + data


def transcript_hash(protocol: str, *fields: tuple[str, bytes]) -> bytes:
    """`hash(protocol, fields)`, 32 bytes."""
    state = hashlib.shake_128(field("psephos/1", protocol.encode("ascii")))
    for label, data in fields:
        state.update(field(label, data))
    state.update(field("hash", (32).to_bytes(8, "little")))
    return state.digest(32)
