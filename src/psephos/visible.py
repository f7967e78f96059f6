"""Characters that do not show, or turn writing around: where they stand in a text, and how it is shown.

A text may seem to say what it does not: U+202E writes what follows it backwards, U+200B parts two words that
look like one. People are shown such a character by its number. `booth/src/visible.ts` has the same rule.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator

JOINERS = "\u200c\u200d"
"""Format characters that some scripts need between two letters: Persian, Hindi, Sinhala, ..; emoji too."""
_CATEGORIES = ("Cc", "Cf", "Zl", "Zp")
_SHOWN = "\n\t\u0600\u0601\u0602\u0603\u0604\u0605\u06dd\u070f\u0890\u0891\u08e2\U000110bd\U000110cd"
"""Those of these categories that do show: white space, and signs before numbers."""
_BLANK = "\u034f\u115f\u1160\u17b4\u17b5\u3164\uffa0"
"""Letters and marks, by their categories, that do not."""
_JOINED = ((0x0600, 0x109F), (0x1700, 0x1CFF), (0xA800, 0xABFF), (0x10A00, 0x11FFF))
"""Where Unicode has the scripts that need joiners."""


def hidden(text: str) -> Iterator[int]:
    """The positions of characters that do not show, or turn writing around; line feeds and tabs do show."""
    return (place for place, char in enumerate(text) if _hides(text, place, char))


def visible(text: str) -> str:
    """The text with such characters by their numbers, as U+202E."""
    if text.isascii() and text.isprintable():
        return str(text)
    return "".join(name(char) if _hides(text, place, char) else char for place, char in enumerate(text))


def name(char: str) -> str:
    """A character by its number."""
    return f"U+{ord(char):04X}"


def _hides(text: str, place: int, char: str) -> bool:
    if char in JOINERS:
        return not all(map(_takes_joiners, (text[place - 1 : place], text[place + 1 : place + 2])))
    return char in _BLANK or (unicodedata.category(char) in _CATEGORIES and char not in _SHOWN)


def _takes_joiners(char: str) -> bool:
    """Whether a neighbour of a joiner is a letter or mark of a script that needs it, or an emoji."""
    if not char:
        return False
    category = unicodedata.category(char)
    if char == "\ufe0f" or category in ("So", "Sk"):
        return True
    return category[0] in "LM" and any(first <= ord(char) <= last for first, last in _JOINED)
