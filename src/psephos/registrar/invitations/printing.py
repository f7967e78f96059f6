"""Letters on paper: a PDF in which each has its address in the window of an envelope and the code below."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from functools import cache
from importlib.resources import files
from typing import Any

from psephos.errors import FormatError
from psephos.language.catalog import N_, catalog
from psephos.language.languages import SOURCE, spoken_in
from psephos.registrar.invitations.facts import Facts
from psephos.registrar.invitations.mailing import Letter
from psephos.registrar.invitations.qr_code import svg
from psephos.registrar.invitations.wording import LetterPart, LetterWording, Paragraph
from psephos.typesetting.document import CannotTypeset, Document

_FAULTS = {
    "address": "name and address do not fit the window of the envelope, 80 mm by 38 mm: shorten them",
    "text": "the text does not fit on a page with the invitation: shorten it, or the referendum's texts",
}
_TITLE = N_("Invitations")
_ALT = N_("The invitation as a code for the camera")


def print_letters(letters: Sequence[Letter], wording: LetterWording, facts: Facts) -> bytes:
    """A PDF with each letter in turn, a page for each of its languages.

    FormatError, which names the voter, for what does not fit and for a character that cannot be printed.
    """
    document = typeset(letters, wording, facts)
    for fault in document.faults():
        raise FormatError(f"letter to {_voter(letters[fault['letter']])}: {_FAULTS[fault['kind']]}")
    try:
        return document.pdf()
    except CannotTypeset as error:
        voter = _voter(_culprit(letters, wording, facts))
        raise FormatError(
            f"letter to {voter}: cannot print {error.text!r} ({_names(error.text)}), which our fonts or PDFs "
            "have not: write it with other letters, or send this letter by e-mail"
        ) from None


def typeset(letters: Sequence[Letter], wording: LetterWording, facts: Facts) -> Document:
    """The letters as a document."""
    data = {
        "title": catalog(SOURCE).gettext(_TITLE),
        "letters": [_data(letter, wording, facts) for letter in letters],
    }
    return Document(_template(), data)


@cache
def _template() -> bytes:
    return (files(__package__) / "letter.typ").read_bytes()


def _data(letter: Letter, wording: LetterWording, facts: Facts) -> dict[str, Any]:
    person = letter.person
    lines = [person.contact.voter, *person.contact.address]
    return {
        "address": [{"text": line, "rtl": _begins_right(line)} for line in lines],
        "code": svg(person.invitation.address(facts.site)),
        "parts": [_part(one) for one in wording.parts(facts, person, facts.page)],
    }


def _part(part: LetterPart) -> dict[str, Any]:
    language = spoken_in(part.heading.language)
    return {
        "heading": _paragraph(part.heading),
        "paragraphs": [_paragraph(one) for one in part.paragraphs],
        "alt": catalog(language).gettext(_ALT),
    }


def _paragraph(one: Paragraph) -> dict[str, Any]:
    return {"text": one.text, "language": one.language.split("-")[0], "rtl": one.right_to_left}


def _begins_right(line: str) -> bool:
    """Whether the first letter with a direction runs from right to left (Unicode UAX 9, P2 and P3)."""
    strong = (unicodedata.bidirectional(one) for one in line)
    return next((one for one in strong if one in ("L", "R", "AL")), "L") != "L"


def _culprit(letters: Sequence[Letter], wording: LetterWording, facts: Facts) -> Letter:
    """The first letter that cannot be typeset, of some of which that is known."""
    while len(letters) > 1:
        half = letters[: len(letters) // 2]
        try:
            typeset(half, wording, facts).pdf()
            letters = letters[len(letters) // 2 :]
        except CannotTypeset:
            letters = half
    return letters[0]


def _voter(letter: Letter) -> str:
    return letter.person.contact.voter


def _names(text: str) -> str:
    return ", ".join(f"U+{ord(one):04X} {unicodedata.name(one, 'without a name')}" for one in text)
