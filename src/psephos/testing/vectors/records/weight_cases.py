"""Check 9.4, and areas that are not counted: how much the cards of an area weigh."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from psephos.protocol import entries
from psephos.testing.referendum import Referendum
from psephos.testing.vectors.records.count_cases import shares
from psephos.testing.vectors.records.enrolling import in_effect
from psephos.testing.vectors.records.record import Case
from psephos.testing.vectors.records.saying import Write, by
from psephos.testing.vectors.records.stories import whole

THREE = ([0, 1], [1, 0], [1])
"""The weights of three voters' cards."""
ONE = ([0, 1], [0], [0])


def weight_cases() -> Iterator[Case]:
    """Referendums of other weights, up to the shares that open them, and beyond."""
    yield Case(
        "9.4", "more-than-one-registrar-lists", whole, "rolled", _weighed(THREE, 3, 2), culprit="registrar 2"
    )
    yield Case(
        "9.4", "more-than-the-lead-lists", whole, "rolled", _weighed(THREE, 2, 3), culprit="registrar 1"
    )
    both = "registrar 1, registrar 2"
    yield Case("9.4", "more-than-anybody-lists", whole, "rolled", _weighed(THREE, 2, 2), culprit=both)
    yield Case("", "as-many-as-were-issued", whole, "rolled", _weighed(THREE, 3, 3), then=_count)
    yield Case("", "too-few-finished-to-be-counted", whole, "rolled", _weighed(ONE, 3, 3), then=_count)
    yield Case("", "too-few-enrolled-to-be-counted", whole, "rolled", _closed(ONE, 1, 1), then=_count)
    early = _then_shares(_closed(ONE, 1, 1), stage=1)
    yield Case("9.1", "stage-1-of-no-area", whole, "rolled", early, culprit="board")


def _closed(groups: Sequence[Sequence[int]], *issued: int) -> Write:
    """A referendum whose cards have these weights, for which each registrar lists so many voters."""

    def write(told: Referendum) -> list[bytes]:
        for number, count in enumerate(issued, 1):
            told.log(*by(told, f"registrar {number}", entries.Given(count, bytes(32))))
        told.shut(0)
        in_effect(told, 0, groups)
        for number, count in enumerate(issued, 1):
            told.log(*told.issue(0, told.roll_hashes(0, 3, number)[: 32 * count], number))
        told.review(0)
        told.open(0, 1)
        told.log(*(told.ballot(card, (0,)) for card in told.cards[0]))
        told.seal(0, 1)
        told.weigh((1, 2))
        told.close((1, 2))
        return []

    return write


def _then_shares(write: Write, stage: int = 0) -> Write:
    def shared(told: Referendum) -> list[bytes]:
        write(told)
        return shares(2, stage=stage)(told)

    return shared


def _weighed(groups: Sequence[Sequence[int]], *issued: int) -> Write:
    """The same with the shares that open the weights."""

    def write(told: Referendum) -> list[bytes]:
        _closed(groups, *issued)(told)
        told.log(*shares(1)(told))
        return shares(2)(told)

    return write


def _count(told: Referendum) -> None:
    told.release((1, 2))
    told.certify()
