"""The JSON of definitions and results, a restriction of RFC 8785 (`spec/encoding.md#json`)."""

from __future__ import annotations

import json
from typing import Any, TypeAlias

from psephos.errors import FormatError

JSON: TypeAlias = dict[str, Any] | list[Any] | str | int

LARGEST = 2**53 - 1


def encode(value: JSON) -> bytes:
    """The one encoding; FormatError names, by path, what has none."""
    try:
        check(value, "$")
        text = json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    except RecursionError:
        raise FormatError("JSON: nested too deeply") from None
    return text.encode()


def decode(document: bytes) -> JSON:
    """What a document says; FormatError unless its bytes are the one encoding of that."""
    try:
        value: JSON = json.loads(document.decode(), parse_int=_integer, parse_float=_refuse)
    except UnicodeDecodeError as error:
        raise FormatError(f"JSON: not UTF-8 at byte {error.start}") from None
    except json.JSONDecodeError as error:
        raise FormatError(f"JSON: {error.msg} at character {error.pos}") from None
    except RecursionError:
        raise FormatError("JSON: nested too deeply") from None
    encoded = encode(value)
    if encoded != document:
        raise FormatError(f"JSON: not the one encoding from byte {_difference(encoded, document)} on")
    return value


def check(value: object, path: str) -> None:
    """Raise FormatError where a value, or one inside it, is none that this JSON knows."""
    if isinstance(value, dict):
        for key, member in value.items():
            if not isinstance(key, str) or not key or not (key.isascii() and key.isprintable()):
                raise FormatError(f"{path}: member name {key!r:.40} is not printable ASCII")
            check(member, f"{path}.{key}")
    elif isinstance(value, list):
        for position, item in enumerate(value):
            check(item, f"{path}[{position}]")
    elif isinstance(value, str):
        if any("\ud800" <= character <= "\udfff" for character in value):
            raise FormatError(f"{path}: lone surrogate")
    elif isinstance(value, bool) or not isinstance(value, int):
        raise FormatError(f"{path}: neither object, array, string nor integer")
    elif abs(value) > LARGEST:
        raise FormatError(f"{path}: integer beyond 2^53 - 1")


def _integer(digits: str) -> int:
    if len(digits) > 17:
        raise FormatError(f"JSON: integer of {len(digits)} characters")
    return int(digits)


def _refuse(text: str) -> JSON:
    raise FormatError(f"JSON: {text:.40} is not an integer")


def _difference(one: bytes, other: bytes) -> int:
    pairs = enumerate(zip(one, other, strict=False))
    return next((at for at, (left, right) in pairs if left != right), min(len(one), len(other)))
