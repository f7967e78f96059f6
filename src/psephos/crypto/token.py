"""Blind tokens (`spec/proofs.md#tokens`; RFC 9497 but for its proof)."""

from psephos._core import (
    blind,
    evaluate,
    finalize,
    token_inputs,
    token_key,
    token_outputs,
    unblind,
)

__all__ = [
    "blind",
    "evaluate",
    "finalize",
    "token_inputs",
    "token_key",
    "token_outputs",
    "unblind",
]
