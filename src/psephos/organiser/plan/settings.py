"""The settings of a plan: numbers, cover, quorums, and what holds where it leaves them out."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import Any

from psephos.organiser.plan import lines
from psephos.organiser.plan.mistakes import Mistakes
from psephos.protocol.encoding.form import Form
from psephos.protocol.setup.definition import CoverParameters

FEWEST_DECOYS = 4
"""Of a plan in which not every card counts."""
_NAMES = 'names = ["Ada, lawyer", "Ben, teacher", "Cleo, librarian"]'


def read_numbers(mistakes: Mistakes, there: Mapping[str, Form]) -> dict[str, int]:
    """Decoys, sizes and seconds."""
    numbers = dict(lines.DEFAULTS)
    for key, bounds in lines.RANGES.items():
        if key in there:
            write = lines.line(key, lines.DEFAULTS[key])
            number = mistakes.take(partial(there[key].integer, *bounds), write)
            numbers[key] = lines.DEFAULTS[key] if number is None else number
    if 0 < numbers["decoys"] < FEWEST_DECOYS:
        what = f"fewer than {FEWEST_DECOYS} decoys, and not none"
        mistakes.note(there["decoys"].path, what, lines.line("decoys", lines.DEFAULTS["decoys"]))
    return numbers


def read_organiser(mistakes: Mistakes, form: Form) -> dict[str, Any]:
    """The organiser without key."""
    write = 'name = "City assembly"'
    there = mistakes.table(form, {"name": write}, {})
    return {key: mistakes.take(member.text, write) for key, member in there.items()}


def read_cover(mistakes: Mistakes, form: Form | None, decoys: int) -> dict[str, Any] | None:
    """How much trustees' cover hides; None where every card counts."""
    if form is None:
        return dict(lines.COVER) if decoys else None
    if not decoys:
        mistakes.note(form.path, "decoys = 0 needs no cover: leave it out, or allow decoys", "decoys = 4")
        return None
    there = mistakes.table(form, {}, {key: lines.line(key, value) for key, value in lines.COVER.items()})
    cover = lines.COVER | {key: member.value for key, member in there.items()}
    mistakes.take(lambda: CoverParameters.read(Form(cover, form.path)), lines.line("cover", lines.COVER))
    return cover


def read_quorums(mistakes: Mistakes, form: Form | None, keys: Mapping[str, int]) -> dict[str, int]:
    """The numbers of a table, each at least so much; whether they fit, the parties' cards tell."""
    if form is None:
        return {}
    optional = {key: lines.line(key, least or 1) for key, least in keys.items()}
    if "threshold" in keys:
        optional["names"] = _NAMES
    there = mistakes.table(form, {}, optional)
    return {
        key: number
        for key, least in keys.items()
        if key in there
        and (number := mistakes.take(partial(there[key].integer, least, 64), optional[key])) is not None
    }


def read_names(mistakes: Mistakes, form: Form | None) -> tuple[str, ...]:
    """The trustees whose cards are wanted, if the plan lists them."""
    if form is None or not isinstance(form.value, dict) or "names" not in form.value:
        return ()
    return _distinct(mistakes, Form(form.value["names"], f"{form.path}.names"), 64, _NAMES)


def read_registrars(mistakes: Mistakes, form: Form | None) -> tuple[str, ...]:
    """The registrars whose cards are wanted, if the plan lists them; the first leads."""
    return () if form is None else _distinct(mistakes, form, 8, lines.TOP_OPTIONAL["registrars"])


def _distinct(mistakes: Mistakes, form: Form, most: int, write: str) -> tuple[str, ...]:
    names = mistakes.take(lambda: [item.text() for item in form.items(1, most)], write) or []
    for index, name in enumerate(names):
        if name in names[:index]:
            mistakes.note(f"{form.path}[{index}]", f"{name} stands here for the second time")
    return tuple(names)
