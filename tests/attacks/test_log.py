"""Forked, rewound and truncated logs: witnesses and readers refuse them, and the record says who lied."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from psephos.errors import EvidenceMissing, LogError
from psephos.log import checkpoints, cosignature
from psephos.log.checkpoints import TreeHead
from psephos.log.client import Client
from psephos.log.merkle import consistency_proof, leaf_hash, root_of
from psephos.log.note import ED25519, Note, VerifierKey
from psephos.log.policy import Policy
from psephos.log.submission import Conflict, Inconsistent
from psephos.protocol import entries
from psephos.protocol.setup.pin import policy_text
from psephos.reader import Reader
from psephos.simulation.adversary import fatal, fork, refused
from psephos.simulation.referendum import Referendum
from psephos.verifier.run import verify
from psephos.witness.witness import Witness
from tests.attacks.scenes import PIRAEUS, YES, begun, card, closed, counted, voting


def forked() -> Referendum:
    """The same referendum, told differently from its last ballot on."""
    whole = voting()
    other = fork(whole, whole.logged[:-1])
    other.log(other.ballot(card(other), (YES, 1)))
    return other


# -- what is shown to readers


def reader(directory: Path, referendum: Referendum, latest: TreeHead | None = None) -> Reader:
    return Reader(
        Client(directory / "record"), Policy.parse(policy_text(referendum.definition).encode()), latest
    )


def latest_of(referendum: Referendum) -> TreeHead:
    return checkpoints.read(referendum.note())[0]


@pytest.mark.parametrize("story", ["forked", "rewound", "emptied"])
def test_a_reader_refuses_a_log_that_does_not_extend_what_it_saw(story: str, tmp_path: Path) -> None:
    """All witnesses collude: each log by itself is perfect."""
    seen = voting()
    shown = {"forked": forked, "rewound": lambda: fork(seen, seen.logged[:-2]), "emptied": begun}[story]()
    shown.export(tmp_path)
    assert reader(tmp_path, shown).read().size == len(shown.logged)
    with pytest.raises(LogError, match=r"forked|cannot lead"):
        reader(tmp_path, seen, latest_of(seen)).read()


def test_a_reader_refuses_a_fork_on_its_second_visit(tmp_path: Path) -> None:
    seen = voting()
    seen.export(tmp_path / "a")
    here = reader(tmp_path / "a", seen)
    here.read()
    longer = forked()
    longer.seal(PIRAEUS, 1)
    longer.export(tmp_path / "b")
    here._source = Client(tmp_path / "b" / "record")
    size = here.record.size
    with pytest.raises(LogError, match="forked"):
        here.read()
    assert here.record.size == size


@pytest.mark.parametrize("gone", ["checkpoint", "tile/0/000.p/*", "tile/entries/000.p/*"])
def test_what_is_gone_is_missing_and_never_passed(gone: str, tmp_path: Path) -> None:
    referendum = counted()
    pin = referendum.export(tmp_path)
    (path,) = (tmp_path / "record").glob(gone)
    path.unlink()
    report = verify(Client(tmp_path / "record"), pin)
    assert (report.verdict, report.result) == ("missing", None)
    assert report.stopped is not None
    assert (report.stopped.status, report.stopped.culprit) == ("missing", "")
    with pytest.raises(EvidenceMissing):
        reader(tmp_path, referendum).read()


def test_a_truncated_log_is_at_most_open(tmp_path: Path) -> None:
    """Without its last entries the record is one that is not finished yet: it never passes with less."""
    whole = counted()
    short = fork(whole, whole.logged[:-1])
    pin = short.export(tmp_path)
    report = verify(Client(tmp_path / "record"), pin)
    assert (report.verdict, report.result, report.phase) == ("open", None, "releasing")


def test_an_entry_left_out_in_the_middle_fails_under_the_old_checkpoint(tmp_path: Path) -> None:
    referendum = counted()
    pin = referendum.export(tmp_path)
    (path,) = (tmp_path / "record").glob("tile/entries/000.p/*")
    data = path.read_bytes()
    first = 2 + int.from_bytes(data[:2], "big")
    second = first + 2 + int.from_bytes(data[first : first + 2], "big")
    path.write_bytes(data[:first] + data[second:])
    report = verify(Client(tmp_path / "record"), pin)
    assert report.verdict == "failed"
    assert report.stopped is not None
    assert (report.stopped.check, report.stopped.culprit) == ("1.3", "board")


# -- witnesses


@pytest.fixture
def witness(tmp_path: Path) -> Witness:
    referendum = begun()
    board = referendum.definition.board
    log = VerifierKey(board.origin, ED25519, referendum.keys.board.public)
    return Witness("witness-1.example", referendum.keys.witnesses[0], [log], tmp_path / "witness.sqlite")


def submitted(referendum: Referendum) -> bytes:
    """The board's checkpoint, with nobody's cosignature."""
    return referendum.note(witnesses=())


def proof(referendum: Referendum, old: int) -> list[bytes]:
    leaves = [leaf_hash(data) for data in referendum.logged]

    def node(level: int, at: int) -> bytes:
        return root_of(leaves[at << level : (at + 1) << level])

    return consistency_proof(old, len(leaves), node)


def test_a_witness_cosigns_no_fork(witness: Witness) -> None:
    seen, other = voting(), forked()
    size = len(seen.logged)
    witness.add_checkpoint(0, [], submitted(seen), seen.now)
    other.seal(PIRAEUS, 1)
    for some in (proof(other, size), [], proof(other, size)[:-1], [bytes(32)] * 3):
        with pytest.raises(Inconsistent):
            witness.add_checkpoint(size, some, submitted(other), seen.now)
    for claimed in (0, size - 1):
        with pytest.raises(Conflict):
            witness.add_checkpoint(claimed, proof(other, claimed), submitted(other), seen.now)
    seen.seal(PIRAEUS, 1)
    assert witness.add_checkpoint(size, proof(seen, size), submitted(seen), seen.now)


def test_a_witness_cosigns_no_rewind_and_no_other_log_of_that_size(witness: Witness) -> None:
    seen = voting()
    size = len(seen.logged)
    witness.add_checkpoint(0, [], submitted(seen), seen.now)
    with pytest.raises(Conflict):
        witness.add_checkpoint(0, [], submitted(fork(seen, seen.logged[:-1])), seen.now)
    with pytest.raises(Inconsistent):
        witness.add_checkpoint(size, [], submitted(forked()), seen.now)


def test_a_witness_does_not_turn_back_its_clock(witness: Witness) -> None:
    seen = voting()
    first = witness.add_checkpoint(0, [], submitted(seen), seen.now)
    again = witness.add_checkpoint(len(seen.logged), [], submitted(seen), seen.now - 1)
    times = [cosignature.verify(Note.parse(submitted(seen) + line), witness.key) for line in (first, again)]
    assert times == [seen.now, seen.now]


# -- checkpoints in the log: 1.7 and 1.8


def logged_note(referendum: Referendum, note: bytes) -> bytes:
    return referendum.write(entries.CheckpointEntry(note), referendum.keys.board)


def of_a_fork(referendum: Referendum) -> bytes:
    size = len(referendum.logged) - 1
    return referendum.cosigned(TreeHead(referendum.definition.board.origin, size, bytes(32)))


def too_large(referendum: Referendum) -> bytes:
    size = len(referendum.logged) + 1
    return referendum.cosigned(TreeHead(referendum.definition.board.origin, size, bytes(32)))


def by_another_log(referendum: Referendum) -> bytes:
    checkpoint = TreeHead(
        "elsewhere.example", len(referendum.logged), referendum.root(len(referendum.logged))
    )
    return checkpoints.sign(checkpoint, referendum.keys.board)


def signed_by_another(referendum: Referendum) -> bytes:
    return checkpoints.sign(latest_of(referendum), referendum.keys.registrars[0])


def spoilt_signature(referendum: Referendum) -> bytes:
    note = submitted(referendum)
    return note[:-10] + (b"A" if note[-10:-9] != b"A" else b"B") + note[-9:]


FATAL_NOTES: dict[str, Callable[[Referendum], bytes]] = {
    "of a fork": of_a_fork,
    "larger than the log": too_large,
    "of another log": by_another_log,
    "signed by another": signed_by_another,
    "with a spoilt signature": spoilt_signature,
    "no note": lambda r: b"hello",
    "empty": lambda r: b"",
}


@pytest.mark.parametrize("name", FATAL_NOTES)
@pytest.mark.parametrize("scene", [begun, voting, closed])
def test_a_checkpoint_entry_that_is_not_of_this_log_is_fatal(
    name: str, scene: Callable[[], Referendum]
) -> None:
    referendum = scene()
    assert fatal(referendum, logged_note(referendum, FATAL_NOTES[name](referendum))) == ("1.7", "board")


def with_a_wrong_cosignature(referendum: Referendum) -> bytes:
    """All three sign, but the first one's is over another size."""
    other = checkpoints.read(referendum.note(size=1, witnesses=()))[1]
    name = referendum.definition.witnesses.members[0].name
    wrong = cosignature.sign(other.text, referendum.now, name, referendum.keys.witnesses[0])
    _, note = checkpoints.read(referendum.note(witnesses=(1, 2)))
    return note.with_signatures([wrong]).encode()


def stamped_by_one(referendum: Referendum) -> bytes:
    """One witness under all three names."""
    _, note = checkpoints.read(submitted(referendum))
    names = [party.name for party in referendum.definition.witnesses.members]
    key = referendum.keys.witnesses[0]
    return note.with_signatures([cosignature.sign(note.text, 5, name, key) for name in names]).encode()


VOID_NOTES: dict[str, Callable[[Referendum], bytes]] = {
    "nobody": lambda r: r.note(witnesses=()),
    "one of three": lambda r: r.note(witnesses=(2,)),
    "one twice": lambda r: r.note(witnesses=(2, 2)),
    "one under three names": stamped_by_one,
    "a wrong one among enough": with_a_wrong_cosignature,
}


@pytest.mark.parametrize("name", VOID_NOTES)
def test_a_checkpoint_entry_without_a_quorum_is_void_and_releases_nothing(name: str) -> None:
    referendum = closed()
    note = VOID_NOTES[name](referendum)
    assert refused(referendum, logged_note(referendum, note)) == [("1.8", "board")]
    assert not referendum.record.released
    referendum.checkpoint()
    assert referendum.record.released


def test_an_old_checkpoint_logged_again_changes_nothing() -> None:
    referendum = closed()
    before = replace(referendum.record.checkpoints[0])
    old = referendum.note(size=before.size)
    assert refused(referendum, logged_note(referendum, old)) == []
    assert not referendum.record.released
