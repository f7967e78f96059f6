"""Tables of fixed-width rows and columns of integers, handled whole."""

from psephos._core import KeySet, columns, last_ballots, match_keys, rows_where, sort_records, take

__all__ = ["KeySet", "columns", "last_ballots", "match_keys", "rows_where", "sort_records", "take"]
