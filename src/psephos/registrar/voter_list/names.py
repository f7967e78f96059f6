"""What may be wrong with a name, or with two beside each other."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator, Sequence

from psephos.protocol.enrolment.invitation import LONGEST_NAME
from psephos.registrar.voter_list.doubt import Doubt
from psephos.registrar.voter_list.headings import known
from psephos.visible import hidden

_SEPARATORS = ";\t|"
_LOST = "\ufffd?"
_BROKEN = ("Cc", "Cs", "Zl", "Zp")  # what `voter_name` refuses


def name_doubts(line: int, name: str) -> Iterator[Doubt]:
    """Faults and doubts of a name by itself, which is normal but for what stands in it."""
    if broken := [char for char in name if unicodedata.category(char) in _BROKEN]:
        yield Doubt(line, "control", {"name": name, "char": f"U+{ord(broken[0]):04X}"})
        return
    if len(name) > LONGEST_NAME:
        yield Doubt(line, "long", {"count": len(name), "most": LONGEST_NAME})
    if any(True for _ in hidden(name)):
        yield Doubt(line, "invisible", {"name": name})
    if "@" in name:
        yield Doubt(line, "at", {"name": name})
    if inside := [char for char in _SEPARATORS if char in name]:
        yield Doubt(line, "separator", {"name": name, "char": inside[0]})
    if any(char in name for char in _LOST):
        yield Doubt(line, "lost", {"name": name})
    if guess := _untwisted(name):
        yield Doubt(line, "twisted", {"name": name, "guess": guess})
    if known([name]):
        yield Doubt(line, "heading", {"name": name})


def _untwisted(name: str) -> str | None:
    """What a name is if its UTF-8 was read as Windows-1252, as of `ZoÃ«`."""
    try:
        guess = name.encode("windows-1252").decode()
    except UnicodeError:
        return None
    return guess if guess != name else None


def pair_doubts(names: Sequence[tuple[int, str]]) -> Iterator[Doubt]:
    """Names, with their lines, that are one, but for what does not show; or are alike."""
    first, alike = dict[str, int](), dict[str, int]()
    for line, name in names:
        seen = _seen(name)
        if (other := first.setdefault(seen, line)) != line:
            yield Doubt(line, "again", {"name": name, "other": other})
        elif (other := alike.setdefault(seen.casefold(), line)) != line:
            yield Doubt(line, "alike", {"name": name, "other": other})


def _seen(name: str) -> str:
    """A name as people see it."""
    unseen = set(hidden(name))
    return " ".join("".join(char for place, char in enumerate(name) if place not in unseen).split())
