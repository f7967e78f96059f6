"""A trustee's weighings and shares are the same bytes wherever they are made, though workers die."""

from __future__ import annotations

from collections.abc import Callable
from hashlib import shake_128
from pathlib import Path

import pytest

from psephos.executor import release as releasing
from psephos.executor import weighing
from psephos.executor.cluster import Cluster
from psephos.executor.execution import LOCAL, Execution
from psephos.executor.logged import Log
from psephos.executor.release import ShareSigns, release
from psephos.executor.weighing import Weigh, weighings
from psephos.log import checkpoints
from psephos.protocol import entries, multipart
from psephos.simulation.definitions import sample
from psephos.simulation.referendum import Referendum
from tests.board.station import DAYS, vote
from tests.executor.deadly import DEATHS, Deadly


@pytest.fixture(autouse=True)
def _many_jobs(monkeypatch: pytest.MonkeyPatch) -> None:
    """A chunk a job."""
    monkeypatch.setattr(weighing, "_ROWS", 1)
    monkeypatch.setattr(releasing, "_ROWS", 1)


@pytest.fixture(scope="module")
def sealed() -> Referendum:
    """In both regions two days with ballots are over: four chunks, of which each is weighed twice."""
    document, keys = sample(windows=DAYS)
    referendum = Referendum(document, keys)
    referendum.publish()
    referendum.ceremony()
    vote(referendum)
    return referendum


def coins() -> Callable[[int], bytes]:
    """The same random bytes for everybody who begins anew."""
    drawn = 0

    def random(size: int) -> bytes:
        nonlocal drawn
        drawn += 1
        return shake_128(drawn.to_bytes(8, "little")).digest(size)

    return random


def published(referendum: Referendum, directory: Path) -> Log:
    """The log as it stands, for workers to read."""
    referendum.export(directory)
    checkpoint, _ = checkpoints.read((directory / "record" / "checkpoint").read_bytes())
    return Log(str(directory / "record"), checkpoint)


def weighed(referendum: Referendum, trustee: int, site: Execution) -> list[bytes]:
    weighing_chains, key = referendum.record.weighing_chains, referendum.keys.trustees[trustee - 1]
    assert weighing_chains is not None
    found = weighings(site, weighing_chains, weighing_chains.chains.values(), trustee, coins())
    return [referendum.write(payload, key) for payload in found]


def shares(referendum: Referendum, trustee: int, site: Execution) -> bytes:
    count, key = referendum.record.count, referendum.keys.trustees[trustee - 1]
    assert count is not None
    stage, content = release(site, count, trustee, referendum.secrets[trustee].share, coins())
    return b"".join(referendum.bundle(content, entries.Shares(stage, multipart.digest(content)), key))


def test_weighings_and_shares_are_the_same_bytes(
    sealed: Referendum, cluster: Cluster, tmp_path: Path
) -> None:
    (tmp_path / "graves").mkdir()
    deadly = Deadly(cluster, tmp_path / "graves")
    for trustee in (1, 2):
        log = published(sealed, tmp_path / f"weigh-{trustee}")
        here = weighed(sealed, trustee, LOCAL)
        assert len(here) == 4
        assert weighed(sealed, trustee, Execution(cluster)) == here
        assert weighed(sealed, trustee, Execution(deadly, log)) == here
        sealed.log(*here)
    assert deadly.deaths == DEATHS
    sealed.close((1, 2))
    for stage in (1, 2):
        log = published(sealed, tmp_path / f"release-{stage}")
        for trustee in (1, 2):
            here = shares(sealed, trustee, LOCAL)
            assert shares(sealed, trustee, Execution(cluster)) == here
            assert shares(sealed, trustee, Execution(cluster, log)) == here
        for trustee in (1, 2):
            sealed.log(*sealed.shares(trustee))
    assert sealed.record.phase == "counted"
    assert sealed.record.void == []


def test_jobs_with_secrets_say_so_and_do_not_show_them(sealed: Referendum) -> None:
    seed, share = b"seed" * 8, b"share" * 8
    weigh = Weigh(None, bytes(32), bytes(32), ((0, 1, 0, 1, 1),), (), (seed,))
    signs = ShareSigns(None, bytes(32), 1, (), (), (), share, seed)
    for job in (weigh, signs):
        assert job.secret
        assert "seed" not in repr(job).replace("seeds", "")
        assert "share" not in repr(job)
