"""The reference's modules stand beside one another, as its command runs them; so do its tests' records."""

import sys
from pathlib import Path

TESTS = Path(__file__).parents[1]
sys.path[:0] = [str(TESTS.parent / "reference"), str(TESTS / "reference"), str(TESTS / "agreement")]

from tests.judged_once import each_judged_once  # noqa: E402, F401
