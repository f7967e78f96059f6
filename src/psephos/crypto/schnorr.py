"""Schnorr signatures by cards and other ristretto255 keys (`spec/proofs.md#signature`)."""

from psephos._core import check_signatures, sign

__all__ = ["check_signatures", "sign"]
