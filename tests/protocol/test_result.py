"""The result document, from plain numbers (`spec/schemas/result.json`)."""

from __future__ import annotations

import hashlib
import json
from typing import Any

import pytest

from psephos.protocol.setup.document import parse
from psephos.protocol.tally import result
from psephos.protocol.tally.result import RegionNumbers
from psephos.protocol.tally.tally import Tally
from psephos.simulation.definitions import HARBOUR, sample
from psephos.simulation.referendum import held

DEFINITION = parse(
    sample(
        regions=("piraeus", "athens", "sounion"),
        ballots={"sounion": ["temple"]},
        min_region=10,
    )[0]
)
ELECTION = bytes(range(32))
REGIONS = (
    RegionNumbers(roll=50, issued=(42, 40), enrolled=40, cards=120, ballots=(30, 5), counting=33),
    RegionNumbers(roll=9, issued=(9, 9), enrolled=9, cards=27, ballots=(20,), counting=20),
    RegionNumbers(roll=30, issued=(10, 20), enrolled=10, cards=30, ballots=(12,), counting=12),
)
WEIGHTS = {(0, 0): 36, (1, 0): 36, (1, 2): 10}
"""Of areas of enough enrolled: four of Piraeus never finished."""
TALLIES = {
    (0, 0): Tally(30, (16, 10)),
    (1, 0): Tally(30, (9, 11, 10)),
    (1, 2): Tally(8, (6, 1, 1)),
}


def counted(tallies: Any = TALLIES, weights: Any = WEIGHTS) -> dict[str, Any]:
    document = result.counted(DEFINITION, ELECTION, REGIONS, weights, tallies)
    whole: dict[str, Any] = json.loads(document)
    return whole


def test_a_counted_referendum() -> None:
    document = counted()
    assert document["definition"] == DEFINITION.hash.hex()
    assert document["election"] == ELECTION.hex()
    assert (document["version"], document["status"], document["coercion_resistant"]) == (1, "counted", 1)
    assert document["regions"][0] == {
        "id": "piraeus", "roll": 50, "issued": [42, 40], "enrolled": 40, "cards": 120,
        "ballots": [30, 5], "counting": 33,
    }  # fmt: skip
    harbour, temple = document["contests"]
    assert harbour["areas"] == [
        {
            "id": "piraeus", "regions": ["piraeus"], "roll": 50, "enrolled": 40, "counted": 1, "weight": 36,
            "voted": 30, "votes": {"yes": 16, "no": 10}, "blank": 4, "unanimous": 0,
        },
        {"id": "athens", "regions": ["athens"], "roll": 9, "enrolled": 9, "counted": 0},
    ]  # fmt: skip
    assert harbour["total"] == {
        "roll": 59, "enrolled": 49, "voted": 30, "votes": {"yes": 16, "no": 10}, "blank": 4, "unanimous": 0,
        "not_counted": {"areas": 1, "roll": 9, "enrolled": 9, "more": 9},
    }  # fmt: skip
    assert harbour["rule"] == {
        "option": "yes", "conditions": ["undecided", "holds"], "outcome": "undecided",
    }  # fmt: skip
    assert temple["total"]["votes"] == {"athena": 15, "hermes": 12, "hestia": 11}
    assert temple["total"]["blank"] == 0
    assert temple["rule"] == {"option": "athena", "conditions": ["undecided"], "outcome": "undecided"}


def test_a_rule_is_not_carried_when_one_condition_fails() -> None:
    few = TALLIES | {(0, 0): Tally(3, (3, 0))}
    assert counted(few)["contests"][0]["rule"] == {
        "option": "yes", "conditions": ["undecided", "fails"], "outcome": "not carried",
    }  # fmt: skip


def test_an_area_in_which_all_voted_alike_is_flagged() -> None:
    for votes in ((3, 0), (0, 3), (0, 0)):
        area, _ = counted(TALLIES | {(0, 0): Tally(3, votes)})["contests"][0]["areas"]
        assert area["unanimous"] == 1
    for tally in (Tally(0, (0, 0)), Tally(3, (2, 0))):
        area, _ = counted(TALLIES | {(0, 0): tally})["contests"][0]["areas"]
        assert area["unanimous"] == 0


def test_no_more_can_have_voted_where_nothing_is_opened_than_ballots_count() -> None:
    few = (REGIONS[0], RegionNumbers(roll=9, issued=(9, 9), enrolled=9, cards=27, counting=2), REGIONS[2])
    document = json.loads(result.counted(DEFINITION, ELECTION, few, WEIGHTS, TALLIES))
    assert document["contests"][0]["total"]["not_counted"]["more"] == 2
    assert document["contests"][0]["rule"]["outcome"] == "carried"


def test_an_area_that_weighs_too_little_is_not_counted_and_no_more_can_have_voted() -> None:
    light = {key: tally for key, tally in TALLIES.items() if key != (0, 0)}
    harbour = counted(light, WEIGHTS | {(0, 0): 9})["contests"][0]
    assert harbour["areas"][0] == {
        "id": "piraeus", "regions": ["piraeus"], "roll": 50, "enrolled": 40, "counted": 0, "weight": 9,
    }  # fmt: skip
    assert harbour["total"]["not_counted"] == {"areas": 2, "roll": 59, "enrolled": 49, "more": 18}


def test_every_counted_area_needs_its_tally() -> None:
    with pytest.raises(KeyError):
        counted({(0, 0): TALLIES[0, 0]})


def test_a_contest_that_is_counted_nowhere_has_an_empty_total() -> None:
    nobody = [RegionNumbers(roll=5)] * 3
    document = json.loads(result.counted(DEFINITION, ELECTION, nobody, {}, {}))
    assert document["contests"][0]["areas"] == []
    assert document["contests"][0]["total"] == {
        "roll": 10, "enrolled": 0, "voted": 0, "votes": {"yes": 0, "no": 0}, "blank": 0, "unanimous": 0,
        "not_counted": {"areas": 0, "roll": 0, "enrolled": 0, "more": 0},
    }  # fmt: skip
    assert document["contests"][0]["rule"]["outcome"] == "not carried"


def test_a_cancelled_referendum_shows_no_numbers() -> None:
    for election in (b"", ELECTION):
        document = json.loads(result.cancelled(DEFINITION, election))
        assert document["status"] == "cancelled"
        assert document["election"] == election.hex()
        assert document["regions"] == document["contests"] == []


def test_one_card_is_said_not_to_resist_coercion() -> None:
    plain = parse(sample(decoys=0)[0])
    assert json.loads(result.cancelled(plain))["coercion_resistant"] == 0


def test_levels_are_sums_of_counted_areas_and_say_what_is_missing() -> None:
    parents = {"piraeus": "attica", "athens": "attica", "attica": "hellas", "sounion": "hellas"}
    definition = parse(
        sample(
            regions=("piraeus", "athens", "sounion"),
            ballots={"sounion": ["temple"]},
            parents=parents,
            min_region=10,
        )[0]
    )
    document = json.loads(result.counted(definition, ELECTION, REGIONS, WEIGHTS, TALLIES))
    harbour, temple = document["contests"]
    assert harbour["areas"][1] == {
        "id": "hellas", "regions": ["athens"], "roll": 9, "enrolled": 9, "counted": 0, "remainder": 1,
    }  # fmt: skip
    attica, hellas = harbour["levels"]
    assert attica == {
        "id": "attica", "areas": 1, "roll": 59, "enrolled": 49,
        "missing": {"regions": ["athens"], "roll": 9, "enrolled": 9},
        "voted": 30, "votes": {"yes": 16, "no": 10}, "blank": 4, "unanimous": 0,
    }  # fmt: skip
    assert hellas == attica | {"id": "hellas"}
    assert [level["votes"] for level in temple["levels"]] == [
        {"athena": 9, "hermes": 11, "hestia": 10},
        {"athena": 15, "hermes": 12, "hestia": 11},
    ]
    assert "levels" not in counted()["contests"][0]


def test_a_result_entry_holds_the_hash_of_a_document_that_does_not_fit() -> None:
    assert result.logged(b"x" * 60_000) == b"x" * 60_000
    assert result.logged(b"x" * 60_001) == hashlib.sha256(b"x" * 60_001).digest()


def test_a_long_result_is_certified_by_its_hash() -> None:
    """Of 700 regions, of which one votes."""
    document, keys = sample(
        regions=[f"region-{number}" for number in range(700)], decoys=0, questions=[HARBOUR]
    )
    referendum = held(document, keys, {0: [[1]] * 3}, [(0, card, 1, 1, [0]) for card in range(3)])
    assert len(referendum.record.result or b"") > 60_000
    assert referendum.record.result == referendum.record.result_document()
    assert referendum.record.void == []
