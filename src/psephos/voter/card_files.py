"""Cards as files, one set a card, to be printed or kept; and cards read back (`spec/cards.md`)."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from psephos.errors import FormatError
from psephos.files import erase, write_secret
from psephos.protocol.enrolment.card_text import PREFIX
from psephos.protocol.enrolment.roster import Roster
from psephos.protocol.setup.definition import Definition
from psephos.voter.card import Card
from psephos.voter.card_image import png, svg
from psephos.voter.expected import take
from psephos.voter.pasted import Pasted

KINDS = ("svg", "png", "txt")


def write_cards(
    directory: Path, cards: Sequence[Card], definition: Definition, language: str, site: str = ""
) -> list[Path]:
    """The card as SVG, its QR code as PNG and its text for each card; returns the texts' paths.

    `site` is where the codes lead to. Cards that are there already are left as they are. Nobody else can read
    them.
    """
    directory.mkdir(mode=0o700, parents=True, exist_ok=True)
    paths = []
    for card in cards:
        path = _place(directory, card)
        text = f"{card.code(site)}\n{card.words}\n"
        contents = svg(card, definition, language, site).encode(), png(card, site), text.encode()
        for kind, data in zip(KINDS, contents, strict=True):
            if not path.with_suffix(f".{kind}").exists():
                write_secret(path.with_suffix(f".{kind}"), data)
        paths.append(path)
    return paths


def erase_cards(directory: Path, cards: Sequence[Card]) -> None:
    """Overwrite and remove the files of cards that are worth nothing."""
    for card in cards:
        path = _place(directory, card)
        for kind in KINDS:
            erase(path.with_suffix(f".{kind}"))


def names(directory: Path) -> set[str]:
    """The names of the cards whose files are there."""
    return {" ".join(path.stem.split("-")[:3]) for path in directory.glob("*-*-*.txt")}


def _place(directory: Path, card: Card) -> Path:
    """Where a card's text is: under its name, unless another card of that name is there."""
    path = directory / f"{card.face.name.replace(' ', '-')}.txt"
    if path.exists() and not path.read_bytes().endswith(f"\n{card.words}\n".encode()):
        path = path.with_stem(f"{path.stem}-{card.key.hex()[:8]}")
    return path


def read_card(given: Pasted, election: bytes, rosters: Sequence[Roster]) -> Card:
    """The card that was given: by what its QR code says, or by twelve words.

    FormatError for anything else, for several cards, and for a card that is in no batch.
    """
    text = take(given, "card", "words")
    if not text.startswith(PREFIX):
        drawn = [Card.recall(election, roster.region, text) for roster in rosters]
    elif (card := Card.scan(text)).election == election:
        drawn = [card]
    else:
        raise FormatError("card: of another referendum")
    enrolled = [card for card in drawn if card.region < len(rosters) and rosters[card.region].has(card.key)]
    if not enrolled:
        raise FormatError(
            "card: no batch has it: it was never enrolled, or is not yet; take another card, or try again "
            "once the region's last batch is logged"
        )
    return enrolled[0]
