"""Regions of a plan: where people vote, and when by the clocks there."""

from __future__ import annotations

import difflib
from collections.abc import Sequence
from datetime import date, datetime, time
from functools import cache, partial
from typing import Any
from zoneinfo import ZoneInfo, available_timezones

from psephos.organiser.plan import lines
from psephos.organiser.plan.enrolment import ClosingTimes
from psephos.organiser.plan.mistakes import Mistakes
from psephos.organiser.plan.texts import read_texts
from psephos.protocol.encoding.form import Form
from psephos.protocol.setup.region import windows


def read_regions(
    mistakes: Mistakes,
    form: Form,
    languages: Sequence[str],
    styles: Sequence[str],
    divisions: Sequence[str],
    closing: ClosingTimes,
) -> list[dict[str, Any]]:
    """The regions, by ids of styles and divisions: where there is one style, regions need not name it."""
    items = mistakes.take(lambda: form.items(1, 1_000), lines.TOP["regions"]) or []
    ids = [item.value.get("id") for item in items if isinstance(item.value, dict)]
    reader = _Reader(mistakes, languages, styles, divisions, ids, closing)
    regions = [reader.read(item) for item in items]
    for item, one in zip(items, regions, strict=True):
        if ids.count(one.get("id")) > 1 and ids.index(one["id"]) != regions.index(one):
            mistakes.note(f"{item.path}.id", f"{one['id']} stands here for the second time")
    return regions


_CLOSES = "closes = 2027-02-27T20:00:00+02:00"


class _Reader:
    def __init__(
        self,
        mistakes: Mistakes,
        languages: Sequence[str],
        styles: Sequence[str],
        divisions: Sequence[str],
        ids: Sequence[object],
        closing: ClosingTimes,
    ) -> None:
        self._mistakes, self._languages, self._styles = mistakes, languages, styles
        self._divisions, self._closing = divisions, closing
        self._ids = [one for one in ids if isinstance(one, str)]

    def read(self, form: Form) -> dict[str, Any]:
        """One region."""
        style = lines.line("style", self._styles[0] if self._styles else lines.STYLE)
        name = lines.texts("name", self._languages, "North")
        required = {"id": 'id = "north"', "name": name, "timezone": lines.ZONE, "days": lines.DAYS}
        optional = {"style": style, "merge_into": 'merge_into = "south"', "parent": 'parent = "province"'}
        optional |= {"closes": _CLOSES, "review": lines.TOP_OPTIONAL["review"], "tile": "tile = [0, 0]"}
        if len(self._styles) > 1:
            required["style"] = optional.pop("style")
        there = self._mistakes.table(form, required, optional)
        region = {key: member.value for key, member in there.items()}
        region.setdefault("style", self._styles[0] if self._styles else lines.STYLE)
        others = [one for one in self._ids if one != region.get("id")]
        for key, names in (("style", self._styles), ("merge_into", others), ("parent", self._divisions)):
            if key in there and names:
                named(self._mistakes, there[key], names)
        if "id" in there:
            self._mistakes.take(there["id"].identifier, identified(there["id"]))
        if "name" in there:
            region["name"] = read_texts(self._mistakes, there["name"], self._languages)
        zone = self._zone(there["timezone"]) if "timezone" in there else None
        if "days" in there:
            region["days"] = self._days(there["days"], zone or ZoneInfo("UTC"))
        return region | self._enrolment(there, region.get("days"), zone or ZoneInfo("UTC"), form.path)

    def _enrolment(
        self, there: dict[str, Form], days: list[list[int]] | None, zone: ZoneInfo, path: str
    ) -> dict[str, int]:
        """When enrolment closes, and its review."""
        closes = self._seconds(there["closes"], zone) if "closes" in there else None
        if not days or ("closes" in there and closes is None):
            return {"closes": 0, "review": 0}  # something is wrong, and noted
        read = self._closing.read(closes, there.get("review"), days, zone, path)
        return dict(zip(("closes", "review"), read, strict=True))

    def _zone(self, form: Form) -> ZoneInfo | None:
        if isinstance(form.value, str) and form.value in _zones():
            return ZoneInfo(form.value)
        if not _zones():
            self._mistakes.note(form.path, "this computer knows no time zones: install the package tzdata")
            return None
        write = lines.line("timezone", _nearest_zone(str(form.value)))
        self._mistakes.note(form.path, f"there is no time zone {form.value!r:.60}", write)
        return None

    def _days(self, form: Form, zone: ZoneInfo) -> list[list[int]]:
        """The days in UTC seconds; none when one of them cannot be read."""
        value = form.value
        if isinstance(value, list) and len(value) == 2 and not any(isinstance(one, list) for one in value):
            write = lines.line("days", [[_aware(one, zone) for one in value]])
            self._mistakes.note(form.path, "not a list of days, each of which has two times", write)
            return []
        items = self._mistakes.take(lambda: form.items(1, 60), lines.DAYS) or []
        pairs = [self._mistakes.take(partial(item.items, 2, 2), lines.DAYS) for item in items]
        days = [[self._seconds(one, zone) for one in pair] for pair in pairs if pair is not None]
        whole = [[one for one in day if one is not None] for day in days]
        if len(whole) < len(items) or any(len(day) < 2 for day in whole):
            return []
        ordered = sorted(sorted(_aware(one, zone) for one in day) for day in whole)
        self._mistakes.take(lambda: windows(Form(whole, form.path)), lines.line("days", ordered))
        return whole

    def _seconds(self, form: Form, zone: ZoneInfo) -> int | None:
        value = form.value
        if isinstance(value, datetime) and value.tzinfo is not None:
            return int(value.timestamp())
        if isinstance(value, int) and not isinstance(value, bool):
            return self._mistakes.take(lambda: form.integer(0), "2027-03-01T08:00:00+02:00")
        meant = _aware(value, zone)
        what = "a text, not a time" if isinstance(value, str) else "not a time with an offset from UTC"
        self._mistakes.note(form.path, what, lines.inline(meant))
        return None


def named(mistakes: Mistakes, form: Form, names: Sequence[str]) -> None:
    """Note a value that names none of these."""
    if form.value not in names:
        near = difflib.get_close_matches(str(form.value), names, 1, 0.0)
        what = f"{form.value!r:.60} is none of {', '.join(names[:10])}{', ..' if len(names) > 10 else ''}"
        mistakes.note(form.path, what, lines.line(form.path.rpartition(".")[2], near[0]) if near else "")


def identified(form: Form) -> str:
    """The line with an identifier that is like what stands there."""
    kept = "".join(char if char.isalnum() and char.isascii() else "-" for char in str(form.value).lower())
    return lines.line("id", kept.strip("-")[:32] or "north")


@cache
def _zones() -> frozenset[str]:
    """Those of people: neither offsets of their own kind nor what only operating systems know."""
    return frozenset(available_timezones()) - {"localtime", "Factory", "posixrules"}


def _nearest_zone(text: str) -> str:
    """The name of a zone most like a text, by the whole of it or by its city."""
    whole = difflib.get_close_matches(text, _zones(), 1, 0.6)
    if whole:
        return whole[0]
    cities = {zone.rpartition("/")[2].lower(): zone for zone in sorted(_zones(), reverse=True)}
    city = difflib.get_close_matches(text.rpartition("/")[2].lower(), cities, 1, 0.6)
    return cities[city[0]] if city else "UTC"


def _aware(value: object, zone: ZoneInfo) -> datetime:
    """The time that is meant, by the clocks of a zone; an example when it cannot be told."""
    try:
        match value:
            case str():
                value = datetime.fromisoformat(value.strip())
            case datetime():
                pass
            case date():
                value = datetime.combine(value, time(8))
            case int():
                value = datetime.fromtimestamp(value, zone)
    except (ValueError, OverflowError, OSError):
        pass
    if not isinstance(value, datetime):
        value = datetime(2027, 3, 1, 8, tzinfo=zone)
    return value if value.tzinfo is not None else value.replace(tzinfo=zone)
