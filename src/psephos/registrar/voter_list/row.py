"""One voter in a file."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, repr=False)
class Row:
    """A voter's name, normal as on a roll, with what the file says about how to reach them.

    `line` is where it begins, from 1; `address` has the lines of a postal address.
    """

    line: int
    name: str
    email: str = ""
    address: tuple[str, ...] = ()
    account: str = ""

    @property
    def reached(self) -> bool:
        """Whether the file says how to reach this voter."""
        return bool(self.email or self.address or self.account)
