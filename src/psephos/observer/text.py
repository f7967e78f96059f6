"""Text that others wrote, made safe for a terminal."""

from __future__ import annotations

from rich.text import Text


def plain(text: str, style: str = "") -> Text:
    """The text without markup, and with whatever does not print, or turns writing around, escaped."""
    safe = "".join(char if char.isprintable() else char.encode("unicode_escape").decode() for char in text)
    return Text(safe, style)
