"""Who is counted with whom (`spec/definition.md#areas`)."""

from __future__ import annotations

from typing import Any
from unittest.mock import patch

import pytest
from hypothesis import given
from hypothesis import strategies as st

from psephos.protocol.setup import areas
from psephos.protocol.setup.areas import Area, close_pairs, counting_areas, partition
from psephos.protocol.setup.document import parse
from psephos.simulation.definitions import sample

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


# -- divisions

PARENTS = {"delos": "cyclades", "naxos": "cyclades", "paros": "dodecanese", "cyclades": "aegean"}
PARENTS |= {"dodecanese": "aegean", "thera": "aegean"}


def divided(parents: dict[str, str] | None = None, **more: Any) -> Any:
    return parse(sample(regions=ISLES, parents=parents or PARENTS, min_region=10, **more)[0])


def names(definition: Any, enrolled: list[int], contest: int = 0) -> list[tuple[str, list[str], bool]]:
    return [
        (area.name(definition), [ISLES[region] for region in area.regions], area.counted)
        for area in counting_areas(definition, contest, enrolled)
    ]


def test_what_is_too_small_makes_the_remainder_of_its_division() -> None:
    assert names(divided(), [10, 9, 12, 13]) == [
        ("delos", ["delos"], True),
        ("paros", ["paros"], True),
        ("thera", ["thera"], True),
        ("aegean", ["naxos"], False),  # alone in its division, and above it
    ]
    assert names(divided(), [6, 4, 12, 13])[-1] == ("cyclades", ["delos", "naxos"], True)


def test_a_remainder_that_is_too_small_goes_up() -> None:
    assert names(divided(), [3, 3, 4, 10]) == [
        ("thera", ["thera"], True),
        ("aegean", ["delos", "naxos", "paros"], True),
    ]
    assert names(divided(), [3, 3, 1, 1]) == [("aegean", list(ISLES), False)]
    apart = {"delos": "cyclades", "naxos": "cyclades", "paros": "dodecanese"}
    assert names(divided(apart), [3, 3, 1, 1]) == [
        ("thera", ["thera"], False),
        ("cyclades", ["delos", "naxos"], False),
        ("dodecanese", ["paros"], False),
    ]


def test_a_remainder_has_only_regions_of_the_same_contests() -> None:
    definition = divided(ballots={"naxos": ["temple"]})
    assert names(definition, [5, 6, 5, 20], 1) == [
        ("thera", ["thera"], True),
        ("aegean", ["delos", "paros"], True),
        ("aegean", ["naxos"], False),
    ]
    assert names(definition, [5, 6, 5, 20]) == [
        ("thera", ["thera"], True),
        ("aegean", ["delos", "paros"], True),
    ]


def test_regions_merge_before_anything_goes_up() -> None:
    definition = divided(merge_into={"delos": "thera"})
    assert names(definition, [6, 4, 10, 5]) == [
        ("paros", ["paros"], True),
        ("thera", ["delos", "thera"], True),
        ("aegean", ["naxos"], False),
    ]


UP = ("cyclades", "dodecanese", "aegean")


@given(st.data())
def test_no_two_areas_differ_by_too_few_whoever_enrols_and_whatever_lies_below_what(
    data: st.DataObject,
) -> None:
    """Contests and divisions as they may be: everybody is in one area, and no difference tells of few."""
    ballots = {
        isle: data.draw(st.sampled_from([["harbour"], ["temple"], ["harbour", "temple"]])) for isle in ISLES
    }
    ballots["delos"] = ["harbour", "temple"]  # so that no contest is left over
    above = {isle: data.draw(st.sampled_from([*UP, None])) for isle in ISLES}
    above |= {"cyclades": data.draw(st.sampled_from(["dodecanese", "aegean", None]))}
    above |= {"dodecanese": data.draw(st.sampled_from(["aegean", None]))}
    reached = {name for isle in ISLES for name in _above(isle, above)}
    parents = {one: other for one, other in above.items() if other and (one in ISLES or one in reached)}
    enrolled = data.draw(st.lists(st.integers(0, 14), min_size=4, max_size=4))
    definition = parse(sample(regions=ISLES, parents=parents, ballots=ballots, min_region=10)[0])
    found = partition(definition, enrolled)
    members = [region for area in found for region in area.regions]
    assert sorted(members) == [region for region in range(4) if enrolled[region]]
    for area in found:
        assert area.enrolled == sum(enrolled[region] for region in area.regions)
        assert area.counted == (area.enrolled >= 10)
        assert len({definition.regions[region].style.contest_set for region in area.regions}) == 1
    assert list(close_pairs(definition, enrolled)) == []


def _above(isle: str, above: dict[str, str | None]) -> list[str]:
    found, at = [], above[isle]
    while at is not None:
        found.append(at)
        at = above.get(at)
    return found


@pytest.mark.parametrize(
    ("other", "apart"),
    [((0, 1), True), ((2,), True), ((0,), False), ((0, 1, 2), False), ((0, 2), False), ((0, 1, 3), True)],
)
def test_areas_that_differ_by_too_few_would_be_noticed(other: tuple[int, ...], apart: bool) -> None:
    enrolled = [15, 9, 5, 12]
    drawn = [Area(0, (0, 1), 24, True)], [Area(0, other, 30, True)]
    with patch.object(areas, "counting_areas", lambda _, contest, __: drawn[contest]):
        assert (list(close_pairs(divided(), enrolled)) == []) is apart
