"""A whole referendum over HTTP, with the commands that people type."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest

from psephos.cli.main import main
from tests.integration.by_hand import DAY_1, DAY_2, VOTERS
from tests.server.town import ServedTown, founded

TRUSTEES = ("trustee-1", "trustee-2", "trustee-3")


@pytest.fixture
def town(tmp_path: Path) -> Iterator[ServedTown]:
    with founded(ServedTown(tmp_path)) as town:
        yield town


def turns(town: ServedTown, *arguments: str, present: Sequence[str] = TRUSTEES) -> None:
    """Every trustee that is present does what it can, once."""
    for name in present:
        code, said = town.run(name, *arguments)
        assert code in (0, 3), (name, said)


def voting(town: ServedTown, cards: dict[str, Path], day: int, window: tuple[int, int]) -> None:
    """One day: everybody votes; cover too."""
    opens, seals = window
    town.open(day, opens)
    for name, card in cards.items():
        town.vote_by_command(name, card, "no" if (name, day) == (VOTERS[2], 2) else "yes")
    for name in TRUSTEES:
        town.keep_on(name, "cover", "--at", str(seals - 1))
    town.seal(day, seals)


def counting(town: ServedTown) -> bool:
    """A turn at weighing, close and release; whether it was the last."""
    turns(town, "weigh")
    turns(town, "close")
    turns(town, "release", present=TRUSTEES[:2])  # a third one's shares might come too late
    return town.read().phase == "counted"


def test_every_role_over_http(town: ServedTown) -> None:
    town.keep_on("organiser", "publish")
    town.until(lambda: town.published, "the definition is published")
    town.make_key(TRUSTEES)
    cards = town.enrol_voters(covering=TRUSTEES)
    voting(town, cards, 1, DAY_1)
    voting(town, cards, 2, DAY_2)
    town.until(lambda: counting(town), "the totals are known")
    town.keep_on("organiser", "result")
    town.until(lambda: town.read().result, "the result is published")
    result = json.loads(town.read().result or b"")
    assert result["contests"][0]["total"]["votes"] == {"yes": 2, "no": 1}
    assert main(["verify", f"{town.url}/log", "--pin", str(town.home("organiser") / "pin.json")]) == 0
