"""What is printed on a card, and how it is read back: spec/cards.md"""

from __future__ import annotations

from base64 import b32decode, b32encode
from hashlib import sha256
from pathlib import Path

import labels
from group import FormatError
from transcript import digest, u16

PREFIX = "PSEPHOS-1-"
LIST = Path(__file__).resolve().parent.parent / "spec/bip39/english.txt"
LIST_HASH = "2f5eed53a4727b4bf8880d8f3f199efc90e58503646d9ff8eff3a2ed3b24dbda"

COLOURS = ["azure", "black", "blue", "green", "orange", "pink", "red", "yellow"]
SHAPES = ["disc", "square", "diamond", "triangle"]
SPECIFICATION = Path(__file__).resolve().parent.parent / "spec/cards.md"


def listed(title: str) -> list[str]:
    """The words of a list in the specification."""
    _, block = SPECIFICATION.read_text("utf-8").split(f"\n{title}, from 0:\n```\n")
    return block.partition("```")[0].split()


def words() -> list[str]:
    """The 2,048 words; they must be the right ones."""
    data = LIST.read_bytes()
    if sha256(data).hexdigest() != LIST_HASH:
        raise ValueError(f"{LIST.name} is not the list of BIP-39")
    return data.decode("ascii").splitlines()


def bits_of(data: bytes) -> str:
    """Bytes as zeros and ones, most significant first."""
    return "".join(f"{byte:08b}" for byte in data)


def spell(bits: str) -> str:
    """A word for every 11 bits."""
    vocabulary = words()
    return " ".join(vocabulary[int(bits[start : start + 11], 2)] for start in range(0, len(bits), 11))


def qr_text(election: bytes, region: int, secret: bytes) -> str:
    """spec/cards.md#qr-code"""
    return PREFIX + b32encode(election + u16(region) + secret).decode()


def card_parts(data: bytes) -> tuple[bytes, int, bytes]:
    """Election hash, region and secret."""
    if len(data) != 50:
        raise FormatError(f"{len(data)} bytes instead of 50")
    return data[:32], int.from_bytes(data[32:34], "little"), data[34:]


def parse_qr_text(text: str) -> tuple[bytes, int, bytes]:
    """Election hash, region and secret; whatever is not written back the same is refused."""
    try:
        data = b32decode(text[len(PREFIX) :].encode("ascii"))
    except ValueError:
        raise FormatError("not base32") from None
    parts = card_parts(data)
    if qr_text(*parts) != text:
        raise FormatError("not the text of a card")
    return parts


def twelve_words(secret: bytes) -> str:
    """spec/cards.md#twelve-words"""
    return spell(bits_of(secret) + bits_of(sha256(secret).digest())[:4])


def parse_twelve_words(text: str) -> bytes:
    """The secret; whatever is not written back the same is refused."""
    place = {word: f"{number:011b}" for number, word in enumerate(words())}
    bits = "".join(place.get(word, "") for word in text.split())
    if len(bits) != 132:
        raise FormatError("not twelve words of the list")
    secret = int(bits[:128], 2).to_bytes(16, "big")
    if twelve_words(secret) != text:
        raise FormatError("the checksum does not fit, or the words are not written as they must be")
    return secret


def name_and_picture(key: bytes) -> tuple[str, str, list[str]]:
    """Name, shape, and rows in which `#` is a filled cell: spec/cards.md#name-and-picture"""
    n = int.from_bytes(digest(labels.CARD_NAME, ("key", key))[:4], "little")
    adjective, animal = listed("Adjectives")[n % 64], listed("Animals")[(n >> 9) % 64]
    name = f"{adjective} {COLOURS[(n >> 6) % 8]} {animal}"
    rows = []
    for row in range(5):
        left = ["#" if n >> (17 + 3 * row + column) & 1 else "." for column in range(3)]
        rows.append("".join([*left, left[1], left[0]]))
    return name, SHAPES[(n >> 15) % 4], rows


def six_words(wording_hash: bytes) -> str:
    """spec/cards.md#six-words"""
    return spell(bits_of(wording_hash)[:66])
