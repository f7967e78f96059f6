"""Voting: a ballot is made, shown, then cast or challenged; what the board promises is kept."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Literal

from psephos.cli.home.home import DEFAULT_HOME, HomeOptions, Timeout
from psephos.cli.process.stop import FAILED, USAGE, WAITING, Stop, stopping
from psephos.cli.process.times import local
from psephos.cli.source import read_file
from psephos.cli.voter.app import voter
from psephos.cli.voter.asking import ask_lines, choose
from psephos.cli.voter.session import Session, at_device
from psephos.cli.voter.wording import Picked, pick, show_choices
from psephos.errors import FormatError
from psephos.files import write_secret, write_whole
from psephos.protocol.entries import Ballot, Refusal, decode
from psephos.protocol.voting.opening import write_ballot
from psephos.protocol.voting.vote import BallotDraft, open_ballot
from psephos.voter.booth import Booth
from psephos.voter.card import Card
from psephos.voter.card_files import read_card
from psephos.voter.enrolling import SignedAnswer
from psephos.voter.logged import highest_serial
from psephos.voter.pasted import look, read

Then = Literal["cast", "challenge"]


@voter.command
def vote(
    *,
    card: Path | None = None,
    choice: list[str] | None = None,
    then: Then | None = None,
    out: Path = Path(),
    language: str | None = None,
    timeout: Timeout = 5.0,
    options: HomeOptions = DEFAULT_HOME,
) -> int:
    """Vote with a card, on the day that is open; to vote again replaces what it voted before.

    What is not given is asked. Give --then in rehearsals alone: a device must not know before it shows the
    tracker whether it will be challenged. Run again it takes the board's answer; after that it votes again.

    Example: psephos voter vote --card cards/agile-azure-owl.txt --home phone

    Parameters
    ----------
    card
        A file with the text of the card's QR code, or its words; asked unless it is given.
    choice
        `contest=option` or `contest=blank`, by their ids; as often as there are contests.
    then
        What to do once the tracker is shown.
    out
        The folder for the board's promise; or for the opening, if it is a challenge.
    language
        The language of the wording.
    """
    with at_device(options) as session:
        if not any(roster.batches for roster in session.record.rosters):
            raise Stop("waits for the registrar: no cards are in the log yet", WAITING)
        mine = _card(session, card)
        booth = Booth(session.definition, session.election, session.key)
        if (before := session.device.memory.ballot) is not None:
            refusal = _settle(session, out, timeout)
            if decode(before).author == mine.key:
                if refusal is None:
                    return 0
                _learn(booth, before, refusal)
        day = _open_day(session, mine)
        booth.note_used(mine.key, day, highest_serial(session.record, mine.region, mine.key, day))
        picked = pick(session.definition.regions[mine.region].style, choice or [], language)
        while (draft := _decide(session, booth, mine, day, picked, then, out)) is not None:
            [entry] = booth.cast([draft], [mine], os.urandom(32))
            session.device.begin_ballot(entry)
            if (refusal := _settle(session, out, timeout)) is None:
                return 0
            _learn(booth, entry, refusal)
    return 0


def _card(session: Session, file: Path | None) -> Card:
    election, rosters = session.election, session.record.rosters
    if file is None:
        return ask_lines(
            "The card's words, or the text of its QR code:",
            lambda typed: read_card(look(typed), election, rosters),
        )
    with stopping(USAGE, str(file)):
        return read_card(read(read_file(file)), election, rosters)


def _open_day(session: Session, card: Card) -> int:
    windows = session.record.windows[card.region]
    region, zone = windows.region.id, windows.region.timezone
    if session.record.cancelled is not None:
        raise Stop("the referendum was cancelled", FAILED)
    if session.record.closed or windows.over:
        raise Stop(f"voting in {region} is over: it ended at {local(windows.plans[-1][1], zone)}", FAILED)
    if windows.open_day is None:
        day = len(windows.opened) + 1
        opens = local(windows.plans[day - 1][0], zone)
        raise Stop(f"waits for the board: day {day} of {region} opens at {opens}", WAITING)
    return windows.open_day


def _decide(
    session: Session, booth: Booth, card: Card, day: int, picked: Picked, then: Then | None, out: Path
) -> BallotDraft | None:
    """A ballot that the voter wants to cast; None for one that was challenged, whose opening is a file."""
    [draft] = booth.prepare([card], day, [picked.choices], os.urandom(32))
    show_choices(picked)
    print(f"card        {card.face.name}, day {day}, serial {draft.serial}")
    print(f"tracker     {draft.hash.hex()}")
    if (then or choose("Note the tracker. Then?", ["cast", "challenge"])) == "cast":
        return draft
    path = out / f"opening-{draft.hash.hex()[:16]}"
    out.mkdir(parents=True, exist_ok=True)
    write_secret(path, write_ballot(session.election, open_ballot(draft)))
    print(f"opening     {path}: give it to the second device; this ballot is never cast, vote again")
    return None


def _settle(session: Session, out: Path, timeout: float) -> Refusal | None:
    """Take the board's answer to the ballot that is on its way: a promise is kept as a file.

    Of refusals only that of a serial used before is handed back: there is a next one.
    """
    device, post = session.device, session.home.channel("board")
    entry = decode(device.memory.ballot or b"")
    ballot = entry.payload
    if not isinstance(ballot, Ballot):
        raise FormatError("key store: no ballot")
    seal = session.record.windows[ballot.region].plans[ballot.day - 1][1]
    answer = device.fetch_promise(post, seal, timeout)
    if answer is None:
        raise Stop("waits for the board: the ballot is sent, and not answered yet", WAITING)
    if answer.refusal is None:
        _keep(answer, entry.body_hash, out)
    device.end_ballot(post)
    if answer.refusal is not None and answer.refusal.reason != "serial":
        session.complain(answer)
    return answer.refusal


def _keep(answer: SignedAnswer, tracker: bytes, out: Path) -> None:
    path = out / f"promise-{tracker.hex()[:16]}"
    out.mkdir(parents=True, exist_ok=True)
    write_whole(path, answer.message, 0o600)
    print(f"promise     {path}: psephos voter check --promise {path}")


def _learn(booth: Booth, entry: bytes, refusal: Refusal) -> None:
    """Take note of the serial that the board says was used; the log may not show it yet."""
    cast = decode(entry)
    if not refusal.detail.isascii() or not refusal.detail.isdigit() or not isinstance(cast.payload, Ballot):
        raise Stop("refused: serial, and the board does not say which was used", FAILED)
    booth.note_used(cast.author, cast.payload.day, max(int(refusal.detail), cast.payload.serial))
    print(f"serial {cast.payload.serial} of this card was used already, up to {refusal.detail}: a new ballot")
