"""One entry or message of every type, and how it can be written wrongly (`spec/entries.md`)."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import Field, fields
from typing import Any

from psephos.crypto import cbor
from psephos.crypto.cbor import Item
from psephos.crypto.signature import SigningKey
from psephos.protocol import entries
from psephos.protocol.entries import FIRST_MESSAGE, Payload
from vector_generator.vector import Vector, accepted, rejected

KEY = SigningKey(hashlib.sha256(b"author").digest())
REFERENDUM = hashlib.sha256(b"referendum").digest()
FRAMED = ("cancel", "ballot", "weighing", "promise")
"""Types whose every byte of framing is tried; all types share it."""


def entry_vectors() -> Iterator[Vector]:
    """Every type of entry and message."""
    for payload_type in Payload.__subclasses__():
        name, message = payload_type.type_name(), payload_type.number >= FIRST_MESSAGE
        payload = payload_type(*(_sample(column) for column in fields(payload_type)))
        data = entries.encode(payload, REFERENDUM, KEY.public.raw, KEY.sign)
        body_hash = entries.decode(data, message=message).body_hash.hex()
        good = accepted("message" if message else "entry", name, data=data.hex(), body_hash=body_hash)
        yield good
        for slip, bad in _slips(payload_type, cbor.decode(data)):
            yield rejected(good, slip, None if message else "1.4", data=bad.hex())


def _sample(column: Field[Any]) -> Item:
    if column.type == "int":
        return len(column.name)
    if column.type == "str":
        return column.name
    size = 32 if column.name == "attachment" else column.metadata.get("size")
    return (hashlib.sha512(column.name.encode()).digest() * 2)[:size] if size else column.name.encode()


def _slips(payload_type: type[Payload], items: list[Item]) -> Iterator[tuple[str, bytes]]:
    yield "unknown-type", cbor.encode([1, 63, *items[2:]])
    yield "one-more", cbor.encode([*items[:-1], 0, items[-1]])
    yield "one-less", cbor.encode([*items[:-2], items[-1]])
    framed = payload_type.type_name() in FRAMED
    for position, column in enumerate(fields(payload_type), 4):
        yield from _wrong_element(column.name, items, position, column.metadata.get("size"), framed)
    if framed:
        yield from _wrong_frame(items)


def _wrong_frame(items: list[Item]) -> Iterator[tuple[str, bytes]]:
    whole = cbor.encode(items)
    yield "trailing", whole + b"\0"
    yield "cut", whole[:-1]
    yield "long-array-head", b"\x98" + bytes([len(items)]) + whole[1:]
    yield "array-of-more", bytes([whole[0] + 1]) + whole[1:]
    yield "array-of-fewer", bytes([whole[0] - 1]) + whole[1:]
    yield "indefinite-array", b"\x9f" + whole[1:] + b"\xff"
    yield "nested-whole", b"\x81" + whole
    yield "tagged", b"\xd9\xd9\xf7" + whole
    yield "version-2", cbor.encode([2, *items[1:]])
    yield "version-0", cbor.encode([0, *items[1:]])
    yield "type-0", cbor.encode([1, 0, *items[2:]])
    yield "type-2-32", cbor.encode([1, 2**32 + int(items[1]), *items[2:]])
    for name, position, size in (("version", 0, 0), ("type", 1, 0), ("referendum", 2, 32), ("author", 3, 32)):
        yield from _wrong_element(name, items, position, size)
    yield from _wrong_element("signature", items, len(items) - 1, 64)


def _wrong_element(
    name: str, items: list[Item], position: int, size: int | None, heads: bool = True
) -> Iterator[tuple[str, bytes]]:
    """An element of another type or length and, if asked, nested, with a longer head, out of range."""
    item = items[position]
    piece = cbor.encode([item])[1:]
    before = cbor.encode(items)[:1] + b"".join(cbor.encode([earlier])[1:] for earlier in items[:position])
    after = b"".join(cbor.encode([later])[1:] for later in items[position + 1 :])
    wrong_type = b"\x41\x01" if isinstance(item, int) else b"\x01" if isinstance(item, bytes) else b"\x41x"
    yield f"{name}-of-another-type", before + wrong_type + after
    if heads:
        yield f"{name}-nested", before + b"\x81" + piece + after
        yield f"{name}-long-head", before + _longer_head(piece) + after
    if heads and isinstance(item, int):
        yield f"{name}-negative", before + b"\x20" + after
        yield f"{name}-2-53", before + b"\x1b" + (2**53).to_bytes(8, "big") + after
    elif isinstance(item, str):
        yield f"{name}-not-utf-8", before + b"\x61\xff" + after
    elif isinstance(item, bytes) and size:
        yield f"{name}-short", before + cbor.encode([item[:-1]])[1:] + after
        yield f"{name}-long", before + cbor.encode([item + b"\0"])[1:] + after


def _longer_head(piece: bytes) -> bytes:
    """The same CBOR item, its head one step longer than it must be."""
    major, value = piece[0] & 0xE0, piece[0] & 31
    if value < 24:
        return bytes([major | 24, value]) + piece[1:]
    return bytes([major | value + 1]) + bytes(1 << value - 24) + piece[1:]
