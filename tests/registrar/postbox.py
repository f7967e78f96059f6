"""A mail server on this machine that takes letters, or refuses them as it is told."""

from __future__ import annotations

from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session


class _Anywhere(Controller):
    """Listens on whatever port is free."""

    def _trigger_server(self) -> None:
        self.port = self.server.sockets[0].getsockname()[1]
        super()._trigger_server()


class Postbox:
    """`answers` are said to recipients, `after_data` to texts for them; all others are taken.

    After `most` letters a session is over.
    """

    def __init__(self) -> None:
        self.answers: dict[str, str] = {}
        self.after_data: dict[str, str] = {}
        self.most: int | None = None
        self.taken: list[Envelope] = []
        self._controller = _Anywhere(self, hostname="127.0.0.1", port=0)
        self._controller.start()

    @property
    def url(self) -> str:
        return f"smtp://127.0.0.1:{self._controller.port}"

    def close(self) -> None:
        self._controller.stop()

    async def handle_RCPT(
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        if address in self.answers:
            return self.answers[address]
        if self.most is not None and getattr(session, "letters", 0) >= self.most:
            return "421 4.3.2 enough for one session"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        for address in envelope.rcpt_tos:
            if address in self.after_data:
                return self.after_data[address]
        self.taken.append(envelope)
        session.letters = getattr(session, "letters", 0) + 1  # type: ignore[attr-defined]
        return "250 OK"

    def messages(self) -> list[EmailMessage]:
        """What was taken, as a mail program reads it."""
        return [message_from_bytes(one.content or b"", policy=default) for one in self.taken]
