"""Stores in memory and on disk give the same bytes back; columns and bundles are read run by run."""

from __future__ import annotations

from array import array
from collections.abc import Callable
from hashlib import sha256

import pytest

from psephos.errors import FormatError
from psephos.protocol import multipart, storage
from psephos.protocol.entries import PIECE, Part
from psephos.protocol.multipart import Multiparts
from psephos.protocol.storage import ByteStore, Column, MemoryStore
from psephos.scratch import Scratch

MAKERS = pytest.mark.parametrize("make", [MemoryStore, Scratch])
AUTHOR = bytes(32)


def numbers(start: int, stop: int) -> bytes:
    """Rows of 32 bytes, each its own number."""
    return b"".join(number.to_bytes(32, "big") for number in range(start, stop))


@MAKERS
def test_what_was_put_is_read(make: Callable[[], ByteStore]) -> None:
    one = make()
    places = [one.append(data) for data in (b"", b"first", numbers(0, 5000), b"last")]
    assert [one.read(places[1], 5), one.read(places[3], 4)] == [b"first", b"last"]
    assert one.read(places[2], 160_000) == numbers(0, 5000)
    rows = array("I", [4999, 0, 17, 17])
    assert one.take(places[2], 160_000, 32, rows) == b"".join(numbers(row, row + 1) for row in rows)
    with pytest.raises(FormatError):
        one.take(places[2], 160_000, 32, array("I", [5000]))


def test_a_scratch_file_does_not_read_behind_its_end() -> None:
    with pytest.raises(FormatError, match="no bytes behind 0"):
        Scratch().read(0, 1)


@MAKERS
def test_a_column_is_one_table_whatever_pieces_it_came_in(make: Callable[[], ByteStore]) -> None:
    one = make()
    column, other = Column(one, 32), Column(one, 32)
    assert (len(column), column.read(), list(column.runs()), column.take(array("I"))) == (0, b"", [], b"")
    for start, stop in ((0, 1), (1, 1), (1, 90), (90, 100)):
        column.append(numbers(start, stop))
        other.append(numbers(7, 9))
    assert (len(column), column.read()) == (100, numbers(0, 100))
    assert (column.read(3, 5), column.read(98)) == (numbers(3, 5), numbers(98, 100))
    assert column.take(array("I", [99, 2])) == numbers(99, 100) + numbers(2, 3)
    column.append(numbers(100, 101))
    assert column.read() == numbers(0, 101)
    with pytest.raises(ValueError, match="31 bytes"):
        column.append(bytes(31))


def test_a_column_is_read_in_runs(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(storage, "RUN", 100)
    column = Column(MemoryStore(), 32)
    column.append(numbers(0, 7))
    assert list(column.runs()) == [numbers(0, 3), numbers(3, 6), numbers(6, 7)]


def kept(content: bytes, order: Callable[[list[Part]], list[Part]] = list) -> tuple[Multiparts, bytes]:
    """The parts of a bundle as they came from log index 10 on, and the bundle's name."""
    bundles = Multiparts(MemoryStore())
    for index, part in enumerate(order(list(multipart.cut(content))), 10):
        bundles.add(AUTHOR, index, part)
    return bundles, multipart.digest(content)


@pytest.mark.parametrize("size", [0, 1, PIECE, PIECE + 1, 3 * PIECE - 1])
def test_a_bundle_is_all_its_runs(size: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(multipart, "RUN", 50_000)
    content = bytes(size)
    bundles, name = kept(content, lambda parts: parts[::-1] + parts)
    found = bundles.read(AUTHOR, name)
    assert len(found) == size
    runs = list(found.runs(1, 0, size))
    assert b"".join(run.data for run in runs) == content
    assert all(len(run.data) <= 50_000 for run in runs)


def test_an_excerpt_says_where_it_stands() -> None:
    content = b"".join(sha256(bytes([number])).digest() for number in range(256)) * 20
    bundles, name = kept(content)
    excerpt = bundles.read(AUTHOR, name).excerpt(PIECE - 10, 2 * PIECE + 10)
    assert excerpt.parts == (10, 11, 12)
    joined = b"".join(part.data for part in multipart.cut(content))
    assert (
        joined[excerpt.start :][: len(excerpt.data)] == excerpt.data == content[PIECE - 10 : 2 * PIECE + 10]
    )


def spoilt(content: bytes, change: Callable[[Part], Part]) -> tuple[Multiparts, bytes]:
    return kept(content, lambda parts: [change(part) for part in parts])


def test_bundles_that_do_not_fit_are_refused() -> None:
    content = bytes(2 * PIECE)
    name = multipart.digest(content)
    cases = {
        "is not cut": lambda part: Part(name, part.index, 2, part.data[: PIECE - 1 + part.index]),
        "do not hash": lambda part: Part(name, part.index, 2, b"\1" + part.data[1:]),
    }
    for message, change in cases.items():
        bundles, _ = spoilt(content, change)
        with pytest.raises(FormatError, match=message):
            bundles.read(AUTHOR, name)
    none, _ = spoilt(content, lambda part: Part(name, part.index, 0, part.data))
    with pytest.raises(FormatError, match="is not cut"):
        none.read(AUTHOR, name)
    longer, _ = spoilt(content, lambda part: Part(name, part.index, 3, part.data))
    assert not longer.whole(AUTHOR, name), "it lacks 1 of its 3"
