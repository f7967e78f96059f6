"""Entries for people, which are as long as their authors like (`spec/messages.md#budgets`)."""

from __future__ import annotations

from psephos.protocol import entries
from psephos.protocol.entries import Payload
from psephos.protocol.sayings import SAYINGS
from psephos.protocol.setup.definition import Definition

DAY = 86_400
"""Seconds that a daily budget is for."""
WORDS: tuple[type[Payload], ...] = (
    *SAYINGS,
    entries.Grant,
    entries.Amend,
    entries.Cancel,
)
"""What counts for the budget of words."""


def asked_from(request: entries.Request) -> bytes:
    """Whose part of the requests a request is of: its sponsor's; empty is the part for everybody."""
    return request.sponsor


def request_budget(request: entries.Request, definition: Definition) -> int:
    """How many requests a day are logged of the part that a request is of."""
    budgets = definition.budgets
    if not request.sponsor:
        return budgets.requests - budgets.reserved
    parties = definition.registrars, definition.trustees.members, definition.witnesses.members
    return budgets.reserved // sum(map(len, parties))


def attached(payload: Payload) -> bytes:
    """SHA-256 of the file that an entry names; empty where it names none."""
    digest = getattr(payload, "attachment", b"")
    return digest if isinstance(digest, bytes) and len(digest) == 32 else b""
