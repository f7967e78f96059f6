"""Characters that do not show, or turn writing around: where they stand in a text, and how it is shown.

A text may seem to say what it does not: U+202E writes what follows it backwards, U+200B parts two words that
look like one. Screens show such a character by its number. `booth/src` has the same rule in TypeScript.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator

JOINERS = "\u200c\u200d"
"""Format characters that some scripts need between two letters: Persian, Hindi, Sinhala, ..; emoji too"""
_BLANK = "\u034f\u115f\u1160\u17b4\u17b5\u3164\uffa0"
"""Characters that are letters or marks by their category, and show nothing."""
_SHOWN = "\u0600\u0601\u0602\u0603\u0604\u0605\u06dd\u070f\u0890\u0891\u08e2\U000110bd\U000110cd"
"""Format characters that show: signs before numbers."""
_CATEGORIES = ("Cc", "Cf", "Zl", "Zp")


def hidden(text: str) -> Iterator[int]:
    """The positions of characters that do not show, or turn writing around; line feeds and tabs do show."""
    return (place for place, char in enumerate(text) if _hides(text, place, char))


def visible(text: str) -> str:
    """The text with such characters by their numbers, as U+202E."""
    return "".join(name(char) if _hides(text, place, char) else char for place, char in enumerate(text))


def name(char: str) -> str:
    """A character by its number."""
    return f"U+{ord(char):04X}"


def _hides(text: str, place: int, char: str) -> bool:
    if char.isascii() and char.isprintable():
        return False
    if char in JOINERS:
        return not _joins(text[place - 1 : place], text[place + 1 : place + 2])
    if char in _BLANK:
        return True
    return unicodedata.category(char) in _CATEGORIES and char not in "\n\t" and char not in _SHOWN


def _joins(before: str, after: str) -> bool:
    """Whether a joiner stands between letters of a script that has use for it, or between emoji."""
    return all(one and _takes_joiners(one) for one in (before, after))


def _takes_joiners(char: str) -> bool:
    category, script = unicodedata.category(char), unicodedata.name(char, "").partition(" ")[0]
    return category in ("So", "Sk") or (category[0] in "LM" and script not in _WITHOUT_JOINERS)


_WITHOUT_JOINERS = ("", "LATIN", "CYRILLIC", "GREEK", "CJK", "HIRAGANA", "KATAKANA", "HANGUL")
