"""What the fold finds depends neither on portions nor on the size of runs, nor on the store."""

from __future__ import annotations

import random
import sys
from collections.abc import Callable, Sequence
from dataclasses import replace

import pytest

from psephos.protocol import entries
from psephos.protocol.entries import Weighing
from psephos.protocol.proofs import Claim, Proofs
from psephos.protocol.record import Record
from psephos.protocol.state import LogView
from psephos.protocol.storage import ByteStore, MemoryStore
from psephos.reader import witnessed
from psephos.scratch import Scratch
from psephos.simulation.adversary import fork
from psephos.simulation.definitions import HARBOUR, sample
from psephos.simulation.referendum import Referendum, held
from tests.attacks.scenes import DAYS, GROUPS, PIRAEUS, counted, sealed, voting

Change = Callable[[Weighing], Weighing]


def state(record: Record) -> object:
    """What chains and days have come to, and what was void."""
    assert record.weighing_chains is not None
    assert record.box is not None
    chains = [(chain.chunk, chain.weighers, chain.head, chain.completed) for chain in all_chains(record)]
    days = {place: (list(rows.cards), rows.hashes.read()) for place, rows in record.box.days.items()}
    return record.void, record.examined, chains, days


def all_chains(record: Record) -> list:
    assert record.weighing_chains is not None
    return list(record.weighing_chains.chains.values())


def folded(told: Referendum, portions: Sequence[int], storage: ByteStore | None = None) -> Record:
    """The log folded anew in portions of these sizes, the last of what is left."""
    record = Record(LogView(told.root, witnessed), storage)
    for size in portions:
        record.extend(told.logged[record.size : record.size + size])
    record.extend(told.logged[record.size :])
    return record


def bent(payload: Weighing) -> Weighing:
    """A weighing whose first proof does not hold."""
    return replace(payload, rows=payload.rows[:-1] + bytes([payload.rows[-1] ^ 1]))


def unreadable(payload: Weighing) -> Weighing:
    """A weighing whose first row is no point."""
    return replace(payload, rows=b"\xff" * 32 + payload.rows[32:])


def contended(spoil: Change) -> Referendum:
    """Every chain of day 1 is fought for: a bad weighing, one on top of it, and honest ones between."""
    told = sealed()
    false = fork(told)  # where proofs are believed, so that somebody can go on from what is bad
    false.record.weighing_chains.proofs = Believing()
    for region in GROUPS:
        rivals = [write(told, 1, region), write(told, 3, region)]
        bad = write(false, 2, region, spoil)
        false.log(bad)
        after = write(false, 3, region) if spoil is bent else write(told, 3, region)
        told.log(bad, after, rivals[0], bad, rivals[1])
        told.log(write(told, 2, region, spoil), write(told, 3, region), write(told, 2, region))
        if len(told.record.weighing_chains.chains[region, 1, 0].weighers) < 2:
            told.log(write(told, 1, region))
    return told


class Believing(Proofs):
    """Finds nothing wrong with weighings."""

    def check_weighings(
        self, election: bytes, key: bytes, width: int, claims: Sequence[Claim]
    ) -> list[tuple[int, int, str]]:
        return []


def write(told: Referendum, trustee: int, region: int, change: Change = lambda payload: payload) -> bytes:
    """A trustee's weighing of a region's only chunk as it stands."""
    weighing_chains = told.record.weighing_chains
    assert weighing_chains is not None
    payload = weighing_chains.weigh(weighing_chains.chains[region, 1, 0], trustee, told.random())
    return told.write(change(payload), told.keys.trustees[trustee - 1])


@pytest.mark.parametrize("spoil", [bent, unreadable])
def test_chains_are_the_same_whether_weighings_come_one_by_one_or_at_once(spoil: Change) -> None:
    told = contended(spoil)
    expected = state(folded(told, [1] * len(told.logged)))
    checks = {void.check for void in folded(told, []).void}
    assert checks == {"7.1", "7.2"}
    assert all(len(chain.weighers) == 2 for chain in all_chains(told.record))
    coins = random.Random(0)
    for portions in ([], *([coins.randrange(1, 9) for _ in range(40)] for _ in range(5))):
        assert state(folded(told, portions)) == expected


def test_what_goes_on_from_a_row_that_is_no_point_is_judged_by_itself() -> None:
    """The core is given rows that it cannot read; whoever gave them is at fault, and nothing is raised."""
    told = sealed()
    bad = entries.decode(write(told, 1, PIRAEUS, unreadable)).payload
    chain = told.record.weighing_chains.chains[PIRAEUS, 1, 0]
    honest = entries.decode(write(told, 2, PIRAEUS)).payload
    claims = [
        Claim(7, (*chain.chunk, 1, 1), None, chain.first, bad.rows),
        Claim(9, (*chain.chunk, 2, 2), 7, bad.rows[:64], honest.rows),
    ]
    size = 64 * chain.width
    rows = [bad.rows[at : at + size] for at in range(0, len(bad.rows), size + 224)]
    claims[1] = replace(claims[1], before=b"".join(rows))
    found = Proofs().check_weighings(told.record.election, told.record.joint_key.point, chain.width, claims)
    assert {claim for claim, _, _ in found} == {0, 1}
    assert (0, 0) in {(claim, row) for claim, row, _ in found}


def crowded() -> Referendum:
    """Ballots of both regions mixed: good ones, bad ones, repeated ones, of no card, of no day."""
    told = voting()
    cards = told.cards
    other = told.ballot(cards[0][2], (0, 1), serial=1)
    forged = other[:-1] + bytes([other[-1] ^ 1])
    some = [
        told.ballot(cards[0][2], (0, 1), serial=2),
        forged,
        told.ballot(cards[1][1], (1,), day=2),
        other,
        forged,
        other,
        told.ballot(cards[1][2], (0,)),
        told.ballot(cards[0][3], (0,), region=1),
        told.ballot(cards[1][1], (1,)),
        told.ballot(cards[0][4], (0, 1), day=9),
        told.ballot(cards[1][2], (0,), serial=2),
    ]
    told.log(*some)
    return told


def test_ballots_are_the_same_whether_they_come_one_by_one_or_at_once() -> None:
    told = crowded()
    expected = state(folded(told, [1] * len(told.logged)))
    assert [void.check for void in told.record.void] == ["6.4", "6.2", "6.5", "6.5", "6.3", "6.1"]
    coins = random.Random(1)
    for portions in ([], *([coins.randrange(1, 9) for _ in range(40)] for _ in range(5))):
        assert state(folded(told, portions)) == expected


@pytest.fixture(params=[100, 1000, 100_000])
def small_runs(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> int:
    """Runs of so many bytes everywhere."""
    for name, module in list(sys.modules.items()):
        if name.startswith("psephos.protocol.") or name == "psephos.reader":
            monkeypatch.setattr(module, "RUN", request.param, raising=False)
            monkeypatch.setattr(module, "ROWS", 1 + request.param // 200, raising=False)
    return request.param


@pytest.mark.parametrize("make", [MemoryStore, Scratch])
def test_runs_and_stores_of_any_size_give_the_same_count(
    small_runs: int, make: Callable[[], ByteStore]
) -> None:
    told = counted()
    record = folded(told, [], make())
    assert (record.phase, record.void) == ("counted", [])
    assert record.result_document() == told.record.result_document()
    assert state(record) == state(told.record)


@pytest.mark.parametrize("make", [MemoryStore, Scratch])
def test_without_decoys_too(small_runs: int, make: Callable[[], ByteStore]) -> None:
    document, keys = sample(decoys=0, trustees=1, threshold=1, questions=(HARBOUR,), windows=DAYS)
    votes = [(0, 0, 1, 1, (0,)), (0, 1, 1, 1, (1,)), (0, 1, 2, 1, (0,)), (1, 2, 2, 1, (1,))]
    told = held(document, keys, {0: [[1]] * 3, 1: [[1]] * 3}, votes, (1,))
    record = folded(told, [], make())
    assert record.result_document() == told.record.result_document()
