"""How words get into the log: said once, and a refusal of them is kept, for it is evidence."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from hashlib import sha256
from pathlib import Path

from psephos.cli.home.home import Home, HomeOptions, alone, open_home
from psephos.cli.home.sending import send, up_to_date
from psephos.cli.process.stop import USAGE, Stop
from psephos.cli.source import read_file
from psephos.files import write_whole
from psephos.post.outbox import Refused
from psephos.protocol.correspondence import unquoted
from psephos.protocol.entries import Entry, Payload
from psephos.protocol.record import Record
from psephos.protocol.statement import NO_ATTACHMENT, write

_BOX = "statements"
_REFUSED = "refused"
"""Where refused entries are kept, with the refusals, as `observer watch --promises` reads them."""
_HASH = re.compile(r"[0-9a-f]{64}")


@contextmanager
def speaking(options: HomeOptions, timeout: float) -> Iterator[tuple[Home, Record]]:
    """The home of whoever speaks, and the record with what was said before in it.

    Words are sent by a box of their own: a role says something while it is at work.
    """
    with open_home(options, None, beside=True) as home, alone(home.directory / _BOX):
        speaker = replace(home, box=_BOX)
        with keeping_refusals(speaker), up_to_date(speaker, timeout) as record:
            yield speaker, record


@contextmanager
def keeping_refusals(home: Home) -> Iterator[None]:
    """Keep what the board refuses, with its refusal, in the home; it is raised all the same."""
    try:
        yield
    except Refused as refused:
        place = home.directory / _REFUSED / sha256(refused.entry).hexdigest()[:16]
        place.parent.mkdir(parents=True, exist_ok=True)
        write_whole(place.with_suffix(".entry"), refused.entry)
        write_whole(place.with_suffix(".refusal"), refused.message)
        raise


def attached(file: Path | None) -> tuple[list[bytes], bytes]:
    """The blobs to be sent with words, and the SHA-256 that these name."""
    blobs = [] if file is None else [read_file(file)]
    return blobs, sha256(blobs[0]).digest() if blobs else NO_ATTACHMENT


def say(
    options: HomeOptions,
    timeout: float,
    words: Callable[[Record], Payload],
    blobs: Sequence[bytes] = (),
    quote: bool = False,
) -> int:
    """Log words unless the log has them already; prints which entry they are."""
    with speaking(options, timeout) as (home, record):
        key, said = home.signing_key(), words(record)
        index = _logged(record, key.public.raw, said, quote)
        if index is None:
            read = home.latest if quote else None
            if read is not None:
                seen = f"At {read.size} {read.root.hex()}: {getattr(said, 'text', '')}"
                said = replace(said, text=seen)  # type: ignore[call-arg]
            send(home, [write(home.pin.definition, key, said)], timeout, blobs)
            index = home.outbox.reached - 1
        print(f"entry {index}")
        return 0


def _logged(record: Record, author: bytes, said: Payload, quote: bool) -> int | None:
    """Where the log has these words of an author, whatever log they quote."""
    for index, entry in (*record.statements, *record.decisions):
        if entry.author == author and type(entry.payload) is type(said):
            logged = entry.payload
            if quote:
                logged = replace(logged, text=unquoted(getattr(logged, "text", "")))  # type: ignore[call-arg]
            if logged == said:
                return index
    return None


def named(record: Record, entry: str) -> bytes:
    """The body hash of an entry with words, by its index, or as it stands; Stop where there is none."""
    if _HASH.fullmatch(entry):
        return bytes.fromhex(entry)
    spoken: list[tuple[int, Entry]] = [*record.statements, *record.decisions]
    for index, one in spoken:
        if str(index) == entry:
            return one.body_hash
    raise Stop(f"entry {entry} is nothing that was said: give its index, or its hash of 64 digits", USAGE)


def region(record: Record, name: str) -> int:
    """The position of a region, by its id."""
    for one in record.definition.regions:
        if one.id == name:
            return one.index
    raise Stop(f"there is no region {name}", USAGE)
