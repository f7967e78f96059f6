"""Lines of a plan that would do, and what holds for keys that a plan leaves out."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

DEFAULTS: dict[str, Any] = {"decoys": 4, "min_batch": 5, "min_region": 5, "tolerance": 600, "round": 10}
COVER: dict[str, Any] = {"epsilon": [1, 1], "delta": 3, "ballots": 2}
DAY = 86_400
"""Seconds for which issued hashes are public before a region opens, and of a period of the relays."""
BLANK = 1
STYLE = "all"
"""The id of the style of a plan that names none: every region is asked every contest."""

RANGES = {
    "decoys": (0, 16),
    "min_batch": (1, 1_000_000),
    "min_region": (1, 1_000_000),
    "tolerance": (0, 86_400),
    "round": (1, 3_600),
}
DAYS = "days = [[2027-03-01T08:00:00+02:00, 2027-03-01T20:00:00+02:00]]"
ZONE = 'timezone = "Europe/Kyiv"'
TOP = {
    "languages": 'languages = ["en"]',
    "organiser": 'organiser = { name = "City assembly" }',
    "regions": "[[regions]], then id, name, timezone and days below it",
    "contests": "[[contests]], then id, question and options below it",
}
TOP_OPTIONAL = {
    "witnesses": "witnesses = { quorum = 2, faulty = 0 }",
    "trustees": "trustees = { threshold = 2, close = 2 }",
    "cover": "cover = { epsilon = [1, 1], delta = 3, ballots = 2 }",
    "registrars": 'registrars = ["Civil registry", "Chamber of notaries"]',
    "relays": "[[relays]], then name and address below it",
    "hold": f"hold = {DAY}",
    "review": f"review = {DAY}",
    "styles": "[[styles]], then id and contests below it",
    "rehearsal": "rehearsal = 1",
    "contact": 'contact = { en = "555-123, vote@town.example" }',
    "called_by": 'called_by = { en = "Town council, decision 17 of 3 March 2027" }',
    "legal_basis": 'legal_basis = { en = "Local Government Act, section 12" }',
    "effect": 'effect = { kind = "binding", text = { en = "The council must act within a year." } }',
    "channels": 'channels = [{ en = "On paper, in the town hall" }]',
    "divisions": "[[divisions]], then id and name below it",
    "texts": "[[texts]], then files, and perhaps contest, option and by below it",
    "map": 'map = "regions.geojson"',
    **{name: f"{name} = {value}" for name, value in DEFAULTS.items()},
}
_TABLES = {
    "witnesses": "quorum faulty",
    "trustees": "threshold close names",
    "cover": "epsilon delta ballots",
}
_ABOVE = "languages", "registrars", "hold", "map", *DEFAULTS
PLACE_OF = dict.fromkeys(_ABOVE, "above the first [heading]") | {
    key: f"below [{table}]" for table, keys in _TABLES.items() for key in keys.split()
}
"""Where a key belongs that stands somewhere else."""


def written(plan: Mapping[str, Any]) -> str:
    """A plan, or a part of it, in TOML: a line for each key."""
    return "".join(f"{line(key, value)}\n" for key, value in plan.items())


def line(key: str, value: Any) -> str:
    """One key with its value."""
    return f"{key} = {inline(value)}"


def inline(value: Any) -> str:
    """A value on one line of TOML: text, integer, time, list or table of these."""
    if isinstance(value, dict):
        return "{ " + ", ".join(f"{_key(name)} = {inline(member)}" for name, member in value.items()) + " }"
    if isinstance(value, list | tuple):
        return "[" + ", ".join(map(inline, value)) + "]"
    if isinstance(value, datetime):
        return value.isoformat()
    return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")


def _key(name: str) -> str:
    return name if name.replace("-", "").replace("_", "").isalnum() and name.isascii() else inline(name)


def texts(key: str, languages: Iterable[str], text: str = "..") -> str:
    """A text in each language."""
    return line(key, dict.fromkeys(languages, text))
