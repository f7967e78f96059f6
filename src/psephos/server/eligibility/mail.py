"""Letters by e-mail: what they say, and how a mail server takes them (RFC 5321, RFC 8314)."""

from __future__ import annotations

import ipaddress
import re
import smtplib
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime
from urllib.parse import unquote, urlsplit

from psephos.errors import FormatError, PsephosError
from psephos.server.eligibility.contact import Person, check_email
from psephos.server.eligibility.facts import Facts
from psephos.server.eligibility.mailing import Letter
from psephos.server.eligibility.wording import LetterWording

_PART = r"(?:[A-Za-z0-9._~-]|%[0-9A-Fa-f]{2})"
_URL = re.compile(rf"smtps?://({_PART}+:{_PART}+@)?({_PART}+|\[[0-9a-fA-F:]+\])(:[0-9]{{1,5}})?")
_TIMEOUT = 60.0
_LONGEST_LOCAL = 64 - len("+") - 32  # RFC 5321, 4.5.3.1.1
_OVER = 421
_BETWEEN = "\n\n* * *\n\n"
_STATUS = re.compile(r"[245]\.[0-9]{1,3}\.[0-9]{1,3}")


class MailError(PsephosError):
    """A mail server cannot be reached, or takes nothing more; letters go on waiting."""


@dataclass(frozen=True)
class SmtpServer:
    """The mail server that takes our letters; user and password are shown nowhere."""

    secure: bool
    host: str
    port: int
    user: str = field(repr=False)
    password: str = field(repr=False)

    @classmethod
    def parse(cls, url: str) -> SmtpServer:
        """`smtps://[user:password@]host[:port]`, or `smtp://..` for STARTTLS.

        FormatError does not repeat it.
        """
        if not _URL.fullmatch(url):
            raise FormatError("mail server: not of the form smtp(s)://[user:password@]host[:port]")
        parts = urlsplit(url)
        secure = parts.scheme == "smtps"
        try:
            port = parts.port or (465 if secure else 587)
        except ValueError:
            raise FormatError("mail server: invalid port: a port is a number of at most 65535") from None
        user, password = unquote(parts.username or ""), unquote(parts.password or "")
        return cls(secure, parts.hostname or "", port, user, password)

    @contextmanager
    def connect(self) -> Iterator[smtplib.SMTP]:
        """A session under TLS; on this machine's own address it may be without, and then without password."""
        try:
            with self._session() as session:
                yield session
        except (OSError, smtplib.SMTPException) as error:
            raise MailError(f"mail server {self.host}: {_said(error)}") from None

    def _session(self) -> smtplib.SMTP:
        context = ssl.create_default_context()
        if self.secure:
            session: smtplib.SMTP = smtplib.SMTP_SSL(self.host, self.port, timeout=_TIMEOUT, context=context)
        else:
            session = smtplib.SMTP(self.host, self.port, timeout=_TIMEOUT)
        try:
            if not self.secure and not is_here(self.host):
                session.starttls(context=context)
            if self.user:
                session.login(self.user, self.password)
        except BaseException:
            session.close()
            raise
        return session


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

    def return_path(self, letter: Letter) -> str:
        """Where a letter goes back to: the sender's address with the mark in it."""
        local, _, domain = self.sender.rpartition("@")
        return f"{local}+{letter.mark}@{domain}"


@dataclass(frozen=True)
class MailRefusal:
    """Why a mail server does not take a letter: RFC 3463's code; `final` unless it may take it later."""

    status: str
    final: bool


def deliver(session: smtplib.SMTP, letter: Letter, post: LetterHead) -> MailRefusal | None:
    """None once the server has taken a letter; a refusal that concerns this letter alone.

    MailError where the server takes nothing more in this session.
    """
    try:
        session.send_message(post.compose(letter), post.return_path(letter), [letter.person.contact.email])
    except smtplib.SMTPRecipientsRefused as refused:
        ((code, said),) = refused.recipients.values()
        return _refusal(code, said)
    except smtplib.SMTPDataError as refused:
        return _refusal(refused.smtp_code, refused.smtp_error)
    return None


def _refusal(code: int, said: bytes | str) -> MailRefusal:
    if code == _OVER:
        raise MailError("the mail server ends the session")
    text = said.decode(errors="replace") if isinstance(said, bytes) else said
    found, final = _STATUS.match(text), 500 <= code < 600
    return MailRefusal(found[0] if found else f"{5 if final else 4}.0.0", final)


def _said(error: Exception) -> str:
    """What an error says without addresses or passwords, which servers like to repeat."""
    if isinstance(error, smtplib.SMTPResponseException):
        return f"{type(error).__name__} {error.smtp_code}"
    return f"{type(error).__name__}: {error.strerror}" if isinstance(error, OSError) else type(error).__name__


def is_here(host: str) -> bool:
    """Whether a host is this machine, so that nobody is in between."""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
