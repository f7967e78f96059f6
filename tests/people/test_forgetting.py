"""The registrar forgets which cards came together, also where copies of its state were taken."""

from __future__ import annotations

import shutil
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from psephos.crypto.siv import open_sealed
from psephos.errors import FormatError
from psephos.keystore.store import KeyStore
from psephos.protocol.entry import decode
from tests.protocol.enrolling import payloads
from tests.protocol.test_registrar import Enrolment, files


def sealed_groups(path: Path) -> list[tuple[int, int, bytes]]:
    """Region, batch and bytes of each group that a copy of the state holds."""
    with closing(sqlite3.connect(path)) as database:
        return database.execute("SELECT region, batch, sealed FROM groups").fetchall()


@pytest.mark.parametrize("many", [30, 300])
def test_which_cards_came_together_is_never_readable_and_is_forgotten_with_the_key(tmp_path, many) -> None:
    enrolment = Enrolment(tmp_path, voters=many, min_batch=many // 3)
    secrets = KeyStore(tmp_path / "registrar-keys", enrolment.referendum.lock)
    groups = enrolment.referendum.groups([*enrolment.voters, *enrolment.decoys])
    enrolment.referendum.rng.shuffle(groups)
    for start in range(0, len(groups), 10):
        enrolment.registrar.enrol(groups[start : start + 10])
    kept = [decode(message, message=True).payload for message in groups]
    batches = [batch.batch for batch in payloads(enrolment.registrar.enrol(groups))]
    assert max(batches) >= 3

    # Neither the state, nor its log, nor a copy of both shows a group while it waits.
    found = files(enrolment.path)
    for group in kept:
        assert not any(one in found for one in (group.randomness, group.nonce, group.cards[:32]))
    (backup := tmp_path / "backup").mkdir()
    for one in enrolment.path.parent.glob(f"{enrolment.path.name}*"):
        if one.is_file():
            shutil.copy(one, backup)
    copied = sealed_groups(backup / enrolment.path.name)
    assert len(copied) == len(groups)
    assert len({len(sealed) for *_, sealed in copied}) == 1  # how many cards a group has is not seen either

    def opened() -> list[int]:
        """The batches of the copy's groups that a key opens which is still there."""
        names = [one.stem for one in (tmp_path / "registrar-keys").glob("batch-*.age")]
        keys = [key for name in names if (key := secrets.read(name)) is not None]
        return [batch for _, batch, sealed in copied if any(opens(key, sealed, batch) for key in keys)]

    assert sorted(opened()) == sorted(batches)
    enrolment.board.take(enrolment.registrar.cut(0))
    assert sorted(opened()) == sorted(batch for batch in batches if batch > 1)
    enrolment.board.take(enrolment.registrar.close_enrolment(0))
    assert opened() == []
    assert sealed_groups(enrolment.path) == []
    left = files(enrolment.path)
    assert not any(one in left for group in kept for one in (group.randomness, group.nonce))
    enrolment.registrar.close()


def opens(key: bytes, sealed: bytes, batch: int) -> bool:
    try:
        open_sealed(key, sealed, f"psephos groups of batch {batch} of region 0".encode())
    except FormatError:
        return False
    return True


def test_a_key_that_was_to_be_destroyed_is_destroyed_at_the_next_start(tmp_path, monkeypatch) -> None:
    enrolment = Enrolment(tmp_path, voters=12)
    enrolment.enrol(enrolment.voters)

    def end(*_) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(KeyStore, "erase", end)
        with pytest.raises(KeyboardInterrupt):
            enrolment.registrar.cut(0)
    key = tmp_path / "registrar-keys" / "batch-0-1.age"
    assert key.exists()
    enrolment.restart()
    assert not key.exists()
    assert enrolment.registrar.batch_entries(0, 1)
    enrolment.registrar.close()


def test_groups_whose_key_is_lost_are_said_to_be(tmp_path) -> None:
    enrolment = Enrolment(tmp_path, voters=12)
    enrolment.enrol(enrolment.voters)
    enrolment.registrar.close()
    (tmp_path / "registrar-keys" / "batch-0-1.age").unlink()
    with pytest.raises(FormatError, match="the key of batch 1 of region 0 is gone"):
        enrolment.restart()
