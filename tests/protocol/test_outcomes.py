"""What comes of rules, also where areas are not counted (`spec/definition.md#rules`, `#undecided`)."""

from __future__ import annotations

from itertools import product
from typing import Any, get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from psephos.errors import FormatError
from psephos.protocol.encoding.form import Form
from psephos.protocol.setup.document import parse
from psephos.protocol.setup.rules import MEMBERS, Condition, Kind
from psephos.protocol.tally.outcome import Decision, decide, find
from psephos.protocol.tally.tally import ContestTally, Electorate, Tally
from psephos.simulation.definitions import proposals, sample

YES, NO = 0, 1
PEOPLE = Electorate(roll=200, enrolled=100)


def count(*areas: Tally | None, unknown: tuple[int, ...] | None = None, options: int = 3) -> ContestTally:
    counted = [area for area in areas if area is not None]
    closed = (0,) * (len(areas) - len(counted)) if unknown is None else unknown
    return ContestTally(areas, Tally.total(counted, options), PEOPLE, closed)


def found(condition: dict[str, Any], *areas: Tally | None, option: int = YES) -> str:
    return find(Condition.read(Form(condition)), option, count(*areas))


def test_every_kind_has_its_members() -> None:
    assert set(MEMBERS) == set(get_args(Kind))


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
    finding = "holds" if expected else "fails"
    assert found(condition, Tally(voted, votes)) == finding
    half = Tally(voted - voted // 2, tuple(v - v // 2 for v in votes))
    rest = Tally(voted // 2, tuple(v // 2 for v in votes))
    assert found(condition, half, None, rest) == finding


def test_a_majority_of_regions_is_of_all_areas_counted_or_not() -> None:
    condition = {"kind": "region-majority", "more_than": [1, 2]}
    yes, no, tie = Tally(3, (2, 1, 0)), Tally(9, (1, 8, 0)), Tally(2, (1, 1, 0))
    assert found(condition, yes, yes, no) == "holds"
    assert found(condition, yes, no) == "fails"
    assert found(condition, yes, yes, no, None) == "fails"
    assert found(condition, yes, tie, tie) == "fails"
    assert found(condition, yes, no, no, option=NO) == "holds"


@pytest.mark.parametrize(
    "condition",
    [
        {"kind": "plurality"},
        {"kind": "simple-majority"},
        {"kind": "region-majority", "more_than": [0, 1]},
        {"kind": "absolute-majority", "of": "voted"},
        {"kind": "approval-quorum", "at_least": [0, 1], "of": "voted"},
    ],
)
def test_a_share_of_nothing_is_none(condition: dict[str, Any]) -> None:
    assert found(condition) == "fails"
    if condition["kind"] != "region-majority":
        assert found(condition, None) == "fails"
        assert find(Condition.read(Form(condition)), YES, count(None, unknown=(1,))) == "undecided"
    alone = ContestTally([], Tally(0, (0,)), Electorate(0, 0))
    assert find(Condition.read(Form(condition)), 0, alone) == "fails"


def test_a_quorum_of_nobody_is_not_reached() -> None:
    for of in ("roll", "enrolled"):
        condition = Condition.read(Form({"kind": "turnout-quorum", "at_least": [0, 1], "of": of}))
        assert find(condition, 0, ContestTally([], Tally(0, (0,)), Electorate(0, 0))) == "fails"


CONDITIONS = [
    Condition("plurality"),
    Condition("simple-majority"),
    *(Condition("absolute-majority", of=of) for of in ("roll", "enrolled", "voted")),  # type: ignore[arg-type]
    *(Condition("region-majority", share) for share in ((0, 1), (1, 3), (1, 2), (1, 1))),
    *(Condition("turnout-quorum", share, "enrolled") for share in ((0, 1), (1, 2), (1, 1))),
    *(
        Condition("approval-quorum", share, of)  # type: ignore[arg-type]
        for share in ((0, 1), (1, 3), (1, 1))
        for of in ("enrolled", "voted")
    ),
]
VOTES = st.tuples(st.integers(0, 3), st.integers(0, 3), st.integers(0, 2))


@given(st.lists(VOTES, max_size=3), st.lists(st.integers(0, 2), max_size=2), st.sampled_from(CONDITIONS))
def test_an_outcome_is_undecided_exactly_where_unopened_votes_could_change_it(
    areas: list[tuple[int, int, int]], unknown: list[int], condition: Condition
) -> None:
    """Two options and blank: tried with all that voters of areas that are not counted can have done."""
    known = [Tally(sum(area), area[:2]) for area in areas]
    people = Electorate(12, sum(map(sum, areas)) + sum(unknown))

    def completed(added: tuple[Tally, ...]) -> str:
        every = [*known, *added]
        return find(condition, 0, ContestTally(every, Tally.total(every, 2), people))

    choices = [
        [Tally(yes + no + blank, (yes, no)) for yes, no, blank in _filled(voters)] for voters in unknown
    ]
    possible = {completed(added) for added in product(*choices)}
    assert possible <= {"holds", "fails"}
    wanted = possible.pop() if len(possible) == 1 else "undecided"
    hidden = [*known, *[None] * len(unknown)]
    assert find(condition, 0, ContestTally(hidden, Tally.total(known, 2), people, unknown)) == wanted


def _filled(voters: int) -> list[tuple[int, int, int]]:
    """All the ways in which at most this many voters can have voted."""
    return [votes for votes in product(range(voters + 1), repeat=3) if sum(votes) <= voters]


def double_yes(walls: Tally, ships: Tally, deciding: Tally, *unknown: int) -> list[Decision | None]:
    contests = parse(sample(questions=proposals())[0]).contests
    closed = [None] * len(unknown)
    return decide(
        contests,
        [ContestTally([one, *closed], one, PEOPLE, unknown) for one in (walls, ships, deciding)],
    )


def outcomes(*tallies: Any) -> list[str]:
    return [decision.outcome for decision in double_yes(*tallies) if decision]


ACCEPTED, REJECTED = Tally(10, (6, 4)), Tally(10, (5, 5))


def test_of_two_accepted_proposals_the_deciding_question_carries_one() -> None:
    assert outcomes(ACCEPTED, ACCEPTED, Tally(9, (5, 4))) == ["carried", "not carried"]
    assert outcomes(ACCEPTED, ACCEPTED, Tally(9, (4, 5))) == ["not carried", "carried"]
    assert outcomes(ACCEPTED, ACCEPTED, Tally(9, (4, 4))) == ["not carried", "not carried"]


def test_one_that_is_accepted_alone_is_carried_whatever_the_deciding_question_says() -> None:
    assert outcomes(ACCEPTED, REJECTED, Tally(9, (0, 9))) == ["carried", "not carried"]
    assert outcomes(REJECTED, REJECTED, Tally(9, (0, 9))) == ["not carried", "not carried"]


def test_a_preference_is_undecided_where_either_question_is() -> None:
    assert outcomes(ACCEPTED, ACCEPTED, Tally(9, (5, 4)), 1) == ["undecided", "not carried"]
    sure, close = Tally(20, (15, 5)), Tally(20, (10, 10))
    assert outcomes(sure, close, Tally(9, (7, 2)), 1) == ["carried", "not carried"]
    (walls, ships, none) = double_yes(sure, close, Tally(9, (2, 7)), 1)
    assert (walls, none) == (Decision(("holds", "undecided"), "undecided"), None)
    assert ships == Decision(("undecided", "holds"), "undecided")


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
        ({"kind": "preference", "over": "b", "by": "c"}, "member choose is missing"),
        ({"kind": "preference", "over": "b", "by": "C", "choose": "a"}, r"\$\.by"),
    ],
)
def test_other_conditions_are_refused(condition: Any, complaint: str) -> None:
    with pytest.raises(FormatError, match=complaint):
        Condition.read(Form(condition))
