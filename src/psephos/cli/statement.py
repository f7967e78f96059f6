"""`psephos statement`: what a named party or an accredited observer says, signed, in the log itself."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from hashlib import sha256
from pathlib import Path

from psephos.cli.home.home import HERE, Home, Patience, Where, alone, open_home
from psephos.cli.home.sending import send, up_to_date
from psephos.cli.source import read_file
from psephos.cli.verify import Switch
from psephos.protocol.statement import NO_ATTACHMENT, state

_BOX = "statements"


def statement(
    *,
    subject: str,
    language: str,
    text: str,
    attach: Path | None = None,
    quote: Switch = False,
    patience: Patience = 5.0,
    where: Where = HERE,
) -> int:
    """Log a statement, for people, with a file if there is one.

    Whose it is says the home: the organiser's, the registrar's, the board's, a trustee's or an observer's,
    once the organiser has accredited that. Other commands may be at work in the home meanwhile.

    Example: psephos statement --subject Turnout --language en --text "Polling went well." --home organiser

    Parameters
    ----------
    subject
        What it is about.
    language
        The language tag of the text.
    text
        What is to be said.
    attach
        A file that is published with it.
    quote
        Begin the text with the log that it speaks of, as size and root: a refusal is then evidence.
    """
    blobs = [] if attach is None else [read_file(attach)]
    digest = sha256(blobs[0]).digest() if blobs else NO_ATTACHMENT
    with _speaking(where, patience) as home:
        read = home.latest if quote else None
        seen = "" if read is None else f"At {read.size} {read.root.hex()}: "
        entry = state(home.pin.definition, home.signing_key(), subject, language, seen + text, digest)
        send(home, [entry], patience, blobs)
        print(f"entry {home.outbox.reached - 1}")
        return 0


@contextmanager
def _speaking(where: Where, patience: float) -> Iterator[Home]:
    """The home of whoever speaks, with what was said before in the log.

    Statements are sent by a box of their own: a role says something while it is at work.
    """
    with (
        open_home(where, None, beside=True) as home,
        alone(home.directory / _BOX),
        up_to_date(speaker := replace(home, box=_BOX), patience),
    ):
        yield speaker
