"""Bytes gone wrong: cut, stretched, repeated and changed, or anything at all."""

from __future__ import annotations

from collections.abc import Sequence

from hypothesis import strategies as st


@st.composite
def mutated(draw: st.DrawFn, samples: Sequence[bytes]) -> bytes:
    """One of the samples after one to three accidents; sometimes bytes that were never anything."""
    if draw(st.integers(0, 9)) == 0:
        return draw(st.binary(max_size=200))
    data = draw(st.sampled_from(samples))
    for _ in range(draw(st.integers(1, 3))):
        data = draw(accident(data))
    return data


@st.composite
def accident(draw: st.DrawFn, data: bytes) -> bytes:
    at = draw(st.integers(0, len(data)))
    end = draw(st.integers(at, min(len(data), at + 40)))
    match draw(st.integers(0, 5)):
        case 0:
            return data[:at]
        case 1:
            return data[:at] + data[end:]
        case 2:
            return data[:at] + draw(st.binary(min_size=1, max_size=8)) + data[at:]
        case 3:
            return data[:end] + data[at:]
        case 4:
            return data[:at] + bytes(end - at) + data[end:]
        case _:
            some = data[at : at + 1] or b"\0"
            return data[:at] + bytes([some[0] ^ 1 << draw(st.integers(0, 7))]) + data[at + 1 :]
