"""What subcommands read: a record, and the pin that says which one it must be."""

from __future__ import annotations

from pathlib import Path

from psephos.cli.process.stop import USAGE, Stop, stopping
from psephos.errors import FormatError
from psephos.log import checkpoints
from psephos.log.client import Client
from psephos.log.tree import Tree
from psephos.protocol import entries
from psephos.protocol.setup.arrival import document_of
from psephos.protocol.setup.document import parse
from psephos.protocol.setup.pin import Pin
from psephos.verifier.run import policy
from psephos.voter.expected import NOUNS, USES
from psephos.voter.pasted import read


def open_record(record: str) -> Client:
    """The log in a directory or at an http(s) URL."""
    if (file := Path(record)).is_file():
        kinds = [piece.kind for piece in read(read_file(file)).pieces]
        thing = next((NOUNS[kind] for kind in kinds if kind in USES), "a file")
        raise Stop(f"{record}: this is {thing}; a record is a directory of a log's files, or its URL", USAGE)
    with stopping(USAGE):
        return Client(record)


def read_file(file: Path) -> bytes:
    """A file that somebody named."""
    try:
        return file.read_bytes()
    except OSError as error:
        raise Stop(f"{file}: {error.strerror}", USAGE) from error


def read_pin(file: Path) -> Pin:
    """A pin that can be used."""
    document = read_file(file)
    with stopping(USAGE, f"{file}: no pin"):
        pin = Pin.parse(document)
        policy(pin)
    return pin


def unverified_tree(record: Client) -> Tree:
    """The log under its checkpoint, whoever signed that."""
    checkpoint, _ = checkpoints.read(record.checkpoint())
    return Tree(checkpoint, record.fetch)


def first_use(record: Client) -> Pin:
    """The pin that the record itself asks to be trusted with: whoever could swap the record could swap it."""
    tree = unverified_tree(record)
    if not tree.checkpoint.size:
        raise FormatError("the log is empty: it has no definition yet")
    logged = (entries.decode(data) for _, bundle in tree.entries() for data in bundle)
    return Pin.of(parse(document_of(logged)))
