"""From a plan to definition and pin: `psephos organiser plan` and `new`."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

from cyclopts import Parameter

from psephos.cli.home.home import DEFAULT_HOME, BoardPost, Home, HomeOptions, PublishedLog, alone, location
from psephos.cli.process.stop import USAGE, Stop, stopping
from psephos.cli.process.times import local
from psephos.cli.source import read_file
from psephos.cli.verify import Switch
from psephos.files import PUBLIC, write_whole
from psephos.observer.text import plain
from psephos.organiser.plan.define import PartyFile, define
from psephos.organiser.plan.example import example_plan
from psephos.organiser.plan.mistakes import BadPlan
from psephos.organiser.plan.reading import DefinitionTemplate, read_plan
from psephos.organiser.plan.trial import check_by_trial
from psephos.protocol.setup.document import parse
from psephos.protocol.setup.pin import Pin

DEFINITION = "definition.json"
BLOBS = "blobs"
"""The directory of what the definition names by its SHA-256."""


def plan(file: Path | None = None, /, *, example: Switch = False) -> int:
    """Check a plan, or show an example of one; docs/guides/organiser.md explains plans.

    Example: psephos organiser plan --example > plan.toml

    Parameters
    ----------
    file
        The plan to check, in TOML. All its mistakes are said, each with a line that would do.
    example
        Print a plan with comments, to begin with.
    """
    if example:
        print(example_plan(time.time()), end="")
        return 0
    if file is None:
        raise Stop(
            "name a plan to check, or print one to begin with: psephos organiser plan --example", USAGE
        )
    checked = checked_plan(file)
    with reporting_mistakes(file):
        check_by_trial(checked)
    print(f"{file}: no mistakes. With the parties' cards: psephos organiser new {file} --parties ..")
    for line in described(checked):
        print(line)
    return 0


def new(
    plan: Path,
    /,
    *,
    parties: Annotated[list[Path], Parameter(consume_multiple=True)],
    log: PublishedLog,
    board: BoardPost,
    options: HomeOptions = DEFAULT_HOME,
) -> int:
    """Make a definition and its pin from a plan and the parties' public cards.

    It may be made anew until it is published. docs/guides/organiser.md explains plans, and `psephos organiser
    plan --example` prints one.

    Example: psephos organiser new plan.toml --home organiser --log record --board board/post
    --parties board/board.json registrar/registrar.json trustee-1/trustee.json witness-1/witness.json

    Parameters
    ----------
    plan
        What is asked, where, when and how it is decided, in TOML. All its mistakes are said at once.
    parties
        Public cards; registrars, trustees and witnesses are numbered in this order, unless the plan names
        them. The first registrar leads.
    """
    home = Home(options, "organiser", "organiser", location(log), {"board": location(board)})
    checked, cards = checked_plan(plan), [_card(file) for file in parties]
    with alone(options.home), stopping(USAGE):
        home.write()
        with reporting_mistakes(plan):
            document = define(checked, home.draw_key().public.raw, cards)
        _check_unpublished(home, document)
        (home.directory / BLOBS).mkdir(exist_ok=True)
        for name, blob in checked.blobs.items():
            write_whole(home.directory / BLOBS / name, blob, PUBLIC)
        write_whole(home.directory / DEFINITION, document, PUBLIC)
        pin = Pin.of(definition := parse(document))
        write_whole(home.directory / "pin.json", pin.encode(), PUBLIC)
    print(f"definition {definition.hash.hex()}")
    print(f"pin        {home.directory / 'pin.json'}: give it to everybody")
    return 0


def checked_plan(file: Path) -> DefinitionTemplate:
    """A plan without mistakes; Stop when there are any, once all are said."""
    data = read_file(file)
    with reporting_mistakes(file):
        return read_plan(data, lambda name: (file.parent / name).read_bytes())


def described(checked: DefinitionTemplate) -> Iterator[str]:
    """What a plan says, for whoever wrote it to read again: questions, regions and times there."""
    language = checked.members["languages"][0]
    for style in checked.members["styles"]:
        for contest in style["contests"]:
            asked = style.get("languages", [language])[0]
            choices = " / ".join(text[asked] for text in contest["options"])
            yield f"{'question':<12}{contest['question'][asked]} ({choices})"
    for region in checked.members["regions"]:
        for opens, seals in region["days"]:
            times = f"{local(opens, region['timezone'])} to {local(seals, region['timezone'])}"
            yield f"{'voting':<12}{region['name'][language]}: {times}"
        until = local(region["closes"], region["timezone"])
        yield f"{'enrolment':<12}{region['name'][language]}: until {until}"
    yield f"{'registrars':<12}{_registrars(checked.registrars)}"
    yield f"{'relays':<12}{_relays(checked)}"


def _registrars(names: Sequence[str]) -> str:
    """Who gives cards, and what that means."""
    if len(names) > 1:
        return (
            f"{', '.join(names)}: voters need an invitation from each; only all together could invent voters"
        )
    named = names[0] if names else "those whose cards are given"
    return (
        f"{named}. A single one could enrol cards that count for people who never come; two could not alone"
    )


def _relays(checked: DefinitionTemplate) -> str:
    """Who mixes cards, and what it means that nobody does."""
    names = ", ".join(relay["name"] for relay in checked.members["relays"])
    if not names:
        return "none: registrars can learn whose cards are whose, but not which of them counts"
    return f"{names}: cards wait there for up to {2 * checked.members['hold']} seconds"


@contextmanager
def reporting_mistakes(file: Path) -> Iterator[None]:
    """Say each mistake on lines of its own, then Stop."""
    try:
        yield
    except BadPlan as bad:
        for one in bad.mistakes:
            place = ", ".join([str(file), *[f"line {one.line}"] * bool(one.line)])
            named = f"{one.where}: " if one.where else ""
            sys.stderr.write(f"{plain(f'{place}: {named}{one.what}')}\n")
            if one.write:
                sys.stderr.write(f"    write: {plain(one.write)}\n")
        count = len(bad.mistakes)
        mistakes = "1 mistake: mend it" if count == 1 else f"{count} mistakes: mend them all"
        raise Stop(f"{file} has {mistakes}, then run the same command again", USAGE) from None


def _card(file: Path) -> PartyFile:
    with stopping(USAGE, str(file)):
        return PartyFile.parse(read_file(file))


def _check_unpublished(home: Home, document: bytes) -> None:
    kept = home.directory / DEFINITION
    if kept.exists() and kept.read_bytes() != document and (home.directory / "outbox").exists():
        raise Stop(f"{kept} has been sent to the board, and never changes again", USAGE)
