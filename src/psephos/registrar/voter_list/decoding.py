"""From a file's bytes to text: Unicode where it says so or can be nothing else, else a sober guess."""

from __future__ import annotations

import codecs
import re
from typing import NamedTuple

from psephos.errors import FormatError

_BYTE_ORDER_MARKS = (  # UTF-32's begins with that of UTF-16
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_WORD = re.compile(rb"[A-Za-z\x80-\xff]{2,}")
_ASCII_LETTER = re.compile(rb"[A-Za-z]")
WESTERN, CYRILLIC = "windows-1252", "windows-1251"


class Decoded(NamedTuple):
    """A file's text; `guessed` where other encodings would give other letters."""

    text: str
    encoding: str
    guessed: bool


def decode(data: bytes, encoding: str | None = None) -> Decoded:
    """The text of a file, in an encoding that Python knows by this name, or that is found out.

    FormatError, which names the line, for what cannot be read in it. Latin-1 is read as Windows-1252, which
    has the same letters.
    """
    guessed = encoding is None and (encoding := _marked(data)) is None
    if encoding is None:
        encoding = _guess(data)
    try:
        text = data.decode(_known(encoding))
    except UnicodeDecodeError as error:
        line = len(re.findall(rb"\r\n|\r|\n", data[: error.start])) + 1
        raise FormatError(
            f"line {line}: not {encoding}: save the file as UTF-8, or say its encoding"
        ) from None
    return Decoded(text.removeprefix("\ufeff"), encoding, guessed)


def _known(encoding: str) -> str:
    try:
        "".encode(encoding)  # refuses codecs that make something else than bytes of text
    except (LookupError, ValueError):
        raise FormatError(f"encoding {encoding!r} is not known: utf-8 and windows-1251 are") from None
    return encoding


def _marked(data: bytes) -> str | None:
    """An encoding that leaves no doubt."""
    for mark, encoding in _BYTE_ORDER_MARKS:
        if data.startswith(mark):
            return encoding
    if b"\0" in data:  # no text of another encoding has it
        return "utf-16-le" if data[1::2].count(0) >= data[::2].count(0) else "utf-16-be"
    try:
        data.decode()
    except UnicodeDecodeError:
        return None
    return "utf-8"


def _guess(data: bytes) -> str:
    """Cyrillic words hold no ASCII letter; Western ones with an accent hold mostly others."""
    words = [word for word in _WORD.findall(data) if not word.isascii()]
    whole = [word for word in words if not _ASCII_LETTER.search(word)]
    return CYRILLIC if 2 * len(whole) > len(words) else WESTERN
