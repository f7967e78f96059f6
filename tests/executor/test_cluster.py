"""Jobs done by Dask's workers: in order, bounded, done again when a worker dies."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest
from distributed import Client, LocalCluster

from psephos.cli.process.hygiene import forbid_core_dumps
from psephos.errors import Fault
from psephos.executor.cluster import Cluster
from psephos.executor.local import Local
from tests.executor.jobs import Dumpable, Faulty, Mortal, Refusing, Square
from tests.executor.remote import ENOUGH

SQUARES = [number * number for number in range(50)]


def test_results_come_in_the_order_of_the_jobs(cluster: Cluster) -> None:
    jobs = [Square(number) for number in range(50)]
    assert list(Local().map(jobs)) == list(cluster.map(jobs)) == SQUARES


def test_jobs_are_taken_as_workers_need_them(cluster: Cluster) -> None:
    taken = []

    def jobs():
        for number in range(1000):
            taken.append(number)
            yield Square(number)

    results = cluster.map(jobs())
    assert next(results) == 0
    assert len(taken) < 1000
    results.close()
    assert len(taken) < 1000
    assert list(cluster.map([])) == []


def test_workers_that_come_later_are_given_work() -> None:
    taken = []

    def jobs():
        for number in range(100):
            taken.append(number)
            yield Square(number)

    with (
        LocalCluster(
            n_workers=1, threads_per_worker=1, processes=False, dashboard_address="127.0.0.1:0"
        ) as workers,
        Client(workers, set_as_default=False) as client,
    ):
        ahead = []
        for done, _ in enumerate(Cluster(client, workers.scheduler_address).map(jobs()), 1):
            ahead.append(len(taken) - done)
            if done == 10:
                workers.scale(3)
                client.wait_for_workers(3, timeout=ENOUGH)
        assert ahead[:10] == [2] * 10
        assert ahead[50:80] == [6] * 30


def test_what_dies_with_a_worker_is_done_again(cluster: Cluster, tmp_path: Path) -> None:
    jobs = [
        Mortal(number, tmp_path / f"{number}") if number in (5, 20, 40) else Square(number)
        for number in range(50)
    ]
    expected = [number if number in (5, 20, 40) else number * number for number in range(50)]
    assert list(cluster.map(jobs)) == expected
    assert len(list(tmp_path.iterdir())) == 3


def test_what_a_job_raises_is_raised_here(cluster: Cluster) -> None:
    with pytest.raises(ArithmeticError, match="will not"):
        list(cluster.map([Square(1), Refusing()]))
    assert list(cluster.map([Square(2)])) == [4]


def test_what_a_faulty_worker_gives_is_not_made_up_for_by_another(cluster: Cluster, tmp_path: Path) -> None:
    with pytest.raises(Fault, match=r"worker tls://.*: they differ"):
        list(cluster.map([Square(1), Faulty(tmp_path / "grave")]))


@pytest.mark.skipif(sys.platform != "linux", reason="asks as Linux does")
def test_workers_dump_no_core_also_those_that_come_later(cluster: Cluster, tmp_path: Path) -> None:
    assert set(cluster.map([Dumpable()] * 10)) == {1}
    cluster.begin(forbid_core_dumps)
    assert set(cluster.map([Dumpable()] * 10)) == {0}
    assert list(cluster.map([Mortal(1, tmp_path / "1"), Mortal(2, tmp_path / "2")])) == [1, 2]
    assert set(cluster.map([Dumpable()] * 10)) == {0}
