"""Writes vectors/cards/cards.json, the same bytes every time: what is printed on cards, and slips."""

from __future__ import annotations

from collections.abc import Iterator
from hashlib import sha256
from typing import Any

import addresses
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
    word_list = words.split()
    after = cards.words()[(cards.words().index(word_list[-1]) + 1) % 2048]
    slips = {
        "empty": "",
        "eleven": " ".join(word_list[:-1]),
        "thirteen": " ".join([*word_list, word_list[0]]),
        "checksum": " ".join([*word_list[:-1], after]),
        "swapped": " ".join([word_list[1], word_list[0], *word_list[2:]]),
        "not-in-list": " ".join(["psephos", *word_list[1:]]),
        "shortened": " ".join([word_list[0][:-1], *word_list[1:]]),
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


SITE = "https://vote.example/"


def card_addresses() -> Iterator[Vector]:
    """Cards as addresses (spec/cards.md#addresses)."""
    secret = Stream("card address").bytes(16)
    address = addresses.card_address(SITE, HASH, 3, secret)
    inputs = {"election": HASH.hex(), "region": 3, "secret": secret.hex()}
    before, _, value = address.partition("#c=")
    variants = {
        "other-site": f"http://127.0.0.1:8600/some/where#c={value}",
        "nothing-before": f"https://#c={value}",
        "language-before": f"{before}#uk&c={value}",
        "language-behind": f"{address}&zh-Hant",
    }
    good = accepted("card-address", "plain", **inputs, text=address)
    yield good
    for name, variant in variants.items():
        yield accepted("card-address", name, **inputs, text=variant)
    slips = {
        "no-hash": address.replace("#", "/"),
        "query": address.replace("#", "?"),
        "two-hashes": address.replace("#", "##"),
        "no-scheme": address.removeprefix("https://"),
        "other-scheme": address.replace("https", "ftp"),
        "upper-case-scheme": address.replace("https", "HTTPS"),
        "invitation": address.replace("#c=", "#i="),
        "two-cards": f"{address}&c={value}",
        "two-languages": f"{before}#en&c={value}&uk",
        "unknown-part": f"{address}&d=1",
        "empty-part": f"{address}&",
        "nothing-behind": f"{before}#",
        "language-alone": f"{before}#uk",
        "short": address[:-1],
        "short-by-8": address[:-8],
        "long-by-8": address + "AAAAAAAA",
        "lower-case": f"{before}#c={value.lower()}",
        "padding": address[:-1] + "=",
        "digit-1": address[:-1] + "1",
        "prefix": f"{before}#c={cards.PREFIX}{value}",
        "space-before": " " + address,
        "line-end": address + "\n",
        "space-in-site": address.replace("vote", "vo te"),
        "letter-in-site": address.replace("vote", "v\u00f6te"),
    }
    for slip, changed in slips.items():
        yield refused(good, slip, text=changed)


def invitation_addresses() -> Iterator[Vector]:
    """Invitations as addresses (spec/messages.md#roll)."""
    salt = Stream("invitation address").bytes(16)
    voters = {"ascii": "Ada Lovelace", "other-letters": "Олександр Ґалаґан", "longest": "\u5b57" * 200}
    regions = {"ascii": "north", "other-letters": "r", "longest": "a" + 31 * "-"}
    for number, (name, voter) in enumerate(voters.items(), 1):
        address = addresses.invitation_address(SITE, HASH, number, regions[name], salt, voter)
        inputs = {"definition": HASH.hex(), "registrar": number, "region": regions[name]}
        yield accepted("invitation-address", name, **inputs, salt=salt.hex(), voter=voter, text=address)
    address = addresses.invitation_address(SITE, HASH, 8, "north", salt, "Ada")
    inputs = {"definition": HASH.hex(), "registrar": 8, "region": "north", "salt": salt.hex(), "voter": "Ada"}
    good = accepted("invitation-address", "plain", **inputs, text=address)
    yield good
    yield accepted("invitation-address", "language", **inputs, text=address + "&uk")
    before_region = HASH + b"\x08" + salt
    data = before_region + b"\x05north" + b"Ada"
    written = {
        "no-voter": data[:-3],
        "registrar-0": HASH + b"\x00" + data[33:],
        "registrar-9": HASH + b"\x09" + data[33:],
        "no-region": before_region + b"\x00Ada",
        "region-too-long": before_region + b"\x21" + 33 * b"a" + b"Ada",
        "region-is-no-identifier": before_region + b"\x05NorthAda",
        "region-is-cut": before_region + b"\x20northAda",
        "salt-is-cut": before_region[:-1],
        "nothing": b"",
        "name-too-long": data + 198 * b"a",
        "name-with-line-end": data + b"\n",
        "name-with-line-separator": data + "\u2028x".encode(),
        "name-with-space-behind": data + b" ",
        "name-is-not-utf-8": data + b"\xff",
        "name-is-a-surrogate": data + b"\xed\xa0\x80",
    }
    before, _, value = address.partition("#i=")
    slips = {name: f"{before}#i={addresses.base32(changed)}" for name, changed in written.items()} | {
        "card": address.replace("#i=", "#c="),
        "two": f"{address}&i={value}",
        "unused-bits": address[:-1] + "B",
        "padding": f"{address}======",
        "one-character-more": address + "A",
        "lower-case": f"{before}#i={value.lower()}",
        "line-end": address + "\n",
    }
    for slip, changed in slips.items():
        yield refused(good, slip, text=changed)


def text() -> str:
    """The file."""
    kinds = texts(), card_addresses(), invitation_addresses(), twelves(), faces(), sixes()
    return lines([vector for kind in kinds for vector in kind])


if __name__ == "__main__":
    PATH.parent.mkdir(exist_ok=True)
    PATH.write_text(text(), "utf-8")
