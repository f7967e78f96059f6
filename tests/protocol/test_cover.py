"""Numbers of cover cards: the sampler is exact, and the shift is the least that delta allows."""

from __future__ import annotations

import random
from collections import Counter
from dataclasses import replace
from fractions import Fraction
from math import exp

import pytest

from psephos.errors import PhaseError
from psephos.protocol.enrolment.cover import discrete_laplace, exponential_coin, noise, shift
from psephos.protocol.setup.definition import CoverParameters, Definition
from psephos.protocol.setup.document import parse
from psephos.simulation.definitions import sample

RATES = [Fraction(1, 2), Fraction(1), Fraction(2), Fraction(1, 7), Fraction(5, 3)]


class Dice:
    """All outcomes of a random experiment in turn, each with its exact probability.

    `below` gives the digits of a path; a path less likely than `least` is cut off.
    """

    class Cut(Exception):
        pass

    def __init__(self, least: Fraction) -> None:
        self.least = least
        self.path: list[tuple[int, int]] = []
        self.at = 0
        self.chance = Fraction(1)

    def below(self, n: int) -> int:
        if self.chance < self.least:
            raise Dice.Cut
        self.chance /= n
        if self.at == len(self.path):
            self.path.append((0, n))
        digit, _ = self.path[self.at]
        self.at += 1
        return digit

    def outcomes(self, experiment):
        """(outcome or None where cut off, probability) of every path."""
        while True:
            self.at, self.chance = 0, Fraction(1)
            try:
                outcome = experiment(self.below)
            except Dice.Cut:
                outcome = None
            yield outcome, self.chance
            del self.path[self.at :]
            while self.path and self.path[-1][0] + 1 == self.path[-1][1]:
                self.path.pop()
            if not self.path:
                return
            digit, n = self.path[-1]
            self.path[-1] = digit + 1, n


def chances(experiment, least: Fraction) -> tuple[Counter, Fraction]:
    total: Counter = Counter()
    for outcome, probability in Dice(least).outcomes(experiment):
        total[outcome] += probability
    return total, total.pop(None, Fraction(0))


@pytest.mark.parametrize("rate", [Fraction(0), Fraction(1, 2), Fraction(1), Fraction(2, 3)])
def test_coins_fall_with_exactly_the_exponential_chance(rate: Fraction) -> None:
    found, cut = chances(lambda below: exponential_coin(rate, below), Fraction(1, 10_000))
    assert sum(found.values()) + cut == 1
    assert abs(float(found[True]) - exp(-rate)) <= float(cut) + 1e-12
    assert cut < Fraction(1, 100)


def test_all_paths_of_the_sampler_add_up_to_discrete_laplace() -> None:
    # The paths followed to the end have exactly known chances, below the true ones by no more than what was
    # cut off.
    found, cut = chances(lambda below: discrete_laplace(Fraction(2), below), Fraction(1, 100_000))
    q, norm = exp(-2), (1 - exp(-2)) / (1 + exp(-2))
    assert sum(found.values()) + cut == 1
    assert cut < Fraction(1, 10)
    for value in range(-3, 4):
        assert found[value] == found[-value]
        assert float(found[value]) <= norm * q ** abs(value) <= float(found[value] + cut)


@pytest.mark.parametrize("rate", RATES)
def test_samples_look_like_the_distribution(rate: Fraction) -> None:
    rng, size = random.Random(7), 20_000
    found = Counter(discrete_laplace(rate, rng.randrange) for _ in range(size))
    q = exp(-rate)
    for value in range(-4, 5):
        expected = size * (1 - q) / (1 + q) * q ** abs(value)
        assert abs(found[value] - expected) <= 5 * expected**0.5 + 1, value


@pytest.mark.parametrize("rate", [*RATES, Fraction(500), Fraction(1, 1000)])
@pytest.mark.parametrize("delta", [1, 2, 6, 12])
@pytest.mark.parametrize("sensitivity", [1, 4])
def test_shift_is_the_least_that_delta_allows(rate: Fraction, delta: int, sensitivity: int) -> None:
    def tail(m: int) -> float:
        """P(X < s - m)."""
        q, k = exp(-rate), m - sensitivity
        return q ** (k + 1) / (1 + q) if k >= 0 else 1 - q**-k / (1 + q)

    found = shift(rate, delta, sensitivity)
    assert tail(found) <= 10.0**-delta / 2
    assert tail(found - 1) > 10.0**-delta / 2


def test_extreme_covers_have_a_shift() -> None:
    assert shift(Fraction(1, 2_000_000), 1000, 1000) == 4_605_171_186
    assert shift(Fraction(500), 1, 1) == 1


def of(decoys: int, cover: CoverParameters) -> Definition:
    return replace(parse(sample()[0]), decoys=decoys, cover=cover)


def test_numbers_of_cover_cards_are_never_negative_and_centred_on_their_shifts() -> None:
    found = noise(of(2, CoverParameters((2, 1), 1, 1)))
    rng = random.Random(3)
    drawn = [found.draw(rng.randrange) for _ in range(4000)]
    for blur, numbers in zip((found.silent, found.voting), zip(*drawn, strict=True), strict=True):
        assert min(numbers) == 0
        assert abs(sum(numbers) / len(numbers) - blur.shift) < 0.25


def test_what_is_printed() -> None:
    found = noise(of(4, CoverParameters((1, 2), 6, 3)))
    assert (found.epsilon, found.delta) == (Fraction(1, 2), 6)
    assert (found.silent.sensitivity, found.silent.rate, found.silent.shift) == (4, Fraction(1, 16), 225)
    assert (found.voting.sensitivity, found.voting.rate, found.voting.shift) == (3, Fraction(1, 12), 169)
    assert "epsilon = 1/2, delta = 10^-6: hides 4 decoys of a voter that never vote and 3 that do" in str(
        found
    )
    assert "225 and 169 cover cards" in str(found)


def test_without_decoys_there_is_no_cover() -> None:
    with pytest.raises(PhaseError, match="no cover"):
        noise(parse(sample(decoys=0, trustees=1, threshold=1)[0]))
