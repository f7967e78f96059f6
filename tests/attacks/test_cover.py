"""What cover hides from an adversary who knows all other voters' numbers (spec/messages.md#cover).

It counts, of one region, the cards that never vote and those that do, and asks what one voter's decoys are.
Computed over the distributions, not sampled: the least delta with which the two numbers together have the
stated epsilon.
"""

from __future__ import annotations

from dataclasses import replace
from itertools import product
from math import ceil, exp, log

import pytest

from psephos.protocol.enrolment.cover import Blur, Noise, noise
from psephos.protocol.setup.definition import CoverParameters, Definition
from psephos.protocol.setup.document import parse
from psephos.simulation.definitions import sample

COVERS = [
    # decoys, epsilon, exponent of delta, decoys that vote
    (4, (1, 2), 2, 2),
    (4, (1, 1), 3, 2),
    (6, (2, 1), 1, 1),
]
NEGLIGIBLE = 1e-10

Chances = list[float]
"""Of 0, 1, 2, .. cards."""


def definition_of(decoys: int, epsilon: tuple[int, int], delta: int, ballots: int) -> Definition:
    definition = parse(sample()[0])
    return replace(definition, decoys=decoys, cover=CoverParameters(epsilon, delta, ballots))


def chances(scale: float, shift: int) -> Chances:
    """Of `max(0, shift + X)`, X discrete Laplace, up to where it is negligible."""
    q = exp(-1 / scale)
    last = shift + ceil(scale * -log(NEGLIGIBLE))
    return [
        q**shift / (1 + q),
        *((1 - q) / (1 + q) * q ** abs(n - shift) for n in range(1, last)),
    ]


def numbers(blur: Blur) -> Chances:
    return chances(float(1 / blur.rate), blur.shift)


def least_delta(epsilon: float, silent: Chances, voting: Chances, change: tuple[int, int]) -> float:
    """Of telling a voter who adds `change` to the two numbers from one who adds nothing."""
    factor, total = exp(epsilon), 0.0
    for a, b in product(range(len(silent)), range(len(voting))):
        i, j = a - change[0], b - change[1]
        other = silent[i] * voting[j] if 0 <= i < len(silent) and 0 <= j < len(voting) else 0.0
        total += max(0.0, silent[a] * voting[b] - factor * other)
    return total


def worst(epsilon: float, silent: Chances, voting: Chances, most: tuple[int, int]) -> float:
    """Over all that one voter may have done instead: nothing else is further off than the extremes."""
    changes = product(*({-one, 0, one} for one in most))
    return max(least_delta(epsilon, silent, voting, change) for change in changes)


def decoys_of(found: Noise) -> tuple[int, int]:
    return found.silent.sensitivity, found.voting.sensitivity


@pytest.mark.parametrize("cover", COVERS)
def test_two_numbers_together_hide_a_voters_decoys_as_well_as_stated(cover) -> None:
    found = noise(definition_of(*cover))
    silent, voting = numbers(found.silent), numbers(found.voting)
    delta = worst(float(found.epsilon), silent, voting, decoys_of(found))
    assert delta <= 10.0**-found.delta
    assert delta > 0.6 * 10.0**-found.delta, "more cover than was asked for"
    assert least_delta(float(found.epsilon), silent, voting, (0, 0)) == 0


def test_fewer_decoys_of_a_voter_are_hidden_better() -> None:
    found = noise(definition_of(*COVERS[0]))
    silent, voting = numbers(found.silent), numbers(found.voting)
    deltas = [
        least_delta(float(found.epsilon), silent, voting, change)
        for change in ((0, 0), (1, 0), (1, 1), (3, 1), (3, 2), (4, 2))
    ]
    assert deltas == sorted(deltas)


@pytest.mark.parametrize("cover", COVERS)
def test_noise_on_ballots_alone_would_not(cover) -> None:
    """The least m with P(X < -m) <= delta, X of scale decoys/epsilon, misses its delta by up to e^epsilon.

    And a decoy that never votes shows for certain.
    """
    definition = definition_of(*cover)
    found, decoys = noise(definition), definition.cover.ballots
    epsilon, delta = float(found.epsilon), 10.0**-found.delta
    scale = decoys / epsilon
    tail = next(m for m in range(10_000) if exp(-(m + 1) / scale) / (1 + exp(-1 / scale)) <= delta)
    voting = chances(scale, tail)
    assert delta < worst(epsilon, [1.0], voting, (0, decoys)) < delta * exp(epsilon)
    assert least_delta(epsilon, [1.0], voting, (1, 0)) > 0.99


@pytest.mark.parametrize("cover", COVERS)
def test_a_shift_that_forgets_the_voters_decoys_would_not(cover) -> None:
    found = noise(definition_of(*cover))
    silent, voting = (
        chances(float(1 / blur.rate), blur.shift - blur.sensitivity) for blur in (found.silent, found.voting)
    )
    assert worst(float(found.epsilon), silent, voting, decoys_of(found)) > 10.0**-found.delta
