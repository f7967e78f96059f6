"""Tables of fixed-width rows and columns of integers, handled whole."""

from psephos._core import columns, last_ballots, match_keys, sort_records, take

__all__ = ["columns", "last_ballots", "match_keys", "sort_records", "take"]
