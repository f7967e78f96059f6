"""What is wrong with a plan: everything at once, each where it stands, with a line that would do."""

from __future__ import annotations

import difflib
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import TypeVar

from psephos.errors import FormatError
from psephos.organiser.plan.lines import PLACE_OF
from psephos.organiser.plan.places import ROOT, LineIndex
from psephos.protocol.encoding.form import Form

T = TypeVar("T")

_TERMS = {
    "not an object": "not a table",
    "not an array": "not a list",
    "member ": "key ",
    "not an identifier": "not an id of small letters a to z, digits and -",
}
"""How TOML calls what a definition, which is JSON, calls otherwise."""


@dataclass(frozen=True)
class Mistake:
    """One of them; `line` is 0 where the plan as a whole is meant, `write` a line that would do, or empty."""

    line: int
    where: str
    what: str
    write: str = ""

    def __str__(self) -> str:
        place = [f"line {self.line}"] if self.line else []
        said = f"{', '.join(place + [self.where] * bool(self.where))}: {self.what}".removeprefix(": ")
        return f"{said}; write: {self.write}" if self.write else said


class BadPlan(FormatError):
    """A plan of which no definition can be made."""

    def __init__(self, mistakes: Iterable[Mistake]) -> None:
        self.mistakes = tuple(mistakes)
        super().__init__("\n".join(map(str, self.mistakes)))


class Mistakes:
    """Those that were met so far."""

    def __init__(self, places: LineIndex | None = None) -> None:
        self._places = places
        self._noted: list[Mistake] = []

    def check(self) -> None:
        """BadPlan if there were any, by their lines."""
        if self._noted:
            raise BadPlan(sorted(self._noted, key=lambda one: one.line))

    def note(self, path: str, what: str, write: str = "") -> None:
        """Something is wrong at a path; said once."""
        line = self._places.line(path) if self._places is not None else 0
        mistake = Mistake(line, spoken(path), what, write)
        if mistake not in self._noted:
            self._noted.append(mistake)

    def take(self, read: Callable[[], T], write: str = "") -> T | None:
        """What is read; None, and a note, when it is refused."""
        try:
            return read()
        except FormatError as error:
            self.refused(error, write)
            return None

    def refused(self, error: FormatError, write: str = "") -> None:
        """Note what a reader of forms has refused: its message begins with the path."""
        path, _, what = str(error).partition(": ")
        for term, ours in _TERMS.items():
            what = what.replace(term, ours)
        self.note(path.replace("$", ROOT, 1), what, write)

    def table(self, form: Form, required: Mapping[str, str], optional: Mapping[str, str]) -> dict[str, Form]:
        """The members of a table, of those that are given with lines that would do; others are noted."""
        if not isinstance(form.value, dict):
            self.note(form.path, "not a table", "; ".join(required.values()))
            return {}
        for key, write in required.items():
            if key not in form.value:
                self.note(f"{form.path}.{key}", "is missing", write)
        known = {**required, **optional}
        for key in sorted(form.value.keys() - known.keys()):
            self._unknown(form, key, known)
        return {key: Form(value, f"{form.path}.{key}") for key, value in form.value.items() if key in known}

    def _unknown(self, form: Form, key: str, known: Mapping[str, str]) -> None:
        near = difflib.get_close_matches(key, known, 1)
        place = "" if near or key not in PLACE_OF else f": it belongs {PLACE_OF[key]}"
        what = f"is no key that a plan has here{place}"
        self.note(f"{form.path}.{key}", what, known[near[0]] if near else "")


def spoken(path: str) -> str:
    """A path for people: `plan.regions[1].days[0]` is `regions #2, days #1`."""
    inside = path.removeprefix(ROOT).removeprefix(".")
    numbered = re.sub(r"\[([0-9]+)\]", lambda found: f" #{int(found[1]) + 1}", inside)
    return re.sub(r"( #[0-9]+)\.", r"\1, ", numbered)
