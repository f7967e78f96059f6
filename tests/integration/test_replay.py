"""`psephos replay`: figures that are counted exactly, and files that hold none."""

from __future__ import annotations

import csv
import json
import os
import time
import tomllib
from pathlib import Path
from typing import Any

import pytest

from psephos.cli import main
from psephos.simulation.comparison import TOTAL, Comparison
from psephos.simulation.figures import DivisionFigures, ReplayFigures, read
from tests.verifier.test_verifier import SCHEMAS, conforms

EXAMPLE = Path(__file__).parents[2] / "examples/eu-referendum-2016.toml"
TOML = """\
source = "The heralds"
csv = "figures.csv"
contest = "wall"
options = ["build", "leave"]
timezone = "Europe/Athens"
days = [[2030-05-01T07:00:00+03:00, 2030-05-01T20:00:00+03:00]]

[title]
en = "The long wall"

[columns]
name = "deme"
roll = "citizens"
blank = "blank"

[columns.votes]
build = "for"
leave = "against"

[wording.question]
en = "Shall the wall be built?"

[wording.options]
build = { en = "Build it" }
leave = { en = "Leave it" }

[wording_in.phaleron.question]
en = "Shall the wall be built as far as Phaleron?"

[wording_in.phaleron.options]
build = { en = "Build it" }
leave = { en = "Leave it" }
"""
CSV = """\
deme,citizens,for,against,blank,remark
Peiraieus,2,1,1,0,"harbour, mostly"
Phaleron,2,0,1,1,
"""
Capsys = pytest.CaptureFixture[str]


def write(directory: Path, toml: str = TOML, figures: str = CSV) -> Path:
    (directory / "figures.csv").write_text(figures)
    path = directory / "wall.toml"
    path.write_text(toml)
    return path


def result(directory: Path) -> dict[str, Any]:
    found = json.loads((directory / "result.json").read_text())
    for name in ("result.json", "pin.json"):
        conforms(json.loads((directory / name).read_text()), json.loads((SCHEMAS / name).read_text()))
    return dict(found)


def areas(directory: Path) -> dict[str, tuple[int, ...]]:
    """What was counted, by region: enrolled, votes in alphabetical order, blank."""
    counted = result(directory)["contests"][0]["areas"]
    return {
        area["id"]: (
            area["enrolled"],
            *(area["votes"][name] for name in sorted(area["votes"])),
            area["blank"],
        )
        for area in counted
    }


def test_two_regions_of_two_voters_come_out_exactly(tmp_path: Path, capsys: Capsys) -> None:
    out = tmp_path / "out"
    assert main(["replay", str(write(tmp_path)), "--scale", "1", "--out", str(out)]) == 0
    printed = capsys.readouterr().out
    assert "Counted exactly the figures, region by region." in printed
    assert "psephos verify: passed" in printed
    assert areas(out) == {"peiraieus": (2, 1, 1, 0), "phaleron": (2, 0, 1, 1)}
    assert main(["verify", str(out / "record"), "--pin", str(out / "pin.json")]) == 0


def test_the_example_comes_out_exactly(tmp_path: Path, capsys: Capsys) -> None:
    scale, out = 50_000, tmp_path / "out"
    assert main(["replay", str(EXAMPLE), "--scale", str(scale), "--out", str(out)]) == 0
    assert "Counted exactly the figures, region by region." in capsys.readouterr().out
    with (EXAMPLE.parent / tomllib.loads(EXAMPLE.read_text())["csv"]).open() as file:
        rows = list(csv.DictReader(file))

    def scaled(count: str) -> int:
        return int(int(count) / scale + 0.5)

    names = [row["region"].lower().replace(" ", "-") for row in rows]
    columns = "electorate", "leave", "remain", "rejected"
    wanted = [tuple(scaled(row[column]) for column in columns) for row in rows]
    assert len(wanted) == 12
    assert areas(out) == dict(zip(names, wanted, strict=True))


# -- whether the result is the figures

VOTED = [
    ReplayFigures("pella", "Pella", 5, (2, 1), 1, "north"),
    ReplayFigures("veria", "Veria", 2, (0, 2), 0, "north"),
    ReplayFigures("argos", "Argos", 4, (1, 1), 0, "south"),
    ReplayFigures("lerna", "Lerna", 0, (0, 0), 0, "south"),
]
DIVISIONS = [
    DivisionFigures("north", "North", "all"),
    DivisionFigures("south", "South", "all"),
    DivisionFigures("all", "All", None),
]


def tally(enrolled: int, build: int, leave: int, blank: int, **more: Any) -> dict[str, Any]:
    votes = {"votes": {"build": build, "leave": leave}, "blank": blank, "voted": build + leave + blank}
    return {"enrolled": enrolled, "counted": 1, **votes, **more}


def contest() -> dict[str, Any]:
    """Of `VOTED`, with Veria and Argos counted together, so that both divisions lack a region."""

    def level(name: str, figures: dict[str, Any], *missing: str) -> dict[str, Any]:
        return {"id": name, "missing": {"regions": list(missing)}, **figures}

    areas = [
        tally(5, 2, 1, 1, id="pella", regions=["pella"]),
        tally(6, 1, 3, 0, id="all", regions=["veria", "argos"]),
    ]
    levels = [
        level("north", tally(7, 2, 1, 1), "veria"),
        level("south", tally(4, 0, 0, 0), "argos"),
        level("all", tally(11, 3, 4, 1)),
    ]
    return {"areas": areas, "levels": levels, "total": tally(11, 3, 4, 1)}


def wrong(found: dict[str, Any]) -> list[str]:
    return Comparison(VOTED, DIVISIONS, ["build", "leave"]).wrong(found)


def test_a_result_is_the_figures_on_every_level() -> None:
    assert wrong(contest()) == []


@pytest.mark.parametrize("what", ["enrolled", "blank", "voted", "build"])
@pytest.mark.parametrize(
    ("place", "name"),
    [
        (("areas", 0), "pella"),
        (("areas", 1), "all"),
        (("levels", 0), "north"),
        (("levels", 1), "south"),
        (("levels", 2), "all"),
        (("total",), TOTAL),
    ],
)
def test_a_number_that_differs_anywhere_is_named(place: tuple[Any, ...], name: str, what: str) -> None:
    found = contest()
    tallied: Any = found
    for step in place:
        tallied = tallied[step]
    numbers = tallied["votes"] if what == "build" else tallied
    numbers[what] += 1
    assert wrong(found) == [name]


def test_what_is_left_out_of_a_result_is_named() -> None:
    uncounted, lacking, missing, moved = contest(), contest(), contest(), contest()
    uncounted["areas"][0]["counted"] = 0
    assert wrong(uncounted) == ["pella"]
    del lacking["areas"][0], lacking["levels"][1]
    assert wrong(lacking) == ["pella", "south"]
    del missing["levels"]
    assert wrong(missing) == ["north", "south", "all"]
    moved["levels"][0]["missing"]["regions"] = ["veria", "argos"]
    assert wrong(moved) == ["north"]


def test_a_replay_whose_result_differs_ends_with_1(
    tmp_path: Path, capsys: Capsys, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("psephos.simulation.replay.BLANK", 0)  # a blank vote is cast for the first option
    path = write(
        tmp_path, TOML.partition("[wording_in")[0], "deme,citizens,for,against,blank\nPella,2,0,1,1\n"
    )
    assert main(["replay", str(path), "--scale", "1", "--out", str(tmp_path / "out")]) == 1
    assert "NOT the figures: pella, the total" in capsys.readouterr().out


def test_a_region_of_which_nothing_is_left_is_passed_over(tmp_path: Path) -> None:
    figures = CSV.replace("Phaleron,2,0,1,1", "Phaleron,4,1,1,1").replace("Peiraieus,2", "Peiraieus,1999")
    out = tmp_path / "out"
    assert main(["replay", str(write(tmp_path, figures=figures)), "--scale", "1000", "--out", str(out)]) == 0
    assert areas(out)["peiraieus"] == (2, 0, 0, 0)
    assert [region["enrolled"] for region in result(out)["regions"]] == [2, 0]


@pytest.mark.parametrize(
    ("count", "scale", "rounded"),
    [(0, 1, 0), (1, 1, 1), (1, 2, 1), (1, 3, 0), (2, 3, 1), (4, 10, 0), (5, 10, 1), (14, 10, 1), (15, 10, 2)],
)
def test_half_is_rounded_up(count: int, scale: int, rounded: int) -> None:
    one = ReplayFigures("deme", "Deme", count, (count, 0), 0).scaled(scale)
    assert (one.roll, one.votes, one.blank) == (rounded, (rounded, 0), 0)


def test_a_scaled_roll_is_large_enough_for_its_votes() -> None:
    one = ReplayFigures("deme", "Deme", 10, (5, 5), 0).scaled(10)
    assert (one.roll, one.votes, one.voted) == (2, (1, 1), 2)


def test_times_are_read_with_their_offset_wherever_this_runs(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = write(tmp_path)
    before = read(path).days
    with monkeypatch.context() as elsewhere:
        elsewhere.setenv("TZ", "Pacific/Auckland")
        time.tzset()
        assert read(path).days == before == ((1_903_838_400, 1_903_885_200),)
    time.tzset()
    assert os.environ.get("TZ") != "Pacific/Auckland"


# -- files that hold no figures


def refused(path: Path, directory: Path, capsys: Capsys, scale: str = "1") -> str:
    """What a replay says that does not even begin."""
    out = directory / "out"
    assert main(["replay", str(path), "--scale", scale, "--out", str(out)]) == 2
    printed, complaint = capsys.readouterr()
    assert printed == ""
    assert complaint.startswith("psephos: ")
    assert complaint.count("\n") == 1
    assert not out.exists()
    return complaint


@pytest.mark.parametrize(
    ("old", "new", "about"),
    [
        ("Peiraieus,2,1,", "Peiraieus,2,one,", "figures.csv, line 2: for is 'one', not a whole number"),
        ("Peiraieus,2,1,", "Peiraieus,2,-1,", "line 2: for is '-1', not a whole number"),
        ("Peiraieus,2,1,", "Peiraieus,2,1.0,", "line 2: for is '1.0'"),
        ("Peiraieus,2,1,", "Peiraieus,2,01,", "line 2: for is '01'"),
        ("Peiraieus,2,1,", "Peiraieus,2, 1,", "line 2: for is ' 1'"),
        ("Peiraieus,2,1,", "Peiraieus,2,,", "line 2: for is ''"),
        ("Peiraieus,2,1,", "Peiraieus,2,1\u0661,", "line 2: for is"),
        ("Peiraieus,2,1,", "Peiraieus,1000000000000,1,", "line 2: citizens is '1000000000000'"),
        ("Phaleron,2,0,1,1,", "Phaleron,2,1,1,1,", "line 3: 3 votes cast by 2 voters"),
        ("Phaleron,2,0,1,1,", "\n\nPhaleron,2,1,1,1,", "line 5: 3 votes cast by 2 voters"),
        ("Phaleron,2,0,1,1,", "Phaleron,2,0", "line 3: no column 'blank'"),
        ("against", "contra", "line 2: no column 'against'"),
        ("citizens", "\u041fcitizens", "line 2: no column 'citizens'"),
        ("deme", "demos", "line 2: no column 'deme'"),
        ("Peiraieus", "Phaleron", "regions"),
        ("Peiraieus", "!!!", "regions"),
        ('"harbour, mostly"', '"harbour', "figures.csv: unexpected end of data"),
        (CSV, "", "figures.csv: no rows"),
        (CSV, CSV.splitlines()[0], "figures.csv: no rows"),
    ],
)
def test_figures_that_are_none_are_one_line_and_2(
    old: str, new: str, about: str, tmp_path: Path, capsys: Capsys
) -> None:
    assert old in CSV
    assert about in refused(write(tmp_path, figures=CSV.replace(old, new)), tmp_path, capsys)


NAIVE = "2030-05-01T07:00:00,"


@pytest.mark.parametrize(
    ("old", "new", "about"),
    [
        ('source = "The heralds"', "source", "wall.toml: "),
        ('source = "The heralds"', "", "source is missing"),
        ('source = "The heralds"', "source = 7", "source is missing, or not text"),
        ('csv = "figures.csv"', 'csv = "absent.csv"', "absent.csv"),
        ('csv = "figures.csv"', 'csv = "."', "directory"),
        ('options = ["build", "leave"]', "options = []", "options is not a list of text"),
        ('options = ["build", "leave"]', 'options = "build"', "options is missing, or not a list"),
        ('options = ["build", "leave"]', 'options = ["build", 7]', "options is not a list of text"),
        ('options = ["build", "leave"]', 'options = ["build", "burn"]', "wording, options: burn is missing"),
        ('options = ["build", "leave"]', 'options = ["build", "build"]', "options"),
        ('contest = "wall"', 'contest = "The Wall"', "contests"),
        ('"Europe/Athens"', '""', "timezone"),
        ("2030-05-01T07:00:00+03:00,", NAIVE, "pairs of date-times with an offset"),
        ("2030-05-01T07:00:00+03:00,", "2030-05-01,", "pairs of date-times with an offset"),
        ("2030-05-01T07:00:00+03:00,", "", "pairs of date-times with an offset"),
        ("2030-05-01T07:00:00+03:00", "2030-05-02T07:00:00+03:00", "days"),
        ("days = [[2030", "days = [] #", "days"),
        ('blank = "blank"', "blank = 0", "blank is missing, or not text"),
        ('leave = "against"', "", "leave is missing"),
        ("[title]", "[titles]", "title is missing"),
        ('en = "The long wall"', "en = 3", "title"),
        ('en = "The long wall"', "", "languages"),
        ('build = { en = "Build it" }', 'build = "Build it"', "build is missing, or not a table"),
        ('build = { en = "Build it" }', 'build = { el = "Build it" }', "styles"),
        ("wording_in.phaleron.", "wording_in.oropos.", "wording for regions that the figures lack: oropos"),
        (
            "[wording_in.phaleron.question]",
            "[wording_in.phaleron.questions]",
            "wording_in, phaleron: question is missing",
        ),
        ("[title]", 'rule = "majority"\n[title]', "rule"),
        ("[title]", "rule = { option = 2030-05-01 }\n[title]", "rule"),
    ],
)
def test_files_that_make_no_referendum_are_one_line_and_2(
    old: str, new: str, about: str, tmp_path: Path, capsys: Capsys
) -> None:
    assert old in TOML
    assert about in refused(write(tmp_path, TOML.replace(old, new)), tmp_path, capsys)


def test_files_that_cannot_be_read_are_one_line_and_2(tmp_path: Path, capsys: Capsys) -> None:
    path = write(tmp_path)
    assert "absent.toml" in refused(tmp_path / "absent.toml", tmp_path, capsys)
    (tmp_path / "figures.csv").write_bytes(CSV.encode("utf-16"))
    assert "figures.csv" in refused(path, tmp_path, capsys)
    path.write_bytes(b"\xff")
    assert "wall.toml" in refused(path, tmp_path, capsys)


@pytest.mark.parametrize("scale", ["0", "-1", "2.5", "half"])
def test_a_scale_is_a_number(scale: str, tmp_path: Path, capsys: Capsys) -> None:
    assert "--scale" in refused(write(tmp_path), tmp_path, capsys, scale)


def test_somebody_must_be_left(tmp_path: Path, capsys: Capsys) -> None:
    assert "divided by 5, no voter is left" in refused(write(tmp_path), tmp_path, capsys, "5")


def test_a_directory_with_something_in_it_is_left_alone(tmp_path: Path, capsys: Capsys) -> None:
    out = tmp_path / "out"
    out.mkdir()
    (out / "diary").write_text("dear diary")
    assert main(["replay", str(write(tmp_path)), "--scale", "1", "--out", str(out)]) == 2
    assert capsys.readouterr().err == f"psephos: {out} is not an empty directory\n"
    assert [path.name for path in out.iterdir()] == ["diary"]
