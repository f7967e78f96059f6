"""Many equations, one multiscalar multiplication: spec/proofs.md#batch-verification."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Executor
from functools import partial
from typing import Any

from group import FormatError, L, Point, decode, is_identity
from multiscalar import multiscalar

Term = tuple[int, bytes]  # scalar times encoded point
Equation = list[Term]  # these terms sum to the identity
Claim = tuple[Any, ...]  # what a check of proofs.py takes
Check = Callable[..., list[Equation]]

CHUNK = 256


class Batch:
    """Checks claims by the hundreds, on as many processes as the executor has."""

    def __init__(self, executor: Executor | None = None, workers: int = 1) -> None:
        self.executor, self.workers = executor, workers

    def failures(self, check: Check, claims: Sequence[Claim]) -> dict[int, str]:
        """Which claims `check` refuses, by position, and why."""
        size = max(1, min(CHUNK, -(-len(claims) // self.workers)))
        starts = range(0, len(claims), size)
        chunks = [claims[start : start + size] for start in starts]
        run = self.executor.map if self.executor and len(chunks) > 1 else map
        refused = run(partial(failures, check), chunks)
        return {
            start + position: why
            for start, bad in zip(starts, refused, strict=True)
            for position, why in bad.items()
        }


def failures(check: Check, claims: Sequence[Claim]) -> dict[int, str]:
    """Like `Batch.failures`, one chunk: every point is decoded once, all equations are summed once."""
    points: dict[bytes, Point] = {}
    bad: dict[int, str] = {}
    good: list[tuple[int, list[Equation]]] = []
    for position, claim in enumerate(claims):
        try:
            equations = check(*claim)
            for encoded in (encoded for equation in equations for _, encoded in equation):
                if encoded not in points:
                    points[encoded] = decode(encoded)
            good.append((position, equations))
        except FormatError as error:
            bad[position] = str(error)
    bad |= dict.fromkeys(_culprits(good, points), "proof or signature does not hold")
    return bad


def _culprits(claims: list[tuple[int, list[Equation]]], points: dict[bytes, Point]) -> Iterator[int]:
    """The claims that do not hold, found by halving."""
    if _hold([equation for _, equations in claims for equation in equations], points):
        return
    if len(claims) == 1:
        yield claims[0][0]
        return
    middle = len(claims) // 2
    yield from _culprits(claims[:middle], points)
    yield from _culprits(claims[middle:], points)


def _hold(equations: list[Equation], points: dict[bytes, Point]) -> bool:
    """Whether the equations hold: their sum, each with a factor of its own, is the identity."""
    sums: dict[bytes, int] = {}
    for equation in equations:
        factor = secrets.randbits(128)
        for scalar, encoded in equation:
            sums[encoded] = sums.get(encoded, 0) + factor * scalar
    scalars = [scalar % L for scalar in sums.values()]
    return is_identity(multiscalar(scalars, [points[encoded] for encoded in sums]))
