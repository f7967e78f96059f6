"""`--cluster`, as people type it."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from psephos.cli.main import main
from psephos.protocol.setup.pin import Pin
from psephos.simulation.definitions import sample
from psephos.simulation.referendum import held
from tests.board.station import GROUPS
from tests.executor.remote import ENOUGH, configured, in_the_open
from tests.integration.by_hand import DAY_2, Town
from tests.integration.test_roles_by_hand import TWO_TO_ONE, enrolment, verified, voting

FAILED, USAGE = 1, 2


@pytest.fixture
def record(tmp_path: Path) -> list[str]:
    """The arguments that verify a record."""
    document, keys = sample()
    referendum = held(document, keys, GROUPS, [(0, card, 1, 1, (0, 1)) for card in range(5)])
    pin: Pin = referendum.export(tmp_path)
    (tmp_path / "pin.json").write_bytes(pin.encode())
    return [str(tmp_path / "record"), "--pin", str(tmp_path / "pin.json")]


def test_a_record_is_verified_by_local_workers(record: list[str]) -> None:
    command = [str(Path(sys.executable).with_name("psephos")), "verify", *record, "--json"]
    here, there = (
        subprocess.run([*command, *more], capture_output=True, check=False, timeout=ENOUGH)
        for more in ([], ["--cluster", "local", "--workers", "2"])
    )
    assert (there.returncode, there.stdout, there.stderr) == (here.returncode, here.stdout, here.stderr)
    assert json.loads(there.stdout)["verdict"] == "passed"


def test_a_record_is_verified_by_workers_in_the_open(
    record: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["verify", *record, "--json"]) == 0
    here = capsys.readouterr().out
    with in_the_open() as address:
        assert main(["verify", *record, "--json", "--cluster", address]) == 0
    assert capsys.readouterr().out == here


@pytest.mark.parametrize(
    "address", ["tls//nowhere:1", "127.0.0.1:8786", "tls://nowhere", "udp://nowhere:1", ""]
)
def test_what_is_no_cluster_is_refused(
    record: list[str], address: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["verify", *record, "--cluster", address]) == USAGE
    assert "is neither tls://HOST:PORT nor local" in capsys.readouterr().err


def test_without_dask_it_says_what_is_missing(
    record: list[str], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setitem(sys.modules, "distributed", None)
    monkeypatch.delitem(sys.modules, "psephos.executor.cluster")
    assert main(["verify", *record, "--cluster", "local"]) == USAGE
    assert "pip install 'psephos[cluster]'" in capsys.readouterr().err


def test_a_trustee_has_a_cluster_weigh_and_release(remote: tuple[Path, str], tmp_path: Path) -> None:
    town = Town(tmp_path)
    town.create()
    town.sent("organiser", "publish")
    town.publish()
    town.ceremony((1, 2, 3))
    enrolment(town, covering=(1,))
    voting(town, DAY_2, covering=(1,))
    with in_the_open() as address:
        code, said = town.run("trustee-1", "weigh", "--stand-in", "--cluster", address)
    assert code == FAILED, said
    assert "secrets go to a scheduler at tls:// alone" in said
    config, address = remote
    with configured(config):
        for commands in (["weigh", "--stand-in"], ["close"], ["release"], ["release"]):
            cluster = [] if commands == ["close"] else ["--cluster", address]
            for number in (1, 2):
                town.sent(f"trustee-{number}", *commands, *cluster)
                town.publish(DAY_2[1] + 99)
    town.sent("organiser", "result")
    town.publish(DAY_2[1] + 99)
    assert verified(town) == TWO_TO_ONE
