"""One array of unsigned integers, byte strings and text: all the CBOR there is (`spec/encoding.md#cbor`)."""

from __future__ import annotations

from collections.abc import Sequence

from psephos.errors import FormatError

Item = int | bytes | str
LARGEST = 2**53 - 1
_UINT, _BYTES, _TEXT, _ARRAY = 0, 2, 3, 4
_SIZES = ((24, 1), (25, 2), (26, 4), (27, 8))
"""How a head says that its value follows in so many bytes."""


def _head(major: int, value: int) -> bytes:
    if value < 24:
        return bytes((major << 5 | value,))
    for info, size in _SIZES:
        if value < 1 << 8 * size:
            return bytes((major << 5 | info,)) + value.to_bytes(size, "big")
    raise FormatError(f"integer {value} does not fit CBOR")


def _encode_item(item: Item) -> bytes:
    if isinstance(item, int):
        if not 0 <= item <= LARGEST:
            raise FormatError(f"integer {item} is outside 0..2^53-1")
        return _head(_UINT, item)
    if isinstance(item, str):
        try:
            text = item.encode()
        except UnicodeEncodeError as error:
            raise FormatError("text holds a lone surrogate") from error
        return _head(_TEXT, len(text)) + text
    return _head(_BYTES, len(item)) + item


def encode(items: Sequence[Item]) -> bytes:
    """The one encoding of an array of `items`."""
    return _head(_ARRAY, len(items)) + b"".join(map(_encode_item, items))


def _read_head(data: bytes, at: int) -> tuple[int, int, int]:
    """The major type, value and end of the head at offset `at`."""
    if at >= len(data):
        raise FormatError(f"CBOR ends early, at byte {at}")
    major, info = data[at] >> 5, data[at] & 31
    if info < 24:
        return major, info, at + 1
    if info > 27:
        raise FormatError(f"CBOR head at byte {at} is not of definite length")
    end = at + 1 + (1 << info - 24)
    if end > len(data):
        raise FormatError(f"CBOR ends early, at byte {at}")
    value = int.from_bytes(data[at + 1 : end], "big")
    if value < (24 if info == 24 else 1 << 4 * (end - at - 1)):
        raise FormatError(f"CBOR head at byte {at} is not the shortest")
    return major, value, end


def _read_item(data: bytes, at: int) -> tuple[Item, int]:
    major, value, start = _read_head(data, at)
    if major == _UINT:
        if value > LARGEST:
            raise FormatError(f"integer at byte {at} is larger than 2^53-1")
        return value, start
    if major not in (_BYTES, _TEXT):
        raise FormatError(f"CBOR item at byte {at} is of major type {major}, not an integer, bytes or text")
    end = start + value
    if end > len(data):
        raise FormatError(f"CBOR string at byte {at} ends early")
    if major == _BYTES:
        return data[start:end], end
    try:
        return data[start:end].decode(), end
    except UnicodeDecodeError as error:
        raise FormatError(f"text at byte {at} is not UTF-8") from error


def decode(data: bytes) -> list[Item]:
    """The items of the array that `data` is; FormatError for anything but its one encoding."""
    major, count, at = _read_head(data, 0)
    if major != _ARRAY:
        raise FormatError("CBOR is not an array")
    items: list[Item] = []
    for _ in range(count):
        item, at = _read_item(data, at)
        items.append(item)
    if at != len(data):
        raise FormatError(f"{len(data) - at} bytes follow the CBOR array")
    return items
