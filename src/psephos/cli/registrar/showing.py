"""`psephos registrar show`: what registrars asked one another about a card, for whoever judges it."""

from __future__ import annotations

import re
from pathlib import Path

from psephos.cli.home.home import HERE, Where, open_home
from psephos.cli.process.stop import FAILED, USAGE, Stop
from psephos.cli.registrar.opened import state
from psephos.post.files import write_whole
from psephos.registrar.shown import about_card
from psephos.registrar.store import look

_CARD = re.compile(r"[0-9a-f]{64}")


def show(card: str, folder: Path, /, *, where: Where = HERE) -> int:
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
    with open_home(where, "registrar", beside=True) as home:
        path = state(home)
        if not path.exists():
            raise Stop(f"{path} is not there: no card has been admitted yet", FAILED)
        with look(path) as read:
            messages = [message for pair in about_card(read, bytes.fromhex(card)) for message in pair]
    if not messages:
        raise Stop("no other registrar was asked about this card, or it was not admitted here", FAILED)
    folder.mkdir(parents=True, exist_ok=True)
    for number, message in enumerate(messages, 1):
        write_whole(folder / f"{card[:16]}-{number}", message, 0o600)
    print(f"{len(messages)} messages in {folder}")
    return 0
