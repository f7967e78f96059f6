"""Entries for people, which are as long as their authors like (`spec/messages.md#budgets`)."""

from __future__ import annotations

from psephos.protocol import entry as entries
from psephos.protocol.entry import Payload

DAY = 86_400
"""Seconds that a daily budget is for."""
WORDS: tuple[type[Payload], ...] = (
    entries.Statement,
    entries.Accreditation,
    entries.Amend,
    entries.Cancel,
)
"""What counts for the budget of words."""


def attached(payload: Payload) -> bytes:
    """SHA-256 of the file that an entry names; empty where it names none."""
    digest = getattr(payload, "attachment", b"")
    return digest if isinstance(digest, bytes) and len(digest) == 32 else b""
