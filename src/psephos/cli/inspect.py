"""`psephos inspect`: what the entries of a log say, one line each, whether or not they are valid."""

from __future__ import annotations

import json as json_text
from collections.abc import Iterator
from dataclasses import fields
from typing import Annotated, Any

from cyclopts import Parameter

from psephos.cli.process.stop import FAILED, USAGE, Stop, stopping
from psephos.cli.source import open_record, unverified_tree
from psephos.cli.verify import Switch
from psephos.errors import FormatError, VerificationError
from psephos.log.client import Client
from psephos.observer.text import plain
from psephos.protocol import entries
from psephos.protocol.authors import Authors
from psephos.protocol.entries import FIRST_MESSAGE, Ballot, Entry, Grant, Payload
from psephos.protocol.setup.arrival import Arrival
from psephos.protocol.setup.document import parse

TYPES = {one.type_name() for one in Payload.__subclasses__() if one.number < FIRST_MESSAGE}
_LONGEST = 32
"""Byte strings up to this long are shown by how they begin, longer ones by their length."""


def inspect(
    record: str,
    /,
    *,
    kind: Annotated[str | None, Parameter("--type")] = None,
    json: Switch = False,
) -> int:
    """List a log's entries: index, type, author, content. Checks no signature and no proof.

    Parameters
    ----------
    record
        A directory with a log's files, or the http(s) URL of a log.
    kind
        Only entries of this type, such as `statement`.
    json
        Print one JSON object an entry, with everything in it.
    """
    if kind is not None and kind not in TYPES:
        raise Stop(f"no entry type {kind!r}; there are {', '.join(sorted(TYPES))}", USAGE)
    with open_record(record) as log, stopping(FAILED):
        for index, name, entry in _named(log):
            if kind is None or (isinstance(entry, Entry) and entry.payload.type_name() == kind):
                print(_as_json(index, name, entry) if json else _as_line(index, name, entry))
    return 0


def _named(log: Client) -> Iterator[tuple[int, str, Entry | FormatError]]:
    """Every entry with its index and what its author is called, or with why it is none."""
    authors: Authors | None = None
    arrival = Arrival()
    for start, bundle in unverified_tree(log).entries():
        for index, data in enumerate(bundle, start):
            try:
                entry = entries.decode(data)
            except FormatError as error:
                yield index, "", error
                continue
            authors = authors or _authors(arrival, entry)
            yield index, _name(authors, entry), entry


def _authors(arrival: Arrival, entry: Entry) -> Authors | None:
    try:
        taken = arrival.take(entry)
        return None if taken is None else Authors(parse(taken[1]))
    except VerificationError:
        return None


def _name(authors: Authors | None, entry: Entry) -> str:
    if isinstance(entry.payload, Ballot):
        return f"card {entry.author.hex()}"
    if authors is None:
        return f"key {entry.author.hex()}"
    if isinstance(entry.payload, Grant):
        authors.accredit(entry.payload.key)
    return authors.culprit(entry.author)


def _as_line(index: int, name: str, entry: Entry | FormatError) -> str:
    if isinstance(entry, FormatError):
        return str(plain(f"{index:>8}  not an entry: {entry}"))
    kind, _, key = name.partition(" ")
    short = f"{kind} {key[:8]}…" if len(key) > _LONGEST else name
    said = "  ".join(f"{field}={_short(value)}" for field, value in _content(entry))
    return str(plain(f"{index:>8}  {entry.payload.type_name():<17} {short:<18} {said}"))


def _short(value: bytes | str | int) -> str:
    if isinstance(value, bytes):
        return f"{value[:4].hex()}…" if len(value) == _LONGEST else f"({len(value)} bytes)"
    text = str(value)
    return text if len(text) <= 2 * _LONGEST else f"{text[: 2 * _LONGEST]}…"


def _as_json(index: int, name: str, entry: Entry | FormatError) -> str:
    if isinstance(entry, FormatError):
        return json_text.dumps({"index": index, "error": str(entry)})
    document: dict[str, Any] = {
        "index": index,
        "type": entry.payload.type_name(),
        "author": name,
        "key": entry.author.hex(),
        "referendum": entry.referendum.hex(),
        "hash": entry.body_hash.hex(),
    }
    said = {field: value.hex() if isinstance(value, bytes) else value for field, value in _content(entry)}
    return json_text.dumps(document | {"payload": said})


def _content(entry: Entry) -> Iterator[tuple[str, bytes | str | int]]:
    for field in fields(entry.payload):
        yield field.name, getattr(entry.payload, field.name)
