"""What people paste: this program finds what the vectors say, as the booth does."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from vector_generator.pasted import pasted_vectors
from vector_generator.vector import text

from psephos.errors import FormatError
from psephos.protocol.enrolment.words import WORDS, from_words, to_words
from psephos.voter.pasted import look, read
from psephos.voter.spelling import distance, nearest

FILE = Path(__file__).parents[2] / "vectors/pasted/pasted.json"
ALL: list[dict[str, Any]] = json.loads(FILE.read_text("utf-8"))


@pytest.mark.parametrize("vector", ALL, ids=[v["name"] for v in ALL])
def test_what_is_found(vector: dict[str, Any]) -> None:
    pasted = look(vector["text"]) if "text" in vector else read(bytes.fromhex(vector["data"]))
    assert [[piece.kind, piece.block] for piece in pasted.pieces] == vector["pieces"]
    if vector["slips"] is None:
        assert pasted.slips is None
        return
    assert pasted.slips is not None
    slips = [[slip.place, slip.typed, list(slip.meant)] for slip in pasted.slips.slips]
    assert [pasted.slips.count, slips] == vector["slips"]


def test_vectors_are_reproducible() -> None:
    assert text(pasted_vectors()) == FILE.read_text("utf-8")
    assert len({v["name"] for v in ALL}) == len(ALL)


@given(st.text())
def test_no_text_is_too_odd(anything: str) -> None:
    look(anything)


@given(st.binary())
def test_no_file_is_too_odd(anything: bytes) -> None:
    read(anything)


@given(st.binary(min_size=16, max_size=16), st.text(" \n.,;:0123456789>-", min_size=1, max_size=5))
def test_words_are_found_whatever_stands_between(secret: bytes, between: str) -> None:
    words = to_words(secret)
    [piece] = look(words.upper().replace(" ", between)).pieces
    assert (piece.kind, piece.block) == ("words", words)


@given(st.sampled_from(WORDS), st.integers(0, 7), st.sampled_from("abcdefghijklmnopqrstuvwxyz"))
def test_the_nearest_word_is_proposed(word: str, at: int, letter: str) -> None:
    typed = word[: at % len(word)] + letter + word[at % len(word) + 1 :]
    assert distance(typed, word) == distance(word, typed) <= 1
    if len(typed) > 4:
        assert all(distance(typed, one) <= 1 or one.startswith(typed) for one in nearest(typed))


def test_a_slip_is_shown_by_its_place_alone() -> None:
    """What it says goes into errors, which may be kept: a word of a card must not."""
    [typed] = (v["text"] for v in ALL if v["name"] == "pasted/words-with-a-letter-wrong")
    slips = look(typed).slips
    assert slips is not None
    assert str(slips) == "not in the list of words: 1 of 12"
    assert "crun" not in f"{slips!r}{look(typed)!r}"
    with pytest.raises(FormatError):
        from_words(typed)
