"""A plan to begin with: one question, one region, comments, and times that are still to come."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from importlib.resources import files

_AHEAD = timedelta(days=14)
"""How long people have to enrol."""


def example_plan(now: float) -> str:
    """The plan in TOML; it opens two weeks after `now`, UTC seconds."""
    day = (datetime.fromtimestamp(now, UTC) + _AHEAD).date().isoformat()
    return files(__package__).joinpath("example.toml").read_text("utf-8").replace("2030-01-31", day)
