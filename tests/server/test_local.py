"""`psephos local`: everybody on one machine; stopped, it goes on when it is started again."""

from __future__ import annotations

import signal
import subprocess
import sys
import threading
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from psephos.cli.local import EXAMPLE
from psephos.errors import LogError
from psephos.protocol.record import Record
from psephos.protocol.setup.pin import Pin
from tests.server.waiting import PATIENCE, served, until

ROOT = Path(__file__).parents[2]


class Local:
    """The command at work, and what it says."""

    def __init__(self, directory: Path) -> None:
        self.directory = directory
        program = "import sys; from psephos.cli.main import main; sys.exit(main(sys.argv[1:]))"
        options = ["--listen", "127.0.0.1:0", "--voters", "2", "--minutes", "600"]
        line = ["local", str(ROOT / "examples/local.toml"), str(directory), *options]
        self.process = subprocess.Popen(
            [sys.executable, "-c", program, *line], stdout=subprocess.PIPE, text=True
        )
        self.said: list[str] = []
        self._listener = threading.Thread(target=self._listen)
        self._listener.start()

    def _listen(self) -> None:
        assert self.process.stdout is not None
        for line in self.process.stdout:
            self.said.append(line)

    def until(self, holds: Callable[[], object], what: str) -> None:
        until(holds, what, self._lives)

    def _lives(self) -> bool:
        assert self.process.poll() is None, self.said
        return True

    def says(self, text: str) -> bool:
        return any(text in line for line in self.said)

    @property
    def url(self) -> str:
        return self.said[0].split(": ")[0]

    def read(self) -> Record | None:
        """The record as it is served; None before anything is."""
        pin = Pin.parse((self.directory / "organiser/pin.json").read_bytes())
        try:
            return served(self.url, pin)
        except LogError:
            return None

    def end(self) -> None:
        self.process.send_signal(signal.SIGINT)
        assert self.process.wait(timeout=PATIENCE) == 0
        self._listener.join()
        if self.process.stdout is not None:
            self.process.stdout.close()


@contextmanager
def running(directory: Path) -> Iterator[Local]:
    local = Local(directory)
    try:
        yield local
    finally:
        local.end()


def enrolling(local: Local) -> bool:
    """Whether the rolls of both regions are published."""
    record = local.read()
    return record is not None and record.size > 0 and all(one.listed == 2 for one in record.rosters)


def test_a_referendum_on_one_machine_awaits_voters_and_goes_on(tmp_path: Path) -> None:
    directory = tmp_path / "local"
    with running(directory) as local:
        local.until(lambda: local.says("the definition is in the log"), "the definition")
    with running(directory) as local:
        local.until(lambda: local.said, "the server answers")
        with urllib.request.urlopen(f"{local.url}/contact") as answer:
            assert answer.read().decode() == EXAMPLE
        local.until(lambda: local.says("to enrol:"), "enrolment")
        local.until(lambda: enrolling(local), "the rolls are published")
    for region in ("north", "south"):
        assert len(list((directory / "registrar/invitations" / region).iterdir())) == 2
