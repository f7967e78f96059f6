"""Shared keys, decryption shares and what they open (`spec/proofs.md#shares`)."""

from psephos._core import (
    check_shares,
    chunk_shares,
    combine_shares,
    decrypt,
    discrete_logs,
    evaluate_commitments,
    evaluate_polynomial,
    lagrange,
    make_shares,
    open_signs,
    polynomial,
    signed_sums,
    sum_columns,
)

__all__ = [
    "check_shares",
    "chunk_shares",
    "combine_shares",
    "decrypt",
    "discrete_logs",
    "evaluate_commitments",
    "evaluate_polynomial",
    "lagrange",
    "make_shares",
    "open_signs",
    "polynomial",
    "signed_sums",
    "sum_columns",
]
