"""Tables of fixed-width rows and columns of integers, handled whole."""

from typing import Final

from psephos._core import (
    KeyIndex,
    KeySet,
    columns,
    cut_rows,
    last_ballots,
    latest_rows,
    match_keys,
    rows_where,
    sort_records,
    take,
)

__all__ = [
    "ABSENT",
    "KeyIndex",
    "KeySet",
    "columns",
    "cut_rows",
    "last_ballots",
    "latest_rows",
    "match_keys",
    "rows",
    "rows_where",
    "sort_records",
    "take",
]

ABSENT: Final = 0xFFFFFFFF
"""The place of a key that is not there."""


def rows(data: bytes, width: int) -> list[bytes]:
    """Bytes cut into rows of `width`."""
    return [data[at : at + width] for at in range(0, len(data), width)]
