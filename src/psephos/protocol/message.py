"""Reading what another party signed and sent outside the log (`spec/messages.md`)."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from functools import lru_cache

from psephos.crypto.schnorr import check_signatures
from psephos.crypto.signature import PublicKey
from psephos.errors import FormatError, VerificationError
from psephos.protocol.entries import Admission, Ballot, Entry, Payload, Refusal, decode

_CARDS: dict[type[Payload], str] = {Ballot: "ballot", Admission: "admission"}
"""What a card signs, and for which purpose."""


def request_id(data: bytes, *, message: bool) -> bytes:
    """What answers call a message, or an entry: its body hash, or the hash of bytes that are neither."""
    try:
        return decode(data, message=message).body_hash
    except FormatError:
        return hashlib.sha256(data).digest()


def refused_as(data: bytes, *, message: bool) -> bytes:
    """What a refusal calls a message, or an entry (`spec/messages.md#refusals`).

    Its body hash only where its signature holds: else who refuses a wrong signature could be shown the same
    body with the right one.
    """
    try:
        entry = decode(data, message=message)
    except FormatError:
        return hashlib.sha256(data).digest()
    return refusal_id(entry)


def refusal_id(entry: Entry) -> bytes:
    """What a refusal calls an entry or a message that is decoded already."""
    return entry.body_hash if _is_signed(entry) else hashlib.sha256(entry.data).digest()


def _is_signed(entry: Entry) -> bool:
    """Whether the signature is the author's; nobody's is zeros."""
    if not any(entry.author):
        return not any(entry.signature)
    try:
        if purpose := _CARDS.get(type(entry.payload)):
            return not check_signatures(purpose, entry.author, entry.body_hash, entry.signature)
        PublicKey(entry.author).verify(entry.signed_bytes, entry.signature)
    except (FormatError, VerificationError):
        return False
    return True


def read(message: bytes, election: bytes, author: bytes) -> Entry:
    """A message of this referendum that `author` signed with Ed25519.

    FormatError when it is none, VerificationError `signature` when it is not theirs.
    """
    entry = decode(message, message=True)
    if entry.author != author or entry.referendum != election:
        raise VerificationError(
            "signature", entry.author.hex(), f"{entry.payload.type_name()} of another party or referendum"
        )
    _key(author).verify(entry.signed_bytes, entry.signature)
    return entry


_key = lru_cache(128)(PublicKey)  # of the parties of a referendum, whom every message is from


def answer(message: bytes, election: bytes, author: bytes, request: Callable[[], bytes]) -> Entry:
    """What `author` answered to a request; `request` tells what a refusal calls it (`refused_as`).

    VerificationError for the refusal of another.
    """
    entry = read(message, election, author)
    if isinstance(entry.payload, Refusal) and entry.payload.request != request():
        raise VerificationError("signature", author.hex(), "refuses another request")
    return entry
