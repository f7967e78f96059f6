"""The JSON of definitions and results, a restriction of RFC 8785 (`spec/encoding.md#json`)."""

from __future__ import annotations

import json
import re
from typing import Any, TypeAlias

from psephos.errors import FormatError

JSON: TypeAlias = dict[str, Any] | list[Any] | str | int

LARGEST = 2**53 - 1
DEEPEST = 32
"""Levels of objects and arrays in one another."""
_SURROGATE = re.compile("[\ud800-\udfff]")


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
    if (wrong := _wrong(value, DEEPEST)) is not None:
        where, why = wrong
        raise FormatError(f"{path}{''.join(reversed(where))}: {why}")


def _wrong(value: object, levels: int) -> tuple[list[str], str] | None:
    """What is wrong, and where, from the inside out."""
    if isinstance(value, str):
        return ([], "lone surrogate") if not value.isascii() and _SURROGATE.search(value) else None
    if isinstance(value, dict | list):
        return _wrong_inside(value, levels)
    if isinstance(value, bool) or not isinstance(value, int):
        return [], "neither object, array, string nor integer"
    return ([], "integer beyond 2^53 - 1") if abs(value) > LARGEST else None


def _wrong_inside(value: dict[Any, Any] | list[Any], levels: int) -> tuple[list[str], str] | None:
    if levels == 0:
        return [], f"nested more than {DEEPEST} levels deep"
    for name, member in value.items() if isinstance(value, dict) else enumerate(value):
        if isinstance(value, dict) and not (isinstance(name, str) and _is_name(name)):
            return [], f"member name {name!r:.40} is not printable ASCII"
        if (wrong := _wrong(member, levels - 1)) is not None:
            wrong[0].append(f".{name}" if isinstance(value, dict) else f"[{name}]")
            return wrong
    return None


def _is_name(name: str) -> bool:
    return bool(name) and name.isascii() and name.isprintable()


def _integer(digits: str) -> int:
    if len(digits) > 17:
        raise FormatError(f"JSON: integer of {len(digits)} characters")
    return int(digits)


def _refuse(text: str) -> JSON:
    raise FormatError(f"JSON: {text:.40} is not an integer")


def _difference(one: bytes, other: bytes) -> int:
    pairs = enumerate(zip(one, other, strict=False))
    return next((at for at, (left, right) in pairs if left != right), min(len(one), len(other)))
