"""Letters by e-mail, through a mail server on this machine."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from email.message import EmailMessage

import pytest

from psephos.errors import FormatError
from psephos.protocol.enrolment.invitation import Invitation
from psephos.protocol.enrolment.words import six_words
from psephos.registrar.invitations.facts import Facts
from psephos.registrar.invitations.letter_head import LetterHead
from psephos.registrar.invitations.mailer import MailError, MailRefusal
from psephos.registrar.invitations.mailing import Letter
from psephos.registrar.invitations.smtp import SmtpMailer
from psephos.registrar.invitations.wording import LetterWording
from tests.registrar.lettering import CONTACT, QUESTIONS, SITE, facts, letter
from tests.registrar.postbox import Postbox

SENDER = "vote@town.example"
SECRET = "planted-pass-word"
OURS, FACTS, NOW = LetterWording(), facts(), datetime(2027, 2, 1, 12, tzinfo=UTC)


@pytest.fixture
def postbox() -> Iterator[Postbox]:
    made = Postbox()
    yield made
    made.close()


def send(
    postbox: Postbox, one: Letter, wording: LetterWording = OURS, facts: Facts = FACTS
) -> MailRefusal | None:
    with SmtpMailer.parse(postbox.url).session() as deliver:
        return deliver(LetterHead(SENDER, wording, facts, NOW).mail(one))


def body_of(message: EmailMessage) -> str:
    body = message.get_body()
    assert body is not None
    content: str = body.get_content()
    return content.replace("\r\n", "\n")


def test_a_letter_arrives_with_its_headers_and_its_invitation_byte_for_byte(postbox: Postbox) -> None:
    one = letter("Éva Ωmega", email="eva@home.example")
    assert send(postbox, one) is None
    (envelope,), (message,) = postbox.taken, postbox.messages()
    assert envelope.rcpt_tos == ["eva@home.example"]
    assert envelope.mail_from == f"vote+{one.mark}@town.example"
    assert (message["From"], message["To"]) == (f"Register 1 <{SENDER}>", "eva@home.example")
    assert message["Message-ID"] == f"<{one.mark}@town.example>"
    assert message["Subject"] == "Your invitation to vote: The harbour, Piraeus"
    assert message["Date"] == "Mon, 01 Feb 2027 12:00:00 +0000"
    (attached,) = message.iter_attachments()
    assert (attached.get_filename(), attached.get_content_type()) == ("invitation.txt", "text/plain")
    assert Invitation.parse(attached.get_payload(decode=True)) == one.person.invitation


def test_a_letter_says_where_when_on_what_from_whom_and_whom_to_ask(postbox: Postbox) -> None:
    one = letter("Éva Ωmega", email="eva@home.example")
    send(postbox, one)
    (message,) = postbox.messages()
    text = body_of(message)
    link = one.person.invitation.address(SITE)
    assert text.startswith("Dear Éva Ωmega,\n\nYou are invited to vote in Piraeus.")
    assert text.count(link) == 1
    assert f"\n{link}\n" in text
    for said in (
        QUESTIONS["en"],
        "(17:46 UTC)",
        f"you vote at {SITE}",
        CONTACT,
        "The assembly holds this vote",
    ):
        assert said in text
    words = six_words(FACTS.definition.hash)
    assert f"They must be these: {words}\n" in text
    assert "psephos voter" not in message.as_string()


def test_a_letter_is_in_all_languages_and_its_links_open_each(postbox: Postbox) -> None:
    one = letter("Éva", email="eva@home.example")
    send(postbox, one, facts=facts("uk", "ar", "cy"))
    (message,) = postbox.messages()
    assert message["Subject"] == "Ваше запрошення голосувати: Гавань, Piraeus"
    text = body_of(message)
    for said in (
        "Доброго дня, Éva!",
        "Dear Éva,",
        "Annwyl Éva,",
        *(QUESTIONS[tag] for tag in ("uk", "ar", "cy")),
    ):
        assert text.count(said) == 1
    link = one.person.invitation.address(SITE)
    assert [line for line in text.split("\n") if line.startswith(link)] == [link, f"{link}&en", f"{link}&cy"]
    assert {Invitation.from_address(f"{link}{end}").encode("") for end in ("", "&en", "&cy")} == {
        one.person.invitation.encode("")
    }


@pytest.mark.parametrize(
    ("language", "two", "three"),
    [
        ("en", "registrar 2 of 2: Register 2. The other letter comes from Register 1.", "letters come from"),
        ("uk", "реєстратор 2 із 2: Register 2. Інший лист надсилає Register 1.", "Інші листи надсилають"),
        ("ru", "регистратор 2 из 2: Register 2. Другое письмо отправляет Register 1.", "Другие письма"),
        (
            "cy",
            "gofrestrydd 2 o 2: Register 2. Daw’r llythyr arall oddi wrth Register 1.",
            "llythyrau eraill",
        ),
        (
            "fr",
            "registraire 2 sur 2\u00a0: Register 2. L’autre lettre est envoyée par Register 1.",
            "Les autres",
        ),
    ],
)
def test_a_letter_says_which_registrars_it_is_and_who_sends_the_others(postbox, language, two, three) -> None:
    for registrars, said, others in ((2, two, "Register 1"), (3, three, "Register 1, Register 3")):
        several = replace(facts(language, registrars=registrars), number=2)
        send(postbox, letter(email="eva@home.example"), facts=several)
        message = postbox.messages()[-1]
        assert said in body_of(message)
        assert f" {others}. " in body_of(message)
        assert message["From"].addresses[0].display_name == "Register 2"
    assert "registrar 1 of 1" not in body_of(message)


def test_a_letter_of_one_registrar_alone_says_nothing_of_others(postbox: Postbox) -> None:
    send(postbox, letter(email="eva@home.example"))
    (message,) = postbox.messages()
    assert "registrar 1" not in body_of(message)
    assert "whoever has it can vote instead of you" in body_of(message)


def test_without_a_contact_the_registrar_is_to_be_asked(postbox: Postbox) -> None:
    send(postbox, letter(email="eva@home.example"), facts=facts(contact=""))
    (message,) = postbox.messages()
    assert "Ask here: Register 1\n" in body_of(message)


def test_the_text_is_the_registrars_and_the_link_comes_last_unless_it_asks_for_it(postbox: Postbox) -> None:
    one = letter("Éva", email="eva@home.example")
    link = one.person.invitation.address(SITE)
    places = "{title}|{question}|{site}|{contact}|{region}|{organiser}|{registrar}"
    send(postbox, one, LetterWording.parse(f"For {{voter}}\n{places}\n\nSecond.\n"))
    send(postbox, one, LetterWording.parse("Subject\nOpen {link} now.\n"))
    first, second = postbox.messages()
    assert first["Subject"] == "For Éva"
    filled = f"The harbour|{QUESTIONS['en']}|{SITE}|{CONTACT}|Piraeus|The assembly|Register 1"
    assert body_of(first).strip() == f"{filled}\n\nSecond.\n\n{link}"
    assert body_of(second).strip() == f"Open {link} now."


def test_texts_with_line_ends_and_controls_break_no_header(postbox: Postbox) -> None:
    definition = facts().definition
    text = "Two\r\nBcc: all@home.example\x1b[31m"
    registrars = (replace(definition.registrars[0], name=text),)
    turned = replace(FACTS, definition=replace(definition, title={"en": text}, registrars=registrars))
    send(postbox, letter(email="eva@home.example"), facts=turned)
    (message,) = postbox.messages()
    assert message["Bcc"] is None
    assert message["Subject"] == "Your invitation to vote: Two Bcc: all@home.example [31m, Piraeus"
    assert message["From"].addresses[0].display_name == "Two Bcc: all@home.example [31m"


@pytest.mark.parametrize(("local", "right"), [(31, True), (32, False), (64, False)])
def test_a_sender_to_whom_letters_could_not_come_back_is_refused(local: int, right: bool) -> None:
    sender = f"{'v' * local}@town.example"
    if right:
        path = LetterHead(sender, OURS, FACTS, NOW).return_path(letter())
        assert len(path.partition("@")[0]) == 64
    else:
        with pytest.raises(FormatError, match="choose an address with at most 31"):
            LetterHead(sender, OURS, FACTS, NOW)


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
        LetterWording.parse(text)


@pytest.mark.parametrize(
    ("said", "refusal"),
    [
        ("550 5.1.1 <eva@home.example> unknown", MailRefusal("5.1.1", True)),
        ("554 No", MailRefusal("5.0.0", True)),
        ("450 4.2.1 <eva@home.example> is busy", MailRefusal("4.2.1", False)),
        ("452 later", MailRefusal("4.0.0", False)),
    ],
)
@pytest.mark.parametrize("when", ["rcpt", "data"])
def test_a_refusal_of_a_recipient_or_a_text_concerns_that_letter(
    postbox: Postbox, said: str, refusal: MailRefusal, when: str
) -> None:
    answers = postbox.answers if when == "rcpt" else postbox.after_data
    answers["eva@home.example"] = said
    assert send(postbox, letter(email="eva@home.example")) == refusal
    assert postbox.taken == []


def test_nobody_there_is_said() -> None:
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        url = f"smtp://127.0.0.1:{unused.getsockname()[1]}"
        with pytest.raises(MailError, match="ConnectionRefusedError"), SmtpMailer.parse(url).session():
            pass


def test_a_password_is_not_sent_where_nobody_asks_for_one_nor_shown(postbox: Postbox) -> None:
    mailer = SmtpMailer.parse(postbox.url.replace("//", f"//clerk:{SECRET}@"))
    assert (mailer.user, mailer.password) == ("clerk", SECRET)
    assert SECRET not in repr(mailer)
    with pytest.raises(MailError) as refused, mailer.session():
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
        SmtpMailer.parse(url)
    assert SECRET not in str(refused.value)


def test_ports_are_those_of_submission() -> None:
    assert (SmtpMailer.parse("smtps://m.example").port, SmtpMailer.parse("smtp://m.example").port) == (
        465,
        587,
    )
    mailer = SmtpMailer.parse("smtps://a%40b:c%2Fd@[::1]:25")
    assert (mailer.secure, mailer.host, mailer.port, mailer.user, mailer.password) == (
        True,
        "::1",
        25,
        "a@b",
        "c/d",
    )
