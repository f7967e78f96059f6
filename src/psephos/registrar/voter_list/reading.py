"""From a file of voters to its rows, and to everything about them that somebody should look at."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from psephos.protocol.enrolment.invitation import normal_name
from psephos.registrar.voter_list.columns import Columns, read_columns
from psephos.registrar.voter_list.contacts import contact_doubts, shared_doubts
from psephos.registrar.voter_list.decoding import Decoded, decode
from psephos.registrar.voter_list.doubt import Doubt
from psephos.registrar.voter_list.headings import known
from psephos.registrar.voter_list.names import name_doubts, pair_doubts
from psephos.registrar.voter_list.row import Row
from psephos.registrar.voter_list.table import SEPARATORS, Table, TableRow, split

_SHOWN = 5
"""Names by which people see whether an encoding was guessed right."""


@dataclass(frozen=True, repr=False)
class VoterList:
    """What a file holds. It can become a roll if it has no `faults`; `doubts` are for somebody to look at."""

    rows: tuple[Row, ...]
    faults: tuple[Doubt, ...]
    doubts: tuple[Doubt, ...]
    columns: Columns
    encoding: str
    separator: str
    """A word for it: commas, semicolons, tabs; empty where there is one column."""

    @property
    def names(self) -> list[str]:
        """The voters' names, in the order of the file."""
        return [row.name for row in self.rows]


def read_voters(data: bytes, encoding: str | None = None) -> VoterList:
    """The voters of a file, one in each line, in an encoding that is given or found out.

    Columns are separated by commas, semicolons or tabs; a heading says what they hold, in any usual language,
    and may be left out where there is one column, or one of names and one of e-mail addresses. Names become
    normal (`spec/messages.md#roll`). FormatError, which names the line, for what is no text or no table.
    """
    decoded = decode(data, encoding)
    table = split(decoded.text, known)
    columns, lines, wrong = read_columns(table.lines)
    read = [] if wrong else [_row(line, columns) for line in lines]
    rows = [each for each in read if isinstance(each, Row)]
    faults = [*wrong, *(each for each in read if isinstance(each, Doubt))]
    if not rows and not faults:
        faults.append(Doubt(0, "nobody"))
    noted = sorted([*faults, *_doubts(rows, table, decoded)], key=lambda doubt: doubt.line)
    return VoterList(
        tuple(rows),
        tuple(doubt for doubt in noted if doubt.grave),
        tuple(doubt for doubt in noted if not doubt.grave),
        columns,
        decoded.encoding,
        "" if columns.width == 1 else SEPARATORS.get(table.separator, repr(table.separator)),
    )


def _row(line: TableRow, columns: Columns) -> Row | Doubt:
    """What a line holds."""
    if any(line.cells[columns.width :]):
        return Doubt(line.number, "wide", {"count": len(line.cells), "expected": columns.width})
    name = normal_name(columns.text(line, columns.names))
    if not name:
        return Doubt(line.number, "nameless")
    address = [part for place in columns.address for part in columns.text(line, [place]).splitlines()]
    return Row(
        line.number,
        name,
        columns.text(line, columns.email),
        tuple(part.strip() for part in address if part.strip()),
        columns.text(line, columns.account),
    )


def _doubts(rows: Sequence[Row], table: Table, decoded: Decoded) -> Iterator[Doubt]:
    for row in rows:
        yield from name_doubts(row.line, row.name)
        yield from contact_doubts(row)
    yield from pair_doubts([(row.line, row.name) for row in rows])
    yield from shared_doubts(rows)
    yield from (Doubt(number, "empty") for number in table.empty)
    others = [row.name for row in rows if not row.name.isascii()]
    if decoded.guessed and others:
        shown = ", ".join(others[:_SHOWN])
        yield Doubt(0, "guessed", {"encoding": decoded.encoding, "names": shown})
