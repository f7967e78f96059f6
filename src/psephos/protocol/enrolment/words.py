"""Bytes as words that people type and compare (`spec/cards.md#twelve-words`)."""

from __future__ import annotations

from hashlib import sha256
from importlib.resources import files

from psephos.errors import FormatError

WORDS = tuple((files("psephos.protocol.enrolment") / "bip39/english.txt").read_text("ascii").split())
"""The English list of BIP-39: 2,048 words, each of 11 bits."""
PLACES = {word: place for place, word in enumerate(WORDS)}
SECRET = 16
CHECKSUM = 4


def to_words(secret: bytes) -> str:
    """A card's secret (16 bytes) and its checksum as twelve words."""
    if len(secret) != SECRET:
        raise FormatError(f"a card's secret has {SECRET} bytes, not {len(secret)}")
    return _spell(int.from_bytes(secret) << CHECKSUM | _checksum(secret), 12)


def from_words(words: str) -> bytes:
    """The secret that twelve words spell; FormatError names the place of what is wrong, never a word."""
    spelt = words.split(" ")
    if len(spelt) != 12:
        raise FormatError(f"card: {len(spelt)} words between single spaces instead of 12")
    number = 0
    for place, word in enumerate(spelt, 1):
        if word not in PLACES:
            raise FormatError(f"card: word {place} is not in the list")
        number = number << 11 | PLACES[word]
    secret = (number >> CHECKSUM).to_bytes(SECRET)
    if number % 2**CHECKSUM != _checksum(secret):
        raise FormatError("card: the words do not fit together: one is wrong, or their order")
    return secret


def six_words(digest: bytes) -> str:
    """The first 66 bits of a hash of 32 bytes, to be compared by eye (`spec/cards.md#six-words`)."""
    if len(digest) != 32:
        raise FormatError(f"a hash has 32 bytes, not {len(digest)}")
    return _spell(int.from_bytes(digest) >> 256 - 66, 6)


def _checksum(secret: bytes) -> int:
    return sha256(secret).digest()[0] >> 8 - CHECKSUM


def _spell(number: int, count: int) -> str:
    """A number of 11 bits a word, most significant first."""
    return " ".join(WORDS[number >> 11 * place & 2047] for place in reversed(range(count)))
