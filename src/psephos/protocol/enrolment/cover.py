"""Cover: trustees' weightless cards, so that two numbers say little (`spec/messages.md#cover`).

Who reads the record counts, of each region, the cards that never vote and those that do. Both numbers of
cover cards are random, each with half of epsilon and half of delta: together they hide a voter's decoys.

The discrete Laplace distribution is sampled exactly, with whole numbers alone (Canonne, Kamath, Steinke 2020,
algorithms 1 and 2). `below(n)` is a source of uniform whole numbers, 0 to n-1.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from decimal import ROUND_CEILING, Context
from fractions import Fraction

from psephos.errors import PhaseError
from psephos.protocol.setup.definition import Definition

Below = Callable[[int], int]
_DIGITS = 60  # the shift has at most 10 digits before its point


@dataclass(frozen=True)
class Blur:
    """One number of cover cards, `max(0, shift + X)`: X is discrete Laplace with scale 1/rate.

    It hides that a voter changes the number by at most `sensitivity`.
    """

    sensitivity: int
    rate: Fraction
    shift: int

    def draw(self, below: Below) -> int:
        """A number of cards."""
        return max(0, self.shift + discrete_laplace(self.rate, below))


@dataclass(frozen=True)
class Noise:
    """The numbers to print with a referendum: what the cover hides, how well, and what it is shifted by.

    `delta` is an exponent: 10^-delta is the chance of what epsilon does not promise, for both numbers.
    """

    epsilon: Fraction
    delta: int
    silent: Blur
    voting: Blur

    def draw(self, below: Below) -> tuple[int, int]:
        """How many cover cards that never vote, and how many that do, a trustee enrols for a region."""
        return self.silent.draw(below), self.voting.draw(below)

    def __str__(self) -> str:
        return (
            f"epsilon = {self.epsilon}, delta = 10^-{self.delta}: hides {self.silent.sensitivity} decoys "
            f"of a voter that never vote and {self.voting.sensitivity} that do, behind about "
            f"{self.silent.shift} and {self.voting.shift} cover cards by each trustee for each region"
        )


def noise(definition: Definition) -> Noise:
    """What the cover of a definition amounts to; PhaseError where there is none."""
    cover = definition.cover
    if cover is None:
        raise PhaseError("this referendum has no cover")
    epsilon = Fraction(*cover.epsilon)
    silent, voting = (
        Blur(most, epsilon / (2 * most), shift(epsilon / (2 * most), cover.delta, most))
        for most in (definition.decoys, cover.ballots)
    )
    return Noise(epsilon, cover.delta, silent, voting)


def shift(rate: Fraction, delta: int, sensitivity: int) -> int:
    """The least m with P(X < s - m) <= 10^-delta / 2, X discrete Laplace of scale 1/rate, s the sensitivity.

    Below s cards the number without a voter's decoys could not be what it is with them. With k = m - s and
    q = exp(-rate), P(X < -k) = q^(k+1) / (1+q) where k >= 0, and at least 1/2 where k < 0: so
    k + 1 >= (delta*ln 10 + ln 2 - ln(1+q)) / rate. The right side is no whole number, for e is
    transcendental, and 60 digits tell on which side of one it is.
    """
    decimal = Context(prec=_DIGITS)
    exact = decimal.divide(rate.numerator, rate.denominator)
    one, two, ten = map(decimal.create_decimal, (1, 2, 10))
    chance = decimal.add(decimal.multiply(delta, decimal.ln(ten)), decimal.ln(two))
    least = decimal.subtract(chance, decimal.ln(decimal.add(one, decimal.exp(-exact))))
    return sensitivity + int(decimal.divide(least, exact).to_integral_value(ROUND_CEILING)) - 1


def discrete_laplace(rate: Fraction, below: Below) -> int:
    """X with P(X = x) proportional to exp(-rate*|x|), exactly."""
    s, t = rate.numerator, rate.denominator
    while True:
        low = below(t)
        if not exponential_coin(Fraction(low, t), below):
            continue
        high = 0
        while exponential_coin(Fraction(1), below):
            high += 1
        size, negative = (low + t * high) // s, below(2) == 1
        if size or not negative:  # zero has one sign
            return -size if negative else size


def exponential_coin(rate: Fraction, below: Below) -> bool:
    """True with probability exp(-rate), exactly; 0 <= rate <= 1."""
    throws = 1
    while below(rate.denominator * throws) < rate.numerator:
        throws += 1
    return throws % 2 == 1
