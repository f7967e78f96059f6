"""Blind tokens (`spec/proofs.md#tokens`, RFC 9497)."""

from psephos._core import (
    blind,
    evaluate,
    evaluate_each,
    finalize,
    token_key,
    token_outputs,
)

__all__ = [
    "blind",
    "evaluate",
    "evaluate_each",
    "finalize",
    "token_key",
    "token_outputs",
]
