"""From a file of voters to an agreement about it, and to an invitation for each."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from pathlib import Path

from psephos.cli.process.stop import FAILED, USAGE, Stop, stopping
from psephos.cli.source import read_file
from psephos.files import write_secret
from psephos.observer.text import plain
from psephos.protocol.enrolment.invitation import Invitation
from psephos.protocol.enrolment.roll import RollOpening
from psephos.protocol.setup.definition import Definition, Region
from psephos.registrar.voter_list.doubt import Doubt
from psephos.registrar.voter_list.reading import VoterList, read_voters

ALONE = """This invitation lets {voter} vote in {region}.
Keep it to yourself: whoever has it can vote instead of you.
Open the page on which you get your voting cards, and choose this file there.
"""
SEVERAL = """This is the invitation of registrar {number} of {count}, {registrar}, for {voter} in {region}.
You need those of all: the others come from {others}.
Keep it to yourself: whoever has it can keep you from voting; whoever has all can vote instead of you.
Open the page on which you get your voting cards, and choose these files there.
"""
_SHOWN = 20
"""Doubts that are shown one by one."""


def read_list(path: Path, encoding: str | None) -> VoterList:
    """The voters of a file; Stop, once all that has to be mended was said on stderr."""
    with stopping(USAGE, str(path)):
        voters = read_voters(read_file(path), encoding)
    if voters.faults:
        say(path, voters.faults)
        raise Stop(f"{path}: {_count(len(voters.faults), 'mistake')} to mend: nothing was done", USAGE)
    return voters


def agree(path: Path, voters: VoterList, region: str, expected: int | None) -> None:
    """Show what would be logged, and Stop unless it is agreed to: at the terminal, or by its number."""
    for line in _summary(voters):
        print(plain(line))
    say(path, voters.doubts)
    sys.stdout.flush()
    number = len(voters.rows)
    if expected is None and not (sys.stdin and sys.stdin.isatty()):
        what = f"{path}: {_count(number, 'voter')}, nothing was logged: look at what is shown"
        raise Stop(f"{what}, then run it again with --expect {number}", USAGE)
    if expected is None and not _answered(number, region):
        raise Stop(f"{path}: nothing was logged", FAILED)


def check_number(path: Path, voters: VoterList, expected: int | None) -> None:
    """Stop where other than so many voters were expected."""
    number = len(voters.rows)
    if expected not in (None, number):
        what = f"{path}: {_count(number, 'voter')} instead of the {expected} expected, nothing was logged"
        raise Stop(f"{what}: mend the file, or expect {number}", USAGE)


def _answered(number: int, region: str) -> bool:
    try:
        answer = input(f"Log {_count(number, 'voter')} as the roll of {region}, for good? [yes/no] ")
    except EOFError:
        return False
    return answer.strip().casefold() in ("y", "yes")


def _summary(voters: VoterList) -> Iterator[str]:
    """What the file was taken for, and whom it begins and ends with."""
    columns = voters.columns
    separated = f", columns separated by {voters.separator}" if voters.separator else ""
    yield f"encoding    {voters.encoding}{separated}"
    if columns.heading:
        yield f"heading     {', '.join(columns.heading)}"
        yield f"names from  {', '.join(columns.heading[place] for place in columns.names)}"
    if columns.unused:
        yield f"not used    {', '.join(columns.unused)}"
    yield f"voters      {len(voters.rows)}"
    yield f"first       {voters.rows[0].name}"
    yield f"last        {voters.rows[-1].name}"


def say(path: Path, doubts: Sequence[Doubt]) -> None:
    """Each doubt in a line on stderr."""
    for doubt in islice(doubts, _SHOWN):
        sys.stderr.write(f"{path}: {plain(str(doubt))}\n")
    if len(doubts) > _SHOWN:
        sys.stderr.write(f"{path}: and {len(doubts) - _SHOWN} more\n")


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}{'' if number == 1 else 's'}"


def invite(
    folder: Path, definition: Definition, registrar: int, region: Region, openings: Iterable[RollOpening]
) -> None:
    """Write `folder/1.txt` and so on, in the roll's order, for nobody else to read until they are sent."""
    for directory in (folder.parent, folder):
        directory.mkdir(mode=0o700, exist_ok=True)
    for number, opening in enumerate(openings, 1):
        invitation = Invitation(definition.hash, registrar, region.id, opening)
        advice = _advice(definition, registrar, region, opening.voter)
        data, path = invitation.encode(advice), folder / f"{number}.txt"
        if not path.exists() or path.read_bytes() != data:
            write_secret(path, data)


def _advice(definition: Definition, registrar: int, region: Region, voter: str) -> str:
    names = [party.name for party in definition.registrars]
    others = ", ".join(name for number, name in enumerate(names, 1) if number != registrar)
    return (SEVERAL if others else ALONE).format(
        voter=voter,
        region=region.name[definition.languages[0]],
        number=registrar,
        count=len(names),
        registrar=names[registrar - 1],
        others=others,
    )
