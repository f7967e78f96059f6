"""Characters that do not show, or turn writing around, by their numbers: no name may look like another."""

from __future__ import annotations

import unicodedata

JOINERS = "\u200c\u200d"
CATEGORIES = ("Cc", "Cf", "Cs", "Zl", "Zp")
SIGNS = "\u0600\u0601\u0602\u0603\u0604\u0605\u06dd\u070f\u0890\u0891\u08e2\U000110bd\U000110cd"
BLANK = "\u034f\u115f\u1160\u17b4\u17b5\u3164\uffa0"
JOINED = ((0x0600, 0x109F), (0x1700, 0x1CFF), (0xA800, 0xABFF), (0x10A00, 0x11FFF))
"""Signs before numbers, which show; letters that do not; where Unicode has the scripts that need joiners."""


def visible(text: str) -> str:
    """The text in one line, with such characters by their numbers, as U+202E."""
    return "".join(
        f"U+{ord(char):04X}" if _hides(text, index, char) else char for index, char in enumerate(text)
    )


def _hides(text: str, index: int, char: str) -> bool:
    if char in JOINERS:
        return not all(
            _joined(neighbour) for neighbour in (text[index - 1 : index], text[index + 1 : index + 2])
        )
    return char in BLANK or (unicodedata.category(char) in CATEGORIES and char not in SIGNS)


def _joined(char: str) -> bool:
    """Whether it is a letter or mark of a script that needs joiners, or an emoji."""
    if not char:
        return False
    category = unicodedata.category(char)
    if char == "\ufe0f" or category in ("So", "Sk"):
        return True
    return category[0] in "LM" and any(first <= ord(char) <= last for first, last in JOINED)
