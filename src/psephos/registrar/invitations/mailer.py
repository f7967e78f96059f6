"""Who takes mails: a mail server, or a provider with an interface of its own."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from email.message import EmailMessage
from typing import Protocol, TypeAlias

from psephos.errors import PsephosError


@dataclass(frozen=True)
class Mail:
    """A mail, whom it goes to, and the address to which it goes back where it cannot be delivered."""

    message: EmailMessage
    return_path: str
    recipient: str


@dataclass(frozen=True)
class MailRefusal:
    """Why a mail is not taken: RFC 3463's code; `final` unless it may take it later."""

    status: str
    final: bool


class MailError(PsephosError):
    """The mailer cannot be reached, or takes nothing more; letters go on waiting."""


Deliver: TypeAlias = Callable[[Mail], MailRefusal | None]
"""None once a mail is taken; a refusal that concerns this mail alone. MailError where no more are taken."""


class Mailer(Protocol):
    """The way out for mails: `psephos.registrar.invitations.smtp.SmtpMailer`, or another's interface."""

    def session(self) -> AbstractContextManager[Deliver]:
        """What takes mails one by one until it is left; MailError where none can begin."""
