"""What named parties and accredited observers say, signed, in the log itself (`spec/entries.md`)."""

from __future__ import annotations

from psephos.crypto.signature import SigningKey
from psephos.protocol import entry as entries
from psephos.protocol.entry import Statement

NO_ATTACHMENT = b""


def state(
    definition: bytes,
    key: SigningKey,
    subject: str,
    language: str,
    text: str,
    attachment: bytes = NO_ATTACHMENT,
) -> bytes:
    """A statement's entry; `definition` is the definition hash, `attachment` SHA-256 of a blob or empty."""
    statement = Statement(subject, language, text, attachment)
    return entries.encode(statement, definition, key.public.raw, key.sign)
