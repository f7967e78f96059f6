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

    def begin(self) -> None:
        region = re.search(r"\[\[regions\]\].*?(?=\[\[contests\]\])", PLAN, re.DOTALL)
        assert region is not None
        others = "".join(region[0].replace('"north"', f'"{one}"') for one in REGIONS[1:])
        self.create(plan=PLAN.replace(region[0], region[0] + others))
        self.sent("organiser", "publish")
        self.publish()
        self.ceremony([1, 2, 3])

    def log_roll(self, region: str) -> None:
        (file := self.directory / f"{region}.csv").write_text("Ada\nBlaise\nCarl\n")
        self.sent("registrar-1", "roll", str(file), "--region", region, "--expect", "3")
        self.publish()


@pytest.fixture
def town(tmp_path: Path) -> ThreeRegions:
    town = ThreeRegions(tmp_path)
    town.begin()
    return town


def test_a_region_that_has_no_roll_is_named_and_keeps_no_other_from_going_on(town: ThreeRegions) -> None:
    town.log_roll("north")
    said = town.done("registrar-1", "round")
    for region in ("south", "west"):
        assert f"{region} has no roll yet: psephos registrar roll FILE --region {region}" in said
    assert "nothing was due" in said
    assert "north has no roll yet" not in said
    said = town.shut()
    assert "sent batch 1 of north: 0 cards, the last" in said
    assert "sent who got tokens in north: 0" in said
    assert [roster.complete for roster in town.record().rosters] == [True, False, False]


def test_where_nobody_enrols_the_organiser_can_cancel(town: ThreeRegions) -> None:
    for region in REGIONS:
        town.log_roll(region)
    town.shut()
    record = town.record()
    assert [(roster.cards, roster.issued_by(1)) for roster in record.rosters] == [(0, 0)] * 3
    assert not record.void
    town.sent("organiser", "cancel", "--reason", "Nobody came")
    town.publish()
    assert "Cancelled: nothing was counted." in town.done("organiser", "result")


def test_an_organiser_is_told_where_to_begin(tmp_path: Path) -> None:
    town = Town(tmp_path)
    code, said = town.run("organiser", "publish")
    assert (code, "psephos organiser new makes one" in said) == (USAGE, True)
