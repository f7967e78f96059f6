"""The board: what enters the log through it, what does not, and what a crash may not change."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from psephos.board.board import Board
from psephos.board.places import places
from psephos.errors import FormatError, LogError, PhaseError, PsephosError, VerificationError
from psephos.log.client import Client
from psephos.log.proof import LogProof
from psephos.log.store import LogStore
from psephos.protocol import entries
from psephos.protocol.entries import Promise
from psephos.protocol.setup.dealing import advance
from psephos.protocol.setup.pin import Pin
from psephos.reader import Reader
from psephos.simulation.definitions import sample
from psephos.simulation.referendum import Referendum, held
from psephos.verifier.receipt import verify_receipt
from psephos.verifier.run import verify
from tests.board.station import OPENS, SEALS, Station, enrolled
from tests.databases import Backend

STATEMENT = entries.Statement("Sleep", "en", "calm", b"")


class Crash(Exception):
    """The process ends here."""


def crash(*_: object) -> None:
    raise Crash


def body_hash(ballot: bytes) -> bytes:
    return entries.decode(ballot).body_hash


def payload(data: bytes) -> entries.Payload:
    return entries.decode(data).payload


# -- rounds


def test_every_promised_ballot_is_logged_sorted_within_its_round(station: Station) -> None:
    first = [station.ballot(card) for card in (3, 0, 4, 1)]
    second = [station.ballot(2), station.ballot(0, (1, 1), serial=2)]
    assert all(isinstance(one, Promise) for one in station.answers(*first))
    assert station.board.round() == 4
    assert all(isinstance(one, Promise) for one in station.answers(*second))
    assert station.board.round() == 2
    assert station.board.round() == 0
    assert station.ballots() == sorted(first, key=body_hash) + sorted(second, key=body_hash)
    assert station.board.record.void == []


def test_a_seal_comes_after_what_waits(station: Station) -> None:
    ballots = [station.ballot(card) for card in range(4)]
    station.board.receive(ballots)
    station.now = SEALS
    station.seal(0, 1)
    assert station.logged()[-5:-1] == sorted(ballots, key=body_hash)
    assert payload(station.logged()[-1]) == entries.Seal(0, 1)
    assert station.board.record.void == []
    assert len(station.board.record.box.days[0, 1]) == 4


# -- starting again


def after_receiving(station: Station) -> None:
    """Ballots wait."""


def after_the_round(station: Station) -> None:
    station.board.round()


def after_the_seal(station: Station) -> None:
    station.seal(0, 1)


def before_the_disk(station: Station, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(station.board.store, "append", crash)
    with pytest.raises(Crash):
        station.board.round()


def before_the_note(station: Station, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(station.board.intake, "logged", crash)
    with pytest.raises(Crash):
        station.board.round()


def before_the_note_in_a_seal(station: Station, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(station.board.intake, "logged", crash)
    with pytest.raises(Crash):
        station.seal(0, 1)


def before_the_note_of_void_ballots(station: Station, monkeypatch: pytest.MonkeyPatch) -> None:
    cancel = station.referendum.write(entries.Cancel("flood"), station.referendum.keys.organiser)
    station.board.submit([cancel])
    before_the_note(station, monkeypatch)


@pytest.mark.parametrize("until", [after_receiving, after_the_round, after_the_seal])
def test_a_restart_changes_nothing(station: Station, until) -> None:
    ballots = [station.ballot(card) for card in range(4)]
    promises = station.board.receive(ballots)
    until(station)
    before = station.logged(), station.board.intake.waiting(), station.board.record.phase
    board = station.restart()
    assert (station.logged(), board.intake.waiting(), board.record.phase) == before
    assert board.record.size == board.store.size
    assert board.receive(ballots) == promises
    board.round()
    assert station.ballots() == sorted(ballots, key=body_hash)
    assert board.intake.waiting() == {}


@pytest.mark.parametrize(
    "until",
    [before_the_disk, before_the_note, before_the_note_in_a_seal, before_the_note_of_void_ballots],
)
def test_a_crash_loses_no_ballot_and_logs_none_twice(
    station: Station, monkeypatch: pytest.MonkeyPatch, until
) -> None:
    ballots = [station.ballot(card) for card in range(4)]
    promises = station.board.receive(ballots)
    until(station, monkeypatch)
    monkeypatch.undo()
    for _ in range(2):
        board = station.restart()
        board.round()
        assert board.receive(ballots) == promises
        assert station.ballots() == sorted(ballots, key=body_hash)
        assert board.intake.waiting() == {}
    checks = {void.check for void in board.record.void}
    assert checks == ({"6.2"} if until is before_the_note_of_void_ballots else set())


def test_what_the_disk_refused_once_is_not_passed_over(
    station: Station, monkeypatch: pytest.MonkeyPatch
) -> None:
    station.board.receive([station.ballot(0)])
    before_the_disk(station, monkeypatch)
    monkeypatch.undo()
    size = station.board.store.size
    statement = station.referendum.write(STATEMENT, station.referendum.keys.registrars[0])
    for step in (
        station.board.round,
        lambda: station.board.submit([statement]),
        lambda: station.seal(0, 1),
    ):
        with pytest.raises(LogError, match="start the board again"):
            step()
    assert station.board.store.size == size
    assert station.restart().round() == 1
    assert station.board.submit([statement]) == range(size + 1, size + 2)


def test_a_board_starts_again_in_every_phase(backend: Backend) -> None:
    document, keys = sample(regions=("athens",))
    groups, votes = [[1, 0], [1], [0, 1]], [(0, 0, 1, 1, (0, 0)), (0, 1, 1, 1, (0, 0)), (0, 2, 1, 1, (1, 1))]
    whole = held(document, keys, {0: groups}, votes)
    phases = []
    origin = whole.definition.board.origin
    for size in range(1, len(whole.logged) + 1):
        with LogStore(places(backend.directory, backend.url).log, origin) as store:
            store.append(whole.logged[size - 1 : size]).result()
        board = Board(backend.directory, origin, keys.board, {}, lambda: 0, backend.url)
        assert board.record.size == size
        phases.append(board.record.phase)
        board.close()
    order = ["ceremony", "enrolment", "voting", "weighing", "closed", "releasing", "counted"]
    assert list(dict.fromkeys(phases)) == order
    assert board.record.result_document() == whole.record.result_document()


# -- entries of parties


def test_entries_of_parties_are_logged_in_order_with_their_blobs(station: Station) -> None:
    size, keys = station.board.store.size, station.referendum.keys
    one = station.referendum.write(STATEMENT, keys.registrars[0])
    two = station.referendum.write(STATEMENT, keys.organiser)
    assert station.board.submit([one, two], [b"attached"]) == range(size, size + 2)
    assert station.logged(size) == [one, two]
    assert [station.board.store.blob(name) for name in station.board.store.blobs()] == [b"attached"]


def test_a_void_entry_is_refused_by_its_check_and_what_came_before_is_logged(station: Station) -> None:
    size, keys = station.board.store.size, station.referendum.keys
    good = station.referendum.write(STATEMENT, keys.registrars[0])
    stranger = station.referendum.write(STATEMENT, keys.witnesses[0])
    with pytest.raises(VerificationError, match="witness 1 may not") as refused:
        station.board.submit([good, stranger, good])
    assert refused.value.check == "1.5"
    assert station.logged(size) == [good]
    other = station.referendum.write(replace(STATEMENT, text="calmer"), keys.registrars[0])
    with pytest.raises(FormatError):
        station.board.submit([other, b"nonsense", other])
    assert station.logged(size) == [good, other]
    assert station.board.record.void == []
    assert station.restart().record.size == size + 2


@pytest.mark.parametrize(
    ("payload", "author", "check"),
    [
        (entries.Cancel("says who?"), "registrar", "1.5"),
        (entries.Statement("", "en", "text", b""), "registrar", "1.9"),
        (entries.Amend(0, 1, SEALS, SEALS + 1, "it is open"), "organiser", "1.6"),
        (entries.Amend(0, 1, OPENS - 1, SEALS, "earlier"), "organiser", "2.3"),
        (entries.CeremonyDeadline(1, 1, 0), "organiser", "3.1"),
        (entries.Open(0, 2), "board", "5.1"),
        (entries.Seal(1, 1), "board", "5.2"),
        (entries.Close(1, bytes(32), bytes(32)), "trustee", "8.1"),
        (entries.Shares(1, bytes(32)), "trustee", "9.1"),
        (entries.Result(b"{}"), "organiser", "1.6"),
        (entries.Roll(0, 0, bytes(32)), "registrar", "1.6"),
    ],
)
def test_what_a_verifier_would_not_count_is_kept_out(
    station: Station, payload: entries.Payload, author: str, check: str
) -> None:
    size, keys = station.board.store.size, station.referendum.keys
    several = {"trustee": keys.trustees, "registrar": keys.registrars}
    key = several[author][0] if author in several else getattr(keys, author)
    with pytest.raises((VerificationError, LogError)) as refused:
        station.board.submit([station.referendum.write(payload, key)])
    assert getattr(refused.value, "check", None) == check
    assert station.board.store.size == size
    assert station.board.record.size == size
    assert isinstance(station.answers(station.ballot(0))[0], Promise)


def test_ballots_and_weighings_have_doors_of_their_own(station: Station) -> None:
    size, keys = station.board.store.size, station.referendum.keys
    weighing = station.referendum.write(entries.Weighing(0, 1, 0, 1, bytes(32), b""), keys.trustees[0])
    with pytest.raises(PhaseError, match="receive"):
        station.board.submit([station.ballot(0)])
    with pytest.raises(PhaseError, match="weighed"):
        station.board.submit([weighing])
    for other in (station.ballot(0), station.referendum.write(STATEMENT, keys.registrars[0])):
        with pytest.raises(PhaseError, match="expected a weighing"):
            station.board.weighed([other])
    assert station.board.store.size == size


def test_what_disqualifies_a_trustee_is_evidence_and_logged(tmp_path: Path) -> None:
    document, keys = sample()
    referendum = Referendum(document, keys)
    referendum.publish()
    one = Station(tmp_path, referendum)
    for trustee in (1, 2, 3):
        _, payloads = advance(one.board.record.ceremony, trustee, None, referendum.random(64))
        one.board.submit([referendum.write(each, keys.trustees[trustee - 1]) for each in payloads])
    size = one.board.store.size
    bad = referendum.write(entries.CeremonyReveal(1, bytes(64), bytes(64)), keys.trustees[1])
    one.board.submit([bad])
    assert one.logged(size) == [bad]
    (void,) = one.board.record.void
    assert (void.entry, void.check, void.culprit) == (size, "3.2", "trustee 2")
    assert one.restart().record.ceremony.participants == (1, 3)
    one.close()


# -- weighings


@pytest.fixture
def sealed(station: Station) -> Station:
    """A day of three ballots is over."""
    station.board.receive([station.ballot(card) for card in range(3)])
    station.seal(0, 1)
    station.referendum.log(*station.logged(len(station.referendum.logged)))
    return station


def test_void_weighings_are_evidence_if_they_are_signed(sealed: Station) -> None:
    size, keys = sealed.board.store.size, sealed.referendum.keys
    (good,) = sealed.referendum.weighings(1)
    weighing = payload(good)
    assert isinstance(weighing, entries.Weighing)
    changed = weighing.rows[:32] + weighing.rows[64:96] + weighing.rows[64:]
    false = entries.Weighing(0, 1, 0, 1, weighing.previous, changed)
    early = entries.Weighing(0, 1, 0, 2, weighing.previous, weighing.rows)
    evidence = [sealed.referendum.write(one, keys.trustees[1]) for one in (false, early)]
    assert sealed.board.weighed([*evidence, good]) == range(size, size + 3)
    found = [(void.entry, void.check, void.culprit) for void in sealed.board.record.void]
    assert found == [(size, "7.2", "trustee 2"), (size + 1, "7.1", "board")]
    assert sealed.board.record.weighing_chains.chains[0, 1, 0].weighers == [1]
    assert sealed.restart().record.weighing_chains.chains[0, 1, 0].weighers == [1]


def test_weighings_that_nobody_signed_are_no_evidence(sealed: Station) -> None:
    size, keys = sealed.board.store.size, sealed.referendum.keys
    (good,) = sealed.referendum.weighings(1)
    unsigned = good[:-1] + bytes([good[-1] ^ 1])
    stranger = sealed.referendum.write(payload(good), keys.registrars[0])
    elsewhere = sealed.referendum.write(payload(good), keys.trustees[0], bytes(32))
    for bad in (unsigned, stranger, elsewhere):
        with pytest.raises(VerificationError) as refused:
            sealed.board.weighed([good, bad])
        assert refused.value.check == "1.5"
    assert sealed.board.store.size == sealed.board.record.size == size


# -- witnesses


def test_without_a_quorum_nothing_is_saved_and_the_reason_is_named(tmp_path: Path) -> None:
    (tmp_path / "fresh").mkdir()
    station = Station(tmp_path / "fresh", enrolled())
    names = [party.name for party in station.referendum.definition.witnesses.members]
    station.refusing = set(names[:2])
    size = station.board.store.size
    for step in (
        station.board.witness,
        station.board.log_checkpoint,
        lambda: station.board.publish(tmp_path / "record"),
    ):
        with pytest.raises(PhaseError, match=rf"{names[0]}: nobody answers; {names[1]}: nobody answers"):
            step()
    assert station.board.store.checkpoint() is None
    assert station.board.store.size == size
    assert not (tmp_path / "record" / "checkpoint").exists()
    with pytest.raises(PhaseError, match="no checkpoint is witnessed"):
        station.board.receipt(0)
    station.refusing = set(names[:1])  # two of three are a quorum
    kept = station.board.witness()
    assert kept.size == size
    note = station.board.store.checkpoint()
    station.board.open(1, 1)
    station.refusing = set(names)
    with pytest.raises(PhaseError, match=f"size {size + 2} is not witnessed yet"):
        station.board.witness()
    assert station.board.store.checkpoint() == note


def test_a_checkpoint_in_the_log_is_of_the_log_before_it(station: Station) -> None:
    size = station.board.store.size
    station.board.log_checkpoint()
    (witnessed,) = [one for one in station.board.record.checkpoints if one.index == size]
    assert (witnessed.size, witnessed.seen) == (size, station.now)
    assert witnessed.root == station.board.store.root(size)


def test_what_is_published_verifies_and_receipts_prove_it(station: Station, tmp_path: Path) -> None:
    pin = Pin.of(station.referendum.definition)
    station.board.receive([station.ballot(card) for card in range(4)])
    station.board.round()
    station.board.log_checkpoint()
    checkpoint = station.board.publish(tmp_path / "record")
    assert checkpoint.size == station.board.store.size
    with Client(tmp_path / "record") as client:
        report = verify(client, pin)
        assert Reader(client, station.policy).read().size == checkpoint.size
    assert (report.verdict, report.phase, report.void) == ("open", "voting", ())
    for index, data in enumerate(station.logged()):
        receipt = station.board.receipt(index)
        assert verify_receipt(receipt, pin).index == index
        LogProof.parse(receipt).verify(data, station.policy)
        with pytest.raises((LogError, FormatError)):
            LogProof.parse(receipt).verify(data + b"?", station.policy)


def test_there_is_no_receipt_for_what_is_not_witnessed_yet(station: Station) -> None:
    station.board.witness()
    station.board.open(1, 1)
    with pytest.raises(PhaseError, match="not under the latest checkpoint"):
        station.board.receipt(station.board.store.size - 1)
    station.board.witness()
    station.board.receipt(station.board.store.size - 1)
    with pytest.raises(PsephosError):
        station.board.receipt(-1)
