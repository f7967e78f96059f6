"""`psephos registrar letters`: invitations on their way to people, by e-mail and on paper."""

from __future__ import annotations

import sys
from pathlib import Path

from cyclopts import App

from psephos.cli.home.home import DEFAULT_HOME, HomeOptions
from psephos.cli.process.stop import FAILED, USAGE, Stop, stopping
from psephos.cli.registrar.help import HELP
from psephos.cli.registrar.letter_tables import at_work, tables
from psephos.cli.registrar.rolls import say
from psephos.cli.source import read_file
from psephos.protocol.enrolment.invitation import Invitation, normal_name
from psephos.registrar.invitations.bounces import LARGEST, read_bounce
from psephos.registrar.invitations.contact import Contact, Person, read_contacts

letters = App("letters", help="Send invitations by e-mail and on paper, and note what comes back.")
for _name in ("preview", "send", "print"):
    _path = f"psephos.cli.registrar.outgoing:{_name.replace('print', 'print_')}"
    letters.command(_path, name=_name, help=HELP[_name])

_SHOWN = 5
"""Lines that an error names."""


@letters.command
def add(file: Path, /, *, region: str, options: HomeOptions = DEFAULT_HOME) -> int:
    """Let the first letter to each voter wait. Who has been added stays; nobody is added twice.

    Example: psephos registrar letters add contacts.csv --region north --home registrar

    Parameters
    ----------
    file
        The file of the roll, or another with a heading such as name;e-mail;address. A letter goes by e-mail
        where there is an e-mail address, else on paper. The lines of a postal address are lines of its field,
        or columns. Who has something in a column headed account is handed the invitation at `sign-in`.
    region
        The region's id; its roll comes first.
    """
    contacts = _contacts(file)
    with at_work(options, region, draw=True) as (home, mailing):
        invited = _invitations(home.directory / "invitations" / region)
        others = [line for line, contact in contacts.items() if contact.voter not in invited]
        if others:
            lines = ", ".join(map(str, others[:_SHOWN])) + (", .." if len(others) > _SHOWN else "")
            raise Stop(f"{file}: not on the roll of {region}: the voters of lines {lines}", USAGE)
        added = mailing.add([Person(contact, invited[contact.voter]) for contact in contacts.values()])
        rest = invited.keys() - {contact.voter for contact in contacts.values()}
        print(f"{added} letters wait; {len(rest)} others")
    return 0


@letters.command
def again(file: Path, /, *, region: str, options: HomeOptions = DEFAULT_HOME) -> int:
    """Let the same invitations wait once more, for these contacts from now on.

    Example: psephos registrar letters again corrected.csv --region north --home registrar

    Parameters
    ----------
    file
        As for `add`.
    region
        The region's id.
    """
    contacts = _contacts(file)
    with at_work(options, region) as (_, mailing):
        with stopping(FAILED, str(file)):
            mailing.again(contacts)
        print(f"{len(contacts)} letters wait again")
    return 0


@letters.command
def returned(file: Path | None = None, /, *, options: HomeOptions = DEFAULT_HOME) -> int:
    """Take note of a mail that came back, a delivery status notification.

    Example: psephos registrar letters returned bounce.eml --home registrar

    Parameters
    ----------
    file
        The mail; standard input unless it is given.
    """
    data = sys.stdin.buffer.read(LARGEST + 1) if file is None else read_file(file)
    with stopping(USAGE):
        bounce = read_bounce(data)
    with tables(options) as of:
        region = of.region_of(bounce.mark)
        if region is None:
            raise Stop("the mail names none of our letters", FAILED)
        if bounce.final:
            of.mailing(region).returned(bounce.mark, bounce.status)
        print(f"{bounce.status}: {'came back' if bounce.final else 'is still tried'}")
    return 0


@letters.command
def status(*, region: str, options: HomeOptions = DEFAULT_HOME) -> int:
    """Say how many letters wait, were sent, and came back; of the last ones also whose they were, and why.

    Example: psephos registrar letters status --region north --home registrar

    Parameters
    ----------
    region
        The region's id.
    """
    with tables(options) as of:
        for (way, state), count in sorted(of.numbers(region).items()):
            print(f"{way:<8}{state:<10}{count}")
        if of.key(region) is not None:
            for contact, why in of.mailing(region).returns():
                print(f"{why:<8}{contact.voter}")
    return 0


def _contacts(file: Path) -> dict[int, Contact]:
    with stopping(USAGE, str(file)):
        contacts, doubts = read_contacts(read_file(file))
    say(file, doubts)
    return contacts


def _invitations(folder: Path) -> dict[str, Invitation]:
    """The invitations that `roll` has written, by voter."""
    invitations = [Invitation.parse(read_file(file)) for file in sorted(folder.glob("*.txt"))]
    return {normal_name(each.opening.voter): each for each in invitations}
