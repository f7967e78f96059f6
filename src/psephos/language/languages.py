"""Which languages there are, which one a reader gets, and in which direction one is written.

The lists are in `languages.json`, which the booth is built from too.
"""

from __future__ import annotations

import json
from importlib.resources import files
from typing import Literal

from babel import negotiate_locale

_LISTS = json.loads((files("psephos.language") / "languages.json").read_bytes())
LANGUAGES: dict[str, str] = _LISTS["names"]
"""The languages by tag, each by the name that it has for itself."""
SOURCE = "en"
"""The language that messages are written in."""


def spoken_in(tag: str) -> str:
    """The catalogue for a language of a definition: its own, or English where there is none."""
    primary = tag.split("-")[0]
    return primary if primary in LANGUAGES else SOURCE


def negotiate(accepted: str) -> str:
    """The best of our languages for an Accept-Language header."""
    wanted = [part.partition(";") for part in accepted.replace(" ", "").split(",")]
    ranked = sorted(wanted, key=lambda part: -_quality(part[2]))
    return negotiate_locale([tag.replace("-", "_") for tag, _, _ in ranked], list(LANGUAGES)) or SOURCE


def _quality(parameters: str) -> float:
    try:
        return float(parameters.removeprefix("q=")) if parameters else 1.0
    except ValueError:
        return 0.0


def direction(tag: str) -> Literal["ltr", "rtl"]:
    """How a language is written, by its script where the tag (RFC 5646) names one, else by what is usual."""
    language, *rest = tag.split("-")
    scripts = [part.title() for part in rest if len(part) == 4 and part.isalpha()]
    right_to_left = _LISTS["right_to_left"]
    if scripts:
        return "rtl" if scripts[0] in right_to_left["scripts"] else "ltr"
    return "rtl" if language.lower() in right_to_left["languages"] else "ltr"
