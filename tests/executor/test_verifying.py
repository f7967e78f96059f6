"""Verification by workers finds what verification here finds, to the byte, though workers die."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from functools import partial
from pathlib import Path

import pytest

from psephos import reader
from psephos.crypto.workers import set_workers
from psephos.errors import ExecutorError, Fault
from psephos.executor.cluster import Cluster
from psephos.executor.job import Done, Executor, Job
from psephos.executor.local import Local
from psephos.executor.logged import Followed
from psephos.executor.speculative_fold import SpeculativeFold
from psephos.log.client import Client
from psephos.protocol import entries, multipart
from psephos.protocol.entries import Weighing
from psephos.protocol.setup.pin import Pin
from psephos.simulation.definitions import sample
from psephos.simulation.referendum import Referendum, held
from psephos.verifier.report import Report
from psephos.verifier.run import Verification, verify
from tests.board.station import DAYS, GROUPS, vote
from tests.executor.deadly import DEATHS, Deadly
from tests.vectors.test_records import EXPECTED, RECORDS

SPREAD = ("4.3", "4.4", "6.4", "7.2", "9.2")
"""What workers check."""
JUDGED = [
    name
    for name, one in EXPECTED.items()
    if one["check"] in SPREAD or (one["check"] is None and not one["mutates"])
]


@pytest.fixture(autouse=True)
def _many_jobs(monkeypatch: pytest.MonkeyPatch) -> None:
    """Runs of so few bytes that these small records have many, and are worth a thread that reads ahead."""
    for module in (reader, multipart):
        monkeypatch.setattr(module, "RUN", 1000)
    monkeypatch.setattr(reader, "TILE_WIDTH", 1)
    set_workers(2)


@pytest.fixture(scope="module")
def referendum() -> Referendum:
    document, keys = sample(windows=DAYS)
    votes = [
        (region, card, day, 1, (card % 2, 1)) for region in GROUPS for day in (1, 2) for card in range(5)
    ]
    return held(document, keys, GROUPS, votes)


def by_workers(directory: Path, pin: Pin, executor: Executor | None) -> bytes:
    followed = Followed(Client(directory), str(directory))
    return (
        SpeculativeFold(partial(Verification, pin, None), executor, followed.log)
        .fold(followed_by(followed))
        .encode()
    )


def followed_by(followed: Followed) -> Callable[[Verification], Report]:
    """A step that verifies what is new, and reports."""

    def step(verification: Verification) -> Report:
        verification.follow(followed)
        return verification.report()

    return step


def test_a_whole_record(referendum: Referendum, cluster: Cluster, tmp_path: Path) -> None:
    pin = referendum.export(tmp_path)
    here = verify(Client(tmp_path / "record"), pin)
    assert here.exit_code == 0
    assert by_workers(tmp_path / "record", pin, cluster) == here.encode()
    assert by_workers(tmp_path / "record", pin, Local()) == here.encode()
    assert by_workers(tmp_path / "record", pin, None) == here.encode()


def test_killed_workers_change_nothing(referendum: Referendum, cluster: Cluster, tmp_path: Path) -> None:
    (tmp_path / "graves").mkdir()
    deadly = Deadly(cluster, tmp_path / "graves")
    pin = referendum.export(tmp_path)
    assert by_workers(tmp_path / "record", pin, deadly) == verify(Client(tmp_path / "record"), pin).encode()
    assert deadly.deaths == DEATHS
    assert deadly.jobs > 4 * DEATHS


def by_both(name: str, executor: Executor | None) -> tuple[bytes, bytes]:
    """The report on a record of the vectors, by workers and by one verifier."""
    directory = RECORDS / name / "record"
    pin = Pin.parse((directory.parent / "pin.json").read_bytes())
    return by_workers(directory, pin, executor), verify(Client(directory), pin).encode()


@pytest.mark.parametrize("name", JUDGED)
def test_what_is_refused_here_is_refused_there(name: str, cluster: Cluster) -> None:
    there, here = by_both(name, cluster)
    assert there == here


@pytest.mark.parametrize("name", EXPECTED)
def test_what_was_believed_for_a_while_leaves_no_trace(name: str) -> None:
    beside, alone = by_both(name, None)
    assert beside == alone


def test_a_worker_without_the_log_is_no_evidence(
    referendum: Referendum, cluster: Cluster, tmp_path: Path
) -> None:
    pin = referendum.export(tmp_path)
    followed = Followed(Client(tmp_path / "record"), str(tmp_path / "elsewhere"))
    with pytest.raises(ExecutorError, match=r"a worker cannot read .*elsewhere: .*No such file"):
        SpeculativeFold(partial(Verification, pin, None), cluster, followed.log).fold(followed_by(followed))


class Leaving:
    """Takes all jobs and is gone before it has done one, until somebody else takes over."""

    def __init__(self) -> None:
        self.successor: Executor | None = None

    def map(self, jobs: Iterable[Job[Done]]) -> Iterator[Done]:
        if self.successor is None:
            raise ExecutorError(f"nobody is there for {len(list(jobs))} jobs")
        return self.successor.map(jobs)


@pytest.mark.parametrize("name", ["4.3-proof-of-another", "6.4-one-among-many", "7.2-last-proof"])
def test_what_was_believed_is_forgotten_where_workers_have_failed(name: str) -> None:
    directory = RECORDS / "whole" / name
    pin = Pin.parse((directory / "pin.json").read_bytes())
    log = Client(directory / "record")
    followed, leaving = Followed(log, str(directory / "record")), Leaving()
    ahead = SpeculativeFold(partial(Verification, pin, None), leaving, followed.log)
    with pytest.raises(ExecutorError, match="nobody is there"):
        ahead.fold(followed_by(followed))
    leaving.successor = Local()
    assert ahead.fold(followed_by(followed)).encode() == verify(log, pin).encode()


@pytest.mark.parametrize("executor", [Local(), None], ids=["workers", "beside"])
@pytest.mark.parametrize("where", ["a job", "the fold"])
def test_a_fault_ends_a_fold_that_a_wrong_proof_would_begin_anew(
    where: str, executor: Executor | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    directory = RECORDS / "whole" / "4.3-proof-of-another"
    pin = Pin.parse((directory / "pin.json").read_bytes())
    followed = Followed(Client(directory / "record"), str(directory / "record"))
    ahead = SpeculativeFold(partial(Verification, pin, None), executor, followed.log)

    def differing(*_: object) -> Report:
        raise Fault("they differ")

    if where == "a job":
        module = "distributed_proofs" if executor is None else "checks"
        monkeypatch.setattr(f"psephos.executor.{module}.check_cards", differing)
    with pytest.raises(Fault, match="they differ"):
        ahead.fold(followed_by(followed) if where == "a job" else differing)


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
        SpeculativeFold(partial(Verification, pin, None), cluster, followed.log).fold(followed_by(followed))


def test_a_log_is_followed_though_somebody_cheats_again_and_again(cluster: Cluster, tmp_path: Path) -> None:
    """Before each weighing comes a wrong one, which is void; the log is looked at while it grows."""
    document, keys = sample(windows=DAYS)
    referendum = Referendum(document, keys)
    referendum.publish()
    referendum.ceremony()
    vote(referendum)
    pin = referendum.export(tmp_path)
    followed = Followed(Client(tmp_path / "record"), str(tmp_path / "record"))
    ahead = SpeculativeFold(partial(Verification, pin, None), cluster, followed.log)
    for trustee in (1, 2):
        for right in referendum.weighings(trustee):
            referendum.log(falsified(referendum, right, 3), right)
        referendum.export(tmp_path)
        found = ahead.fold(followed_by(followed))
        assert (found.phase, found.stopped) == ("weighing", None)
        assert list(found.void) == referendum.record.void
    assert [one.check for one in referendum.record.void] == ["7.2"] * 8
    referendum.close((1, 2))
    referendum.release((1, 2))
    referendum.export(tmp_path)
    assert ahead.fold(followed_by(followed)).phase == "counted"


def falsified(referendum: Referendum, data: bytes, trustee: int) -> bytes:
    """A weighing whose last proof is wrong, by another trustee."""
    weighing = entries.decode(data).payload
    assert isinstance(weighing, Weighing)
    wrong = replace(weighing, rows=weighing.rows[:-32] + bytes(32))
    return referendum.write(wrong, referendum.keys.trustees[trustee - 1])
