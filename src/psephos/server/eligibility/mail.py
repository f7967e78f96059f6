"""Letters by e-mail: what they say, and how a mail server takes them (RFC 5321, RFC 8314)."""

from __future__ import annotations

import ipaddress
import re
import smtplib
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email.message import EmailMessage
from email.policy import SMTP
from urllib.parse import unquote, urlsplit

from psephos.errors import FormatError, PsephosError
from psephos.server.eligibility.mailing import Letter
from psephos.server.eligibility.wording import Wording

_PART = r"(?:[A-Za-z0-9._~-]|%[0-9A-Fa-f]{2})"
_URL = re.compile(rf"smtps?://({_PART}+:{_PART}+@)?({_PART}+|\[[0-9a-fA-F:]+\])(:[0-9]{{1,5}})?")
_PATIENCE = 60.0
_STATUS = re.compile(r"[245]\.[0-9]{1,3}\.[0-9]{1,3}")


class MailError(PsephosError):
    """A mail server cannot be reached, or takes nothing at all; letters go on waiting."""


@dataclass(frozen=True)
class Relay:
    """The mail server that takes our letters; user and password are shown nowhere."""

    secure: bool
    host: str
    port: int
    user: str = field(repr=False)
    password: str = field(repr=False)

    @classmethod
    def parse(cls, url: str) -> Relay:
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
            raise FormatError("mail server: bad port") from None
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
            session: smtplib.SMTP = smtplib.SMTP_SSL(self.host, self.port, timeout=_PATIENCE, context=context)
        else:
            session = smtplib.SMTP(self.host, self.port, timeout=_PATIENCE)
        try:
            if not self.secure and not is_here(self.host):
                session.starttls(context=context)
            if self.user:
                session.login(self.user, self.password)
        except BaseException:
            session.close()
            raise
        return session


def compose(letter: Letter, sender: str, wording: Wording) -> EmailMessage:
    """A letter with its invitation attached; its Message-ID and the envelope's sender hold its mark."""
    person = letter.person
    message = EmailMessage(policy=SMTP)
    message["From"] = sender
    message["To"] = person.contact.email
    message["Subject"] = wording.subject(person)
    message["Message-ID"] = f"<{letter.mark}@{sender.rpartition('@')[2]}>"
    message["Auto-Submitted"] = "auto-generated"
    message.set_content(wording.text(person))
    # Not as text, whose ends of lines mail programs change.
    attached = person.invitation.encode("")
    message.add_attachment(
        attached, maintype="application", subtype="octet-stream", filename="invitation.txt"
    )
    return message


def return_path(letter: Letter, sender: str) -> str:
    """Where a letter goes back to: the sender's address with the mark in it."""
    local, _, domain = sender.rpartition("@")
    return f"{local}+{letter.mark}@{domain}"


def deliver(session: smtplib.SMTP, letter: Letter, sender: str, wording: Wording) -> str | None:
    """None once the server has taken a letter; RFC 3463's code where it never will.

    MailError where it would take none, or this one not yet.
    """
    try:
        session.send_message(
            compose(letter, sender, wording), return_path(letter, sender), [letter.person.contact.email]
        )
    except smtplib.SMTPRecipientsRefused as refused:
        ((code, said),) = refused.recipients.values()
        if not 500 <= code < 600:
            raise MailError(f"the mail server says {code} to a recipient: later") from None
        found = _STATUS.match(said.decode(errors="replace"))
        return found[0] if found else "5.0.0"
    return None


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
