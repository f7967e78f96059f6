"""Check 9.4, and areas that are not counted: how much the cards of an area weigh."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from psephos.protocol import entries
from psephos.simulation.referendum import Referendum
from vector_generator.records.count_cases import shares
from vector_generator.records.enrolling import in_effect
from vector_generator.records.record import Case
from vector_generator.records.scenarios import whole
from vector_generator.records.signing import Write, by

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
    two_registrars = "registrar 1, registrar 2"
    yield Case(
        "9.4", "more-than-anybody-lists", whole, "rolled", _weighed(THREE, 2, 2), culprit=two_registrars
    )
    yield Case("", "as-many-as-were-issued", whole, "rolled", _weighed(THREE, 3, 3), then=_count)
    yield Case("", "too-few-finished-to-be-counted", whole, "rolled", _weighed(ONE, 3, 3), then=_count)
    yield Case("", "too-few-enrolled-to-be-counted", whole, "rolled", _closed(ONE, 1, 1), then=_count)
    early = _then_shares(_closed(ONE, 1, 1), stage=1)
    yield Case("9.1", "stage-1-of-no-area", whole, "rolled", early, culprit="board")


def _closed(groups: Sequence[Sequence[int]], *issued: int) -> Write:
    """A referendum whose cards have these weights, for which each registrar lists so many voters."""

    def write(referendum: Referendum) -> list[bytes]:
        for number, count in enumerate(issued, 1):
            referendum.log(*by(referendum, f"registrar {number}", entries.Given(count, bytes(32))))
        referendum.shut(0)
        in_effect(referendum, 0, groups)
        for number, count in enumerate(issued, 1):
            referendum.log(*referendum.issue(0, referendum.roll_hashes(0, 3, number)[: 32 * count], number))
        referendum.review(0)
        referendum.open(0, 1)
        referendum.log(*(referendum.ballot(card, (0,)) for card in referendum.cards[0]))
        referendum.seal(0, 1)
        referendum.weigh((1, 2))
        referendum.close((1, 2))
        return []

    return write


def _then_shares(write: Write, stage: int = 0) -> Write:
    def shared(referendum: Referendum) -> list[bytes]:
        write(referendum)
        return shares(2, stage=stage)(referendum)

    return shared


def _weighed(groups: Sequence[Sequence[int]], *issued: int) -> Write:
    """The same with the shares that open the weights."""

    def write(referendum: Referendum) -> list[bytes]:
        _closed(groups, *issued)(referendum)
        referendum.log(*shares(1)(referendum))
        return shares(2)(referendum)

    return write


def _count(referendum: Referendum) -> None:
    referendum.release((1, 2))
    referendum.certify()
