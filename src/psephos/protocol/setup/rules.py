"""When an option is carried: the rules of a definition as data (`spec/definition.md#rules`)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from psephos.protocol.encoding.form import Form

# The members that each kind of condition has besides its kind.
MEMBERS = {
    "plurality": "",
    "simple-majority": "",
    "absolute-majority": "of",
    "region-majority": "more_than",
    "turnout-quorum": "at_least of",
    "approval-quorum": "at_least of",
}


@dataclass(frozen=True)
class Tally:
    """What one counted area, or all of them together, gave: voters and votes of each option."""

    voted: int
    votes: tuple[int, ...]

    @property
    def blank(self) -> int:
        """Voters who chose no option."""
        return self.voted - sum(self.votes)

    @classmethod
    def total(cls, tallies: Sequence[Tally], options: int) -> Tally:
        """The sum of the tallies of areas of a contest with so many options."""
        votes = (sum(tally.votes[option] for tally in tallies) for option in range(options))
        return cls(sum(tally.voted for tally in tallies), tuple(votes))


@dataclass(frozen=True)
class Electorate:
    """All regions of a contest together: eligible and enrolled voters."""

    roll: int
    enrolled: int


@dataclass(frozen=True)
class Condition:
    """One condition; `fraction` and `of` are there for the kinds that have them."""

    kind: str
    fraction: tuple[int, int] = (0, 1)
    of: Literal["roll", "enrolled", "voted"] = "voted"

    @classmethod
    def read(cls, form: Form) -> Condition:
        """A condition of a rule; FormatError unless it has its kind's members."""
        kind = form.value.get("kind") if isinstance(form.value, dict) else None
        if not isinstance(kind, str) or kind not in MEMBERS:
            raise form.refuse("not a condition of a known kind")
        members = form.members(f"kind {MEMBERS[kind]}")
        fraction = members.get("at_least") or members.get("more_than")
        of = members["of"].text() if "of" in members else "voted"
        if of not in ("roll", "enrolled", "voted") or (kind == "turnout-quorum" and of == "voted"):
            raise members["of"].refuse("not a denominator of this condition")
        return cls(kind, fraction.fraction() if fraction else (0, 1), of)  # type: ignore[arg-type]

    def holds(self, option: int, areas: Sequence[Tally | None], total: Tally, electorate: Electorate) -> bool:
        """Whether it does for an option, given the contest's areas (None: not counted) and their total."""
        votes, (a, b) = total.votes[option], self.fraction
        of = {"roll": electorate.roll, "enrolled": electorate.enrolled, "voted": total.voted}[self.of]
        match self.kind:
            case "plurality":
                return all(votes > other for at, other in enumerate(total.votes) if at != option)
            case "simple-majority":
                return outvotes(total, option)
            case "absolute-majority":
                return 2 * votes > of
            case "region-majority":
                carried = sum(area is not None and outvotes(area, option) for area in areas)
                return b * carried > a * len(areas)
            case "turnout-quorum":
                return b * total.voted >= a * of
            case _:
                return b * votes >= a * of


@dataclass(frozen=True)
class Rule:
    """`option` (a position) is carried when all conditions hold."""

    option: int
    conditions: tuple[Condition, ...]

    @classmethod
    def read(cls, form: Form, options: dict[str, int]) -> Rule:
        """The rule of a contest with these options."""
        members = form.members("option conditions")
        conditions = members["conditions"].items(1)
        return cls(members["option"].index_in(options), tuple(map(Condition.read, conditions)))

    def evaluate(self, areas: Sequence[Tally | None], total: Tally, electorate: Electorate) -> list[bool]:
        """Whether each condition holds, in order."""
        return [condition.holds(self.option, areas, total, electorate) for condition in self.conditions]


def outvotes(tally: Tally, option: int) -> bool:
    """Whether an option has more votes than all others together."""
    return 2 * tally.votes[option] > sum(tally.votes)
