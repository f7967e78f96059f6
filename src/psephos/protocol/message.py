"""Reading what another party signed and sent outside the log (`spec/messages.md`)."""

from __future__ import annotations

import hashlib

from psephos.crypto.signature import PublicKey
from psephos.errors import FormatError, VerificationError
from psephos.protocol.entry import Entry, Refusal, decode


def identity(message: bytes) -> bytes:
    """What a refusal calls a request: its body hash, or the hash of bytes that are no message."""
    try:
        return decode(message, message=True).body_hash
    except FormatError:
        return hashlib.sha256(message).digest()


def read(message: bytes, election: bytes, author: bytes) -> Entry:
    """A message of this referendum that `author` signed with Ed25519.

    FormatError when it is none, VerificationError `signature` when it is not theirs.
    """
    entry = decode(message, message=True)
    if entry.author != author or entry.referendum != election:
        raise VerificationError(
            "signature", entry.author.hex(), f"{entry.payload.type_name()} of another party or referendum"
        )
    PublicKey(author).verify(entry.signed_bytes, entry.signature)
    return entry


def answer(message: bytes, election: bytes, author: bytes, request: bytes) -> Entry:
    """What `author` answered to the request of that body hash; VerificationError for another's refusal."""
    entry = read(message, election, author)
    if isinstance(entry.payload, Refusal) and entry.payload.request != request:
        raise VerificationError("signature", author.hex(), "refuses another request")
    return entry
