"""A referendum that was held, and sites that show what there is of one."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from psephos.server.application import application
from psephos.server.config import ServerConfig
from psephos.server.listening import Listener
from psephos.server.pages.page_data import PageData
from psephos.server.pages.snapshot import take
from psephos.server.pages.trackers import Trackers
from psephos.simulation.definitions import sample
from psephos.simulation.referendum import Referendum, held


def counted() -> Referendum:
    """Two regions, two contests, three ballots."""
    document, keys = sample(title={"en": "Harbour & <temple>", "de": "Hafen"})
    groups = {0: [[1, 0], [0, 1], [1, 0]], 1: [[1, 0], [0, 1], [1, 0]]}
    votes = [(0, 0, 1, 1, [0, 1]), (0, 3, 1, 1, [1, 1]), (1, 0, 1, 1, [0, 0])]
    return held(document, keys, groups, votes)


def site(referendum: Referendum, directory: Path) -> ServerConfig:
    """All that there is to see of it."""
    pin, trackers = referendum.export(directory), Trackers()
    trackers.add(referendum.record, referendum.logged)
    page_data = PageData(take(referendum.record), trackers)
    return ServerConfig(
        directory / "record", pin.encode(), {}, page_data, "https://vote.example", verifier=b"a program"
    )


@contextmanager
def serving(site: ServerConfig) -> Iterator[str]:
    """The URL at which it is seen."""
    listener = Listener(application(site), "127.0.0.1", 0)
    listener.start()
    try:
        yield f"http://127.0.0.1:{listener.port}"
    finally:
        listener.stop()
