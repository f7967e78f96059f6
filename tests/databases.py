"""A PostgreSQL server of our own, and the two kinds of database that tests of tables run on."""

from __future__ import annotations

import os
import shutil
import signal
import sqlite3
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

import pytest

from psephos.database.location import Location, Schema

PASSWORD = "planted-pass-word"
_TIMEOUT = 120  # seconds until a server must have started


class Server:
    """One cluster, which listens on a socket in its own directory alone."""

    def __init__(self) -> None:
        self.directory = Path(tempfile.mkdtemp(prefix="psephos-postgresql-"))
        self._user = {}
        if os.geteuid() == 0:  # which PostgreSQL refuses to be run by
            shutil.chown(self.directory, "postgres", "postgres")
            self._user = {"user": "postgres", "group": "postgres", "extra_groups": []}
        self._made = 0
        (self.directory / "password").write_text(PASSWORD)
        (self.directory / "password").chmod(0o644)
        self._run("initdb", "-D", "data", "-U", "town", "-E", "UTF8", "--no-locale", "-A", "scram-sha-256",
                  "--pwfile=password", "--no-sync")  # fmt: skip
        self.start()

    def _run(self, program: str, *arguments: str) -> None:
        command = [path_of(program), *arguments]
        run = subprocess.run(
            command, cwd=self.directory, capture_output=True, text=True, check=False, **self._user
        )
        assert run.returncode == 0, run.stderr

    def start(self, *settings: str) -> None:
        """Start, and wait until it answers."""
        alone = ["-c", "listen_addresses=", "-c", f"unix_socket_directories={self.directory}"]
        with (self.directory / "log").open("ab") as log:
            self._process = subprocess.Popen(
                [path_of("postgres"), "-D", "data", *alone, *settings],
                cwd=self.directory,
                stdout=log,
                stderr=log,
                **self._user,
            )
        deadline = time.monotonic() + _TIMEOUT
        while not self._answers():
            assert self._process.poll() is None, (self.directory / "log").read_text()
            assert time.monotonic() < deadline, (self.directory / "log").read_text()
            time.sleep(0.05)

    def _answers(self) -> bool:
        import psycopg

        try:
            psycopg.connect(self.url("postgres")).close()
        except psycopg.OperationalError:
            return False
        return True

    def stop(self, how: signal.Signals = signal.SIGINT) -> None:
        """End the server: SIGINT in good order, SIGQUIT as a crash would."""
        self._process.send_signal(how)
        self._process.wait()

    def url(self, name: str) -> str:
        """The URL of one of its databases."""
        return f"postgresql://town:{PASSWORD}@/{name}?host={self.directory}"

    def execute(self, statement: str, name: str = "postgres") -> None:
        """Run a statement that is none of a test's subject."""
        import psycopg

        with psycopg.connect(self.url(name), autocommit=True) as connection:
            connection.execute(statement)

    def new(self) -> str:
        """The URL of a fresh database, which replaces the one made before."""
        self.execute(f"DROP DATABASE IF EXISTS made_{self._made} WITH (FORCE)")
        self._made += 1
        self.execute(f"CREATE DATABASE made_{self._made}")
        return self.url(f"made_{self._made}")

    def close(self) -> None:
        """Stop, and leave nothing."""
        self.stop()
        shutil.rmtree(self.directory)


def path_of(name: str) -> str:
    """A program of PostgreSQL, which Debian keeps off PATH."""
    beside = sorted(Path("/usr/lib/postgresql").glob(f"*/bin/{name}"))
    return shutil.which(name) or str(beside[-1])


@dataclass
class Backend:
    """Tables in files of a directory, or in schemas of the database at `url`."""

    directory: Path
    url: str | None

    def location(self, name: str) -> Location:
        return self.directory / f"{name}.sqlite" if self.url is None else Schema(self.url, name)

    def execute(self, name: str, *statements: str) -> None:
        """Meddle with the tables at a place."""
        if self.url is None:
            with closing(sqlite3.connect(self.directory / f"{name}.sqlite", isolation_level=None)) as tables:
                for statement in statements:
                    tables.execute(statement)
            return
        import psycopg

        with psycopg.connect(self.url, autocommit=True, options=f"-c search_path={name}") as tables:
            for statement in statements:
                tables.execute(statement)


@pytest.fixture(scope="session")
def postgresql() -> Iterator[Server]:
    """A server for all tests; only tests marked needs("postgresql") may ask for it."""
    server = Server()
    yield server
    server.close()


@pytest.fixture
def crashing() -> Iterator[Server]:
    """A server for one test, which may stop it in any way."""
    server = Server()
    yield server
    server.close()


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.needs("postgresql"))])
def backend(request: pytest.FixtureRequest, tmp_path: Path) -> Backend:
    """Fresh, empty tables of either kind."""
    if request.param == "sqlite":
        return Backend(tmp_path, None)
    return Backend(tmp_path, request.getfixturevalue("postgresql").new())
