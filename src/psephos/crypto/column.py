"""Tables of fixed-width rows and columns of integers, handled whole."""

from psephos._core import (
    KeySet,
    columns,
    cut_rows,
    last_ballots,
    latest_rows,
    match_keys,
    rows_where,
    sort_order,
    sort_records,
    take,
)

__all__ = [
    "KeySet",
    "columns",
    "cut_rows",
    "last_ballots",
    "latest_rows",
    "match_keys",
    "rows_where",
    "sort_order",
    "sort_records",
    "take",
]
