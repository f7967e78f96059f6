"""`psephos registrar letters`: invitations on their way to people, by e-mail and on paper."""

from __future__ import annotations

import os
import sys
from pathlib import Path

from cyclopts import App

from psephos.cli.home.home import HERE, Where
from psephos.cli.process.stop import FAILED, USAGE, Stop, stopping
from psephos.cli.registrar.mailroom import at_work, key_of, mailing_of, tables
from psephos.cli.source import read_file
from psephos.errors import FormatError
from psephos.keystore import file as private
from psephos.protocol.enrolment.invitation import Invitation
from psephos.server.eligibility.bounces import read_bounce
from psephos.server.eligibility.contact import Contact, Person, check_email, read_contacts
from psephos.server.eligibility.mail import Relay, deliver
from psephos.server.eligibility.mailing import numbers, region_of
from psephos.server.eligibility.printing import PLAIN_FONT, Press
from psephos.server.eligibility.wording import DEFAULT, Wording

letters = App("letters", help="Send invitations by e-mail and on paper, and note what comes back.")


@letters.command
def add(file: Path, /, *, region: str, where: Where = HERE) -> int:
    """Let the first letter to each voter wait. Who has been added stays; nobody is added twice.

    Example: psephos registrar letters add contacts.csv --region north --home registrar

    Parameters
    ----------
    file
        CSV in UTF-8 with the heading voter,email,address. A letter goes by e-mail where there is an e-mail
        address, else on paper. The lines of a postal address are lines of its field. Or with the heading
        voter,account, for who is handed the invitation at `sign-in`.
    region
        The region's id; its roll comes first.
    """
    contacts = _contacts(file)
    with at_work(where, region, draw=True) as (home, mailing):
        invited = _invitations(home.directory / "invitations" / region)
        for line, one in contacts.items():
            if one.voter not in invited:
                raise Stop(f"{file}: line {line}, column voter: not on the roll of {region}", USAGE)
        added = mailing.add([Person(one, invited[one.voter]) for one in contacts.values()])
        print(
            f"{added} letters wait; {len(invited.keys() - {one.voter for one in contacts.values()})} others"
        )
    return 0


@letters.command
def again(file: Path, /, *, region: str, where: Where = HERE) -> int:
    """Let the same invitations wait once more, for these contacts from now on.

    Example: psephos registrar letters again corrected.csv --region north --home registrar

    Parameters
    ----------
    file
        CSV as for `add`.
    region
        The region's id.
    """
    contacts = _contacts(file)
    with at_work(where, region) as (_, mailing):
        for line, one in contacts.items():
            with stopping(FAILED, f"{file}: line {line}"):
                mailing.again(one)
        print(f"{len(contacts)} letters wait again")
    return 0


@letters.command
def send(*, region: str, sender: str, text: Path | None = None, where: Where = HERE) -> int:
    """Send the letters that wait to go by e-mail, through the server that PSEPHOS_SMTP_URL names.

    Its form is smtps://user:password@host:port, or smtp:// for STARTTLS. What is refused for good has come
    back; whatever ends the command in between, the rest go on waiting.

    Example: psephos registrar letters send --region north --sender vote@town.example --home registrar

    Parameters
    ----------
    region
        The region's id.
    sender
        The address that letters are from; what comes back goes to the same with + and a mark in it.
    text
        A file whose first line is the subject and the rest the letter, with {voter} and {region} in it.
    """
    wording, sent, refused = _wording(text), 0, 0
    with stopping(USAGE):
        check_email(sender, "--sender")
        relay = Relay.parse(os.environ.get("PSEPHOS_SMTP_URL", ""))
    with at_work(where, region) as (_, mailing):
        try:
            with relay.connect() as session:
                for letter in mailing.waiting("email"):
                    if status := deliver(session, letter, sender, wording):
                        mailing.returned(letter.mark, status)
                        refused += 1
                    else:
                        mailing.sent(letter)
                        sent += 1
        finally:
            print(f"sent {sent}, refused {refused}")
    return 0


@letters.command(name="print")
def print_(
    file: Path, /, *, region: str, text: Path | None = None, font: Path = PLAIN_FONT, where: Where = HERE
) -> int:
    """Print the letters that wait to go on paper into a PDF, a page for each.

    Example: psephos registrar letters print letters.pdf --region north --home registrar

    Parameters
    ----------
    file
        The PDF to write, for nobody else to read; delete it once it is printed.
    region
        The region's id.
    text
        As for `send`.
    font
        A TrueType font that has all letters of all names; the default has those of western Europe.
    """
    wording = _wording(text)
    with stopping(USAGE):
        press = Press(font)
    if file.exists():
        raise Stop(f"{file} is there already", USAGE)
    with at_work(where, region) as (_, mailing):
        waiting = mailing.waiting("paper")
        if waiting:
            private.put(file, press.print(waiting, wording))
            for letter in waiting:
                mailing.sent(letter)
        print(f"printed {len(waiting)}")
    return 0


@letters.command
def returned(file: Path | None = None, /, *, where: Where = HERE) -> int:
    """Take note of a mail that came back, a delivery status notification.

    Example: psephos registrar letters returned bounce.eml --home registrar

    Parameters
    ----------
    file
        The mail; standard input unless it is given.
    """
    data = sys.stdin.buffer.read() if file is None else read_file(file)
    with stopping(USAGE):
        bounce = read_bounce(data)
    with tables(where) as (home, engine):
        region = region_of(engine, bounce.mark)
        if region is None:
            raise Stop("the mail names none of our letters", FAILED)
        if bounce.final:
            mailing_of(home, engine, region).returned(bounce.mark, bounce.status)
        print(f"{bounce.status}: {'came back' if bounce.final else 'is still tried'}")
    return 0


@letters.command
def status(*, region: str, where: Where = HERE) -> int:
    """Say how many letters wait, were sent, and came back; of the last ones also whose they were, and why.

    Example: psephos registrar letters status --region north --home registrar

    Parameters
    ----------
    region
        The region's id.
    """
    with tables(where) as (home, engine):
        for (way, state), count in sorted(numbers(engine, region).items()):
            print(f"{way:<8}{state:<10}{count}")
        if key_of(home, region) is not None:
            for contact, why in mailing_of(home, engine, region).returns():
                print(f"{why:<8}{contact.voter}")
    return 0


def _contacts(file: Path) -> dict[int, Contact]:
    with stopping(USAGE, str(file)):
        return read_contacts(read_file(file))


def _invitations(folder: Path) -> dict[str, Invitation]:
    """The invitations that `roll` has written, by voter."""
    found = [Invitation.parse(read_file(file)) for file in sorted(folder.glob("*.txt"))]
    return {one.opening.voter: one for one in found}


def _wording(file: Path | None) -> Wording:
    with stopping(USAGE, "" if file is None else str(file)):
        try:
            return Wording.parse(DEFAULT if file is None else read_file(file).decode())
        except UnicodeDecodeError:
            raise FormatError("not UTF-8") from None
