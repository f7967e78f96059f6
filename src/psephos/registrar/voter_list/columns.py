"""Which column of a file holds what."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from psephos.registrar.voter_list.contacts import is_email
from psephos.registrar.voter_list.doubt import Doubt
from psephos.registrar.voter_list.headings import Role, known, roles
from psephos.registrar.voter_list.table import TableRow


@dataclass(frozen=True)
class Columns:
    """The places, from 0, of what makes a voter's row; several of names make one name, in their order."""

    names: tuple[int, ...] = ()
    email: tuple[int, ...] = ()
    address: tuple[int, ...] = ()
    account: tuple[int, ...] = ()
    heading: tuple[str, ...] = ()
    """What the file calls its columns; empty where it has no heading."""
    width: int = 1

    @property
    def unused(self) -> list[str]:
        """What the columns are called that nothing is read from."""
        used = {*self.names, *self.email, *self.address, *self.account}
        return [title for place, title in enumerate(self.heading) if place not in used and title]

    def text(self, line: TableRow, places: Sequence[int]) -> str:
        """What stands in these columns of a line, with spaces between; a short line ends with empty ones."""
        return " ".join(line.cells[place] for place in places if place < len(line.cells)).strip()


def read_columns(lines: Sequence[TableRow]) -> tuple[Columns, Sequence[TableRow], list[Doubt]]:
    """The columns of a table, the lines behind its heading, and what is wrong with it."""
    if not lines:
        return Columns(), lines, []
    if known(lines[0].cells):
        columns, wrong = _headed(lines[0])
        return columns, lines[1:], wrong
    columns, wrong = _bare(lines)
    return columns, lines, wrong


def _headed(line: TableRow) -> tuple[Columns, list[Doubt]]:
    held = roles(line.cells)
    places: dict[Role, tuple[int, ...]] = {
        role: tuple(place for place, each in enumerate(held) if each == role)
        for role in ("whole", "name", "part", "email", "address", "account")
    }
    names = places["whole"] or tuple(sorted(places["name"] + places["part"]))
    columns = Columns(
        names, places["email"], places["address"], places["account"], line.cells, len(line.cells)
    )
    if not names:
        return columns, [Doubt(line.number, "no-name", {"columns": ", ".join(filter(None, line.cells))})]
    single = (places["whole"], places["name"], places["email"], places["account"])
    if twice := [several for several in single if len(several) > 1]:
        return columns, [Doubt(line.number, "twice", {"heading": line.cells[twice[0][1]]})]
    return columns, []


def _bare(lines: Sequence[TableRow]) -> tuple[Columns, list[Doubt]]:
    """Without a heading: one column of names, or one beside one of e-mail addresses."""
    widths = [len(line.cells) for line in lines]
    width = max(set(widths), key=widths.count)
    if width == 1:
        return Columns(names=(0,)), []
    filled = [
        {line.cells[place] for line in lines if place < len(line.cells)} - {""} for place in range(width)
    ]
    mails = [place for place, cells in enumerate(filled) if cells and all(map(is_email, cells))]
    others = [place for place, cells in enumerate(filled) if cells and place not in mails]
    columns = Columns(tuple(others), tuple(mails), width=width)
    if len(others) == 1 and len(mails) < 2:
        return columns, []
    return columns, [Doubt(lines[0].number, "columns", {"count": width})]
