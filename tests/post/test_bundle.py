"""Bundles of entries and blobs: one encoding, everything else refused."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from psephos.errors import FormatError
from psephos.post.envelope import MOST, Envelope, split

PARTS = st.lists(st.binary(min_size=1, max_size=300), max_size=5)


@given(PARTS.filter(bool), PARTS)
def test_what_is_encoded_is_parsed(entries: list[bytes], blobs: list[bytes]) -> None:
    bundle = Envelope(tuple(entries), tuple(blobs))
    assert Envelope.parse(bundle.encode()) == bundle


@given(st.binary(max_size=60))
def test_there_is_one_encoding(data: bytes) -> None:
    try:
        bundle = Envelope.parse(data)
    except FormatError:
        return
    assert bundle.encode() == data


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"\0",
        b"\0\0",
        b"\0\1",
        b"\0\1aa",
        b"\0\1a\0",
        b"\0\1a\0\0",
        b"\0\0\0\0\0\1a",
        b"\0\1a" + bytes(6),
    ],
)
def test_other_bytes_are_refused(data: bytes) -> None:
    with pytest.raises(FormatError, match="bundle"):
        Envelope.parse(data)


def test_a_bundle_has_a_most() -> None:
    assert len(Envelope.parse(b"\0\1a" * MOST).entries) == MOST
    with pytest.raises(FormatError, match="more than 64 entries"):
        Envelope.parse(b"\0\1a" * (MOST + 1))


@given(PARTS.filter(bool), st.integers(302, 700), st.integers(1, 3))
def test_runs_are_as_long_as_can_be(entries: list[bytes], largest: int, most: int) -> None:
    runs = split(entries, largest, most)
    assert [one for run in runs for one in run] == entries
    for run, after in zip(runs, [*runs[1:], ()], strict=True):
        assert len(Envelope(run).encode()) <= largest
        assert len(run) <= most
        if after and len(run) < most:
            assert len(Envelope((*run, after[0])).encode()) > largest
