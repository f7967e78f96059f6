"""What the commands for letters work with: the people's tables, and the key of a region's contacts."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import Engine

from psephos.cli.home.home import Home, Where, open_home
from psephos.cli.process.stop import FAILED, Stop
from psephos.crypto.siv import KEY_SIZE
from psephos.database.place import Schema
from psephos.server.eligibility.contact import key_name
from psephos.server.eligibility.engine import open_engine
from psephos.server.eligibility.mailing import Mailing, numbers


@contextmanager
def tables(where: Where) -> Iterator[tuple[Home, Engine]]:
    """Beside `run`: the tables are no part of the registrar's state, and keep writers apart by themselves."""
    with open_home(where, "registrar", beside=True) as home:
        state = home.directory / "state"
        state.mkdir(mode=0o700, exist_ok=True)
        url = os.environ.get("PSEPHOS_DATABASE_URL")  # it may hold a password: never an argument
        engine = open_engine(Schema(url, "people") if url else state / "people.sqlite")
        try:
            yield home, engine
        finally:
            engine.dispose()


@contextmanager
def at_work(where: Where, region: str, draw: bool = False) -> Iterator[tuple[Home, Mailing]]:
    """The letters of a region; `draw` a key for its contacts if it has had none."""
    with tables(where) as (home, engine):
        if draw and key_of(home, region) is None and not numbers(engine, region):
            home.keys.write(key_name(region), os.urandom(KEY_SIZE))
        yield home, mailing_of(home, engine, region)


def mailing_of(home: Home, engine: Engine, region: str) -> Mailing:
    """The letters of a region; Stop where nothing opens them."""
    key = key_of(home, region)
    if key is None:
        raise Stop(f"there are no contacts of {region}: none were added, or enrolment is over", FAILED)
    return Mailing(engine, region, key, os.urandom)


def key_of(home: Home, region: str) -> bytes | None:
    """The key of a region's contacts; None before they are added, and after they are forgotten."""
    return home.keys.read(key_name(region))
