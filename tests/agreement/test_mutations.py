"""The two verifiers on records that went wrong at random: same verdict, check, culprit and void list.

A board and witnesses that collude sign whatever comes out, so that nothing stops at the first checkpoint.
"""

from __future__ import annotations

import random
import tempfile
from dataclasses import replace
from functools import cache
from pathlib import Path

import pytest

from psephos.errors import FormatError
from psephos.log import checkpoints
from psephos.log.export import export
from psephos.log.store import LogStore
from psephos.protocol import entries
from psephos.protocol.setup.pin import Pin
from psephos.simulation.definitions import HARBOUR, sample
from psephos.simulation.referendum import BLANK, Referendum, held
from tests.agreement.verdicts import essence, ours, theirs

QUICK, LONG = range(40), range(40, 640)


@cache
def honest(decoys: int) -> Referendum:
    """A small referendum, whole: two days, a re-vote and, where there are any, decoys."""
    windows = ((1_900_000_000, 1_900_000_900), (1_900_001_000, 1_900_001_900))
    document, keys = sample(
        regions=("athens",),
        questions=(HARBOUR,),
        registrars=2,
        windows=windows,
        decoys=decoys,
        min_batch=2,
        min_region=2,
    )
    groups = [[0, 1], [1, 0], [0]] if decoys else [[1], [1], [1]]
    votes = [
        (0, 1, 1, 1, (0,)),
        (0, 2, 1, 1, (1,)),
        (0, 2, 1, 2, (0,)),
        (0, 0, 2, 1, (BLANK,)),
        (0, 1, 2, 1, (1,)),
    ]
    return held(document, keys, {0: groups}, votes)


def changed(logged: list[bytes], coins: random.Random) -> list[bytes]:
    """Entries with something wrong among them."""
    if len(logged) < 3:
        return logged
    logged, at = list(logged), coins.randrange(1, len(logged))
    match coins.randrange(6):
        case 0:
            del logged[at]
        case 1:
            logged.insert(coins.randrange(1, len(logged)), logged[at])
        case 2:
            other = coins.randrange(1, len(logged))
            logged[at], logged[other] = logged[other], logged[at]
        case 3:
            del logged[at:]
        case _:
            data = bytearray(logged[at])
            data[coins.randrange(len(data))] ^= 1 << coins.randrange(8)
            logged[at] = bytes(data)
    return logged


def written(parent: Referendum, logged: list[bytes], directory: Path) -> None:
    """The entries as a log in `directory/record`, every checkpoint in it made right again."""
    made = Referendum(parent.document, parent.keys)
    for data in logged:
        made.logged.append(reissued(made, data))
    with LogStore(directory / "log.sqlite", made.definition.board.origin) as store:
        store.append(made.logged).result()
        store.save_checkpoint(made.note())
        export(store, directory / "record")


def reissued(made: Referendum, data: bytes) -> bytes:
    """A checkpoint entry for the log as it is now, at its own size and time; any other entry as it is."""
    try:
        entry = entries.decode(data)
        if (
            not isinstance(entry.payload, entries.CheckpointEntry)
            or entry.author != made.keys.board.public.raw
        ):
            return data
        old, _ = checkpoints.read(entry.payload.note)
    except FormatError:
        return data
    if old.size > len(made.logged):
        return data
    note = made.cosigned(replace(old, root=made.root(old.size)))
    return made.write(entries.CheckpointEntry(note), made.keys.board)


def agree(seed: int) -> None:
    coins = random.Random(seed)
    parent = honest(coins.choice((4, 4, 0)))
    logged = parent.logged
    for _ in range(coins.choice((1, 1, 2))):
        logged = changed(logged, coins)
    with tempfile.TemporaryDirectory() as name:
        directory = Path(name)
        written(parent, logged, directory)
        pin = Pin.of(parent.definition)
        assert essence(ours(directory, pin)) == essence(theirs(directory, pin))


@pytest.mark.parametrize("decoys", [0, 4])
def test_honest_records(decoys: int, tmp_path: Path) -> None:
    parent = honest(decoys)
    pin = parent.export(tmp_path)
    assert ours(tmp_path, pin)["verdict"] == "passed"
    assert essence(ours(tmp_path, pin)) == essence(theirs(tmp_path, pin))


@pytest.mark.parametrize("seed", QUICK)
def test_records_gone_wrong(seed: int) -> None:
    agree(seed)


@pytest.mark.soak
@pytest.mark.parametrize("seed", LONG)
def test_many_records_gone_wrong(seed: int) -> None:
    agree(seed)
