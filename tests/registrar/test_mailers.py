"""Letters go out by whatever takes mails: here by a provider's interface that is no mail server."""

from __future__ import annotations

import random
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from email import message_from_bytes, policy

import pytest

from psephos.protocol.enrolment.invitation import Invitation
from psephos.registrar.invitations.engine import open_engine
from psephos.registrar.invitations.letter_head import LetterHead
from psephos.registrar.invitations.mailer import Deliver, Mail, Mailer, MailError, MailRefusal
from psephos.registrar.invitations.mailing import Mailing
from psephos.registrar.invitations.sending import SendingReport, send
from psephos.registrar.invitations.smtp import SmtpMailer
from psephos.registrar.invitations.wording import LetterWording
from tests.registrar.lettering import facts, letter


class Provider:
    """Takes mails as bytes with an address to return them to; refuses some, and ends after a few."""

    def __init__(self, refused: frozenset[str] = frozenset(), takes: int = 100) -> None:
        self.refused, self.takes, self.taken = refused, takes, list[tuple[str, str, bytes]]()

    @contextmanager
    def session(self) -> Iterator[Deliver]:
        if not self.takes:
            raise MailError("the provider takes nothing today")
        yield self._post

    def _post(self, mail: Mail) -> MailRefusal | None:
        if len(self.taken) >= self.takes:
            raise MailError("enough for today")
        if mail.recipient in self.refused:
            return MailRefusal("5.1.1", True)
        self.taken.append((mail.recipient, mail.return_path, mail.message.as_bytes()))
        return None


def test_both_are_mailers() -> None:
    mailers: list[Mailer] = [Provider(), SmtpMailer.parse("smtp://localhost")]
    assert all(callable(mailer.session) for mailer in mailers)


@pytest.fixture
def mailing(tmp_path) -> Mailing:
    engine = open_engine(tmp_path / "people.sqlite")
    made = Mailing(engine, bytes([9]) * 32, "north", bytes(range(64)), random.Random(1).randbytes)
    made.add([letter(name, email=f"{name}@home.example").person for name in ("Ada", "Ben", "Cleo")])
    return made


HEAD = LetterHead("vote@town.example", LetterWording(), facts(), datetime(2027, 2, 1, tzinfo=UTC))


def test_a_provider_takes_all_letters_whole(mailing: Mailing) -> None:
    provider, report = Provider(), SendingReport()
    waiting = mailing.waiting("email")
    send(provider, waiting, HEAD, mailing, report)
    assert report.taken == 3
    assert not mailing.waiting("email")
    for one, (recipient, return_path, data) in zip(waiting, provider.taken, strict=True):
        assert recipient == one.person.contact.email
        assert one.mark in return_path
        [attached] = message_from_bytes(data, policy=policy.default).iter_attachments()
        assert Invitation.parse(attached.get_content().encode()) == one.person.invitation


def test_what_a_provider_refuses_has_come_back_and_what_it_does_not_take_waits(mailing: Mailing) -> None:
    waiting = mailing.waiting("email")
    provider, report = Provider(frozenset({waiting[0].person.contact.email}), takes=1), SendingReport()
    send(provider, waiting, HEAD, mailing, report)
    assert [one.mark for one, _ in report.returned] == [waiting[0].mark]
    assert report.taken == 1
    assert [one.mark for one, _ in report.waiting] == [waiting[2].mark]
    assert [one.mark for one in mailing.waiting("email")] == [waiting[2].mark]


def test_a_provider_that_takes_nothing_loses_nothing(mailing: Mailing) -> None:
    with pytest.raises(MailError, match="takes nothing today"):
        send(Provider(takes=0), mailing.waiting("email"), HEAD, mailing, SendingReport())
    assert len(mailing.waiting("email")) == 3
