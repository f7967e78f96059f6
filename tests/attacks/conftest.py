"""Cheating provers are built of the reference's, whose modules stand beside one another."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[2] / "reference"))
