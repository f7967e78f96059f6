"""A mail server that takes mails (RFC 5321, RFC 8314)."""

from __future__ import annotations

import ipaddress
import re
import smtplib
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from urllib.parse import unquote, urlsplit

from psephos.errors import FormatError
from psephos.registrar.invitations.mailer import Deliver, Mail, MailError, MailRefusal

_PART = r"(?:[A-Za-z0-9._~-]|%[0-9A-Fa-f]{2})"
_URL = re.compile(rf"smtps?://({_PART}+:{_PART}+@)?({_PART}+|\[[0-9a-fA-F:]+\])(:[0-9]{{1,5}})?")
_TIMEOUT = 60.0
_OVER = 421
_STATUS = re.compile(r"[245]\.[0-9]{1,3}\.[0-9]{1,3}")


@dataclass(frozen=True)
class SmtpMailer:
    """The mail server that takes our letters; user and password are shown nowhere."""

    secure: bool
    host: str
    port: int
    user: str = field(repr=False)
    password: str = field(repr=False)

    @classmethod
    def parse(cls, url: str) -> SmtpMailer:
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
    def session(self) -> Iterator[Deliver]:
        """A session under TLS; on this machine's own address it may be without, and then without password."""
        try:
            with self._connect() as session:
                yield partial(_deliver, session)
        except (OSError, smtplib.SMTPException) as error:
            raise MailError(f"mail server {self.host}: {_said(error)}") from None

    def _connect(self) -> smtplib.SMTP:
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


def _deliver(session: smtplib.SMTP, mail: Mail) -> MailRefusal | None:
    try:
        session.send_message(mail.message, mail.return_path, [mail.recipient])
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
