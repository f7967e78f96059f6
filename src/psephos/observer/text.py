"""Text that others wrote, made safe for a terminal."""

from __future__ import annotations

from rich.text import Text

from psephos.visible import JOINERS, name, visible

_SPACES = "\u00a0\u2009\u202f"
_WRITTEN = {"\n": r"\n", "\t": r"\t"}


def plain(text: str, style: str = "") -> Text:
    """The text without markup; what does not print, or turns writing around, is shown as U+202E."""
    return Text("".join(map(_printed, visible(text))), style)


def _printed(char: str) -> str:
    if char.isprintable() or char in _SPACES or char in JOINERS:
        return char
    return _WRITTEN.get(char) or name(char)
