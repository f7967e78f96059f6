"""How many threads the core may use; what it computes does not depend on it."""

from psephos._core import set_workers

__all__ = ["set_workers"]
