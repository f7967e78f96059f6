"""What a wheel brings beside the program: booth, examples and specification (`tools/wheel.py`)."""

from __future__ import annotations

from importlib.resources import files
from pathlib import Path
from typing import Literal


def shared(name: Literal["booth", "examples", "spec"]) -> Path | None:
    """The directory of one of them; None in a checkout, which has them elsewhere."""
    directory = Path(str(files("psephos"))) / "share" / name
    return directory if directory.is_dir() else None
