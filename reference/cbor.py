"""Strict CBOR, one flat array: spec/encoding.md#cbor."""

from __future__ import annotations

from collections.abc import Sequence

from group import FormatError

Item = int | bytes | str
UINT, BYTES, TEXT, ARRAY = 0, 2, 3, 4


def encode(items: Sequence[Item]) -> bytes:
    """The one encoding of an array."""
    return _head(ARRAY, len(items)) + b"".join(map(_item, items))


def _item(item: Item) -> bytes:
    if isinstance(item, int):
        return _head(UINT, item)
    data = item.encode() if isinstance(item, str) else item
    return _head(TEXT if isinstance(item, str) else BYTES, len(data)) + data


def _head(major: int, value: int) -> bytes:
    if value < 24:
        return bytes([major << 5 | value])
    for code, size in ((24, 1), (25, 2), (26, 4), (27, 8)):
        if value < 1 << 8 * size:
            return bytes([major << 5 | code]) + value.to_bytes(size, "big")
    raise FormatError("integer too large for CBOR")


def decode(data: bytes) -> list[Item]:
    """The items of an array; refuses all that `encode` would not have written."""
    major, count, offset = _read_head(data, 0)
    if major != ARRAY or count > len(data):
        raise FormatError("not an array")
    items: list[Item] = []
    for _ in range(count):
        major, value, offset = _read_head(data, offset)
        if major == UINT:
            items.append(value)
        elif major in (BYTES, TEXT):
            piece = data[offset : offset + value]
            items.append(_text(piece) if major == TEXT else piece)
            offset += value
        else:
            raise FormatError(f"CBOR type {major} is not allowed")
    if offset > len(data) or encode(items) != data:
        raise FormatError("not the one encoding")
    if any(isinstance(item, int) and item >= 2**53 for item in items):
        raise FormatError("integer is 2^53 or more")
    return items


def _text(piece: bytes) -> str:
    try:
        return piece.decode("utf-8")
    except UnicodeDecodeError as error:
        raise FormatError("text is not UTF-8") from error


def _read_head(data: bytes, offset: int) -> tuple[int, int, int]:
    """Major type, argument and position after a head."""
    if offset >= len(data):
        raise FormatError("ends too early")
    major, value = data[offset] >> 5, data[offset] & 31
    if value < 24:
        return major, value, offset + 1
    if value > 27:
        raise FormatError("indefinite or reserved length")
    size = 1 << (value - 24)
    return major, int.from_bytes(data[offset + 1 : offset + 1 + size], "big"), offset + 1 + size
