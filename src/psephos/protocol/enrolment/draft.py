"""What a device has not signed yet is opened or signed, never both (Benaloh 2006: challenge or cast)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import NoReturn

from psephos.errors import PhaseError

OPENED, SIGNED, ENROLLED = "opened", "signed", "enrolled"


@dataclass(repr=False, eq=False)
class Draft:
    """Its one fate is decided once. It cannot be copied, for a copy would have a fate of its own."""

    _fate: str = field(default="", init=False)

    def __reduce__(self) -> NoReturn:
        raise TypeError("a draft cannot be copied")


def settle(drafts: Iterable[Draft], fate: str) -> None:
    """Decide the fate of drafts, of all or none; PhaseError when the other was decided before."""
    drafts = list(drafts)
    for draft in drafts:
        if draft._fate not in ("", fate):
            raise PhaseError(f"what was {draft._fate} is never {fate}")
    for draft in drafts:
        draft._fate = fate
