"""From a file of voters to an invitation for each."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from pathlib import Path

from psephos.cli.process.stop import USAGE, stopping
from psephos.cli.source import read_file
from psephos.errors import FormatError
from psephos.keystore import file as private
from psephos.protocol.enrolment.invitation import Invitation, voter_name
from psephos.protocol.enrolment.token import Opening
from psephos.protocol.setup.definition import Definition, Region

ADVICE = """This invitation lets {voter} vote in {region}.
Keep it to yourself: whoever has it can vote instead of you.
Open the page on which you get your voting cards, and choose this file there.
"""


def read_roll(path: Path) -> list[str]:
    """The voters of a CSV file in UTF-8, one a line, in their order; Stop names what is wrong where."""
    with stopping(USAGE, str(path)):
        try:
            text = read_file(path).decode("utf-8-sig")
            lines = list(csv.reader(io.StringIO(text, newline=""), strict=True))
        except (UnicodeDecodeError, csv.Error) as error:
            raise FormatError(str(error)) from None
        voters = [_voter(line, number) for number, line in enumerate(lines, 1)]
        seen: dict[str, int] = {}
        for number, voter in enumerate(voters, 1):
            if (first := seen.setdefault(voter, number)) != number:
                raise FormatError(f"line {number}: the voter of line {first} again")
        if not voters:
            raise FormatError("no voters")
    return voters


def _voter(line: Sequence[str], number: int) -> str:
    if len(line) != 1:
        raise FormatError(f"line {number}: {len(line)} columns instead of 1")
    try:
        return voter_name(line[0])
    except FormatError as error:
        raise FormatError(f"line {number}: {error}") from None


def invite(folder: Path, definition: Definition, region: Region, openings: Sequence[Opening]) -> None:
    """Write `folder/1.txt` and so on, in the roll's order, for nobody else to read until they are sent."""
    for directory in (folder.parent, folder):
        directory.mkdir(mode=0o700, exist_ok=True)
    name = region.name[definition.languages[0]]
    for number, one in enumerate(openings, 1):
        invitation = Invitation(definition.hash, region.id, one)
        data, path = invitation.encode(ADVICE.format(voter=one.voter, region=name)), folder / f"{number}.txt"
        if not path.exists() or path.read_bytes() != data:
            private.put(path, data)
