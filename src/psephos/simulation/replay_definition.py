"""The definition that a replay is held under: its figures' wording, and three trustees and witnesses."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from psephos.errors import FormatError, VerificationError
from psephos.protocol.encoding import canonical_json
from psephos.protocol.setup.document import parse
from psephos.simulation.definitions import Keys, draw, institutions
from psephos.simulation.figures import Figures, QuestionWording

TRUSTEES = ("First trustee", "Second trustee", "Third trustee")
BEFORE, REVIEW = 3 * 86_400, 2 * 86_400
"""Seconds from the close of enrolment to the first opening, and of those for which it is reviewed."""
WITNESSES = ("one.witness.example", "two.witness.example", "three.witness.example")


def check(figures: Figures, scale: int) -> None:
    """FormatError unless these figures make a valid definition, and `scale` leaves somebody to vote."""
    if not any(region.scaled(scale).roll for region in figures.regions):
        raise FormatError(f"divided by {scale}, no voter is left")
    keys = draw(bytes(32), len(figures.regions), len(TRUSTEES), len(WITNESSES))
    try:
        parse(definition(figures, keys))
    except VerificationError as error:
        raise FormatError(error.message) from error


def definition(figures: Figures, keys: Keys) -> bytes:
    """The replay's definition: a style for each wording, an area for each region, as it was announced."""
    languages = list(figures.title)
    styles = {name: f"style-{number}" for number, name in enumerate(figures.wordings, 1)}
    contest = {"id": figures.contest, "options": list(figures.options), "blank": 1}
    document = {
        "version": 1,
        "title": dict(figures.title),
        "languages": languages,
        **institutions(
            keys,
            organiser="Replay",
            registrars=["Registrar"],
            board="Board",
            origin="replay.psephos.example/log",
            witnesses=WITNESSES,
            trustees=TRUSTEES,
            threshold=2,
        ),
        "decoys": 4,
        "relays": [],
        "hold": 0,
        "min_batch": 2000,
        "min_region": figures.min_region,
        "tolerance": 900,
        "round": 3600,
        "cover": {"epsilon": [2, 1], "delta": 2, "ballots": 2},
        "regions": [
            {
                "id": region.id,
                "name": dict.fromkeys(languages, region.name),
                "style": styles[region.id if region.id in figures.wordings else None],
                "timezone": figures.timezone,
                "days": [list(window) for window in figures.days],
                "closes": figures.days[0][0] - BEFORE,
                "review": REVIEW,
            }
            | ({"parent": region.parent} if region.parent else {})
            for region in figures.regions
        ],
        **_divisions(figures, languages),
        "contests": [contest | ({"rule": figures.rule} if figures.rule else {})],
        "styles": [
            _style(styles[name], figures.contest, wording, languages)
            for name, wording in figures.wordings.items()
        ],
    }
    return canonical_json.encode(document)


def _divisions(figures: Figures, languages: Sequence[str]) -> dict[str, Any]:
    listed = [
        {"id": division.id, "name": dict.fromkeys(languages, division.name)}
        | ({"parent": division.parent} if division.parent else {})
        for division in figures.divisions
    ]
    return {"divisions": listed} if listed else {}


def _style(name: str, contest: str, wording: QuestionWording, languages: Sequence[str]) -> dict[str, Any]:
    worded = {
        "contest": contest,
        "question": dict(wording.question),
        "options": [dict(option) for option in wording.options],
    }
    worded_in = list(wording.question)
    return {"id": name, "contests": [worded]} | (
        {} if worded_in == list(languages) else {"languages": worded_in}
    )
