"""What people do in a rehearsal: who holds which cards, and who votes what with which card, when."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

BLANK = 0xFFFF
"""No option, as the core writes it."""


@dataclass(eq=False)
class Holder:
    """Somebody with cards: a voter, one of whose cards counts, or a trustee giving cover.

    `secrets` are the 16 bytes of every card, in this order; they are there once enrolled. `more` are decoys
    beyond a voter's own, the last ones, which a trustee asks for.
    """

    region: int
    cards: int
    counting: int | None
    """Which card counts; None for cover."""
    secrets: list[bytes] = field(default_factory=list, repr=False)
    silent: int = 0
    """How many cards of cover, the last ones, never vote."""
    more: int = 0

    @property
    def voting(self) -> range:
        """The cards of cover that vote."""
        return range(self.cards - self.silent)


@dataclass(frozen=True)
class Casting:
    """One ballot: whose, with which of its cards, when (UTC seconds) and for what, contest by contest."""

    time: int
    day: int
    serial: int
    holder: Holder
    card: int
    choices: tuple[int, ...]

    @property
    def counts(self) -> bool:
        """Whether the card weighs anything."""
        return self.card == self.holder.counting


def expected(castings: Iterable[Casting]) -> Mapping[int, list[tuple[int, ...]]]:
    """By region, the choices that must be counted: of each card that counts the last day's highest serial."""
    latest: dict[Holder, Casting] = {}
    for casting in castings:
        if casting.counts:
            kept = latest.get(casting.holder)
            if kept is None or (casting.day, casting.serial) > (kept.day, kept.serial):
                latest[casting.holder] = casting
    choices: dict[int, list[tuple[int, ...]]] = {}
    for casting in latest.values():
        choices.setdefault(casting.holder.region, []).append(casting.choices)
    return choices
