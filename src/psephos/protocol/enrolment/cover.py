"""Cover: trustees' weightless ballots, so that the number of ballots says little (`spec/messages.md#cover`).

The discrete Laplace distribution is sampled exactly, with whole numbers alone (Canonne, Kamath, Steinke 2020,
algorithms 1 and 2). `below(n)` is a source of uniform whole numbers, 0 to n-1.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from decimal import ROUND_CEILING, Context
from fractions import Fraction

from psephos.protocol.setup.definition import Cover

Below = Callable[[int], int]
_DIGITS = 60  # the shift has at most 10 digits before its point


@dataclass(frozen=True)
class Noise:
    """The numbers to print with a referendum: what the cover hides, how well, and what it is shifted by.

    `delta` is an exponent: 10^-delta is the chance of what epsilon does not promise; `decoys` the most decoy
    ballots of one voter that are hidden.
    """

    epsilon: Fraction
    delta: int
    decoys: int
    shift: int

    def __str__(self) -> str:
        return (
            f"epsilon = {self.epsilon}, delta = 10^-{self.delta}: hides {self.decoys} decoy ballots "
            f"of a voter behind about {self.shift} cover ballots by each trustee for each batch"
        )


def noise(cover: Cover) -> Noise:
    """What the cover of a definition amounts to."""
    return Noise(Fraction(*cover.epsilon), cover.delta, cover.decoys, shift(_rate(cover), cover.delta))


def cover_ballots(cover: Cover, below: Below) -> int:
    """How many cover ballots a trustee casts in a region for a batch: `max(0, shift + X)`."""
    rate = _rate(cover)
    return max(0, shift(rate, cover.delta) + discrete_laplace(rate, below))


def _rate(cover: Cover) -> Fraction:
    """One over the scale: epsilon / decoys."""
    return Fraction(*cover.epsilon) / cover.decoys


def shift(rate: Fraction, delta: int) -> int:
    """The least m with P(X < -m) <= 10^-delta, X discrete Laplace with scale 1/rate.

    With q = exp(-rate), P(X < -m) = q^(m+1) / (1+q): so m + 1 >= (delta*ln 10 - ln(1+q)) / rate. The right
    side is no whole number, for e is transcendental, and 60 digits tell on which side of one it is.
    """
    decimal = Context(prec=_DIGITS)
    exact = decimal.divide(rate.numerator, rate.denominator)
    ten, one = decimal.create_decimal(10), decimal.create_decimal(1)
    chance = decimal.multiply(delta, decimal.ln(ten))
    least = decimal.subtract(chance, decimal.ln(decimal.add(one, decimal.exp(-exact))))
    return int(decimal.divide(least, exact).to_integral_value(ROUND_CEILING)) - 1


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
