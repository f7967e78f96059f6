"""Letters on paper, read back as a reader of PDF sees them."""

from __future__ import annotations

import io
from pathlib import Path

import pytest
import zxingcpp
from pypdf import PdfReader

from psephos.errors import FormatError
from psephos.protocol.enrolment.invitation import Invitation
from psephos.protocol.enrolment.token import Opening
from psephos.server.eligibility.contact import Contact, Person
from psephos.server.eligibility.mailing import Letter
from psephos.server.eligibility.printing import PLAIN_FONT, Press
from psephos.server.eligibility.wording import DEFAULT, Wording

WORDING = Wording.parse(DEFAULT)


def letter(voter: str, number: int = 1, *address: str) -> Letter:
    invitation = Invitation(bytes(range(32)), "north", Opening(bytes([number] * 16), voter))
    contact = Contact(voter, "", address or ("1 Harbour Road", "4711 Town"))
    return Letter(number, f"{number:032x}", Person(contact, invitation))


def test_each_letter_has_a_page_with_address_text_and_code() -> None:
    some = [letter("Éva Müller", 1), letter("Blaise", 2, "2 Hill Street", "Anglesey")]
    pages = PdfReader(io.BytesIO(Press().print(some, WORDING))).pages
    assert len(pages) == 2
    for page, one in zip(pages, some, strict=True):
        text = page.extract_text()
        lines = [one.person.contact.voter, *one.person.contact.address, "Your invitation to vote in north"]
        assert [line for line in text.split("\n") if line.strip()][: len(lines)] == lines
        (image,) = page.images
        (code,) = zxingcpp.read_barcodes(image.image)
        assert Invitation.parse(code.bytes) == one.person.invitation


def test_the_same_letters_are_the_same_bytes_and_hold_no_time() -> None:
    first, second = (Press().print([letter("Ada")], WORDING) for _ in range(2))
    assert first == second


def test_a_long_text_is_broken_into_lines_that_fit() -> None:
    wording = Wording.parse("Subject\n" + "word " * 150)
    (page,) = PdfReader(io.BytesIO(Press().print([letter("Ada")], wording))).pages
    lines = [line for line in page.extract_text().split("\n") if line.startswith("word")]
    assert len(lines) > 5
    assert sum(line.split().count("word") for line in lines) == 150


def test_what_does_not_fit_on_the_page_is_refused() -> None:
    with pytest.raises(FormatError, match="does not fit"):
        Press().print([letter("Ada")], Wording.parse("Subject\n" + "line\n" * 40))


def test_a_letter_that_the_font_lacks_is_named() -> None:
    with pytest.raises(FormatError, match="the font has no 'Ю'"):
        Press().print([letter("Юлія")], WORDING)


def test_another_font_can_be_named(tmp_path: Path) -> None:
    bold = PLAIN_FONT.with_name("VeraBd.ttf")
    assert Press(bold).print([letter("Ada")], WORDING) != Press().print([letter("Ada")], WORDING)
    (tmp_path / "none.ttf").write_bytes(b"no font")
    for path in (tmp_path / "none.ttf", tmp_path / "nowhere.ttf"):
        with pytest.raises(FormatError, match="not a TrueType font"):
            Press(path)
