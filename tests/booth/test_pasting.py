"""What people paste, type or choose is taken as they do it; and of anything else it is said what it is."""

from __future__ import annotations

from pathlib import Path

import pytest
from PIL import Image
from playwright.sync_api import FilePayload, Page, expect

from psephos.protocol.enrolment.invitation import Invitation
from psephos.voter.card import Card
from tests.booth.catalogue import said, text
from tests.booth.offered import Served
from tests.booth.visitor import Visitor, alarm, explained, fill, give, heading, press

pytestmark = [pytest.mark.needs("node"), pytest.mark.needs("chromium")]


def upload(page: Page, data: bytes, name: str = "file", kind: str = "") -> None:
    file = FilePayload(name=name, mimeType=kind, buffer=data)
    page.locator("fieldset.scanner input[type=file]").set_input_files([file])


def mistaken(page: Page, key: str, where: str | None = None) -> None:
    """The page says what something is, and on which page it is of use."""
    alarm(page, key)
    if where:
        tag = page.locator("html").get_attribute("lang") or ""
        expect(page.get_by_role("alert")).to_contain_text(text(tag, "isFor", page=said(page, where)))


def test_an_invitation_is_taken_as_people_copy_and_save_it(visitor: Visitor, served: Served) -> None:
    [invitation] = served.invite(1)
    page = visitor.open("enrol")
    explained(page)
    lines = invitation.split("\n\n")[0]
    pasted = [
        lines,
        f"Dear Ann,\n\n{lines}\n-- \nThe club",
        "".join(f"> {line}\n" for line in lines.split("\n")),
        Invitation.parse(invitation.encode()).address("https://vote.example/"),
    ]
    saved = [
        invitation.replace("\n", "\r\n").encode(),
        b"\xef\xbb\xbf" + invitation.encode(),
        b"\xff\xfe" + lines.encode("utf-16-le"),
    ]
    for given in [*pasted, *saved]:
        heading(page, "inviteTitle")
        if isinstance(given, str):
            give(page, given)
        else:
            upload(page, given, "invitation.txt", "text/plain")
        heading(page, "numberTitle")
        press(page, "back")


def test_what_is_no_invitation_is_said(visitor: Visitor, served: Served, tmp_path: Path) -> None:
    page = visitor.open("enrol")
    explained(page)
    heading(page, "inviteTitle")
    card = Card.derive(served.referendum.record.election, 0, bytes(16))
    give(page, card.text)
    mistaken(page, "isCard", "voteTitle")
    give(page, "ab" * 32)
    mistaken(page, "isTracker", "checkTitle")
    give(page, " \n")
    mistaken(page, "isNothing")
    give(page, "my cards, please")
    mistaken(page, "notInvitation")
    upload(page, b"%PDF-1.7\n", "letter.pdf", "application/pdf")
    mistaken(page, "isDocument")
    upload(page, bytes(2**20 + 1), "film.mp4", "video/mp4")
    mistaken(page, "isLarge")
    upload(page, b"", "empty.txt", "text/plain")
    mistaken(page, "isNothing")
    [first, second] = served.invite(2)
    give(page, first + second)
    mistaken(page, "pastedSeveral")
    give(page, "\n".join(first.split("\n")[:3]))
    mistaken(page, "pastedCut")
    picture = tmp_path / "cat.png"
    Image.new("RGB", (64, 64), "white").save(picture)
    page.locator("fieldset.scanner input[type=file]").set_input_files(picture)
    expect(page.locator("fieldset.scanner [role=status]")).to_have_text(said(page, "noCode"))
    upload(page, b"\x00\x00\x00\x18ftypheic" + bytes(64), "photo.heic", "image/heic")
    expect(page.locator("fieldset.scanner [role=status]")).to_have_text(said(page, "noCode"))


def test_twelve_words_are_taken_as_they_stand_on_a_card(visitor: Visitor, served: Served) -> None:
    cards, [invitation] = served.enrol(3), served.invite(1)
    served.close_enrolment()
    served.open()
    card = cards[0][0]
    words = card.words.split()
    page = visitor.open("vote")
    numbered = "\n".join(f"{place}. {word.title()}," for place, word in enumerate(words, 1))
    for given in (
        "\n".join(" ".join(words[at : at + 4]) for at in (0, 4, 8)),
        numbered,
        card.code(visitor.url),
    ):
        give(page, given)
        heading(page, "cardThis")
        expect(page.locator(".name")).to_have_text(card.face.name)
        press(page, "back")
        heading(page, "cardTitle")
    upload(page, card.text.lower().encode("utf-16"), "card.txt", "text/plain")
    heading(page, "cardThis")
    press(page, "back")
    slip = words[4][1] + words[4][0] + words[4][2:]
    give(page, " ".join([*words[:4], slip, *words[5:]]))
    expect(page.get_by_role("alert")).to_contain_text(f"“{slip}”")
    expect(page.get_by_role("alert")).to_contain_text(f"“{words[4]}”")
    give(page, " ".join(words[:11]))
    alarm(page, "slipCount", count=11)
    give(page, " ".join([*words[:10], words[11], words[10]]))
    alarm(page, "slipOrder")
    give(page, card.face.name)
    mistaken(page, "isName")
    give(page, invitation)
    mistaken(page, "isInvitation", "enrolTitle")


def test_codes_and_names_are_taken_however_they_are_typed(visitor: Visitor, served: Served) -> None:
    page = visitor.open("check")
    give(page, served.invite(1)[0])
    mistaken(page, "isInvitation", "enrolTitle")
    give(page, f"psephos-c-{'0a' * 32}")
    heading(page, "countsName")
    fill(page, "countsWords", "“Calm”, red OTTERS.")
    press(page, "next")
    alarm(page, "countsNearest", name="calm red otter")
    fill(page, "countsWords", "“Calm”, red OTTER.")
    press(page, "next")
    heading(page, "recorded")
    give(page, "PSEPHOS-P-1/2-ABC\r\n")
    expect(page.locator("main [role=status]").first).to_have_text(said(page, "progress", done=1, all=2))
    press(page, "again")
    digits = "0123456789abcdef" * 4
    page.locator("main input").first.fill(f"{digits[:8].upper()} {digits[8:32]} {digits[32:]}.")
    press(page, "checkTitle")
    heading(page, "notFound")
