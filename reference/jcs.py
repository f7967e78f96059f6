"""Strict RFC 8785 JSON without floats, booleans and nulls: spec/encoding.md#json."""

from __future__ import annotations

import json
from typing import Any, NoReturn

from group import FormatError

LIMIT = 2**53 - 1
DEEPEST = 32


def encode(value: Any) -> bytes:
    """The one encoding of objects, arrays, strings and integers."""
    return json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()


def decode(data: bytes) -> Any:
    """A document; refuses all bytes that `encode` would not have written."""
    try:
        value = json.loads(
            data.decode("utf-8"),
            object_pairs_hook=_object,
            parse_float=_refuse,
            parse_constant=_refuse,
        )
        _check(value)
        canonical = encode(value) == data
    except (ValueError, RecursionError) as error:
        raise FormatError(f"not canonical JSON: {error}") from error
    if not canonical:
        raise FormatError("not canonical JSON")
    return value


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    members = dict(pairs)
    if len(members) != len(pairs):
        raise FormatError("a member stands twice")
    for key in members:
        if not key or not key.isascii() or not key.isprintable():
            raise FormatError("a member's name is not printable ASCII")
    return members


def _refuse(text: str) -> NoReturn:
    raise FormatError(f"{text} is not allowed")


def _check(value: Any, levels: int = DEEPEST) -> None:
    if isinstance(value, dict | list):
        if levels == 0:
            raise FormatError(f"nested more than {DEEPEST} levels deep")
        for member in value.values() if isinstance(value, dict) else value:
            _check(member, levels - 1)
    elif isinstance(value, bool) or value is None:
        raise FormatError("booleans and null are not allowed")
    elif isinstance(value, int) and abs(value) > LIMIT:
        raise FormatError("integer too large")
