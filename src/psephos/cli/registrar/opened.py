"""The registrar of a home: opened, with what the record says, by the commands that work with its state."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from psephos.cli.home.home import Home, HomeOptions, open_home
from psephos.cli.home.sending import up_to_date
from psephos.cli.process.rehearsal import clock_from
from psephos.cli.process.stop import USAGE, WAITING, Stop
from psephos.protocol.record import Record
from psephos.protocol.setup.region import Region
from psephos.registrar.issuer import Clock
from psephos.registrar.registrar import Registrar

NOW = clock_from(None)
ADDRESS = "address"
"""What `home.json` calls where others reach the registrar's post."""


@contextmanager
def at_work(options: HomeOptions, timeout: float) -> Iterator[tuple[Home, Record, Registrar]]:
    """Once the log has what was sent before, so that nothing is sent twice."""
    with (
        open_home(options, "registrar") as home,
        up_to_date(home, timeout) as record,
        opened(home, record, NOW) as registrar,
    ):
        registrar.follow(record)
        yield home, record, registrar


@contextmanager
def opened(home: Home, record: Record, clock: Clock) -> Iterator[Registrar]:
    """The registrar with its state and secrets; Stop before the definition is logged."""
    check_begun(record)
    path = state(home)
    path.parent.mkdir(mode=0o700, exist_ok=True)
    with Registrar(path, record.definition, home.signing_key(), home.keys, clock, os.urandom) as registrar:
        yield registrar


def state(home: Home) -> Path:
    """Where the state lies."""
    return home.directory / "state" / "state.sqlite"


def check_begun(record: Record) -> None:
    """Stop before the definition is logged."""
    if not record.begun:
        raise Stop("waits for the organiser: the definition is not logged yet", WAITING)


def region_of(record: Record, name: str) -> Region:
    """A region by its id; Stop where there is none."""
    for region in record.definition.regions:
        if region.id == name:
            return region
    known = ", ".join(region.id for region in record.definition.regions[:8])
    raise Stop(f"there is no region {name}: the definition has {known}", USAGE)
