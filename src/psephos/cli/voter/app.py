"""The device itself: its home, its tokens, and what it waits for."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Annotated

from cyclopts import App, Parameter, validators

from psephos.cli.home.home import (
    HERE,
    BoardPost,
    Home,
    Patience,
    PublishedLog,
    RegistrarPost,
    Where,
    alone,
    location,
)
from psephos.cli.process.stop import FAILED, USAGE, WAITING, Stop, stopping
from psephos.cli.process.terminal import local
from psephos.cli.source import read_file
from psephos.cli.voter.session import Session, at_device
from psephos.protocol.enrolment.invitation import Invitation
from psephos.protocol.enrolment.token import MOST_DECOYS, VOTER
from psephos.voter.enrolment import check_invited
from psephos.voter.expected import take
from psephos.voter.pasted import read

voter = App("voter", help="Enrol cards, vote with them, and check what devices do.")

Decoys = Annotated[int, Parameter(validator=validators.Number(gte=0, lte=MOST_DECOYS))]


@voter.command
def init(*, log: PublishedLog, board: BoardPost, registrar: RegistrarPost, where: Where = HERE) -> int:
    """Make a home on a device.

    Run again to change paths; keys stay.

    Example: psephos voter init --home phone --log record --board board/post --registrar registrar/post
    --pin pin.json
    """
    posts = {"board": location(board), "registrar": location(registrar)}
    home = Home(where, "voter", "a voter's device", location(log), posts)
    with alone(where.home):
        home.write()
        home.adopt(where.pin)
        home.draw_lock()
        print(f"{home.directory}: what the device must remember is sealed in {home.directory / 'keys'}")
    return 0


@voter.command
def token(
    *, invitation: Path | None = None, decoys: Decoys = 0, patience: Patience = 5.0, where: Where = HERE
) -> int:
    """Get the token that lets a voter enrol, once; run again it takes the registrar's answer.

    Example: psephos voter token --invitation invitation.txt --decoys 2 --home phone

    Parameters
    ----------
    invitation
        The file from the registrar.
    decoys
        How many decoy tokens to get besides: each enrols some cards that weigh nothing.
    """
    with at_device(where) as session:
        device = session.device
        if device.memory.request is None:
            if device.token(VOTER):
                print("there is a voter token already: psephos voter enrol")
                return 0
            region, invited = _invited(session, invitation)
            device.begin_tokens(region, invited.opening, decoys, os.urandom(32))
        post = session.home.channel("registrar")
        answer = device.fetch_tokens(post, patience)
        if answer is None:
            raise Stop("waits for the registrar: the request is not answered yet", WAITING)
        device.end_tokens(post)
        session.complain(answer)
        print(_tokens(session))
    return 0


def _invited(session: Session, file: Path | None) -> tuple[int, Invitation]:
    """An invitation to this referendum, and its region's position."""
    if file is None:
        raise Stop("no request is under way: give --invitation", USAGE)
    with stopping(USAGE, str(file)):
        invitation = Invitation.parse(take(read(read_file(file)), "invitation").encode())
    if invitation.definition != session.definition.hash:
        raise Stop(f"{file}: an invitation to another referendum", USAGE)
    regions = {region.id: region.index for region in session.definition.regions}
    if invitation.region not in regions:
        raise Stop(f"{file}: there is no region {invitation.region}", USAGE)
    roster = session.record.rosters[regions[invitation.region]]
    with stopping(FAILED, str(file)):
        check_invited(roster, session.definition.hash, invitation.opening)
    return regions[invitation.region], invitation


def _tokens(session: Session) -> str:
    kinds = [one.kind for one in session.device.memory.tokens]
    return (
        f"{kinds.count(VOTER)} voter tokens and {len(kinds) - kinds.count(VOTER)} decoy tokens are not spent"
    )


@voter.command
def status(*, where: Where = HERE) -> int:
    """Say what the device has under way, what is waited for, from whom, and when days open.

    Example: psephos voter status --home phone
    """
    with at_device(where) as session:
        memory, record = session.device.memory, session.record
        print(f"{'tokens':<12}{_tokens(session)}")
        if memory.request is not None:
            print(f"{'registrar':<12}answers the request for tokens: psephos voter token")
        if memory.group is not None:
            print(f"{'registrar':<12}answers the group of cards: psephos voter enrol")
        if memory.ballot is not None:
            print(f"{'board':<12}answers the ballot: psephos voter vote")
        for windows in record.windows:
            region, zone = windows.region.id, windows.region.timezone
            for day, plan in enumerate(windows.plans, 1):
                opens, seals = (local(time, zone) for time in plan)
                state = "sealed" if day <= len(windows.sealed) else "open" if day == windows.open_day else ""
                print(f"{region:<12}day {day}: {opens} to {seals} {state}".rstrip())
    return 0
