"""A registrar that is killed after any write goes on: nothing is admitted, given or logged twice."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from psephos.protocol.entries import CardReceipt, decode
from psephos.protocol.record import Record
from psephos.protocol.state import LogView
from psephos.reader import witnessed
from psephos.registrar.store import RegistrarStore
from tests.registrar.registering import Town


@dataclass
class Copies:
    """The state of one registrar after each of its writes, and how long the log was then."""

    town: Town
    number: int
    kept: list[tuple[Path, int, int]] = field(default_factory=list)
    """Where each lies, the log's size, the time."""

    def take(self, store: RegistrarStore) -> None:
        if store is not self.town.registrars[self.number]._store:
            return
        folder = self.town.path / f"copy-{len(self.kept)}"
        folder.mkdir()
        for file in self.town.path.glob(f"registrar-{self.number}*"):
            if file.suffix != ".lock":
                shutil.copy(file, folder)
        held = self.town.held
        self.kept.append((folder / f"registrar-{self.number}", len(held.logged), held.now))


@pytest.fixture
def copies(tmp_path, monkeypatch):
    town = Town(tmp_path, voters=4, min_batch=2)
    made = Copies(town, 1)
    write = RegistrarStore.write

    @contextmanager
    def writing(store: RegistrarStore) -> Iterator:
        with write(store) as database:
            yield database
        made.take(store)

    monkeypatch.setattr(RegistrarStore, "write", writing)
    yield made
    town.close()


def record_of(town: Town, size: int) -> Record:
    """The record as far as these entries."""
    record = Record(LogView(town.held.root, witnessed))
    record.extend(town.held.logged[:size])
    return record


@pytest.mark.parametrize("number", [1, 2])
def test_a_registrar_killed_after_any_write_does_nothing_twice(copies, monkeypatch, number) -> None:
    town, copies.number = copies.town, number
    said: dict[bytes, bytes] = {}
    for voter in town.voters:
        _, made = town.enrol(voter)
        said |= dict(zip(made[number], town.registrars[number].admit(made[number]), strict=True))
        town.registrars[3 - number].admit(made[3 - number])
    town.shut()
    town.turn()
    assert town.held.record.rosters[0].cards == 8
    monkeypatch.undo()
    town.registrars[number].close()
    kept = copies.kept
    assert len(kept) > 10
    ends = [size for _, size, _ in kept[1:]] + [len(town.held.logged)]
    for (path, size, now), until in zip(kept, ends, strict=True):
        for end in {size, until}:
            town.held.now = now
            check_going_on(town, number, path, end, said)
    town.registrars.pop(number)


def check_going_on(town: Town, number: int, path: Path, end: int, said: dict[bytes, bytes]) -> None:
    """What a copy says and does next is what it said and did, or nothing that contradicts it."""
    place = path.with_name(f"again-{end}")
    shutil.copy(path, place)
    if (wal := path.with_name(f"{path.name}-wal")).exists():
        shutil.copy(wal, place.with_name(f"{place.name}-wal"))
    record = record_of(town, end)
    with town.open(number, place) as registrar:
        registrar.follow(record)
        known = {receipt for (receipt,) in registrar._store.read("SELECT receipt FROM admitted")}
        answers = registrar.admit(list(said))
        for answer, before in zip(answers, said.values(), strict=True):
            assert answer == before or before not in known
            payload = decode(answer, message=True).payload
            assert isinstance(payload, CardReceipt) or payload.reason == "closed"
        due = registrar.due(record)
        assert due == registrar.due(record)
    record.extend(due)
    assert not record.void
