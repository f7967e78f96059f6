"""Times as people type them."""

from __future__ import annotations

from datetime import datetime

from psephos.cli.process.stop import USAGE, Stop


def seconds(text: str) -> int:
    """UTC seconds, from themselves or from ISO 8601 with an offset."""
    if text.isdecimal():
        return int(text)
    try:
        time = datetime.fromisoformat(text)
    except ValueError:
        raise Stop(f"{text}: no time such as 2026-11-02T09:00:00+01:00", USAGE) from None
    if time.tzinfo is None:
        raise Stop(f"{text}: a time without an offset from UTC", USAGE)
    return int(time.timestamp())
