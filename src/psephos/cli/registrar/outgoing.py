"""`psephos registrar letters preview`, `send` and `print`: letters as people get them."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

from cyclopts import Parameter

from psephos.cli.contact import Contact
from psephos.cli.home.home import DEFAULT_HOME, Home, HomeOptions
from psephos.cli.process.stop import FAILED, USAGE, WAITING, Stop, stopping
from psephos.cli.registrar.letter_tables import at_work
from psephos.cli.registrar.opened import check_begun, region_of
from psephos.cli.source import read_file
from psephos.errors import FormatError
from psephos.files import write_secret
from psephos.protocol.enrolment.address import site_address
from psephos.protocol.enrolment.invitation import Invitation
from psephos.protocol.enrolment.roll import RollOpening
from psephos.registrar.invitations.contact import Person
from psephos.registrar.invitations.facts import Facts
from psephos.registrar.invitations.letter_head import LetterHead
from psephos.registrar.invitations.mailing import Letter
from psephos.registrar.invitations.printing import print_letters
from psephos.registrar.invitations.sending import SendingReport
from psephos.registrar.invitations.sending import send as send_all
from psephos.registrar.invitations.smtp import SmtpMailer
from psephos.registrar.invitations.wording import LetterWording
from psephos.registrar.issuer import number_of

_SHOWN = 20
"""At most so many names in a list."""


@Parameter(name="*")
@dataclass(frozen=True)
class Says:
    """What letters say.

    Parameters
    ----------
    site
        The address of the server where people enrol and vote, such as https://vote.example/.
    contact
        Whom to ask, such as a telephone number and an e-mail address; the registrar's name without it.
    text
        A file with a text of your own: its first line is the subject, the rest the letter. In it {voter},
        {region}, {title}, {question}, {enrol_until}, {opens}, {closes}, {site}, {words}, {contact},
        {organiser}, {registrar}, {number} and {count} of registrars, {others}, their names, and {link}, the
        address with the invitation, are filled in.
    """

    site: Annotated[str, Parameter(env_var="PSEPHOS_SITE")] = ""
    contact: Contact = ""
    text: Path | None = None


PLAIN = Says()


def preview(
    file: Path, /, *, region: str, voter: str = "", says: Says = PLAIN, options: HomeOptions = DEFAULT_HOME
) -> int:
    """Show a letter before any is sent: the mail here, the letter on paper in a PDF.

    Parameters
    ----------
    file
        The PDF to write.
    region
        The region's id.
    voter
        Whose letter; the first of the region's unless it is given.
    """
    wording = _wording(says.text)
    _new(file)
    with at_work(options, region) as (home, mailing):
        facts = _facts(home, region, says)
        person = mailing.first(voter)
        if person is None:
            raise Stop(f"nobody called {voter!r} has a letter: see `letters add`", FAILED)
        letter = _sample(person)
        with stopping(FAILED):
            head = LetterHead("sender@example.org", wording, facts, datetime.now(UTC))
            pdf = print_letters([letter], wording, facts)
        write_secret(file, pdf)
        print(f"Subject: {wording.subject(facts, letter.person)}\n\n{head.text(letter.person)}")
        print(f"on paper: {file}; the invitation in both is not a real one")
    return 0


def _sample(person: Person) -> Letter:
    invitation = person.invitation
    opening = RollOpening(bytes(16), invitation.opening.voter)
    shown = Invitation(invitation.definition, invitation.registrar, invitation.region, opening)
    return Letter(0, "0" * 32, Person(person.contact, shown))


def send(*, region: str, sender: str, says: Says = PLAIN, options: HomeOptions = DEFAULT_HOME) -> int:
    """Send the letters that wait to go by e-mail, through the server that PSEPHOS_SMTP_URL names.

    Parameters
    ----------
    region
        The region's id.
    sender
        The address that letters are from; what comes back goes to the same with + and a mark in it.
    """
    wording, sent = _wording(says.text), SendingReport()
    with stopping(USAGE):
        mailer = SmtpMailer.parse(os.environ.get("PSEPHOS_SMTP_URL", ""))
    with at_work(options, region) as (home, mailing):
        with stopping(USAGE):
            head = LetterHead(sender, wording, _facts(home, region, says), datetime.now(UTC))
        try:
            send_all(mailer, mailing.waiting("email"), head, mailing, sent)
        finally:
            print(f"sent {sent.taken}, refused {len(sent.returned)}, waiting {len(mailing.waiting('email'))}")
            _list("refused for good", sent.returned)
            _list("refused for now, run `letters send` again later", sent.waiting)
    return WAITING if sent.waiting else 0


def _list(title: str, some: Sequence[tuple[Letter, str]]) -> None:
    """Whose letters, and RFC 3463's code of why."""
    if some:
        print(f"{title}:")
    for letter, status in some[:_SHOWN]:
        print(f"  {status:<8}{letter.person.contact.voter}")
    if len(some) > _SHOWN:
        print(f"  and {len(some) - _SHOWN} more")


def print_(file: Path, /, *, region: str, says: Says = PLAIN, options: HomeOptions = DEFAULT_HOME) -> int:
    """Print the letters that wait to go on paper into a PDF, a page for each and for each language.

    Parameters
    ----------
    file
        The PDF to write, for nobody else to read; delete it once it is printed.
    region
        The region's id.
    """
    wording = _wording(says.text)
    _new(file)
    with at_work(options, region) as (home, mailing):
        facts = _facts(home, region, says)
        waiting = mailing.waiting("paper")
        if waiting:
            with stopping(FAILED):
                pdf = print_letters(waiting, wording, facts)
            write_secret(file, pdf)
            for letter in waiting:
                mailing.sent(letter)
        print(f"printed {len(waiting)}")
    return 0


def _new(file: Path) -> None:
    if file.exists():
        raise Stop(f"{file} is there already", USAGE)


def _wording(file: Path | None) -> LetterWording:
    if file is None:
        return LetterWording()
    with stopping(USAGE, str(file)):
        try:
            return LetterWording.parse(read_file(file).decode("utf-8-sig"))
        except UnicodeDecodeError:
            raise FormatError("not UTF-8") from None


def _facts(home: Home, name: str, says: Says) -> Facts:
    """What a region's letters say; Stop where the address of the site is not given."""
    if not says.site:
        raise Stop(
            "letters need the address of the server where people enrol and vote: give --site "
            "https://vote.example/, or set PSEPHOS_SITE",
            USAGE,
        )
    with stopping(USAGE):
        site = site_address(says.site)
    with home.record() as record:
        check_begun(record)
        definition = record.definition
        place = region_of(record, name)
    with stopping(FAILED):
        number = number_of(definition, home.signing_key().public.raw)
    return Facts(definition, place, site, says.contact, number)
