"""What people paste or save, and what devices find in it (`spec/messages.md#what-devices-forgive`).

What is to be found is written by hand, not computed by the program that is tried.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from psephos.protocol.enrolment.card_text import CardText
from psephos.protocol.enrolment.invitation import Invitation
from psephos.protocol.enrolment.words import to_words
from vector_generator.entries import entry_vectors
from vector_generator.files import receipt_vectors
from vector_generator.vector import Vector, accepted

DEFINITION, ELECTION, SALT, SECRET = (
    bytes(range(32)),
    bytes(range(32, 64)),
    bytes(range(16)),
    bytes(range(16)),
)
LINES = [
    "psephos-invitation/1",
    f"definition {DEFINITION.hex()}",
    "registrar 2",
    "region north",
    f"salt {SALT.hex()}",
]
INVITATION = "\n".join([*LINES, "voter Zoë O'Neill", "", ""])
CARD = CardText(ELECTION, 3, SECRET).encode()
SITE = "https://vote.example/"
LINK = Invitation.parse(INVITATION.encode()).address(SITE)
CARDS_LINK = CardText(ELECTION, 3, SECRET).address(SITE)
WORDS = to_words(SECRET)
ELSE = to_words(SECRET[::-1])
TYPED = WORDS.split()
TRACKER = bytes(range(64, 96)).hex()
GROUPED = " ".join(TRACKER[offset : offset + 8] for offset in range(0, 64, 8))
PARTS = ("PSEPHOS-P-1/2-ABCDEFGH", "PSEPHOS-P-2/2-IJKLMNOP")
QUOTED = "".join(f"> {line}\n" for line in INVITATION.split("\n"))
SLIPPED: list[Any] = [[1, "abndon", ["abandon"]], [3, "amuont", ["amount"]]]
SWAPPED = " ".join([TYPED[1], TYPED[0], *TYPED[2:]])

Pieces = Sequence[tuple[str, str | None]]


def pasted_vectors() -> Iterator[Vector]:
    """Everything that the two programs must find alike."""
    for name, (text, pieces) in {**_invitations(), **_cards(), **_codes(), **_several()}.items():
        yield accepted("pasted", name, text=text, pieces=pieces, slips=None)
    for name, (text, count, slips) in _slips().items():
        yield accepted("pasted", name, text=text, pieces=[], slips=[count, slips])
    for name, (data, pieces) in _files().items():
        yield accepted("pasted", name, data=data.hex(), pieces=pieces, slips=None)


def _invitations() -> dict[str, tuple[str, Pieces]]:
    lines, whole = INVITATION.rstrip("\n").split("\n"), [("invitation", INVITATION)]
    second_invitation = INVITATION.replace("Zoë", "Ann")
    flowed = INVITATION.replace("definition ", "definition\n").replace("salt ", "salt \n")
    return {
        "invitation": (INVITATION, whole),
        "invitation-with-advice": (INVITATION + "Keep it to yourself.\n", whole),
        "invitation-of-six-lines": ("\n".join(lines), whole),
        "invitation-after-a-line": ("\n" + INVITATION, whole),
        "invitation-in-a-letter": (f"Dear Zoë,\n\n{INVITATION}\n--\nThe club\n+44 20 555", whole),
        "invitation-quoted": (QUOTED, whole),
        "invitation-quoted-twice": ("".join(f">> {line}\n" for line in lines), whole),
        "invitation-quoted-with-bars": ("".join(f"| {line}\n" for line in lines), whole),
        "invitation-indented": ("".join(f"\t  {line}\n" for line in lines), whole),
        "invitation-with-crlf": (INVITATION.replace("\n", "\r\n"), whole),
        "invitation-with-cr": (INVITATION.replace("\n", "\r"), whole),
        "invitation-with-line-separators": (INVITATION.replace("\n", "\u2028"), whole),
        "invitation-with-a-mark": ("\ufeff" + INVITATION, whole),
        "invitation-with-no-break-spaces": (INVITATION.replace(" ", "\u00a0"), whole),
        "invitation-with-zero-width-spaces": (INVITATION.replace("/", "/\u200b"), whole),
        "invitation-with-spaces-at-line-ends": (INVITATION.replace("\n", "  \n"), whole),
        "invitation-with-empty-lines": ("\n\n".join(lines), whole),
        "invitation-with-other-dashes": (INVITATION.replace("psephos-", "psephos\u2011"), whole),
        "invitation-with-wrapped-lines": (flowed, whole),
        "invitation-in-one-line": (" ".join(lines), whole),
        "invitation-in-capitals": ("\n".join([*(line.upper() for line in lines[:5]), lines[5]]), whole),
        "invitation-in-quotation-marks": ("\u201c" + "\n".join(lines) + "\u201d", whole),
        "invitation-twice": (INVITATION + QUOTED, whole),
        "invitation-of-registrar-nine": (
            INVITATION.replace("registrar 2", "registrar 9"),
            [("invitation", None)],
        ),
        "invitations-of-two-registrars": (
            INVITATION + INVITATION.replace("registrar 2", "registrar 1"),
            [*whole, ("invitation", INVITATION.replace("registrar 2", "registrar 1"))],
        ),
        "invitations-of-two": (INVITATION + second_invitation, [*whole, ("invitation", second_invitation)]),
        "invitation-with-an-odd-name": (
            "\n" + INVITATION.replace("Zoë O'Neill", "O\u2019Neill \u2013 Zo\u00eb"),
            [("invitation", INVITATION.replace("Zoë O'Neill", "O\u2019Neill \u2013 Zo\u00eb"))],
        ),
        "invitation-as-an-address": (LINK, whole),
        "invitation-as-an-address-in-a-letter": (f"> Open <{LINK}>.\r\n> Yours", whole),
        "invitation-as-an-address-with-a-language": (LINK.replace("#", "#uk&"), whole),
        "invitation-as-an-address-and-a-file": (f"{LINK}\n\n{QUOTED}", whole),
        "invitation-as-an-address-cut": (LINK[:80], [("invitation", None)]),
        "invitation-without-its-first-lines": ("\n".join(lines[2:]), [("unknown", None)]),
        "invitation-cut": ("\n".join(lines[:5]), [("invitation", None)]),
        "invitation-with-a-short-salt": (INVITATION.replace("0f\n", "\n"), [("invitation", None)]),
        "invitation-of-another-version": (INVITATION.replace("/1", "/2"), [("invitation", None)]),
        "invitation-with-a-damaged-name": (INVITATION.replace("ë", "\ufffd") + " ", [("invitation", None)]),
    }


def _cards() -> dict[str, tuple[str, Pieces]]:
    code, words = [("card", CARD)], [("words", WORDS)]
    numbered = " ".join(f"{place}. {word}" for place, word in enumerate(TYPED, 1))
    lines = "\n".join(" ".join(TYPED[start : start + 4]) for start in (0, 4, 8))
    return {
        "card": (CARD, code),
        "card-in-lower-case": (f"  {CARD.lower()}\r\n", code),
        "card-wrapped": (f"My card:\n> {CARD[:60]}\n> {CARD[60:]}\n", code),
        "card-in-a-sentence": (f"Scan \u201c{CARD}\u201d, then vote.", code),
        "card-as-an-address": (CARDS_LINK, code),
        "card-as-an-address-in-lower-case": (f"({CARDS_LINK.lower()}&uk)", code),
        "card-as-an-address-with-its-words": (f"{CARDS_LINK}\n{WORDS}\n", code),
        "card-as-an-address-cut": (CARDS_LINK[:-1], [("card", None)]),
        "card-with-its-words": (f"{CARD}\n{WORDS}\n", code),
        "card-with-words-of-another": (f"{CARD}\n{ELSE}\n", [*code, ("words", ELSE)]),
        "cards-of-two": (f"{CARD}\n{CARD[:-1]}A\n", [*code, ("card", CARD[:-1] + "A")]),
        "card-cut": (CARD[:-1], [("card", None)]),
        "card-too-long": (CARD + "A", [("card", None)]),
        "words": (WORDS, words),
        "words-on-three-lines": (lines, words),
        "words-one-a-line": ("\r\n".join(TYPED), words),
        "words-with-numbers": (numbered, words),
        "words-with-numbers-in-brackets": (
            "\n".join(f"({number}) {word}" for number, word in enumerate(TYPED)),
            words,
        ),
        "words-with-commas-and-a-stop": (", ".join(TYPED) + ".", words),
        "words-with-hyphens": ("-".join(TYPED), words),
        "words-in-quotes": (" ".join(f"\u00ab{word}\u00bb" for word in TYPED), words),
        "words-in-capitals": (WORDS.upper(), words),
        "words-with-capitals": (WORDS.title(), words),
        "words-with-no-break-spaces": (WORDS.replace(" ", "\u00a0"), words),
        "words-with-soft-hyphens": (WORDS.replace("n", "\u00adn"), words),
        "words-with-ligatures-and-wide-letters": (
            "".join(chr(ord(letter) + 0xFEE0) if letter != " " else " " for letter in WORDS),
            words,
        ),
        "words-under-a-heading": (f"calm red otter\nAthens\nTwelve words\n{lines}\n", words),
        "words-in-a-letter": (f"Hello Zoë, these are it:\n\n    {WORDS}\n\nBest wishes, Ann", words),
        "words-twice": (f"{WORDS}\n{WORDS}", words),
        "words-of-two-cards": (f"{WORDS}\n{ELSE}", [*words, ("words", ELSE)]),
        "six-words": (" ".join(TYPED[:6]), [("six", " ".join(TYPED[:6]))]),
        "name": ("Calm, red OTTER", [("name", "calm red otter")]),
    }


def _codes() -> dict[str, tuple[str, Pieces]]:
    tracker = [("tracker", TRACKER)]
    return {
        "commitment": (f" PSEPHOS-C-{TRACKER.upper()}\n", [("commitment", TRACKER)]),
        "commitment-in-lower-case": (f"psephos-c-{TRACKER}", [("commitment", TRACKER)]),
        "ballots-code": (f"PSEPHOS-B-{TRACKER.upper()}", [("ballot", TRACKER)]),
        "ballots-code-cut": (f"PSEPHOS-B-{TRACKER.upper()[:-1]}", [("ballot", None)]),
        "parts": ("\r\n".join(PARTS), [("parts", "\n".join(PARTS))]),
        "parts-quoted-and-twice": (f"> {PARTS[1].lower()}\n> {PARTS[1]}\n", [("parts", PARTS[1])]),
        "tracker": (TRACKER, tracker),
        "tracker-in-groups": (GROUPED, tracker),
        "tracker-in-groups-with-hyphens": (GROUPED.replace(" ", "-").upper(), tracker),
        "tracker-on-two-lines": (f"{TRACKER[:32]}\r\n{TRACKER[32:]}", tracker),
        "tracker-in-a-sentence": (f"My tracker: a \u201c{TRACKER}\u201d.", tracker),
        "tracker-in-an-address": (f"https://vote.example/en/log?find={TRACKER}", tracker),
        "tracker-cut": (TRACKER[:-1], [("unknown", None)]),
        "tracker-too-long": (TRACKER + "0", [("unknown", None)]),
    }


def _several() -> dict[str, tuple[str, Pieces]]:
    receipt: str = next(receipt_vectors())["receipt"]
    return {
        "receipt": (receipt, [("receipt", receipt)]),
        "receipt-with-crlf": (receipt.replace("\n", "\r\n"), [("receipt", receipt)]),
        "receipt-in-a-letter": (
            "See:\n\n" + "".join(f"> {line}\n" for line in receipt.rstrip("\n").split("\n")) + "\nYours",
            [("receipt", receipt)],
        ),
        "receipt-with-hyphens": (receipt.replace("\n\u2014 ", "\n- "), [("receipt", receipt)]),
        "receipt-cut": (receipt.split("\n\n")[0], [("receipt", None)]),
        "invitation-and-card": (f"{CARD}\n{INVITATION}", [("invitation", INVITATION), ("card", CARD)]),
        "invitation-and-words": (f"{WORDS}\n{INVITATION}", [("invitation", INVITATION), ("words", WORDS)]),
        "address": ("https://vote.example/booth/vote.html", [("address", None)]),
        "nothing": (" \r\n\u00a0\ufeff", [("nothing", None)]),
        "prose": (
            "Vote with the card that I gave you, as we said at home this morning, will you?",
            [("unknown", None)],
        ),
    }


def _slips() -> dict[str, tuple[str, int, list[Any]]]:
    def put(place: int, word: str) -> str:
        return " ".join([*TYPED[: place - 1], word, *TYPED[place:]])

    return {
        "words-with-two-letters-swapped": (put(3, "amuont"), 12, [[3, "amuont", ["amount"]]]),
        "words-with-a-letter-missing": (put(12, "crunc"), 12, [[12, "crunc", ["crunch"]]]),
        "words-with-a-letter-wrong": (put(1, "crunhc"), 12, [[1, "crunhc", ["crunch"]]]),
        "words-with-a-beginning": (put(2, "crun"), 12, [[2, "crun", ["crunch"]]]),
        "words-with-a-word-like-several": (put(2, "bat"), 12, [[2, "bat", ["bag", "bar", "boat"]]]),
        "words-with-a-word-like-none": (put(2, "xylophone"), 12, [[2, "xylophone", []]]),
        "words-with-two-slips": (put(3, "amuont").replace(TYPED[0], "ABNDON", 1), 12, SLIPPED),
        "words-in-another-order": (SWAPPED, 12, []),
        "words-but-one": (" ".join(TYPED[:11]), 11, []),
        "words-with-a-slip-under-a-heading": (
            f"Twelve words:\n{put(3, 'amuont')}",
            12,
            [[3, "amuont", ["amount"]]],
        ),
    }


def _files() -> dict[str, tuple[bytes, Pieces]]:
    messages = {
        vector["name"]: bytes.fromhex(vector["data"]) for vector in entry_vectors() if vector["valid"]
    }
    whole = [("invitation", INVITATION)]
    return {
        "file": (INVITATION.encode(), whole),
        "file-with-a-mark": (b"\xef\xbb\xbf" + INVITATION.encode(), whole),
        "file-in-utf-16": (b"\xff\xfe" + INVITATION.encode("utf-16-le"), whole),
        "file-in-utf-16-big-endian": (b"\xfe\xff" + INVITATION.encode("utf-16-be"), whole),
        "file-in-latin-1": (INVITATION.encode("latin-1"), [("invitation", None)]),
        "file-of-words": (b"\xff\xfe" + WORDS.encode("utf-16-le"), [("words", WORDS)]),
        "file-of-nothing": (b"", [("nothing", None)]),
        "file-of-noughts": (bytes(64), [("unknown", None)]),
        "file-of-enrolment": (messages["message/card-receipt"], [("enrolment", None)]),
        "file-of-given-tokens": (messages["message/token-receipt"], [("enrolment", None)]),
        "file-of-a-promise": (messages["message/promise"], [("promise", None)]),
        "file-of-a-refusal": (messages["message/refusal"], [("refusal", None)]),
        "file-of-an-opening": (messages["message/cards-opening"], [("opening", None)]),
        "file-of-another-message": (messages["message/token-response"], [("unknown", None)]),
        "picture-png": (b"\x89PNG\r\n\x1a\n" + bytes(8), [("picture", None)]),
        "picture-of-a-phone": (b"\x00\x00\x00\x18ftypheic" + bytes(8), [("picture", None)]),
        "pdf": (b"%PDF-1.7\n" + INVITATION.encode(), [("document", None)]),
        "word-processor": (b"PK\x03\x04" + bytes(8), [("document", None)]),
    }
