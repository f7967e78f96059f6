"""Several regions, some further than others: no command says that it has done what it has not."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.integration.by_hand import PLAN, Town

REGIONS = ("north", "south", "west")
USAGE = 2


class ThreeRegions(Town):
    """A town with three regions, up to the key."""

    regions = ",".join(REGIONS)

    def begin(self) -> None:
        region = re.search(r"\[\[regions\]\].*?(?=\[\[contests\]\])", PLAN, re.DOTALL)
        assert region is not None
        others = "".join(region[0].replace('"north"', f'"{one}"') for one in REGIONS[1:])
        self.found(plan=PLAN.replace(region[0], region[0] + others))
        self.twice("organiser", "publish")
        self.publish()
        self.ceremony([1, 2, 3])

    def log_roll(self, region: str) -> None:
        (file := self.directory / f"{region}.csv").write_text("Ada\nBlaise\nCarl\n")
        self.twice("registrar", "roll", str(file), "--region", region, "--expect", "3")
        self.publish()


@pytest.fixture
def town(tmp_path: Path) -> ThreeRegions:
    town = ThreeRegions(tmp_path)
    town.begin()
    return town


def test_nothing_is_closed_where_one_of_the_regions_has_no_roll(town: ThreeRegions) -> None:
    town.log_roll("north")
    code, said = town.run("registrar", "batch", "--close")
    assert code == USAGE
    assert "nothing was closed: there is no roll of south, west yet: psephos registrar roll FILE" in said
    assert ", closed" not in town.done("registrar", "status")
    said = town.done("registrar", "batch")
    assert "south has no roll yet: psephos registrar roll FILE --region south" in said


def test_where_nobody_enrols_everybody_is_told_what_to_do(town: ThreeRegions) -> None:
    for region in REGIONS:
        town.log_roll(region)
    assert "no batch of west is due: 0 wait for one, 0 are logged" in town.done("registrar", "batch")
    said = town.done("registrar", "batch", "--close", "--region", "south")
    assert said.startswith("enrolment in south is closed, and nobody has enrolled: there is no voting there")
    assert "north" not in said
    said = town.done("registrar", "batch", "--close")
    assert [f"enrolment in {one} is closed, and nobody has enrolled" in said for one in REGIONS] == [True] * 3
    assert "the organiser ends it: psephos organiser cancel --reason" in said
    assert "if nobody enrols in any region, the organiser cancels" in town.waits("organiser", "result")
    town.twice("organiser", "cancel", "--reason", "Nobody came")
    town.publish()
    assert "Cancelled: nothing was counted." in town.done("organiser", "result")


def test_an_organiser_is_told_where_to_begin(tmp_path: Path) -> None:
    town = Town(tmp_path)
    code, said = town.run("organiser", "publish")
    assert (code, "psephos organiser new makes one" in said) == (USAGE, True)
