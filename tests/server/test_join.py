"""`psephos trustee join`: a trustee is one process, which is killed now and then and goes on."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from psephos.cli.main import main
from tests.integration.by_hand import DAY_1, DAY_2
from tests.server.town import ServedTown, founded
from tests.server.waiting import TIMEOUT

TRUSTEES = ("trustee-1", "trustee-2", "trustee-3")


class Bench:
    """Trustees' processes, one of which is killed and started again at every stage."""

    def __init__(self, town: ServedTown) -> None:
        self._town = town
        self._processes: dict[str, subprocess.Popen[bytes]] = {}

    def start(self, name: str) -> None:
        options = ("--every", "0.2", "--clock", str(self._town.clock), "--timeout", "300")
        self._processes[name] = self._town.start(name, "join", self._town.url, *options)

    def kill(self, name: str) -> None:
        """As a power cut would; then go on."""
        process = self._processes[name]
        process.kill()
        process.communicate()
        self.start(name)

    def ended(self) -> list[str]:
        """What they said, once they have ended in peace."""
        said = []
        for process in self._processes.values():
            out, _ = process.communicate(timeout=TIMEOUT)
            assert process.returncode == 0, out
            said.append(out.decode())
        return said

    def stop(self) -> None:
        for process in self._processes.values():
            process.kill()
            process.communicate()


@pytest.fixture
def town(tmp_path: Path) -> Iterator[ServedTown]:
    with founded(ServedTown(tmp_path)) as town:
        yield town


@pytest.fixture
def bench(town: ServedTown) -> Iterator[Bench]:
    bench = Bench(town)
    for name in TRUSTEES:
        bench.start(name)
    yield bench
    bench.stop()


def test_trustees_who_join_do_everything_though_they_are_killed(town: ServedTown, bench: Bench) -> None:
    town.keep_on("organiser", "publish")
    bench.kill("trustee-1")
    town.until(lambda: town.published, "the definition is published")
    town.make_key(())
    bench.kill("trustee-2")
    cards = town.enrol_voters()
    for day, (opens, seals) in enumerate((DAY_1, DAY_2), 1):
        town.open(day, opens)
        for name, card in cards.items():
            town.vote_by_command(name, card, "yes")
        bench.kill("trustee-3")
        town.seal(day, seals)
        bench.kill("trustee-1")
    town.until(lambda: town.read().phase == "counted", "the totals are known")
    town.keep_on("organiser", "result")
    said = bench.ended()
    assert any("released shares" in one for one in said)
    result = json.loads(town.read().result or b"")
    assert result["contests"][0]["total"]["votes"] == {"yes": 3, "no": 0}
    assert main(["verify", f"{town.url}/log", "--pin", str(town.home("organiser") / "pin.json")]) == 0
