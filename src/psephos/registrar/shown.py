"""What a registrar can show of a card: what was asked before batches, and answered, both signed."""

from __future__ import annotations

from collections.abc import Iterator

from psephos.crypto.column import rows
from psephos.protocol.entry import BatchQuery, decode
from psephos.registrar.store import Read

_DIGEST = "SELECT digest, region FROM cards WHERE card = ?"
_ASKED = "SELECT query, answer FROM queries WHERE region = ? AND answer IS NOT NULL ORDER BY batch, attempt"
_SAID = "SELECT query, answer FROM answers"


def about_card(read: Read, card: bytes) -> Iterator[tuple[bytes, bytes]]:
    """Batch-queries with the record of a card, and their answers; none for a card that was not admitted."""
    for digest, region in read(_DIGEST, card):
        for query, answer in (*read(_ASKED, region), *read(_SAID)):
            payload = decode(query, message=True).payload
            if isinstance(payload, BatchQuery) and digest in rows(payload.records, 32):
                yield query, answer
