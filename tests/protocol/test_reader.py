"""Following a log: what is new is folded, and a log that contradicts what was read before is refused."""

from __future__ import annotations

from pathlib import Path

import pytest

from psephos.errors import EvidenceMissing, LogError, NotThere
from psephos.log.client import Client
from psephos.log.policy import Policy
from psephos.protocol import entries
from psephos.protocol.setup.pin import Pin
from psephos.reader import Reader
from psephos.simulation.definitions import sample
from psephos.simulation.referendum import Referendum, held
from tests.board.station import Station


class Mirror:
    """A log's files by path, and whichever of them a server does not give."""

    def __init__(self, directory: Path) -> None:
        self.client = Client(directory)
        self.lost: set[str] = set()
        self.asked: list[str] = []

    def fetch(self, path: str, limit: int) -> bytes:
        self.asked.append(path)
        if path in self.lost:
            raise NotThere(f"{path}: not there")
        return self.client.fetch(path, limit)

    def checkpoint(self) -> bytes:
        return self.client.checkpoint()


def policy_of(referendum: Referendum) -> Policy:
    return Policy.parse(Pin.of(referendum.definition).policy.encode())


@pytest.fixture
def whole() -> Referendum:
    document, keys = sample(regions=("athens",))
    votes = [(0, 0, 1, 1, (0, 0)), (0, 1, 1, 1, (0, 0)), (0, 2, 1, 1, (1, 1))]
    return held(document, keys, {0: [[1, 0], [1], [0, 1]]}, votes)


def until(whole: Referendum, size: int) -> Referendum:
    """The same referendum when its log was that long."""
    part = Referendum(whole.document, whole.keys)
    part.now = whole.now
    part.log(*whole.logged[:size])
    return part


def statement(referendum: Referendum, text: str) -> bytes:
    return referendum.write(entries.Statement("s", "en", text, b""), referendum.keys.registrars[0])


def test_a_reader_follows_export_after_export(whole: Referendum, tmp_path: Path) -> None:
    growing = Referendum(whole.document, whole.keys)
    reader, phases = None, []
    for start in range(0, len(whole.logged), 7):
        growing.log(*whole.logged[start : start + 7])
        growing.export(tmp_path)
        reader = reader or Reader(Client(tmp_path / "record"), policy_of(whole))
        told: list[tuple[int, int]] = []
        record = reader.read(lambda done, total, told=told: told.append((done, total)))
        size = len(growing.logged)
        assert record.size == size
        assert told[-1] == (size, size)
        assert reader.latest is not None
        assert (reader.latest.size, reader.latest.root) == (size, growing.root(size))
        assert reader.read() is record  # nothing new
        phases.append(record.phase)
    assert reader is not None
    assert reader.record.result_document() == whole.record.result_document()
    assert phases[-1] == "counted"
    assert len(set(phases)) > 3


def test_only_what_is_new_is_fetched(station: Station, tmp_path: Path) -> None:
    keys = station.referendum.keys
    station.board.submit(
        [station.referendum.write(entries.Statement("s", "en", str(n), b""), keys.board) for n in range(600)]
    )
    station.board.publish(tmp_path / "record")
    mirror = Mirror(tmp_path / "record")
    reader = Reader(mirror, station.policy)
    reader.read()
    assert "tile/entries/000" in mirror.asked
    mirror.asked.clear()
    station.board.open(1, 1)
    station.board.publish(tmp_path / "record")
    assert reader.read().size == station.board.store.size
    bundles = [path for path in mirror.asked if path.startswith("tile/entries/")]
    assert bundles == [f"tile/entries/002.p/{station.board.store.size - 512}"]


def test_a_rewound_log_is_refused(whole: Referendum, tmp_path: Path) -> None:
    until(whole, 30).export(tmp_path / "long")
    until(whole, 20).export(tmp_path / "short")
    mirror = Mirror(tmp_path / "long" / "record")
    reader = Reader(mirror, policy_of(whole))
    reader.read()
    mirror.client = Client(tmp_path / "short" / "record")
    with pytest.raises(LogError, match="size 30"):
        reader.read()
    assert reader.record.size == 30
    assert reader.latest is not None
    assert reader.latest.size == 30
    mirror.client = Client(tmp_path / "long" / "record")
    assert reader.read().size == 30


@pytest.mark.parametrize("longer", [0, 1, 40])
def test_a_forked_log_is_refused(whole: Referendum, tmp_path: Path, longer: int) -> None:
    ours, theirs = until(whole, 20), until(whole, 20)
    ours.log(statement(ours, "ours"))
    theirs.log(*(statement(theirs, "theirs") for _ in range(1 + longer)))
    ours.export(tmp_path / "ours")
    theirs.export(tmp_path / "theirs")
    mirror = Mirror(tmp_path / "ours" / "record")
    reader = Reader(mirror, policy_of(whole))
    reader.read()
    mirror.client = Client(tmp_path / "theirs" / "record")
    for _ in range(2):
        with pytest.raises(LogError, match="forked"):
            reader.read()
    assert reader.record.size == 21
    assert [entry.payload.text for _, entry in reader.record.statements] == ["ours"]


def test_what_an_earlier_run_saw_binds_the_next(whole: Referendum, tmp_path: Path) -> None:
    policy = policy_of(whole)
    until(whole, 25).export(tmp_path / "ours")
    first = Reader(Client(tmp_path / "ours" / "record"), policy)
    first.read()
    seen = first.latest
    assert seen is not None
    until(whole, 20).export(tmp_path / "rewound")
    forked = until(whole, 20)
    forked.log(*(statement(forked, str(number)) for number in range(10)))
    forked.export(tmp_path / "forked")
    for name, why in (("rewound", "size 25"), ("forked", "forked")):
        reader = Reader(Client(tmp_path / name / "record"), policy, seen)
        with pytest.raises(LogError, match=why):
            reader.read()
        assert (reader.record.size, reader.latest) == (0, seen)
    until(whole, 40).export(tmp_path / "ours")
    again = Reader(Client(tmp_path / "ours" / "record"), policy, seen)
    assert again.read().size == 40
    assert again.latest != seen


def test_a_log_without_a_quorum_is_not_read(whole: Referendum, tmp_path: Path) -> None:
    whole.export(tmp_path)
    note = whole.note(witnesses=[0])
    (tmp_path / "record" / "checkpoint").write_bytes(note)
    reader = Reader(Client(tmp_path / "record"), policy_of(whole))
    with pytest.raises(LogError, match="quorum"):
        reader.read()
    assert (reader.record.size, reader.latest) == (0, None)


def test_what_was_missing_once_is_read_when_it_is_there(whole: Referendum, tmp_path: Path) -> None:
    whole.export(tmp_path)
    mirror = Mirror(tmp_path / "record")
    reader = Reader(mirror, policy_of(whole))
    mirror.lost = {f"tile/entries/000.p/{len(whole.logged)}", "tile/entries/000"}
    with pytest.raises(EvidenceMissing):
        reader.read()
    mirror.lost.clear()
    assert reader.read().phase == "counted"
