"""Writes vectors/cards/cards.json, the same bytes every time: what is printed on cards, and slips."""

from __future__ import annotations

from collections.abc import Iterator
from hashlib import sha256
from typing import Any

import cards
import provers
from provers import Stream
from vector import DIRECTORY, HASH, Vector, accepted, lines, rejected

PATH = DIRECTORY / "cards/cards.json"


def refused(good: Vector, name: str, **changes: Any) -> Vector:
    """The same with a slip; no numbered check is about cards."""
    return rejected(good, name, "", **changes) | {"check": None}


def texts() -> Iterator[Vector]:
    """Texts of QR codes (spec/cards.md#qr-code)."""
    for name, region, secret in (
        ("first-region", 0, Stream("card text").bytes(16)),
        ("all-ones", 65535, b"\xff" * 16),
        ("last-region", 999, bytes(range(16))),
    ):
        text = cards.qr_text(HASH, region, secret)
        inputs = {"election": HASH.hex(), "region": region, "secret": secret.hex()}
        good = accepted("card-text", name, **inputs, text=text)
        yield good
    slips = {
        "empty": "",
        "prefix-alone": cards.PREFIX,
        "no-prefix": text[len(cards.PREFIX) :],
        "version-2": text.replace("-1-", "-2-"),
        "lower-case": text.lower(),
        "lower-case-letter": text[:-1] + text[-1].lower(),
        "short": text[:-1],
        "short-by-8": text[:-8],
        "long": text + "A",
        "long-by-8": text + "AAAAAAAA",
        "padded": text[:-1] + "=",
        "padding-after": text + "========",
        "digit-0": text[:-1] + "0",
        "digit-1": text[:-1] + "1",
        "digit-8": text[:-1] + "8",
        "other-alphabet": text[:-1] + "٧",
        "line-end": text + "\n",
        "space-before": " " + text,
        "space-inside": text[:50] + " " + text[50:],
        "colons": text.replace("-", ":"),
    }
    for slip, changed in slips.items():
        yield refused(good, slip, text=changed)


def twelves() -> Iterator[Vector]:
    """Secrets as twelve words (spec/cards.md#twelve-words)."""
    secrets = {"zeros": bytes(16), "ones": b"\xff" * 16, "some": Stream("twelve words").bytes(16)}
    for name, secret in secrets.items():
        words = cards.twelve_words(secret)
        good = accepted("card-words", name, secret=secret.hex(), words=words)
        yield good
    one = words.split()
    after = cards.words()[(cards.words().index(one[-1]) + 1) % 2048]
    slips = {
        "empty": "",
        "eleven": " ".join(one[:-1]),
        "thirteen": " ".join([*one, one[0]]),
        "checksum": " ".join([*one[:-1], after]),
        "swapped": " ".join([one[1], one[0], *one[2:]]),
        "not-in-list": " ".join(["psephos", *one[1:]]),
        "shortened": " ".join([one[0][:-1], *one[1:]]),
        "title-case": words.capitalize(),
        "upper-case": words.upper(),
        "two-spaces": words.replace(" ", "  ", 1),
        "tab": words.replace(" ", "\t", 1),
        "wide-space": words.replace(" ", "\u3000", 1),
        "lines": words.replace(" ", "\n"),
        "space-before": " " + words,
        "space-after": words + " ",
        "line-end": words + "\n",
        "commas": words.replace(" ", ","),
        "extra-not-in-list": words + " psephos",
    }
    for slip, changed in slips.items():
        yield refused(good, slip, words=changed)


def faces() -> Iterator[Vector]:
    """Names and pictures of cards (spec/cards.md#name-and-picture)."""
    for number in range(2, 34):
        key = provers.base(number)
        name, shape, rows = cards.name_and_picture(key)
        yield accepted("card-face", str(number), key=key.hex(), card_name=name, shape=shape, rows=rows)


def sixes() -> Iterator[Vector]:
    """Hashes as six words (spec/cards.md#six-words)."""
    for name, digest in {"zeros": bytes(32), "ones": b"\xff" * 32, "empty": sha256().digest()}.items():
        yield accepted("six-words", name, hash=digest.hex(), words=cards.six_words(digest))


def text() -> str:
    """The file."""
    return lines([*texts(), *twelves(), *faces(), *sixes()])


if __name__ == "__main__":
    PATH.parent.mkdir(exist_ok=True)
    PATH.write_text(text(), "utf-8")
