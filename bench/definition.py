"""The referendum that is measured: one region, one question, five days."""

from __future__ import annotations

from typing import NamedTuple

from psephos.protocol.encoding import canonical_json
from psephos.simulation.clock import utc
from psephos.simulation.definitions import Keys, institutions

DAYS = 5
DECOYS = 4
DAY = 24 * 3600
WITNESSES = 3
MIN_BATCH = 500
OPTIONS = ("build", "leave")
WINDOWS = tuple((utc(2030, 5, day, 6), utc(2030, 5, day, 18)) for day in range(1, DAYS + 1))


class Scheme(NamedTuple):
    """How many of how many trustees it takes."""

    threshold: int
    trustees: int

    def __str__(self) -> str:
        return f"{self.threshold} of {self.trustees}"


def document(keys: Keys, scheme: Scheme) -> bytes:
    """The definition's document; cover and number of cards are those of rehearsals."""
    parties = institutions(
        keys,
        organiser="The assembly",
        registrars=["The register"],
        board="The board",
        origin="log.psephos.example/bench",
        witnesses=[f"witness-{number}.example" for number in range(1, WITNESSES + 1)],
        trustees=[f"Trustee {number}" for number in range(1, scheme.trustees + 1)],
        threshold=scheme.threshold,
    )
    region = {
        "id": "peiraieus",
        "name": {"en": "Peiraieus"},
        "style": "style",
        "timezone": "Europe/Athens",
        "days": [list(window) for window in WINDOWS],
        "closes": WINDOWS[0][0] - 3 * DAY,
        "review": DAY,
    }
    worded = {
        "contest": "wall",
        "question": {"en": "Shall the wall be built?"},
        "options": [{"en": "Build it"}, {"en": "Leave it"}],
    }
    return canonical_json.encode(
        {
            "version": 1,
            "title": {"en": "The long wall"},
            "languages": ["en"],
            **parties,
            "decoys": DECOYS,
            "relays": [],
            "hold": 0,
            "min_batch": MIN_BATCH,
            "min_region": 1,
            "tolerance": 900,
            "round": 3600,
            "cover": {"epsilon": [1, 1], "delta": 4, "ballots": 2},
            "regions": [region],
            "contests": [{"id": "wall", "options": list(OPTIONS), "blank": 1}],
            "styles": [{"id": "style", "contests": [worded]}],
        }
    )
