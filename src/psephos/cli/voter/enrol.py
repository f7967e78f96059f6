"""Enrolling cards: made, shown, then audited or enrolled, and saved apart."""

from __future__ import annotations

import os
import random
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Literal

from cyclopts import Parameter

from psephos.cli.home.home import HERE, Patience, Where
from psephos.cli.process.stop import FAILED, USAGE, WAITING, Stop, stopping
from psephos.cli.source import read_file
from psephos.cli.voter.app import voter
from psephos.cli.voter.asking import choose, number
from psephos.cli.voter.session import Session, at_device
from psephos.keystore import file as private
from psephos.post.files import write_whole
from psephos.protocol.enrolment.address import site_address
from psephos.protocol.enrolment.audit import open_group
from psephos.protocol.enrolment.card_face import Face
from psephos.protocol.enrolment.group import GroupDraft, make_groups
from psephos.protocol.enrolment.token import DECOY, VOTER
from psephos.protocol.entry import GroupReceipt, decode
from psephos.protocol.voting.opening import write_group
from psephos.voter import card
from psephos.voter.card import Card
from psephos.voter.card_files import erase_cards, write_cards
from psephos.voter.enrolment import draw, plan_of, propose

Then = Literal["enrol", "audit"]
SYMBOLS = {"disc": "●", "square": "■", "diamond": "◆", "triangle": "▲"}


@Parameter(name="*")
@dataclass(frozen=True)
class Making:
    """How cards are made, of either kind; what is not given is asked."""

    out: Path
    """A folder for the cards, a set of files each, and the receipt; or for the opening, if it is an audit."""
    cards: int | None = None
    """How many."""
    then: Then | None = None
    """What to do once the commitment is shown."""
    words: bool = False
    """Show the cards' words too."""
    language: str | None = None
    """The language of what is printed on cards."""
    site: Annotated[str, Parameter(env_var="PSEPHOS_SITE")] = ""
    """The address of the booth's server, such as https://vote.example/: the cards' codes lead there."""


@voter.command
def enrol(*, making: Making, patience: Patience = 5.0, where: Where = HERE) -> int:
    """Make cards of which one counts, then enrol them, or have the device audited and make others.

    What is not given is asked; which card counts always is: others see what a command was given. Give --then
    in rehearsals alone: a device must not know before it shows the commitment whether it will be audited. Run
    again it takes the registrar's answer.

    Example: psephos voter enrol --out cards --home phone
    """
    with at_device(where) as session:
        if session.device.memory.group is None and not _make(session, VOTER, making):
            return 0
        return _finish(session, making, patience)


@voter.command
def decoy(*, making: Making, patience: Patience = 5.0, where: Where = HERE) -> int:
    """Make cards of which none counts, with a decoy token; as often as there are such tokens.

    Example: psephos voter decoy --out more-cards --home phone
    """
    with at_device(where) as session:
        if session.device.memory.group is None and not _make(session, DECOY, making):
            return 0
        return _finish(session, making, patience)


def _make(session: Session, kind: int, making: Making) -> bool:
    """Make a group and begin to enrol it, or open it: whether there is something to enrol."""
    draft = _draft(session, kind, making)
    print(f"commitment  {draft.commitment.hex()}")
    then = making.then or choose("Note the commitment on a second device. Then?", ["enrol", "audit"])
    if then == "enrol":
        session.device.begin_group(draft, os.urandom(32))
        return True
    opened = write_group(session.election, open_group(session.definition, draft))
    path = making.out / f"opening-{draft.commitment.hex()[:16]}"
    making.out.mkdir(mode=0o700, parents=True, exist_ok=True)
    private.put(path, opened)
    print(f"opening     {path}: give it to the second device; these cards are gone, make others")
    return False


def _draft(session: Session, kind: int, making: Making) -> GroupDraft:
    token = session.device.token(kind)
    if token is None:
        raise Stop("there is no token of the kind that is not spent: psephos voter token", FAILED)
    if session.record.rosters[token.region].complete:
        raise Stop("enrolment in this region is over: its last batch of cards is in the log", FAILED)
    definition, rng = session.definition, random.SystemRandom()
    cards = _how_many(session, kind, rng) if making.cards is None else making.cards
    drawn = draw(session.election, token.region, cards, rng)
    _show(drawn, making.words)
    place = _which(kind, len(drawn))
    plan = plan_of(token, drawn, place, rng)
    [draft] = make_groups(definition, session.election, session.key, [plan], os.urandom(32))
    print(f"counts      {'none' if place is None else drawn[place].face.name}")
    return draft


def _how_many(session: Session, kind: int, rng: random.Random) -> int:
    most = session.definition.cards
    if most == 1:
        return 1
    return number("How many cards?", 2 if kind == VOTER else 1, most, propose(session.definition, kind, rng))


def _which(kind: int, cards: int) -> int | None:
    """The place of the card that counts."""
    if kind == DECOY:
        return None
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


def _finish(session: Session, making: Making, patience: float) -> int:
    """Save the cards, get the receipt, and forget."""
    out, language = making.out, session.language(making.language)
    device, post, cards = session.device, session.home.channel("registrar"), session.device.cards
    with stopping(USAGE):
        site = site_address(making.site) if making.site else ""
    paths = write_cards(out, cards, session.definition, language, site)
    card.check([Card.scan(read_file(path).decode(errors="replace").split("\n")[0]) for path in paths])
    answer = device.fetch_receipt(post, patience)
    if answer is None:
        raise Stop("waits for the registrar: the cards are saved, and not enrolled yet", WAITING)
    if answer.refusal is not None:
        erase_cards(out, cards)
        device.end_group(post, spent=answer.refusal.reason == "spent")
        session.complain(answer)
    receipt = decode(answer.message, message=True).payload
    if not isinstance(receipt, GroupReceipt):
        raise TypeError("what is no refusal was checked to be a receipt")
    path = out / f"receipt-{receipt.commitment.hex()[:16]}"
    write_whole(path, answer.message, 0o600)
    device.end_group(post, spent=True)
    for one in paths:
        print(f"card        {one}")
    print(f"receipt     {path}: enrolled, in batch {receipt.batch} or the last; keep the cards apart")
    return 0
