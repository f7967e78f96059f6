"""The core's own version, and how many threads it may use; what it computes does not depend on them."""

from psephos._core import VERSION as CORE
from psephos._core import set_workers, work_apart, workers

__all__ = ["CORE", "set_workers", "work_apart", "workers"]
