"""Texts of a plan: one in each language, without characters that do not show."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

from psephos.organiser.plan.lines import inline, line, texts
from psephos.organiser.plan.mistakes import Mistakes
from psephos.protocol.encoding.form import Form
from psephos.visible import hidden, name, visible


def read_languages(mistakes: Mistakes, form: Form, otherwise: Sequence[str]) -> tuple[str, ...]:
    """The languages of a plan, or of a style that has its own."""
    if "languages" not in form.value:
        return tuple(otherwise)
    listed = Form(form.value["languages"], f"{form.path}.languages")
    return mistakes.take(listed.languages, 'languages = ["en", "cy"]') or tuple(otherwise)


def read_texts(mistakes: Mistakes, form: Form, languages: Sequence[str]) -> dict[str, str]:
    """A text in each of the languages; what is wrong with it is noted."""
    key = form.path.rpartition(".")[2].partition("[")[0]
    if not isinstance(form.value, dict):
        text = form.value if isinstance(form.value, str) and form.value else ".."
        mistakes.note(form.path, "not a text in each language", texts(key, languages, text))
        return {}
    whole = {one: form.value.get(one, "..") for one in languages}
    write = inline(whole) if form.path.endswith("]") else line(key, whole)
    for one in languages:
        if one not in form.value:
            mistakes.note(form.path, f"no text in {one}", write)
    for one, text in form.value.items():
        if one not in languages:
            what = f"{one} is none of the languages {', '.join(languages)}"
            mistakes.note(f"{form.path}.{one}", what, write)
        else:
            mistakes.take(Form(text, f"{form.path}.{one}").text, f'{one} = ".."')
    return dict(form.value)


def check_values(mistakes: Mistakes, value: Any, path: str) -> None:
    """Note every text in which a character does not show, or turns writing around; and what no plan has."""
    if isinstance(value, bool | float):
        whole = value not in (math.inf, -math.inf) and value == value  # what is not is no number at all
        key = path.rpartition(".")[2]
        mistakes.note(path, "not a whole number", line(key, int(value)) if whole and "[" not in key else "")
    elif isinstance(value, Mapping):
        for key, member in value.items():
            check_values(mistakes, key, f"{path}.{visible(key)}")
            check_values(mistakes, member, f"{path}.{key}")
    elif isinstance(value, list | tuple):
        for index, item in enumerate(value):
            check_values(mistakes, item, f"{path}[{index}]")
    elif isinstance(value, str) and (places := set(hidden(value))):
        listed = " and ".join(f"{name(value[place])} at character {place + 1}" for place in sorted(places))
        without = "".join(char for place, char in enumerate(value) if place not in places)
        what = f"{listed} of {visible(value)!r} does not show, or turns writing around"
        mistakes.note(path, what, line(path.rpartition(".")[2], without) if "[" not in path[-3:] else "")
