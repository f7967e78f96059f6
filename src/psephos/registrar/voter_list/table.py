"""From text to lines of cells: which character separates them, and in which line of the file each begins."""

from __future__ import annotations

import csv
import io
import re
from collections import Counter
from collections.abc import Callable, Sequence
from typing import NamedTuple

from psephos.errors import FormatError

SEPARATORS = {"\t": "tabs", ";": "semicolons", ",": "commas"}
"""Those that stand within a name or an address least often come first."""
_SAID = re.compile(r"sep=(.)\r?\n?", re.IGNORECASE)


class TableRow(NamedTuple):
    """A row's cells, without white space around; `number` from 1."""

    number: int
    cells: tuple[str, ...]

    @property
    def empty(self) -> bool:
        """Whether nothing stands in it."""
        return not any(self.cells)


class Table(NamedTuple):
    """What separates cells, and the lines with something in them; `empty` are the others between them."""

    separator: str
    lines: tuple[TableRow, ...]
    empty: tuple[int, ...]


def split(text: str, heading: Callable[[Sequence[str]], int]) -> Table:
    """The rows of a text; FormatError, which names the line, where quotes do not match.

    `heading` counts the columns whose names it knows in a row: what separates those is the separator.
    Without a heading it is what parts most lines in the same way.
    """
    first, _, _ = text.partition("\n")
    if said := _SAID.fullmatch(first):
        return _table(said[1], _rows(text, said[1])[1:])
    headed = {separator: _titles(text, separator, heading) for separator in SEPARATORS}
    if any(headed.values()):
        separator = max(headed, key=lambda each: headed[each])
        return _table(separator, _rows(text, separator))
    return max(_tables(text), key=_parted)


def _titles(text: str, separator: str, heading: Callable[[Sequence[str]], int]) -> int:
    """The known columns of the first line, if a separator parts it."""
    first, *_ = text.lstrip().splitlines() or [""]
    cells = next(csv.reader([first], delimiter=separator), [])
    return heading(cells) if len(cells) > 1 else 0


def _tables(text: str) -> list[Table]:
    """The tables that each separator makes of it; FormatError if none can."""
    tables, wrong = list[Table](), list[FormatError]()
    for separator in SEPARATORS:
        try:
            tables.append(_table(separator, _rows(text, separator)))
        except FormatError as error:
            wrong.append(error)
    if not tables:
        raise wrong[-1]
    return tables


def _parted(table: Table) -> int:
    """How many lines have as many columns, and more than one."""
    widths = Counter(len(line.cells) for line in table.lines if len(line.cells) > 1)
    return max(widths.values(), default=0)


def _rows(text: str, separator: str) -> list[TableRow]:
    """All rows, with the lines that they begin in."""
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=separator, strict=True)
    rows, number = list[TableRow](), 1
    try:
        for row in reader:
            rows.append(TableRow(number, tuple(cell.strip() for cell in row)))
            number = reader.line_num + 1
    except csv.Error as error:
        raise FormatError(f"line {number}: quotation marks do not match: {error}") from None
    return rows


def _table(separator: str, rows: list[TableRow]) -> Table:
    while rows and rows[-1].empty:
        rows.pop()
    empty = tuple(row.number for row in rows if row.empty)
    return Table(separator, tuple(row for row in rows if not row.empty), empty)
