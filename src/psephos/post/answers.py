"""What the board answers to a request, entry by entry (`spec/messages.md#post`)."""

from __future__ import annotations

from collections.abc import Sequence
from hashlib import sha256
from typing import TypeAlias

from psephos.errors import FormatError, VerificationError
from psephos.post.envelope import Envelope
from psephos.protocol import entries
from psephos.protocol.entries import Accepted, Promise, Refusal
from psephos.protocol.message import read, request_id

Answer: TypeAlias = Accepted | Promise | Refusal
NO_REFERENDUM = bytes(32)
"""The referendum of an answer to bytes that are no entry."""


def read_answers(answer: bytes, sent: Sequence[bytes], board: bytes) -> list[Answer]:
    """The board's answer to each entry sent; `board` is its public key of 32 bytes.

    An answer that is shorter ends with a refusal, which then answers the entries that are left too; where it
    is all of the answer it may be of any of them. FormatError or VerificationError `signature` when it is not
    the board's answer to these entries.
    """
    messages = Envelope.parse(answer)
    missing = len(sent) - len(messages.entries)
    if missing < 0 or messages.blobs:
        raise FormatError(f"answer: expected at most {len(sent)} messages, found {len(messages.entries)}")
    if missing and len(messages.entries) == 1:
        return [_read_refusal(messages.entries[0], sent, board)] * len(sent)
    answers = [
        _read(answer_message, data, board)
        for answer_message, data in zip(messages.entries, sent, strict=False)
    ]
    if missing and not isinstance(answers[-1], Refusal):
        raise FormatError(f"answer: expected {len(sent)} messages, found {len(answers)}, and no refusal")
    return answers + answers[-1:] * missing


def _read_refusal(message: bytes, sent: Sequence[bytes], board: bytes) -> Answer:
    """The refusal that is all of the answer to several entries: of any of them."""
    for data in sent:
        try:
            said = _read(message, data, board)
        except VerificationError:
            continue
        if isinstance(said, Refusal):
            return said
    raise VerificationError("signature", "board", "refuses another entry")


def _read(message: bytes, data: bytes, board: bytes) -> Answer:
    name = request_id(data, message=False)
    payload = read(message, _referendum(data), board).payload
    match payload:
        case Accepted(entry=named) | Promise(ballot=named) if named == name:
            return payload
        case Refusal(request=named) if named in (name, sha256(data).digest()):
            return payload
    raise VerificationError("signature", "board", f"answers another entry, or with a {payload.type_name()}")


def _referendum(data: bytes) -> bytes:
    """The referendum that an entry names."""
    try:
        return entries.decode(data).referendum
    except FormatError:
        return NO_REFERENDUM
