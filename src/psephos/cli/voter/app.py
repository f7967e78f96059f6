"""The device itself: its home, and what it waits for."""

from __future__ import annotations

import time

from cyclopts import App

from psephos.cli.home.home import DEFAULT_HOME, BoardPost, Home, HomeOptions, PublishedLog, alone, location
from psephos.cli.home.registrars import RegistrarPosts, registrar_posts
from psephos.cli.process.times import local
from psephos.cli.voter.session import Session, at_device
from psephos.protocol.entries import TokenReceipt, decode
from psephos.voter.logged import is_issued

voter = App("voter", help="Enrol cards, vote with them, and check what devices do.")


@voter.command
def init(
    *,
    log: PublishedLog,
    board: BoardPost,
    registrar: RegistrarPosts = None,
    options: HomeOptions = DEFAULT_HOME,
) -> int:
    """Make a home on a device.

    Run again to change paths; keys stay.

    Example: psephos voter init --home phone --log record --board board/post --registrar registrar/post
    --pin pin.json
    """
    posts = {"board": location(board)} | registrar_posts(registrar)
    home = Home(options, "voter", "a voter's device", location(log), posts)
    with alone(options.home):
        home.write()
        home.adopt(options.pin)
        home.draw_lock()
        print(f"{home.directory}: what the device must remember is sealed in {home.directory / 'keys'}")
    return 0


@voter.command
def status(*, options: HomeOptions = DEFAULT_HOME) -> int:
    """Say what the device has under way, what is waited for, from whom, and when days open.

    Example: psephos voter status --home phone
    """
    with at_device(options) as session:
        memory, record = session.device.memory, session.record
        if (asking := memory.asking) is not None:
            for one, wait in zip(asking.asked, asking.waits, strict=True):
                late = (
                    "; it said that it would have answered by now" if time.time() > asking.at + wait else ""
                )
                print(f"{'tokens':<12}{session.registrar(one.registrar)}: psephos voter enrol{late}")
        if (made := memory.made) is not None:
            answers = sum(bool(answer) for row in made.answers for answer in row)
            total = sum(map(len, made.answers))
            print(f"{'cards':<12}{answers} of {total} messages are answered: psephos voter enrol")
        if memory.ballot is not None:
            print(f"{'board':<12}answers the ballot: psephos voter vote")
        _say_receipts(session)
        for windows in record.windows:
            region, zone = windows.region.id, windows.region.timezone
            for day, plan in enumerate(windows.plans, 1):
                opens, seals = (local(moment, zone) for moment in plan)
                state = "sealed" if day <= len(windows.sealed) else "open" if day == windows.open_day else ""
                print(f"{region:<12}day {day}: {opens} to {seals} {state}".rstrip())
    return 0


def _say_receipts(session: Session) -> None:
    """Whether registrars list what they gave this device tokens for."""
    numbers = {session.record.setting.author(number): number for number in session.record.setting.registrars}
    for message in session.device.memory.receipts:
        entry = decode(message, message=True)
        if isinstance(entry.payload, TokenReceipt) and entry.author in numbers:
            number = numbers[entry.author]
            listed = is_issued(session.record, number, entry.payload)
            said = {True: "lists your tokens", None: "has not listed its tokens yet"}.get(listed)
            said = (
                said or f"does NOT list your tokens: evidence against it: {_kept(session, number, message)}"
            )
            print(f"{'issued':<12}{session.registrar(number)} {said}")


def _kept(session: Session, number: int, message: bytes) -> str:
    return str(session.keep("evidence", f"token-receipt-{number}", message))
