"""When an option is carried: the rules of a definition as data (`spec/definition.md#rules`)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, get_args

from psephos.protocol.encoding.form import Form

Kind = Literal[
    "plurality",
    "simple-majority",
    "absolute-majority",
    "region-majority",
    "turnout-quorum",
    "approval-quorum",
    "preference",
]
Denominator = Literal["roll", "enrolled", "voted"]

MEMBERS: dict[Kind, str] = {
    "plurality": "",
    "simple-majority": "",
    "absolute-majority": "of",
    "region-majority": "more_than",
    "turnout-quorum": "at_least of",
    "approval-quorum": "at_least of",
    "preference": "over by choose",
}
"""The members that each kind of condition has besides its kind."""


@dataclass(frozen=True)
class Preference:
    """If the option of contest `over` is accepted too, contest `by` must prefer its option `choose`."""

    over: str
    by: str
    choose: str

    @classmethod
    def read(cls, members: dict[str, Form]) -> Preference:
        """By identifiers; whether they name anything is asked of the whole definition."""
        return cls(*(members[name].identifier() for name in ("over", "by", "choose")))


@dataclass(frozen=True)
class Condition:
    """One condition; `fraction`, `of` and `preference` are there for the kinds that have them."""

    kind: Kind
    fraction: tuple[int, int] = (0, 1)
    of: Denominator = "voted"
    preference: Preference | None = None

    @classmethod
    def read(cls, form: Form) -> Condition:
        """A condition of a rule; FormatError unless it has its kind's members."""
        kind = _kind(form)
        members = form.members(f"kind {MEMBERS[kind]}")
        fraction = members.get("at_least") or members.get("more_than")
        of = members["of"].text() if "of" in members else "voted"
        if of not in get_args(Denominator) or (kind == "turnout-quorum" and of == "voted"):
            raise members["of"].refuse("not a denominator of this condition")
        return cls(
            kind,
            fraction.fraction() if fraction else (0, 1),
            of,  # type: ignore[arg-type]
            Preference.read(members) if kind == "preference" else None,
        )


def _kind(form: Form) -> Kind:
    named = form.value.get("kind") if isinstance(form.value, dict) else None
    for kind in MEMBERS:
        if kind == named:
            return kind
    raise form.refuse("not a condition of a known kind")


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

    @property
    def preferences(self) -> tuple[Preference, ...]:
        """Those of its conditions; at most one in a valid definition."""
        return tuple(
            condition.preference for condition in self.conditions if condition.preference is not None
        )
