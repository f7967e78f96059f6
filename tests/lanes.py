"""Tests that are run by both arithmetics of points, eight lanes' and curve25519-dalek's.

Everything else is run by whichever the processor has.
"""

from __future__ import annotations

import os

import pytest

from psephos.crypto.lanes import lanes

BY_DALEK = {"PSEPHOS_LANES": "dalek"}
"""For the environment of the second run."""
both_ways = pytest.mark.skipif(
    lanes() == "dalek", reason="there is no second way: no AVX-512 IFMA, or PSEPHOS_LANES=dalek"
)


def by_dalek() -> dict[str, str]:
    """The environment of a process that does without lanes; it has no part in this one's tests."""
    return {name: value for name, value in os.environ.items() if not name.startswith("PYTEST_")} | BY_DALEK
