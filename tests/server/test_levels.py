"""The page of a result with divisions: sums for each, and what is missing in them."""

from __future__ import annotations

import json
import re
from dataclasses import replace

import pytest
from litestar.datastructures import State
from vector_generator.records.scenarios import levels

from psephos.language.catalog import catalog
from psephos.language.languages import LANGUAGES
from psephos.server.pages.outcome import result
from psephos.server.pages.rendering import around, render
from psephos.server.pages.snapshot import Snapshot, take
from psephos.server.pages.speaker import Content, Speaker


@pytest.fixture(scope="module")
def counted() -> Snapshot:
    snapshot = take(levels().after("certified").record)
    assert snapshot is not None
    return snapshot


def temple(counted: Snapshot, language: str = "en") -> Content:
    _, second = result(counted, Speaker(language, catalog(language).gettext, ("en",)))["contests"]
    contest: Content = second
    return contest


def test_divisions_have_sums_and_name_the_regions_that_are_missing_in_them(counted: Snapshot) -> None:
    told = {level["name"]: (level["votes"], level["missing"]) for level in temple(counted)["levels"]}
    assert told["Attica"] == (["1 (20.0\u00a0%)", "3 (60.0\u00a0%)", "1 (20.0\u00a0%)"], "")
    assert told["Isles"][1] == "Delos, Naxos"
    assert told["Achaia"][1] == "Patras"
    assert told["Hellas"][1] == "Naxos"


def test_a_remainder_is_named_by_its_division_and_its_regions(counted: Snapshot) -> None:
    names = [area["name"] for area in temple(counted)["areas"]]
    assert names[:3] == [
        "Athens",
        "Attica, small regions together: Sounion, Megara",
        "Hellas, small regions together: Delos, Patras",
    ]
    assert [area["counted"] for area in temple(counted)["areas"]] == [1, 1, 1, 0, 0]


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_page_shows_areas_that_are_not_counted(counted: Snapshot, language: str) -> None:
    speaker = Speaker(language, catalog(language).gettext, ("en",))
    state = State({"booth": None, "sign_in": None, "contact": ""})
    content = around(counted, speaker) | result(counted, speaker)
    shown = render("result", language, "Result", "result", state, content)
    assert shown.count(catalog(language).gettext("not counted: too few are enrolled")) >= 2
    assert catalog(language).gettext("not counted: too few finished enrolling") not in shown


def test_an_area_of_enough_enrolled_is_left_out_for_those_who_finished(counted: Snapshot) -> None:
    document = json.loads(counted.totals or b"")
    area = document["contests"][0]["areas"][0]
    for what in ("voted", "votes", "blank", "unanimous"):
        del area[what]
    area |= {"counted": 0, "weight": 1}
    light = replace(counted, totals=json.dumps(document).encode())
    speaker = Speaker("en", catalog("en").gettext, ("en",))
    row = result(light, speaker)["contests"][0]["areas"][0]
    assert (row["why"], row["weight"]) == ("not counted: too few finished enrolling", "1")


def test_those_whose_votes_are_not_counted_are_said_beside_the_turnout(counted: Snapshot) -> None:
    turnout = temple(counted)["turnout"]
    assert re.fullmatch(r"[0-9]+ of [0-9]+ \([0-9.]+\xa0%\)", turnout["enrolled"])
    assert int(turnout["outside"]) > 0


def test_charts_are_of_divisions_and_not_of_each_area(counted: Snapshot) -> None:
    assert [chart["name"] for chart in temple(counted)["charts"]] == [
        *("Attica", "Isles", "Hellas", "Achaia", "Libya")
    ]


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_language_names_remainders(counted: Snapshot, language: str) -> None:
    _, attica, *_ = temple(counted, language)["areas"]
    assert "Attica" in attica["name"]
    assert "Sounion, Megara" in attica["name"]
