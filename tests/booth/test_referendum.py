"""A whole referendum at the real server: voters in Chromium, everybody else with their commands."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser

from psephos.cli.main import main
from psephos.log.client import Client
from psephos.log.tree import Tree
from psephos.protocol.entry import BoothManifest, decode
from psephos.verifier.run import policy
from tests.booth.pages import Visitor, cast_vote, enrol
from tests.integration.by_hand import DAY_1, DAY_2, VOTERS
from tests.server.served import ServedTown
from tests.server.test_referendum import TRUSTEES, counting, turns

pytestmark = [pytest.mark.needs("node"), pytest.mark.needs("chromium")]


class TownWithBooth(ServedTown):
    """Its server offers the booth too."""

    def __init__(self, directory: Path, booth: Path) -> None:
        self.booth = booth
        super().__init__(directory)

    def serve(self, *options: str) -> str:
        return super().serve("--booth", str(self.booth / "dist"), *options)


@pytest.fixture
def town(pages: Path, tmp_path: Path) -> Iterator[TownWithBooth]:
    town = TownWithBooth(tmp_path, pages)
    try:
        town.found_over_http()
        town.run_witnesses()
        yield town
    finally:
        town.stop()


def logged(town: TownWithBooth) -> list[bytes]:
    """All entries of the published log."""
    with Client(f"{town.url}/log") as client:
        checkpoint, _ = policy(town.pin).verify(client.checkpoint())
        return [entry for _, entries in Tree(checkpoint, client.fetch).entries() for entry in entries]


def begin(town: TownWithBooth) -> list[str]:
    """Definition, key and roll; the voters' invitations."""
    town.keep_on("organiser", "publish")
    town.until(lambda: town.published, "the definition is published")
    town.until(lambda: turns(town, "ceremony") or town.read().ceremony.complete, "the key is made")
    roll = town.directory / "north.csv"
    roll.write_text("\n".join(VOTERS) + "\n")
    town.keep_on("registrar", "roll", str(roll), "--region", "north")
    invitations = town.home("registrar") / "invitations/north"
    return [(invitations / f"{number}.txt").read_text() for number, _ in enumerate(VOTERS, 1)]


def sealed(town: TownWithBooth, day: int, seals: int) -> None:
    for name in TRUSTEES:
        town.keep_on(name, "cover", "--at", str(seals - 1))
    town.tell(seals)
    town.until(lambda: len(town.read().windows[0].sealed) == day, f"day {day} is sealed")


def opened(town: TownWithBooth, day: int, opens: int) -> None:
    town.tell(opens)
    town.until(lambda: town.read().windows[0].open_day == day, f"day {day} is open")


def test_three_voters_in_browsers_one_of_them_coerced(town: TownWithBooth, browser: Browser) -> None:
    invitations = begin(town)
    visitor = Visitor(browser, f"{town.url}/", [])
    town.others.append(town.start("registrar", "run"))
    for name in TRUSTEES:
        town.keep_on(name, "cover")
    enrolled = [enrol(visitor, one, number) for one, number in zip(invitations, (2, 3, 2), strict=True)]
    town.end(town.others.pop())
    town.keep_on("registrar", "batch", "--close")
    real = [cards[counting] for _, counting, cards in enrolled]
    handed_over = next(words for words in enrolled[1][2].values() if words != real[1])

    opened(town, 1, DAY_1[0])
    cast_vote(visitor, real[0], "Yes")
    cast_vote(visitor, handed_over, "No")  # the coercer looks on: accepted like any other
    cast_vote(visitor, real[2], "Yes")
    sealed(town, 1, DAY_1[1])
    opened(town, 2, DAY_2[0])
    cast_vote(visitor, real[1], "Yes")
    cast_vote(visitor, handed_over, "No")
    cast_vote(visitor, real[2], "No")  # thinks again
    sealed(town, 2, DAY_2[1])

    town.until(lambda: counting(town), "the totals are known")
    town.keep_on("organiser", "result")
    town.until(lambda: town.read().result, "the result is published")
    result = json.loads(town.read().result or b"")
    assert result["contests"][0]["total"]["votes"] == {"yes": 2, "no": 1}
    assert main(["verify", f"{town.url}/log", "--pin", str(town.home("organiser") / "pin.json")]) == 0
    assert visitor.noise == []


def test_the_log_names_the_booth_once(town: TownWithBooth) -> None:
    town.keep_on("organiser", "publish")
    town.until(lambda: town.published, "the definition is published")
    manifest = (town.booth / "dist/manifest.json").read_bytes()
    assert town.get("/booth/manifest.json") == manifest

    def named() -> list[bytes]:
        found = [decode(entry).payload for entry in logged(town)]
        return [one.document for one in found if isinstance(one, BoothManifest)]

    town.until(lambda: named() == [manifest], "the booth is logged")
    town.end(town.server)
    town.serve()
    size = len(logged(town))
    town.until(lambda: turns(town, "ceremony") or len(logged(town)) > size, "the log grows")
    assert named() == [manifest]
