"""Points and scalars of ristretto255 in bulk (`spec/encoding.md#group`)."""

from psephos._core import base_multiples, check_points, random_scalars, sum_points, sum_scalars

__all__ = ["base_multiples", "check_points", "random_scalars", "sum_points", "sum_scalars"]
