"""Any t of n trustees finish what any others began, and fewer than t never do."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from psephos.errors import VerificationError
from psephos.simulation.adversary import fork
from psephos.simulation.definitions import HARBOUR, sample
from psephos.simulation.referendum import Referendum

SIZES = [(2, 2), (3, 2), (5, 3), (7, 4)]
GROUPS = [[0, 1], [1, 0], [0, 0, 1]]


@cache
def sealed(trustees: int, threshold: int) -> Referendum:
    """Yes from a card that counts and from a decoy, no from another that counts; the day is over."""
    document, keys = sample(
        regions=("athens",),
        questions=(HARBOUR,),
        trustees=trustees,
        threshold=threshold,
        min_batch=2,
        min_region=2,
    )
    told = Referendum(document, keys)
    told.publish()
    told.ceremony()
    told.enrol(0, GROUPS)
    told.open(0, 1)
    told.log(*(told.ballot(told.cards[0][place], (choice,)) for place, choice in ((1, 0), (0, 0), (2, 1))))
    told.seal(0, 1)
    return told


@dataclass(frozen=True)
class Crew:
    """Who does what; each is `t` trustees in some order."""

    size: tuple[int, int]
    weigh: tuple[int, ...]
    close: tuple[int, ...]
    signs: tuple[int, ...]
    sums: tuple[int, ...]


@st.composite
def crews(draw: st.DrawFn) -> Crew:
    trustees, threshold = size = draw(st.sampled_from(SIZES))

    def some() -> tuple[int, ...]:
        return tuple(draw(st.permutations(range(1, trustees + 1)))[:threshold])

    return Crew(size, some(), some(), some(), some())


def finish(told: Referendum, crew: Crew) -> bytes:
    told.weigh(crew.weigh)
    told.close(crew.close)
    for stage in (crew.signs, crew.sums):
        for trustee in stage:
            told.log(*told.shares(trustee))
    assert told.record.void == []
    return told.record.result_document()


@settings(max_examples=30)
@given(crews())
def test_any_t_of_n_weigh_any_close_and_any_release(crew: Crew) -> None:
    result = json.loads(finish(fork(sealed(*crew.size)), crew))
    total = result["contests"][0]["total"]
    assert (total["voted"], total["votes"], total["blank"]) == (2, {"yes": 1, "no": 1}, 0)


@settings(max_examples=30)
@given(crews())
def test_one_fewer_than_t_never_finish(crew: Crew) -> None:
    told = fork(sealed(*crew.size))
    told.weigh(crew.weigh[:-1])
    told.checkpoint()
    assert told.closing.right is None
    told.weigh(crew.weigh)
    told.checkpoint()
    right = told.closing.right
    assert right is not None
    told.log(*(told.write(right, told.keys.trustees[index - 1]) for index in crew.close[:-1]))
    told.checkpoint()
    assert not told.record.closed
    told.log(told.write(right, told.keys.trustees[crew.close[-1] - 1]))
    told.checkpoint()
    for trustee in crew.signs[:-1]:
        told.log(*told.shares(trustee))
    assert told.record.count is not None
    assert told.record.count.signs == {}
    assert told.record.phase == "releasing"


@settings(max_examples=20)
@given(st.data())
def test_a_ceremony_without_some_finishes_with_any_t_that_are_left(data: st.DataObject) -> None:
    trustees, threshold = data.draw(st.sampled_from([(3, 2), (5, 3)]))
    out = data.draw(st.sets(st.integers(1, trustees), max_size=trustees - threshold))
    document, keys = sample(regions=("athens",), questions=(HARBOUR,), trustees=trustees, threshold=threshold)
    told = Referendum(document, keys)
    told.publish()
    told.ceremony(present=[index for index in range(1, trustees + 1) if index not in out])
    left = told.record.joint_key.participants
    assert set(left) == set(range(1, trustees + 1)) - out
    told.enrol(0, [[0, 1], [1, 0], [1]])
    told.open(0, 1)
    told.log(told.ballot(told.cards[0][1], (1,)))
    told.seal(0, 1)
    some = tuple(data.draw(st.permutations(left))[:threshold])
    finish(told, Crew((trustees, threshold), some, some, some, some))
    assert json.loads(told.record.result_document())["contests"][0]["total"]["votes"] == {"yes": 0, "no": 1}


def test_a_ceremony_of_fewer_than_t_fails() -> None:
    document, keys = sample(trustees=3, threshold=2)
    told = Referendum(document, keys)
    told.publish()
    with pytest.raises(VerificationError, match=r"3\.4"):
        told.ceremony(present=(2,))


@pytest.mark.soak
@settings(max_examples=500)
@given(crews())
def test_many_crews(crew: Crew) -> None:
    assert json.loads(finish(fork(sealed(*crew.size)), crew))["contests"][0]["total"]["voted"] == 2


def test_crews_are_drawn_in_every_size() -> None:
    """Each size has its day sealed with three rows and one chunk."""
    chunks: Sequence[int] = [len(sealed(*size).record.weighing_chains.chains) for size in SIZES]  # type: ignore[union-attr]
    assert chunks == [1] * len(SIZES)
