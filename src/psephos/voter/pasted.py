"""What people paste, or name as a file, as parsers take it (`spec/messages.md#what-devices-forgive`).

A voter copies an invitation out of a letter, quoted, wrapped, with a signature below; or takes a card where
an invitation is wanted. Here the piece that a parser takes is found in whatever surrounds it and written in
its one form; parsers stay strict. `vectors/pasted/pasted.json` holds this module and the booth's to the same.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from psephos.errors import FormatError
from psephos.protocol.encoding.form import IDENTIFIER
from psephos.protocol.enrolment.card_text import CardText
from psephos.protocol.enrolment.invitation import HEADER, Invitation
from psephos.protocol.enrolment.words import from_words
from psephos.protocol.entries import decode as decode_entry
from psephos.voter.spelling import Slips, is_name, is_six, slips, spelt, tokens

_INVISIBLE = re.compile("[\u00ad\u200b\u200e\u200f\u202a-\u202e\u2060-\u2064\u2066-\u2069\ufeff]")
_BREAK = re.compile("\r\n|[\r\v\f\u0085\u2028\u2029]")
_SPACE = re.compile("[\t\u00a0\u1680\u2000-\u200a\u202f\u205f\u3000]")
_DASH = re.compile("[-\u2010-\u2015\u2212\ufe58\ufe63\uff0d]")
_MARGIN = re.compile("(^|\n)(?: *[>|])* *")
"""How mail programs quote, and what they indent."""
_TRAILING = re.compile(" +(?=\n|$)")


def _expression(pattern: str) -> re.Pattern[str]:
    """As JavaScript has it: `~` is white space between two words."""
    return re.compile(pattern.replace("~", "[ \n]+"), re.ASCII | re.IGNORECASE)


_INVITATION = _expression(
    r"psephos-invitation/1~definition~([0-9a-f]{64})~registrar~([1-8])~region~"
    rf"({IDENTIFIER.pattern})~salt~([0-9a-f]{{32}})~voter(?: +|\n)([^\n]+)"
)
_RECEIPT = re.compile(
    r"c2sp\.org/tlog-proof@v1\n(?:extra [A-Za-z0-9+/=]+\n)?index [0-9]+\n(?:[A-Za-z0-9+/]{43}=\n)*\n"
    r"[^\n]+\n[0-9]+\n[A-Za-z0-9+/]{43}=\n\n(?:- [^\n]+(?:\n|$))+"
)
_CARD = _expression(r"psephos-1-((?:[ \n]?[a-z2-7]){80})(?![a-z0-9])")
_CODE = _expression(r"psephos-([bc])-((?:[ \n]?[0-9a-f]){64})(?![a-z0-9])")
_PART = _expression(r"psephos-p-[1-9][0-9]{0,2}/[1-9][0-9]{0,2}-[a-z2-7]+(?![a-z0-9])")
_TRACKER = _expression(r"(?:^|[^a-z0-9])([0-9a-f](?:[ \n-]?[0-9a-f]){63})(?![a-z0-9])")
_ADDRESS = _expression(r"https?://[^ \n]+")
_SECRET = _expression(r"https?://[^ \n#]*#(?:[a-z-]+&)?([ci])=([a-z2-7]+)(?:&[a-z-]+)?")
_HEADER = _expression("psephos-invitation/")
_BEGUN = {
    "invitation": _expression(r"psephos-invitation/|https?://[^ \n#]*#[^ \n]*i="),
    "receipt": _expression(r"c2sp\.org/tlog-proof"),
    "card": _expression(r"psephos-1-|https?://[^ \n#]*#[^ \n]*c="),
    "commitment": _expression("psephos-c-"),
    "ballot": _expression("psephos-b-"),
    "parts": _expression("psephos-p-"),
}
_QUOTES = {'"': '"', "'": "'", "\u201c": "\u201d", "\u201e": "\u201c", "\u00ab": "\u00bb", "\u2018": "\u2019"}
_FILES = {
    "picture": re.compile(rb"\x89PNG|\xff\xd8\xff|GIF8|RIFF....WEBP|....ftyp(?:hei|mif|avif)", re.DOTALL),
    "document": re.compile(rb"%PDF|PK\x03\x04|\{\\rtf|\xd0\xcf\x11\xe0"),
}
_MESSAGES = {
    "card-receipt": "enrolment",
    "token-receipt": "enrolment",
    "promise": "promise",
    "refusal": "refusal",
    "cards-opening": "opening",
    "ballot-opening": "opening",
}
_DAMAGED = "\ufffd"
"""What stands for bytes that are no UTF-8."""
LONGEST = 2**20
"""Bytes of a file that is looked into."""


@dataclass(frozen=True, repr=False)
class PastedBlock:
    """Something known in a text; `block` is it in its one form, None where it is known and not whole."""

    kind: str
    block: str | None = None


@dataclass(frozen=True, repr=False)
class Pasted:
    """All that a text or file has; `slips` where it is nothing but words that nearly are a card's."""

    pieces: tuple[PastedBlock, ...]
    slips: Slips | None = None


def read(data: bytes) -> Pasted:
    """What a file holds, in whatever encoding it was saved."""
    if len(data) > LONGEST and not any(form.match(data) for form in _FILES.values()):
        return Pasted((PastedBlock("large"),))
    for kind, form in _FILES.items():
        if form.match(data):
            return Pasted((PastedBlock(kind),))
    try:
        name = decode_entry(data, message=True).payload.type_name()
        return Pasted((PastedBlock(_MESSAGES.get(name, "unknown")),))
    except FormatError:
        return look(_text(data))


def is_message(data: bytes) -> bool:
    """Whether a file has the form of a message between parties, whoever signed it."""
    try:
        decode_entry(data, message=True)
    except FormatError:
        return False
    return True


def _text(data: bytes) -> str:
    for mark, encoding in ((b"\xff\xfe", "utf-16-le"), (b"\xfe\xff", "utf-16-be")):
        if data.startswith(mark):
            return data[2:].decode(encoding, "replace")
    return data.decode("utf-8", "replace")


def look(text: str) -> Pasted:
    """What a text holds, each thing once, in the order of the kinds."""
    if (whole := _whole(text)) is not None:
        return Pasted((whole,))
    lines = _SPACE.sub(" ", _BREAK.sub("\n", _INVISIBLE.sub("", text)))
    tidy = _TRAILING.sub("", _MARGIN.sub(r"\1", lines))
    if not tidy.strip(" \n"):
        return Pasted((PastedBlock("nothing"),))
    pieces, rest = [], tidy
    for find in _FINDERS:
        blocks, rest = find(rest)
        pieces += blocks
    if pieces:
        return Pasted((*_distinct(pieces), *_other_words(pieces, rest)))
    begun = [PastedBlock(kind) for kind, form in _BEGUN.items() if form.search(_plain(rest))]
    return Pasted(tuple(begun)) if begun else _words(rest)


def _whole(text: str) -> PastedBlock | None:
    """An invitation that needs no forgiving: not a character of the name is another."""
    if len(_HEADER.findall(text)) != 1:
        return None
    try:
        Invitation.parse(text.encode())
    except (FormatError, UnicodeEncodeError):
        return None
    block = text[: text.index("\n\n") + 2]
    return None if _DAMAGED in block else PastedBlock("invitation", block)


def _other_words(pieces: list[PastedBlock], rest: str) -> list[PastedBlock]:
    """Twelve words beside other things, unless they are those of a card whose code is there too."""
    secrets = [CardText.parse(piece.block or "").secret for piece in pieces if piece.kind == "card"]
    return [PastedBlock("words", words) for words in spelt(tokens(rest)) if from_words(words) not in secrets]


def _words(text: str) -> Pasted:
    """A tracker or words: what nothing marks."""
    plain = _plain(text)
    trackers = [PastedBlock("tracker", _joined(match[1])) for match in _TRACKER.finditer(plain)]
    typed = tokens(text)
    cards = [PastedBlock("words", words) for words in spelt(typed)]
    if trackers or cards:
        return Pasted(tuple(_distinct([*trackers, *cards])))
    if is_name(typed):
        return Pasted((PastedBlock("name", " ".join(typed)),))
    if is_six(typed):
        return Pasted((PastedBlock("six", " ".join(typed)),))
    if (wrong := slips(typed)) is not None:
        return Pasted((), wrong)
    return Pasted((PastedBlock("address" if _ADDRESS.search(plain) else "unknown"),))


def _plain(text: str) -> str:
    """The same with each dash a hyphen: every character stays where it is."""
    return _DASH.sub("-", text)


def _joined(text: str) -> str:
    return re.sub("[ \n-]", "", text).lower()


def _distinct(pieces: Iterable[PastedBlock]) -> list[PastedBlock]:
    return list({(piece.kind, piece.block): piece for piece in pieces}.values())


_Finder = Callable[[str], tuple[list[PastedBlock], str]]


def _finder(form: re.Pattern[str], make: Callable[[re.Match[str], str], PastedBlock | None]) -> _Finder:
    """All pieces of a form, and the text without them; `make` sees the text as it is, too."""

    def find(text: str) -> tuple[list[PastedBlock], str]:
        made = [(match, make(match, text)) for match in form.finditer(_plain(text))]
        rest = text
        for match, piece in reversed(made):
            rest = rest[: match.start()] + "\n" + rest[match.end() :] if piece else rest
        return _distinct(piece for _, piece in made if piece), rest

    return find


def _invitation(match: re.Match[str], text: str) -> PastedBlock | None:
    definition, registrar, region, salt, _ = match.groups()
    name = text[match.start(5) : match.end(5)].strip(" ")
    closing = _QUOTES.get(text[match.start() - 1 : match.start()])
    if closing is not None:
        name = name.removesuffix(closing)
    address = f"definition {definition.lower()}\nregistrar {registrar}\nregion {region.lower()}"
    return _whole(f"{HEADER}\n{address}\nsalt {salt.lower()}\nvoter {name}\n\n")


def _secret(match: re.Match[str], _: str) -> PastedBlock | None:
    """A card or an invitation in an address, as its text, which is the same thing."""
    address = f"https://site/#{match[1].lower()}={match[2].upper()}"
    try:
        if match[1] in "Cc":
            return PastedBlock("card", CardText.from_address(address).encode())
        return PastedBlock("invitation", Invitation.from_address(address).encode("").decode())
    except FormatError:
        return None


def _receipt(match: re.Match[str], text: str) -> PastedBlock:
    lines = text[match.start() : match.end()].rstrip("\n")
    return PastedBlock("receipt", re.sub(rf"\n{_DASH.pattern} ", "\n\u2014 ", lines) + "\n")


def _parts(text: str) -> tuple[list[PastedBlock], str]:
    """All parts are one piece: together they are an opening."""
    parts = list(dict.fromkeys(match[0].upper() for match in _PART.finditer(_plain(text))))
    return ([PastedBlock("parts", "\n".join(parts))], _PART.sub("\n", _plain(text))) if parts else ([], text)


_FINDERS: tuple[_Finder, ...] = (
    _finder(_SECRET, _secret),
    _finder(_INVITATION, _invitation),
    _finder(_RECEIPT, _receipt),
    _finder(
        _CARD, lambda match, _: PastedBlock("card", "PSEPHOS-1-" + re.sub("[ \n]", "", match[1]).upper())
    ),
    _finder(
        _CODE,
        lambda match, _: PastedBlock("commitment" if match[1] in "Cc" else "ballot", _joined(match[2])),
    ),
    _parts,
)
