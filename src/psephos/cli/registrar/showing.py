"""`psephos registrar show` and `show-batch`: what registrars asked one another, for whoever judges it."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from pathlib import Path

from psephos.cli.home.home import DEFAULT_HOME, HomeOptions, open_home
from psephos.cli.process.stop import FAILED, USAGE, Stop
from psephos.cli.registrar.opened import region_of, state
from psephos.files import write_whole
from psephos.protocol.record import Record
from psephos.registrar.shown import about_batch, about_card
from psephos.registrar.store import Read, look

_CARD = re.compile(r"[0-9a-f]{64}")


def show(card: str, folder: Path, /, *, options: HomeOptions = DEFAULT_HOME) -> int:
    """Write down what was asked and answered about a card before batches, a message a file.

    It answers receipts that somebody shows for a card that is in no batch: `psephos observer watch
    --promises` judges them together. Nothing in it says whose card it is.

    Example: psephos registrar show 9a3f..e1 evidence --home registrar

    Parameters
    ----------
    card
        The card's key, 64 hex digits, as its receipts name it.
    folder
        The directory to write to, which is made.
    """
    if not _CARD.fullmatch(card):
        raise Stop(f"{card[:80]}: not the key of a card, which has 64 lower-case hex digits", USAGE)
    _write(folder, card[:16], options, lambda read, _: about_card(read, bytes.fromhex(card)))
    return 0


def show_batch(folder: Path, /, *, region: str, batch: int, options: HomeOptions = DEFAULT_HOME) -> int:
    """Write down what registrars asked one another before a batch, and answered, a message a file.

    It shows who is right where a registrar objects to a batch: the first, by answers of the other with every
    card of it; or the other, by an answer that lacks one. Nothing in it says whose cards they are.

    Example: psephos registrar show-batch evidence --region north --batch 3 --home registrar

    Parameters
    ----------
    folder
        The directory to write to, which is made.
    region
        The region's identifier.
    batch
        The batch's number, from 1.
    """
    _write(
        folder,
        f"{region}-{batch}",
        options,
        lambda read, record: about_batch(read, region_of(record, region).index, batch),
    )
    return 0


Shown = Callable[[Read, Record], Iterable[tuple[bytes, bytes]]]


def _write(folder: Path, name: str, options: HomeOptions, shown: Shown) -> None:
    """A file for each query and each answer."""
    with open_home(options, "registrar", beside=True) as home, home.record() as record:
        path = state(home)
        if not path.exists():
            raise Stop(f"{path} is not there: no card has been admitted yet", FAILED)
        with look(path) as read:
            messages = [message for pair in shown(read, record) for message in pair]
    if not messages:
        raise Stop(f"no other registrar has answered here about {name}", FAILED)
    folder.mkdir(parents=True, exist_ok=True)
    for number, message in enumerate(messages, 1):
        write_whole(folder / f"{name}-{number}", message, 0o600)
    print(f"{len(messages)} messages in {folder}")
