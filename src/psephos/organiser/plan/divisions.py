"""Divisions of a plan: what regions lie below, for sums and for what is too small to be counted alone."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from psephos.organiser.plan import lines
from psephos.organiser.plan.mistakes import Mistakes
from psephos.organiser.plan.regions import identified, named
from psephos.organiser.plan.texts import read_texts
from psephos.protocol.encoding.form import Form


def read_divisions(mistakes: Mistakes, form: Form, languages: Sequence[str]) -> list[dict[str, Any]]:
    """The divisions, each with id, name and perhaps the one above it."""
    items = mistakes.take(lambda: form.items(1, 1_000), lines.TOP_OPTIONAL["divisions"]) or []
    ids = [item.value.get("id") for item in items if isinstance(item.value, dict)]
    return [
        _division(mistakes, item, languages, [one for one in ids if isinstance(one, str)]) for item in items
    ]


def _division(mistakes: Mistakes, form: Form, languages: Sequence[str], ids: Sequence[str]) -> dict[str, Any]:
    required = {"id": 'id = "province"', "name": lines.texts("name", languages, "Province")}
    there = mistakes.table(form, required, {"parent": 'parent = "country"'})
    division = {key: member.value for key, member in there.items()}
    if "id" in there:
        mistakes.take(there["id"].identifier, identified(there["id"]))
    if "name" in there:
        division["name"] = read_texts(mistakes, there["name"], languages)
    others = [one for one in ids if one != division.get("id")]
    if "parent" in there and others:
        named(mistakes, there["parent"], others)
    return division
