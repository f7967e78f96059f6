"""Whose arithmetic of points the core uses (`docs/adr/0017-eight-lanes.md`)."""

from psephos._core import lanes

__all__ = ["lanes"]
