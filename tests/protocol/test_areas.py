"""Who is counted with whom (`spec/definition.md#areas`)."""

from __future__ import annotations

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from psephos.protocol.setup.areas import Area, counting_areas
from psephos.protocol.setup.definition import parse
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
