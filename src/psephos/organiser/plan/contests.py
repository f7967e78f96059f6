"""What a plan asks: contests, and their wording in styles or, where all regions are asked alike, in place."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from psephos.organiser.plan import lines
from psephos.organiser.plan.mistakes import Mistakes
from psephos.organiser.plan.regions import identified, named
from psephos.organiser.plan.texts import read_languages, read_texts
from psephos.protocol.encoding.form import Form
from psephos.protocol.setup.rules import MEMBERS, Condition, Kind

_OPTION = 'options = { yes = { en = "Yes" }, no = { en = "No" } }'
_RULE = 'rule = { option = "yes", conditions = [{ kind = "simple-majority" }] }'


@dataclass
class ContestTables:
    """Contests and styles as a definition has them."""

    contests: list[dict[str, Any]]
    styles: list[dict[str, Any]]


class ContestReader:
    """Reads contests and styles of a plan with these languages."""

    def __init__(self, mistakes: Mistakes, languages: Sequence[str]) -> None:
        self._mistakes, self._languages = mistakes, languages

    def read(self, contests: Form | None, styles: Form | None) -> ContestTables:
        """Both; without styles every contest is worded where it stands, and every region is asked all."""
        items = self._items(contests, 100, lines.TOP["contests"])
        if styles is None:
            worded = [self._worded(item) for item in items]
            style = {"id": lines.STYLE, "contests": [wording for _, wording in worded]}
            return ContestTables([contest for contest, _ in worded], [style])
        read = [self._contest(item) for item in items]
        options = {one["id"]: one["options"] for one in read if isinstance(one.get("id"), str)}
        listed = self._items(styles, 1_000, lines.TOP_OPTIONAL["styles"])
        return ContestTables(read, [self._style(item, options) for item in listed])

    def _items(self, form: Form | None, most: int, write: str) -> list[Form]:
        items = (form and self._mistakes.take(lambda: form.items(1, most), write)) or []
        seen: set[str] = set()
        for item in items:
            if isinstance(item.value, dict) and isinstance(name := item.value.get("id"), str):
                if name in seen:
                    self._mistakes.note(f"{item.path}.id", f"{name} stands here for the second time")
                seen.add(name)
        return items

    # -- contests

    def _worded(self, form: Form) -> tuple[dict[str, Any], dict[str, Any]]:
        """A contest and its wording, from one table."""
        question = lines.texts("question", self._languages, "Shall the city build the harbour?")
        required = {"id": 'id = "harbour"', "question": question, "options": _OPTION}
        there = self._mistakes.table(form, required, {"blank": "blank = 1", "rule": _RULE})
        texts: list[dict[str, str]] = []
        ids: list[str] = []
        if (options := there.get("options")) is not None:
            if isinstance(options.value, dict):
                ids = list(options.value)
                texts = [
                    read_texts(self._mistakes, Form(text, f"{options.path}.{one}"), self._languages)
                    for one, text in options.value.items()
                ]
            else:
                self._mistakes.note(
                    options.path, "without [[styles]] a table: each option with its text", _OPTION
                )
        contest = self._common(form, there, ids)
        wording = {"contest": contest.get("id"), "options": texts}
        if "question" in there:
            wording["question"] = read_texts(self._mistakes, there["question"], self._languages)
        return contest, wording

    def _contest(self, form: Form) -> dict[str, Any]:
        """A contest that styles word."""
        options = 'options = ["yes", "no"]'
        there = self._mistakes.table(
            form, {"id": 'id = "harbour"', "options": options}, {"blank": "blank = 1", "rule": _RULE}
        )
        ids: list[str] = []
        if "options" in there:
            listed = self._mistakes.take(lambda: there["options"].items(1, 100), options) or []
            ids = [item.value for item in listed]
        return self._common(form, there, ids)

    def _common(self, form: Form, there: dict[str, Form], ids: list[Any]) -> dict[str, Any]:
        """Id, options by id, blank and rule."""
        contest: dict[str, Any] = {"options": ids, "blank": lines.BLANK}
        for index, one in enumerate(ids):
            option = Form(one, f"{form.path}.options[{index}]")
            self._mistakes.take(option.identifier, identified(option).removeprefix("id = "))
            if one in ids[:index]:
                self._mistakes.note(option.path, f"{one} stands here for the second time")
        if "id" in there:
            contest["id"] = self._mistakes.take(there["id"].identifier, identified(there["id"]))
        if "blank" in there:
            contest["blank"] = self._mistakes.take(lambda: there["blank"].integer(0, 1), "blank = 1")
        if ids and len(ids) + (contest["blank"] or 0) < 2:
            self._mistakes.note(f"{form.path}.options", "one option without blank is no choice", "blank = 1")
        if "rule" in there:
            contest["rule"] = self._rule(there["rule"], ids)
        return contest

    def _rule(self, form: Form, ids: list[Any]) -> Any:
        there = self._mistakes.table(form, {"option": 'option = "yes"', "conditions": _CONDITIONS}, {})
        if "option" in there and ids:
            named(self._mistakes, there["option"], ids)
        if "conditions" in there:
            for item in self._mistakes.take(lambda: there["conditions"].items(1), _CONDITIONS) or []:
                self._condition(item)
        return form.value

    def _condition(self, form: Form) -> None:
        kind = form.value.get("kind") if isinstance(form.value, dict) else None
        if kind in MEMBERS:
            self._mistakes.take(lambda: Condition.read(form), _condition(kind))
        else:
            what = f"kind {kind!r:.40} is none of {', '.join(MEMBERS)}"
            self._mistakes.note(form.path, what, _CONDITIONS)

    # -- styles

    def _style(self, form: Form, options: dict[str, list[Any]]) -> dict[str, Any]:
        contests = "[[styles.contests]], then contest, question and options below it"
        there = self._mistakes.table(
            form, {"id": 'id = "all"', "contests": contests}, {"languages": 'languages = ["en", "cy"]'}
        )
        style = {key: member.value for key, member in there.items()}
        if "id" in there:
            self._mistakes.take(there["id"].identifier, identified(there["id"]))
        if not there:
            return style
        languages = read_languages(self._mistakes, form, self._languages)
        if "contests" in there:
            items = self._mistakes.take(lambda: there["contests"].items(1), contests) or []
            for item in items:
                self._wording(item, languages, options)
        return style

    def _wording(self, form: Form, languages: Sequence[str], options: dict[str, list[Any]]) -> None:
        """A contest as a style words it."""
        first = next(iter(options), "harbour")
        required = {
            "contest": lines.line("contest", first),
            "question": lines.texts("question", languages, "Shall the city build the harbour?"),
            "options": lines.line(
                "options", [dict.fromkeys(languages, "..")] * len(options.get(first, [1, 2]))
            ),
        }
        there = self._mistakes.table(form, required, {})
        ids = None
        if "contest" in there and options:
            named(self._mistakes, there["contest"], list(options))
            ids = options.get(str(there["contest"].value))
        if "question" in there:
            read_texts(self._mistakes, there["question"], languages)
        if "options" in there:
            most = None if ids is None else len(ids)
            write = lines.line(
                "options", [dict.fromkeys(languages, str(one)) for one in ids or ["yes", "no"]]
            )
            for item in self._mistakes.take(lambda: there["options"].items(most or 1, most), write) or []:
                read_texts(self._mistakes, item, languages)


_CONDITIONS = 'conditions = [{ kind = "simple-majority" }]'


def _condition(kind: Kind) -> str:
    """A condition of a kind, with its members."""
    shapes = {"of": '"enrolled"', "at_least": "[1, 2]", "more_than": "[1, 2]"}
    shapes |= {"over": '"counter-proposal"', "by": '"deciding"', "choose": '"initiative"'}
    members = "".join(f", {name} = {shapes[name]}" for name in MEMBERS[kind].split())
    return f'{{ kind = "{kind}"{members} }}'
