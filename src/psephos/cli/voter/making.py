"""Cards made and shown, and then audited or enrolled."""

from __future__ import annotations

import os
import random
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Literal

from cyclopts import Parameter

from psephos.cli.process.stop import USAGE, Stop
from psephos.cli.voter.asking import choose, number
from psephos.cli.voter.session import Session
from psephos.files import write_secret
from psephos.protocol.enrolment.audit import open_cards
from psephos.protocol.enrolment.card_face import Face
from psephos.protocol.enrolment.cards import CardsDraft, make_drafts
from psephos.protocol.voting.opening import write_cards
from psephos.voter.card import Card
from psephos.voter.card_files import names
from psephos.voter.enrolment import draw, plan_of, propose

Then = Literal["enrol", "audit"]
SYMBOLS = {"disc": "●", "square": "■", "diamond": "◆", "triangle": "▲"}


@Parameter(name="*")
@dataclass(frozen=True)
class Making:
    """How cards are made; what is not given is asked."""

    out: Path
    """A folder for the cards, a set of files each, and receipts; or for the opening, if it is an audit."""
    cards: int | None = None
    """How many: see who might know the number, for it is seen what a command was given."""
    then: Then | None = None
    """What to do once the commitment is shown."""
    words: bool = False
    """Show the cards' words too."""
    language: str | None = None
    """The language of what is printed on cards."""
    site: Annotated[str, Parameter(env_var="PSEPHOS_SITE")] = ""
    """The address of the booth's server, such as https://vote.example/: the cards' codes lead there."""


def make(session: Session, region: int, making: Making, counts: bool = True) -> CardsDraft | None:
    """Cards to enrol; None when they were audited, and are gone. `counts`: whether one of them does."""
    draft = _draft(session, region, making, counts)
    print(f"commitment  {draft.commitment.hex()}")
    then = making.then or choose("Note the commitment on a second device. Then?", ["enrol", "audit"])
    if then == "enrol":
        for at in range(0, len(draft.keys), 32):
            print(f"key         {draft.keys[at : at + 32].hex()}")
        return draft
    path = making.out / f"opening-{draft.commitment.hex()[:16]}"
    making.out.mkdir(mode=0o700, parents=True, exist_ok=True)
    write_secret(path, write_cards(session.election, open_cards(session.record.setting, draft)))
    print(f"opening     {path}: give it to the second device; these cards are gone, make others")
    return None


def _draft(session: Session, region: int, making: Making, counts: bool) -> CardsDraft:
    rng, most = random.SystemRandom(), session.definition.decoys + counts
    cards = _how_many(session, most, rng) if making.cards is None else making.cards
    if not 1 <= cards <= most:
        raise Stop(f"--cards {cards}: a voter has 1 to {most}", USAGE)
    drawn = draw(session.election, region, cards, rng, names(making.out))
    _show(drawn, making.words)
    place = _which(cards) if counts else None
    [draft] = make_drafts(session.record.setting, [plan_of(drawn, place, rng)], os.urandom(32))
    print(f"counts      {'none' if place is None else drawn[place].face.name}")
    return draft


def _how_many(session: Session, most: int, rng: random.Random) -> int:
    if most == 1:
        return 1
    return number("How many cards?", 1, most, min(most, propose(session.definition, rng)))


def _which(cards: int) -> int:
    """The place of the card that counts."""
    return 0 if cards == 1 else number("Which card counts?", 1, cards) - 1


def _show(cards: list[Card], words: bool) -> None:
    for place, one in enumerate(cards, 1):
        print(f"\n{place:>3}  {one.face.name}")
        for row in _picture(one.face):
            print(f"     {row}")
        if words:
            print(f"     {one.words}")
    print()


def _picture(face: Face) -> list[str]:
    return [" ".join(SYMBOLS[face.shape] if filled else "·" for filled in row) for row in face.cells]
