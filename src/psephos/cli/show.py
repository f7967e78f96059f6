"""`psephos show`: the pages of a record that has been verified, for a look at it in the browser."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path

from psephos.cli.process.addresses import address
from psephos.cli.process.listening import listening
from psephos.cli.process.running import heeding, repeat
from psephos.cli.process.stop import FAILED, USAGE, Stop, stopping
from psephos.cli.source import open_record, read_pin
from psephos.log.tree import Tree
from psephos.reader import Reader
from psephos.server.application import application
from psephos.server.config import ServerConfig
from psephos.server.pages.page_data import PageData
from psephos.server.verifier import packed
from psephos.verifier.run import policy


def show(record: Path, /, *, pin: Path, listen: str = "127.0.0.1:8640") -> int:
    """Serve the pages and files of a published record over HTTP.

    Nothing is taken in: there is no post. Numbers come from the record, whose entries are checked first.

    Example: psephos show target/demo/record --pin target/demo/pin.json

    Parameters
    ----------
    record
        The directory of a log.
    pin
        The referendum's pin.
    listen
        Address and port; port 0 takes a free one.
    """
    host, port = address(listen)
    the_pin, page_data = read_pin(pin), PageData()
    with closing(open_record(str(record))) as source, stopping(FAILED):
        reader = Reader(source, policy(the_pin))
        folded = reader.read()
        if not folded.size or folded.definition.hash != the_pin.definition:
            raise Stop(f"{record} is not the record of the pin's referendum", USAGE)
        tree = source.tree(policy(the_pin))
        page_data.update(folded, lambda start, stop: _entries(tree, start, stop))
    url = f"http://{listen}" if port else ""
    site = ServerConfig(record, the_pin.encode(), {}, page_data, url, verifier=packed())
    with heeding() as over, listening(application(site), host, port) as listener:
        return repeat(listener.check, over=over)


def _entries(tree: Tree, start: int, stop: int) -> list[bytes]:
    found: list[bytes] = []
    for first, some in tree.entries(start):
        found += some[: stop - first]
        if first + len(some) >= stop:
            break
    return found
