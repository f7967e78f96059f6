"""Name and picture of a card, to know it again by; no secret in them (`spec/cards.md#name-and-picture`)."""

from __future__ import annotations

from typing import NamedTuple

from psephos.crypto.transcript import transcript_hash
from psephos.errors import FormatError
from psephos.protocol.labels import CARD_NAME

ADJECTIVES, COLOURS, ANIMALS, SHAPES = map(
    str.split,
    (
        """
agile alert balmy bold brave brisk calm candid cheery clever cosy crisp curious daring deft eager
earnest fleet fond gentle glad graceful hardy humble jolly keen kind lively lofty lucky mellow merry
mild modest musical neat nimble noble patient placid playful polite proud quick quiet rapid rustic serene
sharp shy silent sleek sleepy smooth snug sturdy sunny swift tender tidy vivid wise witty zesty
        """,
        "azure black blue green orange pink red yellow",
        """
alpaca badger bat beaver bee beetle bison boar camel cat cobra crab crane cricket deer dolphin
duck falcon ferret finch fox frog gecko goat goose hamster hare hedgehog heron horse ibex jay
koala lark lemur lizard llama lynx magpie mole moose moth mouse newt otter owl panda penguin
pony puffin quail rabbit raven robin snail sparrow squid swan tapir toad trout turtle whale zebra
        """,
        "disc square diamond triangle",
    ),
)


class Face(NamedTuple):
    """How a card looks: three words; and five rows of five cells, those filled showing shape and colour."""

    name: str
    colour: str
    shape: str
    cells: tuple[tuple[bool, ...], ...]


def face(key: bytes) -> Face:
    """The face of the card with this K (32 bytes)."""
    if len(key) != 32:
        raise FormatError(f"a card's key has 32 bytes, not {len(key)}")
    number = int.from_bytes(transcript_hash(CARD_NAME, ("key", key))[:4], "little")
    colour = COLOURS[number >> 6 & 7]
    name = f"{ADJECTIVES[number & 63]} {colour} {ANIMALS[number >> 9 & 63]}"
    return Face(name, colour, SHAPES[number >> 15 & 3], tuple(_row(number >> at) for at in range(17, 32, 3)))


def _row(bits: int) -> tuple[bool, ...]:
    left, beside, middle = (bool(bits >> column & 1) for column in range(3))
    return left, beside, middle, beside, left
