"""Entries and messages and their one codec; all their types (`spec/entries.md`, `spec/messages.md`)."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, fields
from functools import cache
from typing import NamedTuple

from psephos.crypto import cbor
from psephos.errors import FormatError
from psephos.protocol.entry_types import (
    Amend,
    Annulment,
    Answer,
    Ballot,
    Batch,
    BoothManifest,
    Cancel,
    CeremonyAnswer,
    CeremonyCommit,
    CeremonyComplain,
    CeremonyConfirm,
    CeremonyDeadline,
    CeremonyDeal,
    CeremonyReveal,
    CeremonySign,
    CheckpointEntry,
    Close,
    Declaration,
    DefinitionEntry,
    Endorse,
    Given,
    Grant,
    Incident,
    Issued,
    Objection,
    Open,
    Part,
    Request,
    Result,
    Roll,
    Seal,
    Shares,
    Statement,
    TokenKeys,
    Weighing,
)
from psephos.protocol.labels import ENTRY_PREFIX
from psephos.protocol.message_types import (
    Accepted,
    Admission,
    BallotOpening,
    BatchAnswer,
    BatchQuery,
    CardReceipt,
    CardsOpening,
    DecoyRequest,
    Promise,
    Ready,
    ReadyRequest,
    Refusal,
    TokenReceipt,
    TokenRequest,
    TokenResponse,
)
from psephos.protocol.payload import TYPES, Payload

__all__ = [
    "BALLOT_HEAD",
    "FIRST_MESSAGE",
    "LONGEST",
    "LONGEST_MESSAGE",
    "PIECE",
    "VERSION",
    "Accepted",
    "Admission",
    "Amend",
    "Annulment",
    "Answer",
    "Ballot",
    "BallotOpening",
    "Batch",
    "BatchAnswer",
    "BatchQuery",
    "BoothManifest",
    "Cancel",
    "CardReceipt",
    "CardsOpening",
    "CeremonyAnswer",
    "CeremonyCommit",
    "CeremonyComplain",
    "CeremonyConfirm",
    "CeremonyDeadline",
    "CeremonyDeal",
    "CeremonyReveal",
    "CeremonySign",
    "CheckpointEntry",
    "Close",
    "Declaration",
    "DecoyRequest",
    "DefinitionEntry",
    "Endorse",
    "Entry",
    "Given",
    "Grant",
    "Incident",
    "Issued",
    "Objection",
    "Open",
    "Part",
    "Payload",
    "Promise",
    "Ready",
    "ReadyRequest",
    "Refusal",
    "Request",
    "Result",
    "Roll",
    "Seal",
    "Shares",
    "Statement",
    "TokenKeys",
    "TokenReceipt",
    "TokenRequest",
    "TokenResponse",
    "Weighing",
    "body_of",
    "decode",
    "encode",
    "encode_body",
    "seal",
]

VERSION = 1
FIRST_MESSAGE = 64
LONGEST = 65_535
"""Bytes of an entry."""
LONGEST_MESSAGE = 131_070
"""Bytes of a message: a ballot's opening holds the ballot, and more."""
PIECE = 65_000
BALLOT_HEAD = b"\x89\x01\x11"  # how every ballot begins: nine elements, version 1, type 17


@dataclass(frozen=True)
class Entry:
    """A decoded entry or message: who says what in which referendum."""

    payload: Payload
    referendum: bytes
    author: bytes
    signature: bytes
    data: bytes = field(repr=False)
    """The bytes that were decoded."""

    @property
    def body(self) -> bytes:
        """All but the signature: what `seal` made the entry from."""
        return body_of(self.data)

    @property
    def signed_bytes(self) -> bytes:
        """What the author's Ed25519 signature is over."""
        return ENTRY_PREFIX + self.body

    @property
    def body_hash(self) -> bytes:
        """SHA-256 of the body: a ballot's hash, tracker and identity; kept, without the lock of
        `functools.cached_property`.
        """
        known = vars(self)
        if "_body_hash" not in known:
            known["_body_hash"] = hashlib.sha256(self.body).digest()
        return known["_body_hash"]  # type: ignore[no-any-return]


def encode_body(payload: Payload, referendum: bytes, author: bytes) -> bytes:
    """The bytes that a signature is made over (after `ENTRY_PREFIX`, for Ed25519)."""
    return cbor.encode([VERSION, payload.number, referendum, author, *vars(payload).values()])


def seal(body: bytes, signature: bytes, longest: int = LONGEST) -> bytes:
    """The entry, or message, that `signature` makes of a body; FormatError when it is too long."""
    whole = bytes([body[0] + 1]) + body[1:] + b"\x58\x40" + signature
    _check_length(whole, longest)
    return whole


def body_of(data: bytes) -> bytes:
    """The body of a well-formed entry or message: what `seal` made it from."""
    return bytes([data[0] - 1]) + data[1:-66]


def _check_length(data: bytes, longest: int) -> None:
    if len(data) > longest:
        raise FormatError(f"entry or message of {len(data)} bytes is longer than {longest}")


def encode(payload: Payload, referendum: bytes, author: bytes, sign: Callable[[bytes], bytes]) -> bytes:
    """An entry or message; `sign` makes the Ed25519 signature over the bytes it is given."""
    body = encode_body(payload, referendum, author)
    longest = LONGEST_MESSAGE if payload.number >= FIRST_MESSAGE else LONGEST
    return seal(body, sign(ENTRY_PREFIX + body), longest)


def decode(data: bytes, *, message: bool = False) -> Entry:
    """The entry (or, if asked, the message) that `data` is; FormatError names what is wrong with it.

    Signatures are not looked at here.
    """
    _check_length(data, LONGEST_MESSAGE if message else LONGEST)
    items = cbor.decode(data)
    if len(items) < 5 or items[0] != VERSION:
        raise FormatError("not an entry of version 1")
    _, number, referendum, author, *content, signature = items
    payload_type = TYPES.get(number) if isinstance(number, int) else None
    if payload_type is None or (payload_type.number >= FIRST_MESSAGE) != message:
        raise FormatError(f"unknown {'message' if message else 'entry'} type {number!r:.20}")
    shape = _shape(payload_type.number)
    if tuple(map(type, items)) != shape.kinds or any(len(items[at]) != size for at, size in shape.sizes):  # type: ignore[arg-type]
        raise _misshapen(payload_type, items)
    return Entry(payload_type(*content), referendum, author, signature, data)  # type: ignore[arg-type]


class _Shape(NamedTuple):
    """The types of all elements of an entry or message; place and length of those that have just one."""

    kinds: tuple[type, ...]
    sizes: list[tuple[int, int]]


@cache
def _shape(number: int) -> _Shape:
    columns = _columns(number)
    sizes = [(at, size) for at, (_, _, size) in enumerate(columns, 2) if size is not None]
    return _Shape((int, int, *(kind for _, kind, _ in columns)), sizes)


def _misshapen(payload_type: type[Payload], items: Sequence[cbor.Item]) -> FormatError:
    """What is wrong with the elements of an entry or message."""
    name, columns = payload_type.type_name(), _columns(payload_type.number)
    if len(items) != 2 + len(columns):
        return FormatError(f"{name}: {len(items) - 5} payload elements instead of {len(columns) - 3}")
    column, kind, size = next(
        (column, kind, size)
        for (column, kind, size), value in zip(columns, items[2:], strict=True)
        if type(value) is not kind or (size is not None and len(value) != size)  # type: ignore[arg-type]
    )
    return FormatError(f"{name}: {column} is not {kind.__name__ if size is None else f'{size} bytes'}")


def _columns(number: int) -> list[tuple[str, type, int | None]]:
    """Name, type and, where there is just one, length of each element behind the number of a type."""
    kinds = {"int": int, "bytes": bytes, "str": str}
    own = [(one.name, kinds[str(one.type)], one.metadata.get("size")) for one in fields(TYPES[number])]
    return [("referendum", bytes, 32), ("author", bytes, 32), *own, ("signature", bytes, 64)]
