"""How a board stood with its witnesses when it last asked them: a note in its home, for `status`."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from pathlib import Path

from psephos.files import write_whole

_NAME = "standing.json"


@dataclass(frozen=True)
class BoardStatus:
    """At a time of the board's clock, UTC seconds."""

    time: int
    doubt: str
    """Why nothing was promised, opened or sealed; empty when all went on."""
    offset: int | None
    """Seconds by which the clock was ahead of the witnesses'; None before any has answered."""

    def write(self, home: Path) -> None:
        """Leave it in a board's home."""
        write_whole(home / _NAME, json.dumps(asdict(self)).encode(), 0o600)

    @classmethod
    def read(cls, home: Path) -> BoardStatus | None:
        """What was left there; None where nothing was, or nothing that can be read."""
        try:
            return cls(**json.loads((home / _NAME).read_bytes()))
        except (OSError, ValueError, TypeError):
            return None
