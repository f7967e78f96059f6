"""Letters by e-mail, through a mail server on this machine."""

from __future__ import annotations

import socket
from collections.abc import Iterator

import pytest

from psephos.errors import FormatError
from psephos.protocol.enrolment.invitation import Invitation
from psephos.protocol.enrolment.token import Opening
from psephos.server.eligibility.contact import Contact, Person
from psephos.server.eligibility.mail import MailError, Relay, deliver
from psephos.server.eligibility.mailing import Letter
from psephos.server.eligibility.wording import DEFAULT, Wording
from tests.people.postbox import Postbox

SENDER = "vote@town.example"
MARK = "0123456789abcdef" * 2
SECRET = "planted-pass-word"


@pytest.fixture
def postbox() -> Iterator[Postbox]:
    made = Postbox()
    yield made
    made.close()


def letter(voter: str = "Éva Ωmega", email: str = "eva@home.example") -> Letter:
    invitation = Invitation(bytes(range(32)), "north", Opening(bytes(range(16)), voter))
    return Letter(1, MARK, Person(Contact(voter, email, ()), invitation))


def send(postbox: Postbox, one: Letter, text: str = DEFAULT) -> str | None:
    with Relay.parse(postbox.url).connect() as session:
        return deliver(session, one, SENDER, Wording.parse(text))


def test_a_letter_arrives_with_its_invitation_byte_for_byte(postbox: Postbox) -> None:
    one = letter()
    assert send(postbox, one) is None
    (envelope,), (message,) = postbox.taken, postbox.messages()
    assert envelope.rcpt_tos == ["eva@home.example"]
    assert envelope.mail_from == f"vote+{MARK}@town.example"
    assert (message["From"], message["To"]) == (SENDER, "eva@home.example")
    assert message["Message-ID"] == f"<{MARK}@town.example>"
    assert message["Subject"] == "Your invitation to vote in north"
    body = message.get_body()
    assert body is not None
    assert "Dear Éva Ωmega,\n" in body.get_content().replace("\r\n", "\n")
    (attached,) = message.iter_attachments()
    assert attached.get_filename() == "invitation.txt"
    assert Invitation.parse(attached.get_content()) == one.person.invitation


def test_the_text_is_the_registrars(postbox: Postbox) -> None:
    send(postbox, letter(), "For {voter}\nRegion {region} calls {voter}.\n")
    (message,) = postbox.messages()
    assert message["Subject"] == "For Éva Ωmega"
    body = message.get_body()
    assert body is not None
    assert body.get_content().strip() == "Region north calls Éva Ωmega."


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "not a subject"),
        ("Only a subject", "not a subject"),
        ("\nNo subject", "not a subject"),
        ("Subject\n" + "x" * 4000, "at most 4000"),
        ("Subject\n\nDear {name},", "line 3: braces"),
        ("Subject {voter\nText", "line 1: braces"),
        ("Subject\n{voter!r}", "line 2: braces"),
    ],
)
def test_a_text_with_unknown_places_is_refused(text: str, said: str) -> None:
    with pytest.raises(FormatError, match=said):
        Wording.parse(text)


def test_who_is_refused_for_good_has_a_status(postbox: Postbox) -> None:
    postbox.answers = {"eva@home.example": "550 5.1.1 <eva@home.example> unknown", "b@home.example": "554 No"}
    assert send(postbox, letter()) == "5.1.1"
    assert send(postbox, letter(email="b@home.example")) == "5.0.0"
    assert postbox.taken == []


def test_who_is_refused_for_now_waits_and_nobody_is_named(postbox: Postbox) -> None:
    postbox.answers = {"eva@home.example": "450 4.2.1 <eva@home.example> is busy"}
    with pytest.raises(MailError, match="says 450") as refused:
        send(postbox, letter())
    assert "eva" not in str(refused.value)


def test_nobody_there_is_said() -> None:
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        url = f"smtp://127.0.0.1:{unused.getsockname()[1]}"
        with pytest.raises(MailError, match="ConnectionRefusedError"), Relay.parse(url).connect():
            pass


def test_a_password_is_not_sent_where_nobody_asks_for_one_nor_shown(postbox: Postbox) -> None:
    relay = Relay.parse(postbox.url.replace("//", f"//clerk:{SECRET}@"))
    assert (relay.user, relay.password) == ("clerk", SECRET)
    assert SECRET not in repr(relay)
    with pytest.raises(MailError) as refused, relay.connect():
        pass
    assert SECRET not in str(refused.value)


@pytest.mark.parametrize(
    "url",
    [
        "",
        "mail.example",
        "http://mail.example",
        "smtp://",
        f"smtp://clerk:{SECRET}@x@mail.example",
        f"smtps://{SECRET}@mail.example",
        f"smtp://clerk:{SECRET}@mail.example/path",
        f"smtp://clerk:{SECRET}@mail.example:99999999",
        f"smtp://clerk:{SECRET}@mail.example:99999",
    ],
)
def test_other_urls_are_refused_and_not_repeated(url: str) -> None:
    with pytest.raises(FormatError) as refused:
        Relay.parse(url)
    assert SECRET not in str(refused.value)


def test_ports_are_those_of_submission() -> None:
    assert (Relay.parse("smtps://m.example").port, Relay.parse("smtp://m.example").port) == (465, 587)
    relay = Relay.parse("smtps://a%40b:c%2Fd@[::1]:25")
    assert (relay.secure, relay.host, relay.port, relay.user, relay.password) == (
        True,
        "::1",
        25,
        "a@b",
        "c/d",
    )
