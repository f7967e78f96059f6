"""One array of unsigned integers, byte strings and text: all the CBOR there is (`spec/encoding.md#cbor`)."""

from __future__ import annotations

from typing import TypeAlias

from psephos._core import decode_cbor as decode
from psephos._core import encode_cbor as encode

__all__ = ["LARGEST", "Item", "decode", "encode"]

Item: TypeAlias = int | bytes | str

LARGEST = 2**53 - 1
"""The largest integer."""
