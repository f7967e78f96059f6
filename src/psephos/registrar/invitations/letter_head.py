"""Letters by e-mail: what they say, and where they go back to."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime

from psephos.errors import FormatError
from psephos.registrar.invitations.contact import Person, check_email
from psephos.registrar.invitations.facts import Facts
from psephos.registrar.invitations.mailer import Mail
from psephos.registrar.invitations.mailing import Letter
from psephos.registrar.invitations.wording import LetterWording

_LONGEST_LOCAL = 64 - len("+") - 32  # RFC 5321, 4.5.3.1.1
_BETWEEN = "\n\n* * *\n\n"


@dataclass(frozen=True)
class LetterHead:
    """What all letters of one sending have in common: the address they are from, their text, the time."""

    sender: str
    wording: LetterWording
    facts: Facts
    now: datetime

    def __post_init__(self) -> None:
        """FormatError for a sender whose letters could not come back."""
        check_email(self.sender, "--sender")
        local = self.sender.rpartition("@")[0]
        if len(local) > _LONGEST_LOCAL:
            raise FormatError(
                f"--sender {self.sender}: what stands before @ has {len(local)} characters. Letters come "
                f"back to it with + and 32 digits behind it, and mail servers take 64 in all: choose an "
                f"address with at most {_LONGEST_LOCAL}"
            )

    def compose(self, letter: Letter) -> EmailMessage:
        """A letter with a link and a file of its invitation; its Message-ID and return path hold its mark."""
        person = letter.person
        local, _, domain = self.sender.rpartition("@")
        message = EmailMessage(policy=SMTP)
        message["From"] = Address(self.facts.sender, local, domain)
        message["To"] = person.contact.email
        message["Subject"] = self.wording.subject(self.facts, person)
        message["Date"] = format_datetime(self.now)
        message["Message-ID"] = f"<{letter.mark}@{domain}>"
        message["Auto-Submitted"] = "auto-generated"
        message.set_content(self.text(person))
        # As bytes, not as text, whose ends of lines mail programs change.
        message.add_attachment(
            person.invitation.encode(""),
            maintype="text",
            subtype="plain",
            params={"charset": "utf-8"},
            filename="invitation.txt",
        )
        return message

    def text(self, person: Person) -> str:
        """What the letter says, in each language; the link comes last where a text does not ask for it."""
        link = person.invitation.address(self.facts.site)
        parts = self.wording.parts(self.facts, person, link)
        blocks = ["\n\n".join(one.text for one in part.paragraphs) for part in parts]
        headings = ["", *(f"{part.heading.text}\n\n" for part in parts[1:])]
        text = _BETWEEN.join(map("".join, zip(headings, blocks, strict=True)))
        return f"{text}\n" if link in text else f"{text}\n\n{link}\n"

    def mail(self, letter: Letter) -> Mail:
        """A letter on its way."""
        return Mail(self.compose(letter), self.return_path(letter), letter.person.contact.email)

    def return_path(self, letter: Letter) -> str:
        """Where a letter goes back to: the sender's address with the mark in it."""
        local, _, domain = self.sender.rpartition("@")
        return f"{local}+{letter.mark}@{domain}"
