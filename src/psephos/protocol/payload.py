"""What entries and messages say: the base of all their types (`spec/entries.md`)."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import Any, ClassVar, Literal

TYPES: dict[int, type[Payload]] = {}
"""By number."""


OF_16, OF_32, OF_64, OF_96 = ({"size": size} for size in (16, 32, 64, 96))
"""The number of bytes of a byte string that has just one length."""


@dataclass(frozen=True)
class Payload:
    """What stands between author and signature; a subclass names its number and its scope."""

    number: ClassVar[int]
    scope: ClassVar[Literal["definition", "election"]]

    def __init_subclass__(cls, number: int, scope: Literal["definition", "election"], **more: Any) -> None:
        super().__init_subclass__(**more)
        cls.number, cls.scope = number, scope
        TYPES[number] = cls

    @classmethod
    @cache
    def type_name(cls) -> str:
        """The type as `spec/entries.md` writes it: CeremonyCommit is ceremony-commit.

        Where something else has the name, the entry's ends in Entry, which is left out.
        """
        return "".join(f"-{c.lower()}" if c.isupper() else c for c in cls.__name__.removesuffix("Entry"))[1:]
