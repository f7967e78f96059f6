"""Verification by workers finds what verification here finds, to the byte, though workers die."""

from __future__ import annotations

from pathlib import Path

import pytest

from psephos import reader
from psephos.errors import ExecutorError
from psephos.executor.cluster import Cluster
from psephos.executor.job import Executor
from psephos.executor.local import Local
from psephos.executor.logged import Followed
from psephos.executor.spread import folded
from psephos.log.client import Client
from psephos.protocol import bundle
from psephos.protocol.setup.pin import Pin
from psephos.testing.definitions import sample
from psephos.testing.referendum import Referendum, held
from psephos.verifier.run import verify
from tests.executor.deadly import DEATHS, Deadly
from tests.roles.station import DAYS, GROUPS
from tests.vectors.test_records import ALL, Vector, files
from tests.vectors.test_records import pin as pinned

SPREAD = ("4.3", "4.4", "6.4", "7.2", "9.2")
"""What workers check."""
RECORDS = [v for v in ALL if v["check"] in SPREAD or (v["check"] is None and not v["mutates"])]


@pytest.fixture(autouse=True)
def _many_jobs(monkeypatch: pytest.MonkeyPatch) -> None:
    """Runs of so few bytes that these small records have many."""
    for module in (reader, bundle):
        monkeypatch.setattr(module, "RUN", 1000)


@pytest.fixture(scope="module")
def referendum() -> Referendum:
    document, keys = sample(windows=DAYS)
    votes = [
        (region, card, day, 1, (card % 2, 1)) for region in GROUPS for day in (1, 2) for card in range(5)
    ]
    return held(document, keys, GROUPS, votes)


def by_workers(directory: Path, pin: Pin, executor: Executor) -> bytes:
    followed = Followed(Client(directory), str(directory))
    report = folded(lambda proofs: verify(followed, pin, proofs=proofs), executor, followed.log)
    return report.encode()


def test_a_whole_record(referendum: Referendum, cluster: Cluster, tmp_path: Path) -> None:
    pin = referendum.export(tmp_path)
    here = verify(Client(tmp_path / "record"), pin)
    assert here.exit_code == 0
    assert by_workers(tmp_path / "record", pin, cluster) == here.encode()
    assert by_workers(tmp_path / "record", pin, Local()) == here.encode()


def test_killed_workers_change_nothing(referendum: Referendum, cluster: Cluster, tmp_path: Path) -> None:
    (tmp_path / "graves").mkdir()
    deadly = Deadly(cluster, tmp_path / "graves")
    pin = referendum.export(tmp_path)
    assert by_workers(tmp_path / "record", pin, deadly) == verify(Client(tmp_path / "record"), pin).encode()
    assert deadly.deaths == DEATHS
    assert deadly.jobs > 4 * DEATHS


def laid_out(vector: Vector, directory: Path) -> Pin:
    """The pin of a vector's record, whose files are put into a directory."""
    for path, data in files(vector).items():
        (directory / path).parent.mkdir(parents=True, exist_ok=True)
        (directory / path).write_bytes(data)
    found = pinned(vector)
    return Pin(bytes.fromhex(found["definition"]), found["policy"])


@pytest.mark.parametrize("vector", RECORDS, ids=[v["name"] for v in RECORDS])
def test_what_is_refused_here_is_refused_there(vector: Vector, cluster: Cluster, tmp_path: Path) -> None:
    pin = laid_out(vector, tmp_path)
    assert by_workers(tmp_path, pin, cluster) == verify(Client(tmp_path), pin).encode()


@pytest.mark.parametrize("vector", ALL, ids=[v["name"] for v in ALL])
def test_what_was_believed_for_a_while_leaves_no_trace(vector: Vector, tmp_path: Path) -> None:
    pin = laid_out(vector, tmp_path)
    assert by_workers(tmp_path, pin, Local()) == verify(Client(tmp_path), pin).encode()


def test_a_worker_without_the_log_is_no_evidence(
    referendum: Referendum, cluster: Cluster, tmp_path: Path
) -> None:
    pin = referendum.export(tmp_path)
    followed = Followed(Client(tmp_path / "record"), str(tmp_path / "elsewhere"))
    with pytest.raises(ExecutorError, match=r"a worker cannot read .*elsewhere: .*No such file"):
        folded(lambda proofs: verify(followed, pin, proofs=proofs), cluster, followed.log)


def test_a_worker_with_another_log_is_no_evidence(
    referendum: Referendum, cluster: Cluster, tmp_path: Path
) -> None:
    pin = referendum.export(tmp_path)
    other = Referendum(referendum.document, referendum.keys, coins=bytes([1]) * 32)
    other.publish()
    other.ceremony()
    other.logged += [b"?"] * (len(referendum.logged) - len(other.logged))
    other.export(tmp_path / "other")
    followed = Followed(Client(tmp_path / "record"), str(tmp_path / "other" / "record"))
    with pytest.raises(ExecutorError, match=r"a worker cannot read .*other"):
        folded(lambda proofs: verify(followed, pin, proofs=proofs), cluster, followed.log)
