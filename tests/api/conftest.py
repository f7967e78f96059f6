"""A record to look at: `demo/record`, `demo/pin.json` and `demo/receipt` in a directory of its own."""

from __future__ import annotations

from pathlib import Path

import pytest

from psephos.log.merkle import inclusion_proof, leaf_hash, root_of
from psephos.log.proof import LogProof
from psephos.protocol import entries
from psephos.simulation.definitions import sample
from psephos.simulation.referendum import Referendum, held
from tests.board.station import DAYS, GROUPS


@pytest.fixture(scope="package")
def published(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The directory in which `demo` is."""
    folder = tmp_path_factory.mktemp("published")
    document, keys = sample(windows=DAYS)
    votes = [(region, card, 1, 1, (card % 2, 1)) for region in GROUPS for card in range(5)]
    referendum = held(document, keys, GROUPS, votes)
    pin = referendum.export(folder / "demo")
    (folder / "demo/pin.json").write_bytes(pin.encode())
    (folder / "demo/receipt").write_bytes(_receipt(referendum))
    return folder


def _receipt(referendum: Referendum) -> bytes:
    """The receipt of the first ballot."""
    data = next(one for one in referendum.logged if isinstance(entries.decode(one).payload, entries.Ballot))
    leaves = [leaf_hash(one) for one in referendum.logged]
    index = leaves.index(leaf_hash(data))
    path = inclusion_proof(
        index, len(leaves), lambda level, at: root_of(leaves[at << level : at + 1 << level])
    )
    return LogProof(index, tuple(path), referendum.note(), data).encode()
