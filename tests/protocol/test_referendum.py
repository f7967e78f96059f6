"""Whole referendums in memory: the fold takes what honest parties write, and counts it right."""

import json

import pytest

from psephos.simulation.definitions import HARBOUR, TEMPLE, sample
from psephos.simulation.referendum import BLANK, held

DAYS = ((1_900_000_000, 1_900_036_000), (1_900_086_400, 1_900_122_400))
GROUPS = {0: [[0, 1], [1, 0, 0], [0, 0, 1], [0]], 1: [[1, 0], [0, 1], [0, 1, 0], [1, 0]]}


def totals(result: dict, contest: int) -> dict:
    total = result["contests"][contest]["total"]
    return {"voted": total["voted"], "blank": total["blank"], **total["votes"]}


def test_two_regions_two_days_decoys_and_revotes():
    document, keys = sample(windows=DAYS)
    votes = [
        (0, 1, 1, 1, (0, 0)),  # counts: yes, athena
        (0, 0, 1, 1, (1, 1)),  # a decoy
        (0, 2, 1, 1, (1, 2)),  # counts, then replaced on day 2
        (0, 2, 2, 1, (0, BLANK)),
        (0, 7, 1, 1, (1, 1)),  # counts, serial 2 wins
        (0, 7, 1, 2, (1, 2)),
        (0, 8, 2, 1, (1, 1)),  # a zero-sum group's card
        (1, 0, 2, 1, (BLANK, 1)),
        (1, 3, 1, 1, (0, 1)),
    ]
    done = held(document, keys, GROUPS, votes)
    assert done.record.void == []
    assert done.record.notices == []
    assert done.record.phase == "counted"
    result = json.loads(done.record.result_document())
    assert totals(result, 0) == {"voted": 5, "blank": 1, "yes": 3, "no": 1}
    assert totals(result, 1) == {"voted": 5, "blank": 1, "athena": 1, "hermes": 2, "hestia": 1}
    assert [region["counting"] for region in result["regions"]] == [5, 2]


@pytest.mark.parametrize("trustees", [(1, 2), (3, 1)])
def test_any_two_of_three_finish(trustees):
    document, keys = sample(regions=("athens",))
    done = held(document, keys, {0: GROUPS[0]}, [(0, 1, 1, 1, (0, 2))], trustees)
    assert totals(json.loads(done.record.result_document()), 1)["hestia"] == 1


def test_without_decoys_nothing_is_weighed():
    document, keys = sample(decoys=0, trustees=1, threshold=1, questions=(HARBOUR,))
    votes = [(0, 0, 1, 1, (0,)), (0, 1, 1, 1, (1,)), (0, 1, 1, 2, (0,)), (1, 2, 1, 1, (BLANK,))]
    done = held(document, keys, {0: [[1]] * 3, 1: [[1]] * 3}, votes, (1,))
    assert done.record.void == []
    result = json.loads(done.record.result_document())
    assert totals(result, 0) == {"voted": 3, "blank": 1, "yes": 2, "no": 0}
    assert result["coercion_resistant"] == 0


def test_nobody_votes():
    document, keys = sample(regions=("athens",), questions=(TEMPLE,))
    done = held(document, keys, {0: GROUPS[0]}, [])
    assert totals(json.loads(done.record.result_document()), 0)["voted"] == 0


def test_too_small_an_area_is_not_counted():
    document, keys = sample(min_region=4)
    done = held(document, keys, GROUPS, [(0, 1, 1, 1, (0, 0)), (1, 0, 1, 1, (1, 1))])
    areas = json.loads(done.record.result_document())["contests"][0]["areas"]
    assert [area["counted"] for area in areas] == [0, 1]
    assert "votes" not in areas[0]
    assert done.record.count is not None
    assert {region for region, _, _ in done.record.count.signs} == {1}
