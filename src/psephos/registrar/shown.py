"""What a registrar can show of a card or a batch: what was asked before it, and answered, both signed."""

from __future__ import annotations

from collections.abc import Iterator

from psephos.crypto.column import rows
from psephos.protocol.entries import BatchQuery, decode
from psephos.registrar.store import Read

_DIGEST = "SELECT digest, region FROM admitted WHERE card = ?"
_ASKED = "SELECT query, answer FROM queries WHERE region = ? AND answer IS NOT NULL ORDER BY batch, attempt"
_SAID = "SELECT query, answer FROM answers"
_OF_BATCH = """SELECT query, answer FROM queries WHERE region = ? AND batch = ? AND answer IS NOT NULL
    ORDER BY attempt, registrar, number"""


def about_batch(read: Read, region: int, batch: int) -> Iterator[tuple[bytes, bytes]]:
    """Batch-queries about a batch, by its number, and their answers."""
    yield from read(_OF_BATCH, region, batch)
    yield from read(f"{_SAID} WHERE region = ? AND batch = ? ORDER BY number", region, batch)


def about_card(read: Read, card: bytes) -> Iterator[tuple[bytes, bytes]]:
    """Batch-queries with the record of a card, and their answers; none for a card that was not admitted."""
    for digest, region in read(_DIGEST, card):
        for query, answer in (*read(_ASKED, region), *read(_SAID)):
            payload = decode(query, message=True).payload
            if isinstance(payload, BatchQuery) and digest in rows(payload.records, 32):
                yield query, answer
