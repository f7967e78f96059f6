"""`psephos registrar`: says who may vote, gives tokens, admits cards, and agrees with others on batches."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated

from cyclopts import App, Parameter

from psephos.cli.home.home import (
    DEFAULT_HOME,
    BoardPost,
    Home,
    HomeOptions,
    PublishedLog,
    location,
    open_home,
)
from psephos.cli.home.registrars import RegistrarPosts, registrar_posts
from psephos.cli.home.waits import show_status
from psephos.cli.process.stop import USAGE, Stop
from psephos.cli.registrar.help import HELP
from psephos.cli.registrar.opened import ADDRESS, state
from psephos.cli.registrar.recover import recover
from psephos.cli.registrar.roll import roll
from psephos.cli.registrar.showing import show, show_batch
from psephos.cli.registrar.turns import round_
from psephos.protocol.enrolment.token_keys import LONGEST_ADDRESS
from psephos.protocol.record import Record
from psephos.protocol.setup import relays
from psephos.registrar.numbers import count
from psephos.registrar.store import look

registrar = App("registrar", help="Keep the roll, issue tokens, admit cards, agree on batches.")
# Loaded when they are called: their libraries are large.
registrar.command(
    "psephos.cli.registrar.letters:letters", help="Send invitations by e-mail and on paper, see what returns."
)
registrar.command("psephos.cli.registrar.signin:sign_in", help=HELP["sign-in"])
registrar.command("psephos.cli.registrar.running:run", help=HELP["run"])
registrar.command(roll)
registrar.command(round_, name="round")
registrar.command(recover)
registrar.command(show)
registrar.command(show_batch)


@registrar.command
def init(
    *,
    name: str,
    log: PublishedLog,
    board: BoardPost,
    post: Path | None = None,
    address: Annotated[str, Parameter(name="--address")] = "",
    registrars: RegistrarPosts = None,
    options: HomeOptions = DEFAULT_HOME,
) -> int:
    """Make a home with a fresh key; registrar.json in it is for the organiser.

    Its secrets for tokens are drawn once the definition is logged, and are for that one alone. Run again to
    change paths; keys stay.

    Example: psephos registrar init --home registrar --name "Civil registry" --log record --board board/post

    Parameters
    ----------
    name
        The registrar's name, for people.
    post
        The directory where requests come in; `post` in the home unless it is given.
    address
        Where others reach that post over HTTP, such as https://register.example/post/registrar; it is logged.
    """
    if address and (len(address) > LONGEST_ADDRESS or not re.fullmatch(relays.ADDRESS, address)):
        form = f"at most {LONGEST_ADDRESS} characters, without a slash at its end"
        raise Stop(f"--address {address}: not an http(s) address of {form}", USAGE)
    if address:
        location(address)  # refuses what cannot be asked
    posts = {"board": location(board), "registrar": str((post or options.home / "post").resolve())}
    posts |= registrar_posts(registrars) | ({ADDRESS: address} if address else {})
    home = Home(options, "registrar", name, location(log), posts)
    card = home.create({})
    home.post("registrar")  # the server refuses a directory that is not there
    print(card)
    return 0


@registrar.command
def status(*, options: HomeOptions = DEFAULT_HOME) -> int:
    """Say how far enrolment is, and what is waited for, from whom.

    Example: psephos registrar status --home registrar
    """
    with open_home(options, "registrar", beside=True) as home, home.record() as record:
        for line in _numbers(home, record):
            print(line)
        requests = sum(1 for _ in home.post("registrar").waiting())
        print(f"{'requests':<12}{requests} wait for `registrar round`")
        show_status(home, record)
    return 0


def _numbers(home: Home, record: Record) -> Iterator[str]:
    """How far each region is, once there is anything to count."""
    if not record.begun or not (place := state(home)).exists():
        return
    with look(place) as read:
        for region in record.definition.regions:
            of = count(read, region.index)
            voters = f"{of.roll} voters, {of.given} with tokens"
            cards = f"{of.cards} cards, {of.waiting} of them in no batch, {of.batches} batches"
            yield f"{region.id:<12}{voters}, {cards}{', closed' if of.shut else ''}"
