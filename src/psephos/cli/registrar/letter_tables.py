"""What the commands for letters work with: the people's tables, and the key of a region's contacts."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from sqlalchemy import Engine

from psephos.cli.home.home import Home, HomeOptions, open_home
from psephos.cli.process.stop import FAILED, Stop, stopping
from psephos.cli.source import read_file
from psephos.crypto.siv import KEY_SIZE
from psephos.database.location import Schema
from psephos.protocol.encoding import canonical_json
from psephos.protocol.encoding.form import Form
from psephos.registrar.invitations.contact import key_name
from psephos.registrar.invitations.engine import open_engine
from psephos.registrar.invitations.mailing import Mailing, numbers, region_of, regions_of


@dataclass(frozen=True)
class Tables:
    """The people and letters of one registrar, which may share a database with others."""

    home: Home
    engine: Engine
    registrar: bytes
    """Its Ed25519 key."""

    def numbers(self, region: str) -> dict[tuple[str, str], int]:
        """How many letters go which way and are in which state."""
        return numbers(self.engine, self.registrar, region)

    def region_of(self, mark: str) -> str | None:
        """The region of the letter with a mark."""
        return region_of(self.engine, self.registrar, mark)

    @property
    def regions(self) -> list[str]:
        """The regions that have people."""
        return regions_of(self.engine, self.registrar)

    def mailing(self, region: str) -> Mailing:
        """The letters of a region; Stop where nothing opens them."""
        key = self.key(region)
        if key is None:
            raise Stop(f"there are no contacts of {region}: none were added, or enrolment is over", FAILED)
        return Mailing(self.engine, self.registrar, region, key, os.urandom)

    def key(self, region: str) -> bytes | None:
        """The key of a region's contacts; None before they are added, and after they are forgotten."""
        return self.home.keys.read(key_name(region))


@contextmanager
def tables(options: HomeOptions) -> Iterator[Tables]:
    """Beside `run`: the tables are no part of the registrar's state, and keep writers apart by themselves."""
    with open_home(options, "registrar", beside=True) as home:
        state = home.directory / "state"
        state.mkdir(mode=0o700, exist_ok=True)
        url = os.environ.get("PSEPHOS_DATABASE_URL")  # it may hold a password: never an argument
        engine = open_engine(Schema(url, "people") if url else state / "people.sqlite")
        try:
            yield Tables(home, engine, _public_key(home))
        finally:
            engine.dispose()


def _public_key(home: Home) -> bytes:
    """The registrar's key as its card says it, so that nothing has to be unlocked for it."""
    card = home.directory / "registrar.json"
    with stopping(FAILED, str(card)):
        return Form(canonical_json.decode(read_file(card))).member("key").key()


@contextmanager
def at_work(options: HomeOptions, region: str, draw: bool = False) -> Iterator[tuple[Home, Mailing]]:
    """The letters of a region; `draw` a key for its contacts if it has had none."""
    with tables(options) as of:
        if draw and of.key(region) is None and not of.numbers(region):
            of.home.keys.write(key_name(region), os.urandom(KEY_SIZE))
        yield of.home, of.mailing(region)
