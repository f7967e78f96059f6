"""`psephos registrar`: says who may vote, and enrols them."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

from cyclopts import App, Parameter, validators

from psephos.cli.home.home import (
    HERE,
    BoardPost,
    Home,
    Patience,
    PublishedLog,
    Where,
    alone,
    location,
    open_home,
)
from psephos.cli.home.sending import send, settle, up_to_date
from psephos.cli.home.waits import show_status
from psephos.cli.process.running import repeat
from psephos.cli.process.stop import FAILED, USAGE, WAITING, Stop, stopping
from psephos.cli.registrar.help import HELP
from psephos.cli.registrar.rolls import agree, check_number, invite, read_list
from psephos.crypto.group import base_multiples
from psephos.crypto.token import token_key
from psephos.protocol.encoding.form import IDENTIFIER
from psephos.protocol.record import Record
from psephos.protocol.setup.definition import Region
from psephos.registrar.answering import enter, lacking, serve
from psephos.registrar.numbers import count
from psephos.registrar.registrar import Registrar
from psephos.registrar.store import look
from psephos.server.eligibility.contact import key_name

registrar = App("registrar", help="Keep the roll, give out tokens, enrol cards in batches.")
# Loaded when they are called: their libraries are large.
registrar.command(
    "psephos.cli.registrar.letters:letters", help="Send invitations by e-mail and on paper, see what returns."
)
registrar.command("psephos.cli.registrar.signin:sign_in", help=HELP["sign-in"])

KINDS = ("voter", "decoy")


@registrar.command
def init(
    *,
    name: str,
    regions: str,
    log: PublishedLog,
    board: BoardPost,
    post: Path | None = None,
    plain: bool = False,
    where: Where = HERE,
) -> int:
    """Make a home with fresh keys; registrar.json in it is for the organiser.

    Run again to change paths; keys stay.

    Example: psephos registrar init --home registrar --name "Civil registry" --regions north,south
    --log record --board board/post

    Parameters
    ----------
    name
        The registrar's name, for people.
    regions
        The ids of the plan's regions, with commas between: each gets token keys of its own.
    post
        The directory where requests come in; `post` in the home unless it is given.
    plain
        For a plan with one card a voter: no keys for decoy tokens.
    """
    ids = regions.split(",")
    if len(set(ids)) < len(ids) or not all(IDENTIFIER.fullmatch(one) for one in ids):
        raise Stop(f"--regions {regions}: not different identifiers with commas between", USAGE)
    posts = {"board": location(board), "registrar": str((post or where.home / "post").resolve())}
    home = Home(where, "registrar", name, location(log), posts)
    kinds = KINDS[:1] if plain else KINDS
    with alone(home.directory), stopping(FAILED):
        home.write()
        home.post("registrar")  # the server refuses a directory that is not there
        home.draw_key()
        tokens = {one: {f"{kind}_key": _draw(home, kind, one).hex() for kind in kinds} for one in ids}
    print(home.found({"tokens": tokens}))
    return 0


def _draw(home: Home, kind: str, region: str) -> bytes:
    """The public half of a region's token key, drawn the first time."""
    name = _key_name(kind, region)
    if (secret := home.keys.read(name)) is None:
        secret, _ = token_key(os.urandom(32))
        home.keys.write(name, secret)
    return base_multiples(secret)


def _key_name(kind: str, region: str) -> str:
    """By region's id: when keys are drawn, its number is not known yet."""
    return f"{kind}-token-of-{region}"


@registrar.command
def roll(
    file: Path,
    /,
    *,
    region: str,
    expect: Annotated[int | None, Parameter(validator=validators.Number(gte=1))] = None,
    encoding: str | None = None,
    patience: Patience = 5.0,
    where: Where = HERE,
) -> int:
    """Make a region's roll of voters, and log it; `invitations` in the home has a file for each voter.

    A roll is logged once, for good: number, first and last names and all that looks odd are shown before,
    and have to be agreed to.

    Example: psephos registrar roll north.csv --region north --expect 1200 --home registrar --pin pin.json

    Parameters
    ----------
    file
        A list, as other programs write it: a name or number in each line, no two alike; or several columns
        under a heading such as name;e-mail;address, in any usual language. `letters add` takes the same file.
    region
        The region's id.
    expect
        How many voters there must be; without it the question is asked at the terminal.
    encoding
        What the file is written in, such as windows-1251, where it is not found out.
    """
    voters = read_list(file, encoding)
    check_number(file, voters, expect)
    with _at_work(where, patience) as (home, record, office):
        place = _region(record, region)
        if not office.openings(place.index):
            agree(file, voters, place.id, expect)
        openings = enter(office, place.index, voters.names, os.urandom)
        folder = home.directory / "invitations" / place.id
        invite(folder, record.definition, place, openings)
        if record.rosters[place.index].roll is None:
            send(home, office.roll_entries(place.index), patience)
        print(f"roll of {place.id}: {len(openings)} voters; invitations in {folder}")
    return 0


@registrar.command
def token(*, where: Where = HERE) -> int:
    """Answer the requests for tokens, and the groups of cards, that wait.

    Example: psephos registrar token --home registrar
    """
    with open_home(where, "registrar") as home, home.record() as record:
        _begun(record)
        with _office(home, record) as office:
            print(f"answered {serve(office, home.post('registrar'), os.urandom)}")
    return 0


@registrar.command
def batch(
    *, close: bool = False, region: str | None = None, patience: Patience = 5.0, where: Where = HERE
) -> int:
    """Log the batches that are due; with --close end enrolment: the last batch, and which hashes got a token.

    Example: psephos registrar batch --close --region north --home registrar

    Parameters
    ----------
    close
        End enrolment for good: no token and no group is taken any more.
    region
        The region's id; all regions unless it is given.
    """
    with _at_work(where, patience) as (home, record, office):
        chosen = [_region(record, region)] if region else list(record.definition.regions)
        _begun(record)
        if close:
            _check_rolls(record, chosen)
            serve(office, home.post("registrar"), os.urandom)
            for one in chosen:
                office.close_enrolment(one.index)
                home.keys.erase(key_name(one.id))
        logged = _send_lacking(home, record, office, chosen, patience)
        for one in chosen:
            if (said := _said_of(office, record, one)) and (close or not logged):
                print(said)
    return 0


def _check_rolls(record: Record, regions: Iterable[Region]) -> None:
    """Before any is closed: none is, unless all can be."""
    missing = [one.id for one in regions if record.rosters[one.index].roll is None]
    if missing:
        command = f"psephos registrar roll FILE --region {missing[0]}"
        what = f"nothing was closed: there is no roll of {', '.join(missing)} yet"
        raise Stop(f"{what}: {command}; or close the others alone, each with --region", USAGE)


def _said_of(office: Registrar, record: Record, region: Region) -> str:
    """How far enrolment in a region is, where there was nothing to log or it is closed."""
    numbers = office.numbers(region.index)
    if record.rosters[region.index].roll is None:
        return f"{region.id} has no roll yet: psephos registrar roll FILE --region {region.id}"
    if not numbers.closed:
        return f"no batch of {region.id} is due: {numbers.waiting} wait for one, {numbers.batches} are logged"
    if numbers.batches:
        return f"enrolment in {region.id} is closed"
    said = f"enrolment in {region.id} is closed, and nobody has enrolled: there is no voting there"
    return f"{said}. If so in all regions, the organiser ends it: psephos organiser cancel --reason R"


def _send_lacking(
    home: Home, record: Record, office: Registrar, regions: Iterable[Region], patience: float
) -> int:
    """Log what the board lacks of these regions; returns how many entries that were."""
    rosters = [record.rosters[one.index] for one in regions]
    entries = [entry for roster in rosters if roster.roll is not None for entry in lacking(office, roster)]
    if entries:
        send(home, entries, patience)
        print(f"logged {len(entries)} entries")
    return len(entries)


@registrar.command(name="round")
def round_(*, patience: Patience = 5.0, where: Where = HERE) -> int:
    """Do everything that is due, once: answer the post, log the batches that are due.

    Example: psephos registrar round --home registrar
    """
    with _rounds(where, patience) as rounds:
        rounds.turn()
    return 0


@registrar.command
def run(*, patience: Patience = 5.0, where: Where = HERE) -> int:
    """Do what is due, again and again, until SIGTERM or SIGINT.

    Example: psephos registrar run --home registrar
    """
    with _rounds(where, patience) as rounds:
        return repeat(rounds.turn)


@dataclass
class Rounds:
    """Pass after pass: what is new in the record is read once in each, the registrar's state once for all."""

    home: Home
    patience: float
    opened: ExitStack
    office: Registrar | None = None

    def turn(self) -> None:
        """Voters first: they need no board."""
        home = self.home
        with home.record() as record:
            _begun(record)
            if self.office is None:
                self.office = self.opened.enter_context(_office(home, record))
            if answered := serve(self.office, home.post("registrar"), os.urandom):
                print(f"answered {answered}", flush=True)
            settle(home, record, self.patience)
            _send_lacking(home, record, self.office, record.definition.regions, self.patience)


@contextmanager
def _rounds(where: Where, patience: float) -> Iterator[Rounds]:
    with open_home(where, "registrar") as home, ExitStack() as opened:
        yield Rounds(home, patience, opened)


@registrar.command
def status(*, where: Where = HERE) -> int:
    """Say how far enrolment is, and what is waited for, from whom.

    Example: psephos registrar status --home registrar
    """
    with open_home(where, "registrar", beside=True) as home, home.record() as record:
        for line in _numbers(home, record):
            print(line)
        requests = sum(1 for _ in home.post("registrar").waiting())
        print(f"{'requests':<12}{requests} wait for `registrar round`")
        show_status(home, record)
    return 0


def _numbers(home: Home, record: Record) -> Iterator[str]:
    """How far each region is, once there is anything to count."""
    if not record.begun or not (state := _state(home)).exists():
        return
    with look(state) as read:
        for region in record.definition.regions:
            voters, issued, waiting, batches, closed = count(read, region.index)
            numbers = f"{voters} voters, {issued} with a token, {waiting} wait for a batch, {batches} batches"
            yield f"{region.id:<12}{numbers}{', closed' if closed else ''}"


def _state(home: Home) -> Path:
    return home.directory / "state" / "state.sqlite"


@contextmanager
def _at_work(where: Where, patience: float) -> Iterator[tuple[Home, Record, Registrar]]:
    """Once the log has what was sent before, so that nothing is sent twice."""
    with (
        open_home(where, "registrar") as home,
        up_to_date(home, patience) as record,
        _office(home, record) as office,
    ):
        yield home, record, office


@contextmanager
def _office(home: Home, record: Record) -> Iterator[Registrar]:
    """The registrar, with its token keys and, once there is one, the ceremony's result."""
    _defined(record)
    state = _state(home)
    state.parent.mkdir(mode=0o700, exist_ok=True)
    definition = record.definition
    with Registrar(state, definition, home.signing_key(), home.keys) as office:
        kinds = KINDS if definition.coercion_resistant else KINDS[:1]
        for region in definition.regions:
            voter, *decoy = (home.keys.read(_key_name(kind, region.id)) for kind in kinds)
            if voter is None or None in decoy:
                raise Stop(f"there are no token keys for region {region.id}: was it named to init?", USAGE)
            office.keep_token_keys(region.index, voter, decoy[0] if decoy else None)
        if record.ceremony.complete:
            office.begin(record.keys.election_hash, record.keys.key)
        _check_not_older(record, office)
        yield office


def _check_not_older(record: Record, office: Registrar) -> None:
    """The log never has what the state has not: what is sent is on disk before."""
    for region, roster in zip(record.definition.regions, record.rosters, strict=True):
        here = office.numbers(region.index)
        if len(roster.batches) > here.batches or (roster.issued is not None and not here.closed):
            raise Stop(
                f"region {region.id}: the log has what the state lacks: the home is an older copy, and would "
                "give second tokens; never go on from it",
                FAILED,
            )


def _defined(record: Record) -> None:
    if not record.begun:
        raise Stop("waits for the organiser: the definition is not logged yet", WAITING)


def _begun(record: Record) -> None:
    _defined(record)
    if not record.ceremony.complete:
        raise Stop("waits for the trustees: the ceremony is not complete", WAITING)


def _region(record: Record, name: str) -> Region:
    for region in record.definition.regions:
        if region.id == name:
            return region
    raise Stop(f"there is no region {name}", USAGE)
