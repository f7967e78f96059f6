"""What the board answers to a request, entry by entry (`spec/messages.md#post`)."""

from __future__ import annotations

from collections.abc import Sequence
from hashlib import sha256
from typing import TypeAlias

from psephos.errors import FormatError, VerificationError
from psephos.post.bundle import Bundle
from psephos.protocol import entry as entries
from psephos.protocol.entry import Accepted, Promise, Refusal
from psephos.protocol.message import read

Answer: TypeAlias = Accepted | Promise | Refusal
NO_REFERENDUM = bytes(32)


def place(data: bytes) -> tuple[bytes, bytes]:
    """The referendum that an entry names, and what answers call it; of bytes that are none: zeros, a hash."""
    try:
        entry = entries.decode(data)
    except FormatError:
        return NO_REFERENDUM, sha256(data).digest()
    return entry.referendum, entry.body_hash


def read_answers(answer: bytes, sent: Sequence[bytes], board: bytes) -> list[Answer]:
    """The board's answer to each entry sent; `board` is its public key of 32 bytes.

    FormatError or VerificationError `signature` when it is not the board's answer to these entries.
    """
    messages = Bundle.parse(answer)
    if len(messages.entries) != len(sent) or messages.blobs:
        raise FormatError(f"answer: {len(messages.entries)} messages to {len(sent)} entries")
    return [_read(one, data, board) for one, data in zip(messages.entries, sent, strict=True)]


def _read(message: bytes, data: bytes, board: bytes) -> Answer:
    referendum, name = place(data)
    payload = read(message, referendum, board).payload
    match payload:
        case Accepted(entry=named) | Promise(ballot=named) | Refusal(request=named) if named == name:
            return payload
    raise VerificationError("signature", "board", f"answers another entry, or with a {payload.type_name()}")
