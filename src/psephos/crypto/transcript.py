"""Hashes that bind labelled fields: SHAKE128 over a transcript (`spec/encoding.md#transcript`)."""

from __future__ import annotations

from psephos._core import transcript_hashes

__all__ = ["transcript_hash", "transcript_hashes"]


def transcript_hash(protocol: str, *fields: tuple[str, bytes]) -> bytes:
    """`hash(protocol, fields)`, 32 bytes."""
    return transcript_hashes(protocol, [label for label, _ in fields], [[data for _, data in fields]])
