"""One encoding a document, and no other (`spec/encoding.md#json`)."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from psephos.errors import FormatError
from psephos.protocol.encoding import canonical_json

NAMES = st.text(st.characters(min_codepoint=32, max_codepoint=126), min_size=1, max_size=8)
TEXTS = st.text(st.characters(exclude_categories=["Cs"]), max_size=8)
NUMBERS = st.integers(-(2**53) + 1, 2**53 - 1)
VALUES = st.recursive(
    TEXTS | NUMBERS, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(NAMES, inner, max_size=4)
)


@given(VALUES)
def test_what_is_encoded_decodes_to_itself(value: canonical_json.JSON) -> None:
    document = canonical_json.encode(value)
    assert canonical_json.decode(document) == value == json.loads(document)


def test_the_encoding_is_that_of_rfc_8785() -> None:
    value = {"b": ['\u20ac$\x0f\nA\'B"\\\\"/\x7f\u2028'], "a": -7, "B": {}}
    expected = '{"B":{},"a":-7,"b":["\u20ac$\\u000f\\nA\'B\\"\\\\\\\\\\"/\x7f\u2028"]}'
    assert canonical_json.encode(value) == expected.encode()


@pytest.mark.parametrize(
    ("document", "complaint"),
    [
        (b"", "Expecting value"),
        (b"[1] ", "not the one encoding from byte 3"),
        (b'{"b":1,"a":1}', "not the one encoding from byte 2"),
        (b'{"a":1,"a":1}', "not the one encoding"),
        (b'["\\u00e9"]', "not the one encoding"),
        (b'["\\/"]', "not the one encoding"),
        (b"[-0]", "not the one encoding"),
        (b"[01]", "delimiter"),
        (b"[1.0]", "not an integer"),
        (b"[1e3]", "not an integer"),
        (b"[9007199254740992]", r"\$\[0\]: integer beyond"),
        (b"[-9007199254740992]", r"\$\[0\]: integer beyond"),
        (b"1" * 5000, "5000 characters"),
        (b'{"a":[true]}', r"\$\.a\[0\]: neither"),
        (b"[null]", r"\$\[0\]: neither"),
        (b"[NaN]", r"\$\[0\]: neither"),
        (b'["\\ud800"]', "surrogate"),
        (b'{"":1}', "member name"),
        ('{"é":1}'.encode(), "member name"),
        (b"\xef\xbb\xbf[]", "BOM"),
        (b'["\xff"]', "not UTF-8 at byte 2"),
        (b"[" * 40_000, "nested too deeply"),
    ],
)
def test_anything_else_is_refused(document: bytes, complaint: str) -> None:
    with pytest.raises(FormatError, match=complaint):
        canonical_json.decode(document)


@pytest.mark.parametrize("value", [1.5, None, True, b"", {1: 2}, ["\udfff"], 2**53])
def test_what_has_no_encoding_is_not_encoded(value: canonical_json.JSON) -> None:
    with pytest.raises(FormatError):
        canonical_json.encode(value)


@given(st.binary(max_size=40) | VALUES.map(canonical_json.encode), st.data())
def test_bytes_decode_to_what_encodes_to_them_or_not_at_all(document: bytes, data: st.DataObject) -> None:
    mutated = bytearray(document)
    if mutated:
        mutated[data.draw(st.integers(0, len(mutated) - 1))] = data.draw(st.integers(0, 255))
    try:
        value = canonical_json.decode(bytes(mutated))
    except FormatError:
        return
    assert canonical_json.encode(value) == mutated
