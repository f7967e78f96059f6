"""Who is counted with whom, and what is carried (`spec/definition.md#areas`, `#rules`)."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from psephos.errors import FormatError
from psephos.protocol.encoding.form import Form
from psephos.protocol.setup.areas import Area, counting_areas
from psephos.protocol.setup.definition import parse
from psephos.protocol.setup.rules import Condition, Electorate, Rule, Tally
from psephos.testing.definitions import sample

ISLES = ("delos", "naxos", "paros", "thera")


def isles(**merge_into: str) -> Any:
    return parse(sample(regions=ISLES, merge_into=merge_into, min_region=10)[0])


def test_large_regions_stand_alone_and_empty_ones_not_at_all() -> None:
    assert counting_areas(isles(), 0, [10, 0, 9, 30]) == [
        Area(0, (0,), 10, True),
        Area(2, (2,), 9, False),
        Area(3, (3,), 30, True),
    ]


def test_small_regions_join_the_one_they_merge_into() -> None:
    definition = isles(delos="thera", naxos="delos", paros="delos")
    assert counting_areas(definition, 0, [1, 2, 30, 4]) == [
        Area(2, (2,), 30, True),
        Area(3, (0, 1, 3), 7, False),
    ]
    assert counting_areas(definition, 0, [5, 9, 0, 40]) == [
        Area(0, (0, 1), 14, True),
        Area(3, (3,), 40, True),
    ]


def test_an_area_may_stand_where_nobody_has_enrolled() -> None:
    assert counting_areas(isles(naxos="delos", paros="delos"), 0, [0, 6, 6, 0]) == [Area(0, (1, 2), 12, True)]


def test_a_contest_has_the_areas_of_its_own_regions() -> None:
    definition = parse(sample(regions=ISLES, ballots={"naxos": ["temple"]}, min_region=1)[0])
    assert [area.region for area in counting_areas(definition, 0, [5] * 4)] == [0, 2, 3]
    assert [area.region for area in counting_areas(definition, 1, [5] * 4)] == [0, 1, 2, 3]


@given(
    st.lists(st.integers(0, 12), min_size=4, max_size=4),
    st.permutations(range(4)),
    st.lists(st.booleans(), min_size=3, max_size=3),
)
def test_everybody_enrolled_is_in_one_area_and_none_too_small_could_have_merged(
    enrolled: list[int], order: list[int], merging: list[bool]
) -> None:
    chain = {ISLES[a]: ISLES[b] for a, b, do in zip(order, order[1:], merging, strict=False) if do}
    found = counting_areas(isles(**chain), 0, enrolled)
    members = [region for area in found for region in area.regions]
    assert sorted(members) == [region for region in range(4) if enrolled[region]]
    for area in found:
        assert area.enrolled == sum(enrolled[region] for region in area.regions)
        assert area.counted == (area.enrolled >= 10)
        assert area.counted or ISLES[area.region] not in chain


YES, NO = 0, 1
PEOPLE = Electorate(roll=200, enrolled=100)


def holds(condition: dict[str, Any], *areas: Tally | None, option: int = YES) -> bool:
    counted = [area for area in areas if area is not None]
    total = Tally.total(counted, 3)
    return Condition.read(Form(condition)).holds(option, areas, total, PEOPLE)


@pytest.mark.parametrize(
    ("condition", "votes", "voted", "expected"),
    [
        ({"kind": "plurality"}, (3, 2, 2), 7, True),
        ({"kind": "plurality"}, (3, 3, 0), 9, False),
        ({"kind": "simple-majority"}, (5, 2, 2), 20, True),
        ({"kind": "simple-majority"}, (4, 2, 2), 8, False),
        ({"kind": "absolute-majority", "of": "voted"}, (11, 0, 0), 21, True),
        ({"kind": "absolute-majority", "of": "voted"}, (11, 0, 0), 22, False),
        ({"kind": "absolute-majority", "of": "enrolled"}, (51, 0, 0), 51, True),
        ({"kind": "absolute-majority", "of": "enrolled"}, (50, 0, 0), 50, False),
        ({"kind": "absolute-majority", "of": "roll"}, (100, 0, 0), 100, False),
        ({"kind": "turnout-quorum", "at_least": [1, 4], "of": "enrolled"}, (0, 0, 0), 25, True),
        ({"kind": "turnout-quorum", "at_least": [1, 4], "of": "enrolled"}, (0, 0, 0), 24, False),
        ({"kind": "turnout-quorum", "at_least": [1, 4], "of": "roll"}, (0, 0, 0), 49, False),
        ({"kind": "approval-quorum", "at_least": [1, 3], "of": "voted"}, (2, 4, 0), 6, True),
        ({"kind": "approval-quorum", "at_least": [1, 3], "of": "voted"}, (2, 4, 0), 7, False),
    ],
)
def test_conditions_hold_from_their_bounds_on(
    condition: dict[str, Any], votes: tuple[int, ...], voted: int, expected: bool
) -> None:
    assert holds(condition, Tally(voted, votes)) is expected
    half = Tally(voted - voted // 2, tuple(v - v // 2 for v in votes))
    rest = Tally(voted // 2, tuple(v // 2 for v in votes))
    assert holds(condition, half, None, rest) is expected


def test_a_majority_of_regions_is_of_all_areas_counted_or_not() -> None:
    condition = {"kind": "region-majority", "more_than": [1, 2]}
    yes, no, tie = Tally(3, (2, 1, 0)), Tally(9, (1, 8, 0)), Tally(2, (1, 1, 0))
    assert holds(condition, yes, yes, no)
    assert not holds(condition, yes, no)
    assert not holds(condition, yes, yes, no, None)
    assert not holds(condition, yes, tie, tie)
    assert holds(condition, yes, no, no, option=NO)


def test_nothing_is_carried_where_nothing_is_counted() -> None:
    for kind in ("plurality", "simple-majority"):
        assert not holds({"kind": kind}, None)
    assert not holds({"kind": "region-majority", "more_than": [0, 1]})


def test_a_rule_says_of_each_condition_whether_it_holds() -> None:
    conditions = [{"kind": "plurality"}, {"kind": "absolute-majority", "of": "voted"}]
    rule = Rule.read(Form({"option": "b", "conditions": conditions}), {"a": 0, "b": 1})
    area = Tally(10, (4, 5))
    assert rule.evaluate([area], area, PEOPLE) == [True, False]


@pytest.mark.parametrize(
    ("condition", "complaint"),
    [
        ([], "not a condition of a known kind"),
        ({"kind": ["plurality"]}, "not a condition of a known kind"),
        ({"kind": "plurality", "of": "roll"}, "member of is not known"),
        ({"kind": "absolute-majority"}, "member of is missing"),
        ({"kind": "absolute-majority", "of": "all"}, r"\$\.of: not a denominator"),
        ({"kind": "turnout-quorum", "at_least": [1, 2], "of": "voted"}, r"\$\.of: not a denominator"),
        ({"kind": "region-majority", "more_than": [1, 1001]}, r"\$\.more_than\[1\]: not an integer"),
        ({"kind": "region-majority", "more_than": [3, 2]}, r"\$\.more_than\[0\]: not an integer from 0 to 2"),
    ],
)
def test_other_conditions_are_refused(condition: Any, complaint: str) -> None:
    with pytest.raises(FormatError, match=complaint):
        Condition.read(Form(condition))
