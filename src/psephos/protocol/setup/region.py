"""Regions: where and when people enrol and vote (`spec/definition.md#members`)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

from psephos.protocol.encoding.form import Form, identifiers
from psephos.protocol.setup.style import Style


class Window(NamedTuple):
    """When a day's voting is planned to open and to be sealed, UTC seconds."""

    open: int
    seal: int


@dataclass(frozen=True)
class Region:
    """A region; by position `merge_into` is the region that its area may join, `parent` its division."""

    index: int
    id: str
    name: dict[str, str]
    style: Style
    timezone: str
    days: tuple[Window, ...]
    closes: int
    """When enrolment closes, UTC seconds."""
    review: int
    """Seconds for which issued hashes are public before the region opens."""
    merge_into: int | None
    parent: int | None


@dataclass(frozen=True)
class Division:
    """What regions lie below: a province, a country; `parent` is the position of the one above it."""

    index: int
    id: str
    name: dict[str, str]
    parent: int | None


def read_divisions(form: Form, languages: tuple[str, ...]) -> tuple[Division, ...]:
    """The divisions of a definition."""
    items = form.items(1, 1_000)
    names = identifiers([item.member("id") for item in items])
    return tuple(_division(item, index, names, languages) for index, item in enumerate(items))


def _division(form: Form, index: int, names: dict[str, int], languages: tuple[str, ...]) -> Division:
    members = form.members("id name", "parent")
    parent = members["parent"].index_in(names) if "parent" in members else None
    return Division(index, members["id"].identifier(), members["name"].translations(languages), parent)


@dataclass(frozen=True)
class RegionReader:
    """Reads regions against what the rest of a definition says."""

    languages: tuple[str, ...]
    styles: tuple[Style, ...]
    names: dict[str, int]
    divisions: dict[str, int]
    late: int
    """Seconds after `closes` for which cards are admitted: `hold` and `tolerance`."""

    def read(self, form: Form, index: int) -> Region:
        """One region."""
        members = form.members("id name style timezone days closes review", "merge_into parent")
        merge_into = members["merge_into"].index_in(self.names) if "merge_into" in members else None
        parent = members["parent"].index_in(self.divisions) if "parent" in members else None
        style = members["style"].index_in({style.id: style.index for style in self.styles})
        days = windows(members["days"])
        closes, review = members["closes"].integer(0), members["review"].integer(0, 31_536_000)
        if closes + self.late + review > days[0].open:
            raise members["closes"].refuse(
                "the first day opens before enrolment is closed, its last cards have come, and it is reviewed"
            )
        return Region(
            index,
            members["id"].identifier(),
            members["name"].translations(self.languages),
            self.styles[style],
            members["timezone"].text(),
            days,
            closes,
            review,
            merge_into,
            parent,
        )


def windows(form: Form) -> tuple[Window, ...]:
    """1 to 60 windows, each opening no earlier than the one before it seals."""
    days: list[Window] = []
    for item in form.items(1, 60):
        opens, seals = (time.integer(0) for time in item.items(2, 2))
        if opens >= seals:
            raise item.refuse("sealed before it opens")
        if days and opens < days[-1].seal:
            raise item.refuse("opens before the day before it is sealed")
        days.append(Window(opens, seals))
    return tuple(days)
