"""Real figures to replay: a TOML file that names a CSV of regions (`docs/replay.md`)."""

from __future__ import annotations

import csv
import re
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, tzinfo
from pathlib import Path
from typing import Any

from psephos.errors import FormatError


@dataclass(frozen=True)
class ReplayFigures:
    """One region's real numbers: voters on the roll, votes of each option in order, blank votes."""

    id: str
    name: str
    roll: int
    votes: tuple[int, ...]
    blank: int
    parent: str | None = None
    """The division it lies below."""

    @property
    def voted(self) -> int:
        """Ballots cast."""
        return sum(self.votes) + self.blank

    def scaled(self, scale: int) -> ReplayFigures:
        """Every count divided by `scale` and rounded half up, the roll large enough for the votes."""
        votes = tuple(_divide(count, scale) for count in self.votes)
        blank = _divide(self.blank, scale)
        roll = max(_divide(self.roll, scale), sum(votes) + blank)
        return ReplayFigures(self.id, self.name, roll, votes, blank, self.parent)


@dataclass(frozen=True)
class DivisionFigures:
    """What regions lie below: its identifier, its name, and the division above it."""

    id: str
    name: str
    parent: str | None


@dataclass(frozen=True)
class Figures:
    """A whole referendum's figures and wording; `wordings` are by region, None for all others."""

    title: Mapping[str, str]
    source: str
    contest: str
    options: tuple[str, ...]
    rule: Mapping[str, Any] | None
    wordings: Mapping[str | None, QuestionWording]
    days: tuple[tuple[int, int], ...]
    timezone: str
    regions: tuple[ReplayFigures, ...]
    divisions: tuple[DivisionFigures, ...] = ()
    min_region: int = 1

    def wording(self, region: str) -> QuestionWording:
        """What a region is asked."""
        return self.wordings.get(region) or self.wordings[None]


@dataclass(frozen=True)
class QuestionWording:
    """A question and its options, in order, by language."""

    question: Mapping[str, str]
    options: tuple[Mapping[str, str], ...]


def _divide(count: int, scale: int) -> int:
    return (2 * count + scale) // (2 * scale)


def read(path: Path) -> Figures:
    """The figures in a TOML file; FormatError names what is wrong and where."""
    try:
        document = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise FormatError(f"{path}: {error}") from error
    table = _Table(str(path), document)
    options = tuple(table.strings("options"))
    wordings: dict[str | None, QuestionWording] = {None: _wording(table.table("wording"), options)}
    for region, wording in table.table("wording_in", {}).tables():
        wordings[region] = _wording(wording, options)
    columns = table.table("columns")
    regions = _regions(path.parent / table.string("csv"), columns, options)
    unknown = {name for name in wordings if name} - {region.id for region in regions}
    if unknown:
        raise FormatError(f"{path}: wording for regions that the figures lack: {', '.join(sorted(unknown))}")
    divisions = _divisions(path.parent, table.table("divisions")) if "divisions" in table.value else ()
    _check_parents(path, regions, divisions)
    return Figures(
        table.texts("title"),
        table.string("source"),
        table.string("contest"),
        options,
        table.value.get("rule"),
        wordings,
        _windows(table),
        table.string("timezone"),
        regions,
        divisions,
        table.integer("min_region", 1),
    )


_KINDS: Mapping[type, str] = {str: "text", list: "a list", dict: "a table"}


@dataclass(frozen=True)
class _Table:
    """A TOML table and where it stands."""

    location: str
    value: Mapping[str, Any]

    def _get(self, name: str, kind: type) -> Any:
        value = self.value.get(name)
        if not isinstance(value, kind):
            raise FormatError(f"{self.location}: {name} is missing, or not {_KINDS[kind]}")
        return value

    def string(self, name: str) -> str:
        text: str = self._get(name, str)
        return text

    def integer(self, name: str, default: int) -> int:
        value = self.value.get(name, default)
        if not isinstance(value, int) or isinstance(value, bool) or value < 1:
            raise FormatError(f"{self.location}: {name} is not a whole number from 1")
        return value

    def items(self, name: str) -> list[Any]:
        items: list[Any] = self._get(name, list)
        return items

    def strings(self, name: str) -> list[str]:
        strings = self.items(name)
        if not strings or not all(isinstance(item, str) for item in strings):
            raise FormatError(f"{self.location}: {name} is not a list of text")
        return strings

    def texts(self, name: str) -> Mapping[str, str]:
        return self.table(name).value

    def table(self, name: str, default: Mapping[str, Any] | None = None) -> _Table:
        if default is not None and name not in self.value:
            return _Table(f"{self.location}, {name}", default)
        return _Table(f"{self.location}, {name}", self._get(name, dict))

    def tables(self) -> list[tuple[str, _Table]]:
        return [(name, self.table(name)) for name in self.value]


def _wording(table: _Table, options: Sequence[str]) -> QuestionWording:
    return QuestionWording(
        table.texts("question"), tuple(table.table("options").texts(option) for option in options)
    )


def _windows(table: _Table) -> tuple[tuple[int, int], ...]:
    windows = tuple(_window(table, item) for item in table.items("days"))
    if not windows:
        raise FormatError(f"{table.location}: days are empty: at least one pair of date-times is needed")
    return windows


def _window(table: _Table, item: Any) -> tuple[int, int]:
    match item:
        case [datetime(tzinfo=tzinfo()) as opens, datetime(tzinfo=tzinfo()) as seals]:
            return int(opens.timestamp()), int(seals.timestamp())
    raise FormatError(f"{table.location}: days are pairs of date-times with an offset")


def _regions(path: Path, columns: _Table, options: Sequence[str]) -> tuple[ReplayFigures, ...]:
    rows = _rows(path)
    return tuple(_region(f"{path}, line {line}", row, columns, options) for line, row in rows)


def _divisions(directory: Path, table: _Table) -> tuple[DivisionFigures, ...]:
    """Those of a CSV, all below `top` if that is there, which comes last."""
    path, columns = directory / table.string("csv"), table.table("columns")
    top = table.table("top") if "top" in table.value else None
    above = top.string("id") if top else None
    listed = [
        DivisionFigures(
            _cell(f"{path}, line {line}", row, columns.string("id")).lower(),
            _cell(f"{path}, line {line}", row, columns.string("name")),
            above,
        )
        for line, row in _rows(path)
    ]
    return (*listed, *([DivisionFigures(above, top.string("name"), None)] if top and above else []))


def _check_parents(
    path: Path, regions: Sequence[ReplayFigures], divisions: Sequence[DivisionFigures]
) -> None:
    known = {division.id for division in divisions}
    for region in regions:
        if region.parent is not None and region.parent not in known:
            raise FormatError(f"{path}: {region.name} lies in {region.parent}, which is no division")


def _cell(location: str, row: Mapping[str, str | None], column: str) -> str:
    cell = row.get(column)
    if cell is None:
        raise FormatError(f"{location}: no column {column!r}")
    return cell


def _rows(path: Path) -> list[tuple[int, dict[str, str | None]]]:
    try:
        with path.open(encoding="utf-8", newline="") as file:
            reader = csv.DictReader(file, strict=True)
            rows = [(reader.line_num, row) for row in reader]
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise FormatError(f"{path}: {error}") from error
    if not rows:
        raise FormatError(f"{path}: no rows")
    return rows


def _region(
    location: str, row: Mapping[str, str | None], columns: _Table, options: Sequence[str]
) -> ReplayFigures:
    def text(column: str) -> str:
        return _cell(location, row, column)

    def count(column: str) -> int:
        if not re.fullmatch(r"0|[1-9][0-9]{0,11}", text(column)):
            raise FormatError(f"{location}: {column} is {text(column)!r}, not a whole number")
        return int(text(column))

    name = text(columns.string("name"))
    parent = text(columns.string("parent")).lower() if "parent" in columns.value else None
    identifier = re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-")[:32]
    votes = columns.table("votes")
    blank = count(columns.string("blank")) if "blank" in columns.value else 0
    figures = ReplayFigures(
        identifier,
        name,
        count(columns.string("roll")),
        tuple(count(votes.string(option)) for option in options),
        blank,
        parent,
    )
    if figures.voted > figures.roll:
        raise FormatError(f"{location}: {figures.voted} votes cast by {figures.roll} voters")
    return figures
