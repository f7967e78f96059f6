"""The witness: cosigns what extends its last, refuses forks, rewinds and strangers, and remembers first."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from psephos.crypto.signature import SigningKey
from psephos.errors import DatabaseHeld, FormatError, LogError
from psephos.log import checkpoints, cosignature, merkle
from psephos.log.checkpoints import TreeHead
from psephos.log.merkle import EMPTY_ROOT, leaf_hash, root_of
from psephos.log.note import Note
from psephos.log.submission import Ask, Conflict, Inconsistent, Submission, UnknownLog, Unsigned, collect
from psephos.witness.witness import Witness

if TYPE_CHECKING:
    from conftest import Keys

NAME = "example.org/w0"


class Log:
    """A log in memory, which may be forked."""

    def __init__(self, keys: Keys, leaves: list[bytes]) -> None:
        self.keys = keys
        self.leaves = [leaf_hash(leaf) for leaf in leaves]

    def checkpoint(self, size: int) -> bytes:
        root = root_of(self.leaves[:size])
        return checkpoints.sign(TreeHead(self.keys.origin, size, root), self.keys.log)

    def proof(self, old: int, new: int) -> list[bytes]:
        def read(level: int, index: int) -> bytes:
            return root_of(self.leaves[index << level : (index + 1) << level])

        return merkle.consistency_proof(old, new, read)


@pytest.fixture
def log(keys: Keys) -> Log:
    return Log(keys, [b"%d" % n for n in range(50)])


def open_witness(keys: Keys, path: Path, name: str = NAME) -> Witness:
    return Witness(name, keys.witnesses[name], [keys.log_key], path)


@pytest.fixture
def witness(keys: Keys, tmp_path: Path) -> Iterator[Witness]:
    with open_witness(keys, tmp_path / "w0.db") as opened:
        yield opened


def test_it_cosigns_what_extends_its_last(witness: Witness, log: Log, keys: Keys) -> None:
    assert witness.checkpoint(keys.origin) is None
    last = 0
    for time, size in enumerate((0, 0, 1, 5, 5, 32, 50), 1000):
        note = log.checkpoint(size)
        line = witness.add_checkpoint(last, log.proof(last, size), note, time)
        assert cosignature.verify(Note.parse(note + line), keys.witness_keys[NAME]) == time
        assert witness.checkpoint(keys.origin) == note + line
        last = size


def test_it_refuses_forks_and_rewinds(witness: Witness, log: Log, keys: Keys) -> None:
    witness.add_checkpoint(0, [], log.checkpoint(20), 1000)
    kept = witness.checkpoint(keys.origin)
    fork = Log(keys, [b"%d" % n for n in range(10)] + [b"fork"] * 40)
    refused = [
        (Inconsistent, 20, fork.proof(20, 30), fork.checkpoint(30)),
        (Inconsistent, 20, log.proof(20, 30), fork.checkpoint(30)),
        (Inconsistent, 20, [], fork.checkpoint(20)),
        (Inconsistent, 20, [], log.checkpoint(30)),
        (Inconsistent, 20, [bytes(32)], log.checkpoint(20)),
        (Conflict, 10, log.proof(10, 30), log.checkpoint(30)),
        (Conflict, 10, fork.proof(10, 30), fork.checkpoint(30)),
        (Conflict, 0, [], log.checkpoint(10)),
        (Conflict, 10, [], log.checkpoint(10)),
        (FormatError, 20, [], log.checkpoint(10)),
        (FormatError, -1, [], log.checkpoint(10)),
    ]
    for error, old, proof, note in refused:
        with pytest.raises(error) as refusal:
            witness.add_checkpoint(old, proof, note, 2000)
        assert not isinstance(refusal.value, Conflict) or refusal.value.size == 20
        assert witness.checkpoint(keys.origin) == kept
    witness.add_checkpoint(20, log.proof(20, 30), log.checkpoint(30), 2000)


def test_it_refuses_strangers_and_bad_signatures(witness: Witness, log: Log, keys: Keys) -> None:
    checkpoint = TreeHead(keys.origin, 20, root_of(log.leaves[:20]))
    with pytest.raises(UnknownLog):
        witness.add_checkpoint(0, [], checkpoints.sign(TreeHead("example.org/b", 1, bytes(32)), keys.log), 1)
    with pytest.raises(Unsigned):
        witness.add_checkpoint(0, [], checkpoints.sign(checkpoint, SigningKey(bytes(32))), 1)
    with pytest.raises(Unsigned):
        witness.add_checkpoint(0, [], log.checkpoint(20).replace(b"\n20\n", b"\n21\n"), 1)
    with pytest.raises(FormatError):
        witness.add_checkpoint(0, [], log.checkpoint(20)[:-1], 1)
    empty = checkpoints.sign(TreeHead(keys.origin, 0, bytes(32)), keys.log)
    with pytest.raises(Inconsistent):
        witness.add_checkpoint(0, [], empty, 1)
    with pytest.raises(Inconsistent):
        witness.add_checkpoint(0, [EMPTY_ROOT], log.checkpoint(20), 1)
    assert witness.checkpoint(keys.origin) is None


def times(witness: Witness, origin: str) -> int | None:
    return cosignature.verify(Note.parse(witness.checkpoint(origin) or b""), witness.key)


def test_a_clock_that_was_ahead_for_a_moment_stops_nothing(witness: Witness, log: Log, keys: Keys) -> None:
    """It never signs an earlier time than before, and goes on with true ones as soon as it can."""
    witness.add_checkpoint(0, [], log.checkpoint(20), 9000)  # the moment
    witness.add_checkpoint(20, log.proof(20, 30), log.checkpoint(30), 1000)
    assert times(witness, keys.origin) == 9000
    with pytest.raises(Conflict):
        witness.add_checkpoint(20, [], log.checkpoint(20), 1001)  # and never a fork
    witness.add_checkpoint(30, log.proof(30, 50), log.checkpoint(50), 9001)
    assert times(witness, keys.origin) == 9001


def test_it_remembers_over_a_restart(keys: Keys, log: Log, tmp_path: Path) -> None:
    with open_witness(keys, tmp_path / "w.db") as witness:
        witness.add_checkpoint(0, [], log.checkpoint(20), 1000)
    with open_witness(keys, tmp_path / "w.db") as witness, pytest.raises(Conflict) as conflict:
        witness.add_checkpoint(0, [], log.checkpoint(10), 1001)
    assert conflict.value.size == 20


def test_it_has_persisted_before_it_answers(keys: Keys, log: Log, tmp_path: Path) -> None:
    with open_witness(keys, tmp_path / "w.db") as one, open_witness(keys, tmp_path / "w.db") as two:
        one.add_checkpoint(0, [], log.checkpoint(20), 1000)
        with pytest.raises(Conflict):  # another process sees what was answered, at once
            two.add_checkpoint(0, [], log.checkpoint(10), 1001)
        two.add_checkpoint(20, log.proof(20, 50), log.checkpoint(50), 1001)
        with pytest.raises(Conflict):
            one.add_checkpoint(20, log.proof(20, 30), log.checkpoint(30), 1002)


def test_of_a_fork_seen_at_once_only_one_side_is_cosigned(witness: Witness, log: Log, keys: Keys) -> None:
    forks = [Log(keys, [b"%d" % n] * 9).checkpoint(9) for n in range(40)]

    def submit(note: bytes) -> bool:
        try:
            witness.add_checkpoint(0, [], note, 1000)
        except LogError:
            return False
        return True

    with ThreadPoolExecutor(8) as pool:
        assert sum(pool.map(submit, forks)) == 1


def asking(witness: Witness, now: int) -> Ask:
    def ask(submission: Submission) -> bytes:
        received = Submission.parse(submission.encode())
        return witness.add_checkpoint(received.old_size, received.proof, received.checkpoint, now)

    return ask


def test_cosignatures_are_collected(keys: Keys, log: Log, tmp_path: Path) -> None:
    opened = [open_witness(keys, tmp_path / f"{n}.db", f"example.org/w{n}") for n in range(3)]
    opened[1].add_checkpoint(0, [], log.checkpoint(7), 1)  # behind: answers with a conflict first
    witnesses = {f"W{n}": asking(witness, 100 + n) for n, witness in enumerate(opened)}
    refusals: dict[str, Exception] = {}
    note, times, fresh = collect(
        log.checkpoint(20), lambda old: log.proof(old, 20), witnesses, keys.policy, refusals.__setitem__, {}
    )
    assert keys.policy.verify(note)[1] == times == {"W0": 100, "W1": 101, "W2": 102}
    assert fresh == ["W0", "W1", "W2"]
    assert refusals == {}
    again = collect(note, lambda old: log.proof(old, 20), witnesses, keys.policy, refusals.__setitem__, {})
    assert again == (note, times, [])
    for witness in opened:
        witness.close()


def test_who_is_known_to_have_cosigned_is_asked_once(keys: Keys, log: Log, tmp_path: Path) -> None:
    asked: list[int] = []

    def cosigned(size: int, sizes: dict[str, int]) -> None:
        def ask(submission: Submission) -> bytes:
            asked.append(submission.old_size)
            return asking(witness, 1)(submission)

        def refused(name: str, error: Exception) -> None:
            pytest.fail(f"{name}: {error}")

        collect(
            log.checkpoint(size), lambda old: log.proof(old, size), {"W0": ask}, keys.policy, refused, sizes
        )

    sizes: dict[str, int] = {}
    with open_witness(keys, tmp_path / "w.db") as witness:
        for size in (7, 9, 20):
            cosigned(size, sizes)
        assert (asked, sizes) == ([0, 7, 9], {"W0": 20})
        sizes["W0"] = 9  # it has cosigned more meanwhile, and says so
        cosigned(20, sizes)
        assert (asked[3:], sizes) == ([9, 20], {"W0": 20})


def test_a_quorum_is_enough_and_less_is_refused(keys: Keys, log: Log, tmp_path: Path) -> None:
    def lie(submission: Submission) -> bytes:
        text = Note.parse(submission.checkpoint).text
        return cosignature.sign(text, 5, "example.org/w2", SigningKey(bytes(32))).encode()

    def unreachable(_: Submission) -> bytes:
        raise ConnectionRefusedError("nobody there")

    with open_witness(keys, tmp_path / "0") as w0, open_witness(keys, tmp_path / "1", "example.org/w1") as w1:
        refusals: dict[str, Exception] = {}
        honest = {"W0": asking(w0, 1), "W1": asking(w1, 1)}
        note, times, fresh = collect(
            log.checkpoint(20), lambda _: [], honest | {"W2": lie}, keys.policy, refusals.__setitem__, {}
        )
        assert keys.policy.verify(note)[1] == times
        assert fresh == [*times] == ["W0", "W1"]
        assert list(refusals) == ["W2"]
        some = {"W0": asking(w0, 1), "W1": unreachable, "W2": lie}
        few, *_ = collect(log.checkpoint(20), lambda _: [], some, keys.policy, refusals.__setitem__, {})
        with pytest.raises(LogError, match="no quorum"):
            keys.policy.verify(few)
        assert Note.parse(few).signed_by(w0.key)
        assert isinstance(refusals["W1"], ConnectionRefusedError)


def test_a_state_that_another_program_holds_is_said_and_comes_back(
    keys: Keys, log: Log, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("psephos.witness.witness._TIMEOUT", 0.0)
    with open_witness(keys, tmp_path / "w.db") as witness:
        with closing(sqlite3.connect(tmp_path / "w.db", isolation_level=None)) as other:
            other.execute("BEGIN EXCLUSIVE")
            with pytest.raises(DatabaseHeld, match="another program holds it"):
                witness.add_checkpoint(0, [], log.checkpoint(20), 1000)
        witness.add_checkpoint(0, [], log.checkpoint(20), 1000)
