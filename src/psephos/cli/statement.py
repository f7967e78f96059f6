"""`psephos statement`: what a named party or an accredited observer says, signed, in the log itself."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from hashlib import sha256
from pathlib import Path

from psephos.cli.home.home import HERE, Home, Patience, Where, alone, open_home
from psephos.cli.home.sending import send, up_to_date
from psephos.cli.source import read_file
from psephos.cli.verify import Switch
from psephos.protocol.entry import Statement
from psephos.protocol.record import Record
from psephos.protocol.statement import NO_ATTACHMENT, state

_BOX = "statements"
_QUOTE = re.compile(r"\AAt [0-9]+ [0-9a-f]{64}: ")


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
    once the organiser has accredited that. Other commands may be at work in the home meanwhile. What the log
    has already is not said again, so the same command may be run until it is there.

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
    with _speaking(where, patience) as (home, record):
        key = home.signing_key()
        index = _logged(record, key.public.raw, Statement(subject, language, text, digest), quote)
        if index is None:
            read = home.latest if quote else None
            seen = "" if read is None else f"At {read.size} {read.root.hex()}: "
            entry = state(home.pin.definition, key, subject, language, seen + text, digest)
            send(home, [entry], patience, blobs)
            index = home.outbox.reached - 1
        print(f"entry {index}")
        return 0


def _logged(record: Record, author: bytes, said: Statement, quote: bool) -> int | None:
    """Where the log has this statement of an author, whatever log it quotes."""
    for index, entry in record.statements:
        if entry.author == author and isinstance(one := entry.payload, Statement):
            text = _QUOTE.sub("", one.text) if quote else one.text
            if replace(one, text=text) == said:
                return index
    return None


@contextmanager
def _speaking(where: Where, patience: float) -> Iterator[tuple[Home, Record]]:
    """The home of whoever speaks, and the record with what was said before in it.

    Statements are sent by a box of their own: a role says something while it is at work.
    """
    with (
        open_home(where, None, beside=True) as home,
        alone(home.directory / _BOX),
        up_to_date(speaker := replace(home, box=_BOX), patience) as record,
    ):
        yield speaker, record
