"""Letters on paper: a PDF with a page for each, address and QR code of the invitation."""

from __future__ import annotations

import io
from collections.abc import Sequence
from pathlib import Path

import reportlab
import segno
from reportlab.lib.pagesizes import A4
from reportlab.lib.units import mm
from reportlab.lib.utils import ImageReader, simpleSplit
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.ttfonts import TTFError, TTFont
from reportlab.pdfgen.canvas import Canvas

from psephos.errors import FormatError
from psephos.language.catalog import catalog
from psephos.language.languages import SOURCE
from psephos.protocol.enrolment.invitation import Invitation
from psephos.server.eligibility.mailing import Letter
from psephos.server.eligibility.wording import Wording

PLAIN_FONT = Path(reportlab.__file__).parent / "fonts" / "Vera.ttf"
"""Bitstream Vera, which has the letters of western Europe."""
_SIZE, _LEADING = 11, 16
_LEFT, _WIDTH = 25 * mm, 160 * mm
_ADDRESS, _BODY = 242 * mm, 190 * mm  # where a window envelope shows it (DIN 5008), and below the fold
_CODE = 60 * mm


class Press:
    """Prints with one font, a TrueType file."""

    def __init__(self, font: Path = PLAIN_FONT) -> None:
        try:
            self._font = TTFont(f"letters-{font.stem}", str(font))
        except (TTFError, OSError) as error:
            raise FormatError(f"{font}: not a TrueType font: {type(error).__name__}") from None
        pdfmetrics.registerFont(self._font)

    def print(self, letters: Sequence[Letter], wording: Wording) -> bytes:
        """A PDF with a page for each letter, in their order; FormatError for a character the font lacks."""
        out = io.BytesIO()
        canvas = Canvas(out, pagesize=A4, invariant=True)
        canvas.setTitle(catalog(SOURCE).gettext("Invitations"))
        for letter in letters:
            self._page(canvas, letter, wording)
            canvas.showPage()
        canvas.save()
        return out.getvalue()

    def _page(self, canvas: Canvas, letter: Letter, wording: Wording) -> None:
        contact = letter.person.contact
        self._lines(canvas, [contact.voter, *contact.address], _ADDRESS)
        end = self._lines(canvas, [wording.subject(letter.person), ""], _BODY)
        end = self._lines(canvas, wording.text(letter.person).split("\n"), end)
        if end < _CODE + 20 * mm:
            raise FormatError("text: does not fit on a page with the invitation")
        image = ImageReader(io.BytesIO(qr_code(letter.person.invitation)))
        canvas.drawImage(image, _LEFT, end - _CODE, _CODE, _CODE)

    def _lines(self, canvas: Canvas, lines: Sequence[str], top: float) -> float:
        """Write lines from the top down, broken where they are too long; where the next one would be."""
        text = canvas.beginText(_LEFT, top)
        text.setFont(self._font.fontName, _SIZE, _LEADING)
        for line in lines:
            self._check(line)
            for piece in simpleSplit(line, self._font.fontName, _SIZE, _WIDTH) or [""]:
                text.textLine(piece)
        canvas.drawText(text)
        return float(text.getY())

    def _check(self, line: str) -> None:
        missing = [one for one in line if ord(one) not in self._font.face.charToGlyph]
        if missing:
            raise FormatError(f"letters: the font has no {missing[0]!r}: name one that has")


def qr_code(invitation: Invitation) -> bytes:
    """A PNG whose content is the invitation's file, without advice."""
    out = io.BytesIO()
    segno.make_qr(invitation.encode(""), error="m").save(out, kind="png", scale=6, border=4)
    return out.getvalue()
