"""A party writes without end: the board refuses what is over its budgets, and the log stays bounded."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from psephos.board.board import Board
from psephos.board.entry_service import EntryService
from psephos.board.places import places
from psephos.crypto.signature import SigningKey
from psephos.log.store import LogStore
from psephos.protocol import entries, multipart
from psephos.protocol.enrolment.admission import Rejection
from psephos.protocol.words import DAY
from psephos.simulation.definitions import HARBOUR, sample
from psephos.simulation.referendum import Referendum
from tests.attacks.scenes import begun, releasing, sealed

TIMES = 200
WORDS = 100_000
BUDGETS = {"words": WORDS, "files": 50_000, "parts": 300_000, "observers": 3}


class Flooded:
    """An honest board, whose clock is set by hand, and what it has refused."""

    def __init__(self, directory: Path, referendum: Referendum) -> None:
        self.directory, self.referendum, self.now = directory, referendum, 1_900_040_000
        with LogStore(places(directory, None).log, referendum.definition.board.origin) as store:
            store.append(referendum.logged).result()
        self.start()

    def start(self) -> None:
        definition, keys = self.referendum.definition, self.referendum.keys
        self.board = Board(self.directory, definition.board.origin, keys.board, {}, lambda: self.now)
        self.service = EntryService(self.board, keys.board, definition.hash)

    def restart(self) -> None:
        self.board.close()
        self.start()

    def take(self, *data: bytes, blobs: dict[bytes, bytes] | None = None) -> list[int | Rejection]:
        return [self.service.take(entries.decode(one), blobs or {}) for one in data]

    @property
    def bytes(self) -> int:
        return sum(map(len, self.board.store.entries(0, self.board.store.size)))


@pytest.fixture
def flooded(tmp_path: Path) -> Iterator[Flooded]:
    document, keys = sample(regions=("piraeus",), questions=(HARBOUR,), budgets=BUDGETS)
    referendum = Referendum(document, keys)
    referendum.publish()
    referendum.ceremony()
    board = Flooded(tmp_path, referendum)
    yield board
    board.board.close()


def statement(referendum: Referendum, length: int, attachment: bytes = b"") -> bytes:
    said = entries.Statement("s", "en", os.urandom(length // 2).hex(), attachment)
    return referendum.write(said, referendum.keys.trustees[0])


def budget(faults: list[int | Rejection]) -> list[Rejection]:
    """What was refused, all of it for the budget."""
    refused = [one for one in faults if isinstance(one, Rejection)]
    assert {one.reason for one in refused} <= {"budget"}
    return refused


def test_a_trustee_cannot_fill_the_log_with_parts_or_statements(flooded: Flooded) -> None:
    before, referendum = flooded.bytes, flooded.referendum
    key = referendum.keys.trustees[0]
    parts = [
        referendum.write(entries.Part(os.urandom(32), 0, 2, os.urandom(65_000)), key) for _ in range(TIMES)
    ]
    assert len(budget(flooded.take(*parts))) == TIMES, "a trustee has nothing to close before the count"
    said = flooded.take(*(statement(referendum, 60_000) for _ in range(TIMES)))
    assert len(budget(said)) == TIMES - 1
    assert flooded.bytes - before <= WORDS


def test_the_next_day_has_a_budget_of_its_own_and_a_restart_forgets_nothing(flooded: Flooded) -> None:
    first, *more = (statement(flooded.referendum, 60_000) for _ in range(4))
    assert not budget(flooded.take(first))
    flooded.restart()
    assert budget(flooded.take(more[0])), "the log tells what was spent"
    flooded.now += DAY - 1
    assert budget(flooded.take(more[1]))
    flooded.now += 1
    assert not budget(flooded.take(more[2]))
    assert not budget(flooded.take(first)), "what is in the log already is taken as ever"


def test_one_who_floods_takes_nothing_from_others(flooded: Flooded) -> None:
    flooded.take(*(statement(flooded.referendum, 60_000) for _ in range(3)))
    other = entries.Statement("s", "en", "An objection.", b"")
    assert not budget(flooded.take(flooded.referendum.write(other, flooded.referendum.keys.trustees[1])))


def test_attachments_have_a_budget_of_their_own(flooded: Flooded) -> None:
    files = [os.urandom(30_000) for _ in range(2)]
    taken = [
        flooded.take(
            statement(flooded.referendum, 10, multipart.digest(file)), blobs={multipart.digest(file): file}
        )
        for file in files
    ]
    assert not budget(taken[0])
    assert budget(taken[1])
    flooded.restart()
    assert budget(
        flooded.take(
            statement(flooded.referendum, 10, multipart.digest(files[1])),
            blobs={multipart.digest(files[1]): files[1]},
        )
    )


def test_one_party_accredits_so_many_keys_and_no_more(flooded: Flooded) -> None:
    referendum = flooded.referendum
    grants = [
        referendum.write(
            entries.Grant(SigningKey(bytes([n]) * 32).public.raw, f"Observer {n}", "observer"),
            referendum.keys.organiser,
        )
        for n in range(1, 6)
    ]
    assert len(budget(flooded.take(*grants))) == 2


def test_the_registrar_has_room_for_its_bundles_and_no_more(flooded: Flooded) -> None:
    referendum, key = flooded.referendum, flooded.referendum.keys.registrars[0]
    stray = [
        referendum.write(entries.Part(os.urandom(32), 0, 1, os.urandom(60_000)), key) for _ in range(TIMES)
    ]
    assert len(budget(flooded.take(*stray))) == TIMES - 5, "300,000 bytes"


def test_a_closed_bundle_gives_its_room_back(flooded: Flooded) -> None:
    referendum, key = flooded.referendum, flooded.referendum.keys.registrars[0]
    content = b"".join(sorted(os.urandom(32) for _ in range(8_000)))
    roll = referendum.bundle(content, entries.Roll(0, 8_000, multipart.digest(content)), key)
    assert not budget(flooded.take(*roll))
    again = [referendum.write(entries.Part(os.urandom(32), 0, 1, os.urandom(60_000)), key) for _ in range(6)]
    assert len(budget(flooded.take(*again))) == 1


def test_parts_that_no_bundle_can_hold_are_refused(flooded: Flooded) -> None:
    referendum, key, name = flooded.referendum, flooded.referendum.keys.registrars[0], os.urandom(32)

    def take(index: int, count: int, size: int = 65_000) -> list[Rejection]:
        return budget(flooded.take(referendum.write(entries.Part(name, index, count, os.urandom(size)), key)))

    assert not take(0, 2)
    assert take(0, 2), "there already"
    assert take(1, 3), "another count"
    assert take(2, 2), "no such index"
    assert not take(1, 2, 10)
    name = os.urandom(32)
    assert take(0, 2, 64_999), "all but the last are whole"
    assert take(0, 6), "longer than the budget"


def test_a_trustee_sends_the_parts_of_its_shares_and_few_others(tmp_path: Path) -> None:
    referendum = releasing()
    flooded = Flooded(tmp_path, referendum)
    key = referendum.keys.trustees[0]
    length = flooded.board.record.count.size(1)
    stray = [
        referendum.write(entries.Part(os.urandom(32), 0, 1, os.urandom(length)), key) for _ in range(TIMES)
    ]
    assert len(budget(flooded.take(*stray))) == TIMES - 4
    third = referendum.write(
        entries.Part(os.urandom(32), 0, 2, os.urandom(65_000)), referendum.keys.trustees[1]
    )
    assert budget(flooded.take(third)), "its shares are shorter"
    flooded.board.close()


def test_void_weighings_are_logged_once(tmp_path: Path) -> None:
    referendum = sealed()
    chain = next(iter(referendum.record.weighing_chains.chains.values()))
    good = referendum.record.weighing_chains.weigh(chain, 1, os.urandom(32))
    flooded = Flooded(tmp_path, referendum)

    def flood(wrong: list[entries.Weighing]) -> list[str]:
        taken = flooded.take(*(referendum.write(one, referendum.keys.trustees[0]) for one in wrong))
        return [one.reason for one in taken if isinstance(one, Rejection)]

    assert flood([replace(good, previous=os.urandom(32)) for _ in range(TIMES)]) == ["7.1"] * (TIMES - 1)
    proofs = [replace(good, rows=good.rows[:-32] + n.to_bytes(32, "little")) for n in range(TIMES)]
    assert flood(proofs) == ["7.1"] * (TIMES - 1), "it has no second try"
    assert flood([replace(good, chunk=n) for n in range(7, 9)]) == ["7.1"] * 2
    flooded.board.close()


def test_an_entry_over_the_budget_that_is_logged_is_as_good_as_any() -> None:
    referendum = begun()
    referendum.log(*(statement(referendum, 60_000) for _ in range(30)))
    assert not referendum.record.void
    assert len(referendum.record.statements) == 30
