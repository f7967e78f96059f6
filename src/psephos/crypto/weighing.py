"""Weighing rows under encryption, and checking it (`spec/proofs.md#weighing`)."""

from psephos._core import check_weighings, first_rows, weigh, weighed_rows

__all__ = ["check_weighings", "first_rows", "weigh", "weighed_rows"]
