"""Many things some at a time: enough to be worth it, and little beside all of them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import TypeVar

_Thing = TypeVar("_Thing")


def batches(things: Iterable[_Thing], size: Callable[[_Thing], int], enough: int) -> Iterator[list[_Thing]]:
    """Consecutive things, so many at a time that their sizes add up to `enough`, or a little more."""
    batch: list[_Thing] = []
    total = 0
    for thing in things:
        batch.append(thing)
        total += size(thing)
        if total >= enough:
            yield batch
            batch, total = [], 0
    if batch:
        yield batch
