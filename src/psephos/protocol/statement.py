"""What named parties and accredited observers say, signed, in the log itself (`spec/entries.md#words`)."""

from __future__ import annotations

from psephos.crypto.signature import SigningKey
from psephos.protocol import entries
from psephos.protocol.entries import Payload, Statement

NO_ATTACHMENT = b""


def write(definition: bytes, key: SigningKey, said: Payload) -> bytes:
    """The entry of words by the holder of a key; `definition` is the definition hash."""
    return entries.encode(said, definition, key.public.raw, key.sign)


def state(
    definition: bytes,
    key: SigningKey,
    subject: str,
    language: str,
    text: str,
    attachment: bytes = NO_ATTACHMENT,
) -> bytes:
    """A statement's entry; `definition` is the definition hash, `attachment` SHA-256 of a blob or empty."""
    return write(definition, key, Statement(subject, language, text, attachment))
