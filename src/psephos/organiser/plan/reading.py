"""A plan, read with everything that is wrong with it.

A plan is a definition without version and keys, in TOML. What it leaves out is filled in; times have an
offset, or are UTC seconds. docs/guides/organiser.md explains it.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from psephos.organiser.plan import lines
from psephos.organiser.plan.about import read_about
from psephos.organiser.plan.contests import ContestReader
from psephos.organiser.plan.divisions import read_divisions
from psephos.organiser.plan.enrolment import ClosingTimes
from psephos.organiser.plan.explanations import Files, Read, no_files, read_explanations, read_map
from psephos.organiser.plan.mistakes import BadPlan, Mistake, Mistakes
from psephos.organiser.plan.places import ROOT, LineIndex
from psephos.organiser.plan.regions import read_regions
from psephos.organiser.plan.relays import read_relays
from psephos.organiser.plan.settings import (
    read_cover,
    read_names,
    read_numbers,
    read_organiser,
    read_quorums,
    read_registrars,
)
from psephos.organiser.plan.texts import check_values, read_languages, read_texts
from psephos.protocol.encoding.form import Form


@dataclass(frozen=True)
class DefinitionTemplate:
    """`members` are those of a definition, but what the parties' cards have; days in UTC seconds.

    `trustees` and `registrars` are their names, where the plan lists them; `blobs` what the definition names,
    by SHA-256 in hex.
    """

    members: Mapping[str, Any]
    trustees: tuple[str, ...]
    registrars: tuple[str, ...]
    places: LineIndex
    blobs: Mapping[str, bytes]


def read_plan(data: bytes, read: Read = no_files) -> DefinitionTemplate:
    """The plan in a file; `read` gets the files that it names. BadPlan names everything that is wrong."""
    text = _text(data)
    form = Form(_toml(text), ROOT)
    mistakes = Mistakes(places := LineIndex(text))
    check_values(mistakes, form.value, ROOT)
    files = Files(mistakes, read)
    members, trustees, registrars = _members(mistakes, form, files)
    mistakes.check()
    return DefinitionTemplate(members, trustees, registrars, places, files.blobs)


def _text(data: bytes) -> str:
    """UTF-8, with a byte order mark or without."""
    if data[:2] in (b"\xff\xfe", b"\xfe\xff") or b"\0" in data[:4]:
        raise BadPlan([Mistake(0, "", "the file is in UTF-16: save it as UTF-8")])
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise BadPlan([Mistake(line, "", "not UTF-8: save the file as UTF-8")]) from None


def _toml(text: str) -> dict[str, Any]:
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        place = re.search(r" \(at line ([0-9]+), column [0-9]+\)$", str(error))
        line = int(place[1]) if place else text.count("\n") + 1
        what = str(error)[: place.start()] if place else str(error).removesuffix(" (at end of document)")
        raise BadPlan([Mistake(line, "", f"not TOML: {what}")]) from None


def _members(
    mistakes: Mistakes, form: Form, files: Files
) -> tuple[dict[str, Any], tuple[str, ...], tuple[str, ...]]:
    """What a definition has of a plan, and the names of trustees and registrars."""
    languages = read_languages(mistakes, form, ("en",))
    title = lines.texts("title", languages, "Shall the city build a harbour?")
    there = mistakes.table(form, {"title": title, **lines.TOP}, lines.TOP_OPTIONAL)
    members: dict[str, Any] = {"languages": list(languages), **read_numbers(mistakes, there)}
    if "title" in there:
        members["title"] = read_texts(mistakes, there["title"], languages)
    members |= read_about(mistakes, there, languages)
    if "organiser" in there:
        members["organiser"] = read_organiser(mistakes, there["organiser"])
    members["witnesses"] = read_quorums(mistakes, there.get("witnesses"), {"quorum": 1, "faulty": 0})
    members["trustees"] = read_quorums(mistakes, there.get("trustees"), {"threshold": 1, "close": 1})
    if (cover := read_cover(mistakes, there.get("cover"), members["decoys"])) is not None:
        members["cover"] = cover
    members |= read_relays(mistakes, there)
    asked = ContestReader(mistakes, languages).read(there.get("contests"), there.get("styles"))
    members |= {"contests": asked.contests, "styles": asked.styles}
    styles = [one["id"] for one in asked.styles if isinstance(one.get("id"), str)]
    if "divisions" in there:
        members["divisions"] = read_divisions(mistakes, there["divisions"], languages)
    divisions = [one["id"] for one in members.get("divisions", ()) if isinstance(one.get("id"), str)]
    closing = ClosingTimes(mistakes, members["tolerance"] + (members["hold"] or 0), there.get("review"))
    if "regions" in there:
        members["regions"] = read_regions(mistakes, there["regions"], languages, styles, divisions, closing)
    if "texts" in there:
        members["texts"] = read_explanations(mistakes, there["texts"], languages, asked.contests, files)
    if shown := read_map(mistakes, there.get("map"), members.get("regions", []), files):
        members["map"] = shown
    _check_use(mistakes, members)
    registrars = read_registrars(mistakes, there.get("registrars"))
    return members, read_names(mistakes, there.get("trustees")), registrars


def _check_use(mistakes: Mistakes, members: Mapping[str, Any]) -> None:
    """Note styles that no region uses, and contests that no style has."""
    styles = [region.get("style") for region in members.get("regions", [])]
    worded = [
        one for style in members["styles"] for one in style.get("contests", []) if isinstance(one, dict)
    ]
    contests = [one.get("contest") for one in worded]
    for key, used, whose in (("styles", styles, "region"), ("contests", contests, "style")):
        ids = [one.get("id") for one in members[key]]
        for index, one in enumerate(ids):
            if one not in used and all(name in ids for name in used):  # else a name is wrong, and noted
                mistakes.note(f"{ROOT}.{key}[{index}]", f"{one} is used by no {whose}: leave it out")
