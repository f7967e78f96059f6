"""Whose arithmetic of points a command uses."""

from __future__ import annotations

import os

from psephos.cli.process.stop import USAGE, stopping

LANES = "PSEPHOS_LANES"
"""The variable that says so; without it the processor does, which always can be had."""


def check_lanes() -> None:
    """Stop where it asks for what is not there."""
    if LANES in os.environ:
        from psephos.crypto.lanes import lanes  # the core takes time to load, and not every command computes

        with stopping(USAGE):
            lanes()
