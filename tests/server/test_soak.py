"""A hundred thousand ballots and two hundred kills: nothing is lost or doubled, and nothing becomes dearer.

`make soak` runs it on both databases, in an estimated hour or two; `PSEPHOS_SOAK_BALLOTS` and
`PSEPHOS_SOAK_KILLS` make it smaller.
"""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Iterator
from statistics import median

import pytest

from bench.serving import Load, cpu, opened, prepared
from psephos.log.client import Client
from psephos.post.answers import read_answers
from psephos.protocol.entries import BALLOT_HEAD, Promise
from psephos.simulation.referendum import Referendum
from psephos.verifier.run import policy
from tests.databases import Backend
from tests.server import test_kills
from tests.server.deployment import SEALS, BoardDeployment

BALLOTS = int(os.environ.get("PSEPHOS_SOAK_BALLOTS", "100000"))
KILLS = int(os.environ.get("PSEPHOS_SOAK_KILLS", "200"))
CLIENTS = 64
GROWS = 1.2
"""What a ballot may cost the processor at the end, beside what it costs at the beginning."""
PART = 10
"""Of the ballots: the first such part comes between kills; of the others three at each end are measured."""


@pytest.fixture(scope="module")
def ballots() -> tuple[Referendum, list[bytes]]:
    referendum, ballots = prepared(BALLOTS)
    return referendum, ballots[:BALLOTS]


@pytest.fixture
def deployment(backend: Backend, ballots) -> Iterator[BoardDeployment]:
    deployment = opened(backend.directory / "deployment", ballots[0], backend.url)
    try:
        yield deployment
    finally:
        deployment.stop()


@pytest.mark.soak
def test_many_ballots_and_kills(deployment: BoardDeployment, ballots) -> None:
    every = ballots[1]
    between_kills, rest = every[: BALLOTS // PART], every[BALLOTS // PART :]
    promised = _killed(deployment, between_kills)
    port = int(deployment.url.rpartition(":")[2])
    load = Load(port, rest)
    costs = []
    for part in range(1, PART):
        before, already = cpu(deployment.process.pid), load.taken
        load.run(CLIENTS, until=part * len(rest) // (PART - 1))
        costs.append(1000 * (cpu(deployment.process.pid) - before) / (load.taken - already))
    print(f"milliseconds of processor a ballot: {' '.join(f'{cost:.2f}' for cost in costs)}")
    assert set(load.statuses) <= {200, 503}
    key = deployment.referendum.definition.board.key
    for place, answer in load.answers.items():
        (said,) = read_answers(answer, [rest[place]], key)
        assert isinstance(said, Promise)
    deployment.kill()
    deployment.start("--limit", "0")
    deployment.tell(SEALS)
    deployment.until(lambda: deployment.read().windows[0].sealed, "the day is sealed")
    assert not deployment.read().void
    logged = Counter(_logged(deployment))
    assert logged.keys() == set(every) == promised | set(rest)
    assert set(logged.values()) == {1}
    assert median(costs[-3:]) <= GROWS * median(costs[:3])


def _killed(deployment: BoardDeployment, ballots: list[bytes]) -> set[bytes]:
    """Ballots that come while the server is killed again and again; all of them are promised."""
    load = test_kills.Load(deployment)
    for kill in range(KILLS):
        load.send(ballots[kill::KILLS], until=1 + kill % 7)
        deployment.kill()
        deployment.start("--limit", "0")
    load.end()
    assert load.promises.keys() == set(ballots)
    return set(load.promises)


def _logged(deployment: BoardDeployment) -> list[bytes]:
    with Client(f"{deployment.url}/log") as client:
        every = [entry for _, part in client.tree(policy(deployment.pin)).entries(0) for entry in part]
    return [entry for entry in every if entry[:3] == BALLOT_HEAD]
