"""All letters that wait are sent: what one mailbox refuses holds up nobody else."""

from __future__ import annotations

import random
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from psephos.registrar.invitations.engine import open_engine
from psephos.registrar.invitations.letter_head import LetterHead
from psephos.registrar.invitations.mailer import MailError
from psephos.registrar.invitations.mailing import Mailing
from psephos.registrar.invitations.sending import BROKEN_OFF, MOST_REFUSED, SendingReport, send
from psephos.registrar.invitations.smtp import SmtpMailer
from psephos.registrar.invitations.wording import LetterWording
from tests.registrar.lettering import facts, letter
from tests.registrar.postbox import Postbox

POST = LetterHead("vote@town.example", LetterWording(), facts(), datetime(2027, 2, 1, tzinfo=UTC))


class Town:
    """People with mailboxes p1, p2, .., and a mail server."""

    def __init__(self, directory: Path, postbox: Postbox, people: int) -> None:
        self.postbox = postbox
        engine = open_engine(directory / "people.sqlite")
        key = bytes(range(64))
        self.mailing = Mailing(engine, bytes([9]) * 32, "north", key, random.Random(1).randbytes)
        some = [letter(f"Person {n}", email=mailbox(n)).person for n in range(1, people + 1)]
        self.mailing.add(some)

    def send(self) -> SendingReport:
        sent = SendingReport()
        letters = self.mailing.waiting("email")
        send(SmtpMailer.parse(self.postbox.url), letters, POST, self.mailing, sent)
        return sent

    def wait(self) -> list[str]:
        return [one.person.contact.email for one in self.mailing.waiting("email")]


def mailbox(number: int) -> str:
    return f"p{number}@home.example"


@pytest.fixture
def town(tmp_path: Path) -> Iterator[Town]:
    postbox = Postbox()
    yield Town(tmp_path, postbox, 6)
    postbox.close()


@pytest.mark.parametrize("when", ["rcpt", "data"])
def test_a_full_mailbox_holds_up_nobody(town: Town, when: str) -> None:
    answers = town.postbox.answers if when == "rcpt" else town.postbox.after_data
    answers[mailbox(2)] = "452 4.2.2 mailbox full"
    sent = town.send()
    assert sent.taken == 5
    assert [(one.person.contact.voter, why) for one, why in sent.waiting] == [("Person 2", "4.2.2")]
    assert town.wait() == [mailbox(2)]
    answers.clear()
    assert town.send().taken == 1
    assert town.wait() == []


def test_who_is_refused_for_good_has_come_back(town: Town) -> None:
    town.postbox.answers[mailbox(1)] = "550 5.1.1 unknown"
    town.postbox.after_data[mailbox(4)] = "554 5.7.1 refused by the policy of this recipient"
    sent = town.send()
    assert (sent.taken, len(sent.returned), sent.waiting) == (4, 2, [])
    returned = [(contact.voter, why) for contact, why in town.mailing.returns()]
    assert returned == [("Person 1", "5.1.1"), ("Person 4", "5.7.1")]


def test_a_server_that_ends_sessions_early_is_called_again(town: Town) -> None:
    town.postbox.most = 2
    assert town.send().taken == 6
    assert town.wait() == []


def test_a_letter_that_ends_the_session_is_left_out_and_the_others_go(town: Town) -> None:
    town.postbox.answers[mailbox(1)] = "421 4.3.0 not you"
    sent = town.send()
    assert sent.taken == 5
    assert [(one.person.contact.voter, why) for one, why in sent.waiting] == [("Person 1", BROKEN_OFF)]
    assert town.wait() == [mailbox(1)]


def test_a_server_that_takes_nothing_is_given_up(town: Town) -> None:
    town.postbox.most = 0
    with pytest.raises(MailError):
        town.send()
    assert len(town.wait()) == 6


def test_many_refusals_in_a_row_are_no_matter_of_mailboxes(tmp_path: Path) -> None:
    postbox = Postbox()
    town = Town(tmp_path, postbox, MOST_REFUSED + 5)
    postbox.after_data = {mailbox(n): "554 5.7.1 spam" for n in range(1, MOST_REFUSED + 6)}
    with pytest.raises(MailError, match=f"refused {MOST_REFUSED} letters in a row"):
        town.send()
    assert len(town.mailing.returns()) == MOST_REFUSED
    assert len(town.wait()) == 5
    postbox.close()
