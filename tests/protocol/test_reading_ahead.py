"""What is read ahead of the fold comes in order, so much and no more, and is left when nobody takes it."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import closing

import pytest

from psephos.errors import EvidenceMissing
from psephos.reader import ahead


class Maker:
    """Counts up to a number, then fails if told to, and says how far it has come."""

    def __init__(self, last: int, error: BaseException | None = None) -> None:
        self.made, self._last, self._error = 0, last, error
        self.came = threading.Semaphore(0)

    def items(self) -> Iterator[int]:
        while self.made < self._last:
            self.made += 1
            self.came.release()
            yield self.made
        if self._error is not None:
            raise self._error


@pytest.mark.parametrize("most", [0, 1, 5])
def test_all_comes_in_order(most: int) -> None:
    assert list(ahead(Maker(20).items(), most)) == list(range(1, 21))


@pytest.mark.parametrize("error", [EvidenceMissing("tile"), KeyboardInterrupt()])
def test_what_goes_wrong_comes_behind_what_was_made_before(error: BaseException) -> None:
    items = ahead(Maker(3, error).items(), 9)
    assert [next(items) for _ in range(3)] == [1, 2, 3]
    with pytest.raises(type(error)):
        next(items)


@pytest.mark.parametrize("most", [0, 2])
def test_no_more_is_made_than_may_wait(most: int) -> None:
    maker, threads = Maker(100), threading.active_count()
    with closing(ahead(maker.items(), most)) as items:
        next(items)
        for _ in range(most + 1):
            assert maker.came.acquire(timeout=60)
        assert maker.made == most + 1
    assert threading.active_count() == threads
    assert maker.made <= most + 2
