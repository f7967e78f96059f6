"""All letters that wait, one after the other: what one mailbox refuses holds up nobody else."""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, field

from psephos.registrar.invitations.letter_head import LetterHead
from psephos.registrar.invitations.mailer import Mailer, MailError, MailRefusal
from psephos.registrar.invitations.mailing import Letter, Mailing

MOST_REFUSED = 20
"""Refusals in a row after which something is wrong with the letters or the server, not with mailboxes."""

BROKEN_OFF = "4.4.2"
"""RFC 3463: the connection broke off."""


@dataclass
class SendingReport:
    """How far a sending came: how many were taken, and which were not, and why."""

    taken: int = 0
    returned: list[tuple[Letter, str]] = field(default_factory=list)
    waiting: list[tuple[Letter, str]] = field(default_factory=list)
    in_a_row: int = 0

    def note(self, letter: Letter, refusal: MailRefusal | None, mailing: Mailing) -> None:
        """Write down what became of a letter."""
        self.in_a_row = self.in_a_row + 1 if refusal else 0
        if refusal is None:
            mailing.sent(letter)
            self.taken += 1
        elif refusal.final:
            mailing.returned(letter.mark, refusal.status)
            self.returned.append((letter, refusal.status))
        else:
            self.waiting.append((letter, refusal.status))


def send(
    mailer: Mailer, letters: Sequence[Letter], head: LetterHead, mailing: Mailing, sent: SendingReport
) -> None:
    """Send letters and note each in `sent` at once; a session that ends is begun again.

    MailError where no session begins, where two in a row end before a letter was taken, and after
    MOST_REFUSED refusals in a row.
    """
    rest, stuck = deque(letters), False
    while rest:
        before, begun = sent.taken, False
        try:
            with mailer.session() as deliver:
                begun = True
                while rest and sent.in_a_row < MOST_REFUSED:
                    sent.note(rest[0], deliver(head.mail(rest[0])), mailing)
                    rest.popleft()
        except MailError:
            idle = sent.taken == before
            if not begun or not rest or (idle and stuck):
                raise
            if idle:
                sent.waiting.append((rest.popleft(), BROKEN_OFF))
            stuck = idle
        if sent.in_a_row >= MOST_REFUSED:
            raise MailError(
                f"the mail server has refused {MOST_REFUSED} letters in a row: ask whoever runs it"
            )
