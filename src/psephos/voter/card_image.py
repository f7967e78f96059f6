"""A card to print, as large as a bank card: QR code, words, name and picture (`spec/cards.md`)."""

from __future__ import annotations

import io
import unicodedata
from collections.abc import Iterator, Sequence
from itertools import accumulate
from xml.sax.saxutils import escape

import segno

from psephos.errors import FormatError
from psephos.language.catalog import N_, catalog
from psephos.language.languages import spoken_in
from psephos.protocol.enrolment.card_face import Face
from psephos.protocol.setup.definition import Definition
from psephos.voter.card import Card

COLOURS = {
    "azure": "#56B4E9",
    "black": "#000000",
    "blue": "#0072B2",
    "green": "#009E73",
    "orange": "#E69F00",
    "pink": "#CC79A7",
    "red": "#D55E00",
    "yellow": "#F0E442",
}
SHAPES = {
    "disc": "M-.42 0a.42 .42 0 1 0 .84 0a.42 .42 0 1 0-.84 0z",
    "square": "M-.4-.4h.8v.8h-.8z",
    "diamond": "M0-.48L.48 0L0 .48L-.48 0z",
    "triangle": "M0-.44L.46 .4H-.46z",
}
CODE = 25
"""Millimetres: the side of the QR code."""
BOLD = 'font-weight="bold"'
SHEET = """<svg xmlns="http://www.w3.org/2000/svg" width="85.6mm" height="54mm" viewBox="0 0 85.6 54" \
font-family="Helvetica, Arial, 'Liberation Sans', 'Noto Sans', sans-serif" fill="#222222">
<rect x=".15" y=".15" width="85.3" height="53.7" rx="3" fill="#ffffff" stroke="#999999" stroke-width=".3"/>
{}
</svg>
"""


def svg(card: Card, definition: Definition, language: str, site: str = "") -> str:
    """The whole card, 85.6 mm by 54 mm; `language` is one of the definition's, `site` as for its code.

    FormatError for a region that the definition does not have.
    """
    if card.region >= len(definition.regions):
        raise FormatError(f"card: there is no region {card.region}")
    parts = [
        *_heading(_title(definition, language)),
        _printed(card.code(site)),
        _group("translate(34.4 14.6) scale(3.4)", *_picture(card.face)),
        *_name(card.face.name),
        *_place(definition.regions[card.region].name[language], card.election),
        *_words(card.words.split()),
    ]
    return SHEET.format("\n".join(parts))


def _title(definition: Definition, language: str) -> str:
    """The title; that of a rehearsal says what it is."""
    title = definition.title[language]
    said = catalog(spoken_in(language)).gettext(N_("Rehearsal: {title}"))
    return said.format(title=title) if definition.about.rehearsal else title


def png(card: Card, site: str = "", scale: int = 8) -> bytes:
    """Its QR code alone, `scale` pixels a module, with the quiet zone of four modules.

    It holds an address of `site`, which ends with `/`; a text where there is none.
    """
    out = io.BytesIO()
    _code(card.code(site)).save(out, kind="png", scale=scale, border=4)
    return out.getvalue()


def _code(text: str) -> segno.QRCode:
    """Of the least version; texts of cards are in alphanumeric mode, addresses have lower case."""
    return segno.make_qr(text, error="m", boost_error=False)


def _printed(text: str) -> str:
    """A QR code on the card, whatever its version."""
    matrix = _code(text).matrix
    path = f'<path d="{_runs(matrix)}" fill="#000000"/>'
    return _group(f"translate(4.2 13.2) scale({CODE / len(matrix):.4g})", path)


def _runs(matrix: Sequence[Sequence[int]]) -> str:
    """The dark modules of a QR code as a path of runs."""
    runs = []
    for y, row in enumerate(matrix):
        x = 0
        for run in bytes(row).replace(b"\0", b" ").split(b" "):
            if run:
                runs.append(f"M{x} {y}h{len(run)}v1h-{len(run)}z")
            x += len(run) + 1
    return "".join(runs)


def _picture(face: Face) -> Iterator[str]:
    """The picture, 5 by 5, in a frame."""
    frame = 'fill="none" stroke="#999999" stroke-width=".08"'
    yield f'<rect x="-.4" y="-.4" width="5.8" height="5.8" rx=".5" {frame}/>'
    shape = (
        f'<path d="{SHAPES[face.shape]}" fill="{COLOURS[face.colour]}" stroke="#222222" stroke-width=".06"'
    )
    for y, row in enumerate(face.cells):
        for x, filled in enumerate(row):
            if filled:
                yield f'{shape} transform="translate({x}.5 {y}.5)"/>'


def _heading(title: str) -> Iterator[str]:
    """The title, in one line or two."""
    lines = _lines(title, 77 / 3.4)
    for line, text in enumerate(lines):
        yield _text(4.2, 10 - 2 * len(lines) + 4 * line, 3.4, text, BOLD)


def _name(name: str) -> Iterator[str]:
    for line, word in enumerate(name.split()):
        yield _text(56, 17.4 + 5.4 * line, 5, word, BOLD)


def _place(region: str, election: bytes) -> Iterator[str]:
    """Where it votes: the region's name, and the first bytes of the election hash."""
    [text] = _lines(region, 49 / 3, most=1)
    yield _text(33, 37.4, 3, text)
    yield _text(56, 32.9, 1.9, f"Psephos {election.hex()[:16]}")


def _words(words: Sequence[str]) -> Iterator[str]:
    """Twelve words in rows of four, each with its number."""
    for place, word in enumerate(words):
        row, column = divmod(place, 4)
        x, y = 4.2 + 20 * column, 43.4 + 4 * row
        yield _text(x + 2.2, y, 1.9, str(place + 1), 'text-anchor="end" fill="#666666"')
        yield _text(x + 3, y, 3.2, word, BOLD)


def _lines(text: str, width: float, most: int = 2) -> list[str]:
    """At most `most` lines of `width` em, as estimated for common fonts; an ellipsis stands for the rest."""
    lines: list[str] = []
    for word in _writable(text).split():
        longer = f"{lines[-1]} {word}" if lines else word
        if lines and _ems(longer) <= width:
            lines[-1] = longer
        else:
            lines.append(word)
    if len(lines) > most:
        lines[most - 1 :] = [lines[most - 1] + "…"]
    return [_cut(line, width) for line in lines] or [""]


def _cut(line: str, width: float) -> str:
    """A line, shortened at its end until it fits."""
    if _ems(line) <= width:
        return line
    ends = accumulate(map(_em, line), initial=_em("…"))
    return line[: sum(end <= width for end in ends) - 1].rstrip() + "…"


def _ems(text: str) -> float:
    """About how wide a text is."""
    return sum(map(_em, text))


def _em(character: str) -> float:
    if unicodedata.east_asian_width(character) in "WF":
        return 1.0
    return 0.78 if character.isupper() else 0.58


def _writable(text: str) -> str:
    """A text without the characters that XML does not hold: controls and noncharacters."""
    return "".join(
        character
        if character.isspace() or unicodedata.category(character) not in ("Cc", "Cn")
        else "\N{REPLACEMENT CHARACTER}"
        for character in text
    )


def _group(transform: str, *parts: str) -> str:
    return f'<g transform="{transform}">{"".join(parts)}</g>'


def _text(x: float, y: float, size: float, text: str, look: str = "") -> str:
    return f'<text x="{x:g}" y="{y:g}" font-size="{size:g}"{look and " "}{look}>{escape(text)}</text>'
