"""What witnesses tell a board of its log and its clock: who may stop it, and who may not."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from concurrent.futures import wait
from pathlib import Path

import pytest

from psephos.board.agreement import RENEWAL, Agreement, WitnessAhead
from psephos.board.board_loop import BoardLoop
from psephos.board.entry_service import EntryService
from psephos.errors import FormatError, LogError, PhaseError
from psephos.log.export import check_published
from psephos.log.policy import Policy
from psephos.log.submission import Inconsistent
from psephos.post.envelope import Envelope
from psephos.post.post import Post
from psephos.protocol import entries
from psephos.protocol.setup.document import parse
from psephos.protocol.setup.parties import Witnesses
from psephos.protocol.setup.pin import policy_text
from psephos.simulation.definitions import sample
from tests.board.station import OPENS, SEALS, Station, enrolled

NOON = 1_900_000_000
TOLERANCE = 300


class Watched:
    """An agreement with three witnesses of whom two are a quorum, a true time, and a monotonic clock."""

    def __init__(self, quorum: int = 2, faulty: int = 0) -> None:
        definition = parse(sample()[0])
        self.policy = Policy.parse(policy_text(definition).encode())
        self.names = [party.name for party in definition.witnesses.members]
        self.witnesses = Witnesses(definition.witnesses.members, quorum, faulty)
        self.elapsed = 5_000.0
        self.agreement = Agreement(lambda: self.elapsed)

    def hear(self, *times: int | Exception | None, takes: float = 0.0) -> None:
        """One asking: each witness's time, its refusal, or no answer."""
        given, refusals = {}, {}
        for name, time in zip(self.names, times, strict=True):
            self.agreement.asks(name)
            self.elapsed += takes
            if isinstance(time, int):
                self.agreement.answers(name)
                given[name] = time
            else:
                refusals[name] = time or PhaseError("has not answered yet")
                self.agreement.refuses(name)
        self.agreement.conclude(given, refusals)

    def doubt(self, clock: int | None) -> str:
        return self.agreement.doubt(self.policy, self.witnesses, TOLERANCE, clock)


@pytest.fixture
def watched() -> Watched:
    return Watched()


def test_nothing_is_confirmed_before_a_quorum_has_answered(watched: Watched) -> None:
    assert "until a quorum has confirmed" in watched.doubt(None)
    watched.hear(NOON, None, None)
    assert "until a quorum has confirmed" in watched.doubt(NOON)
    watched.hear(None, None, NOON)
    assert watched.doubt(NOON) == ""


@pytest.mark.parametrize("refusal", [WitnessAhead("has cosigned size 75"), Inconsistent("a fork")])
def test_a_witness_that_knows_more_stops_a_board_until_a_quorum_agrees(
    watched: Watched, refusal: LogError
) -> None:
    watched.hear(NOON, NOON, NOON)
    watched.hear(None, None, None)
    assert watched.doubt(NOON) == "", "witnesses may be away"
    watched.hear(refusal, None, NOON)
    assert "older copy" in watched.doubt(None)
    assert "The machine was restored" in watched.doubt(NOON)
    watched.hear(refusal, NOON, None)
    assert watched.doubt(NOON), "in one asking: those who agreed before may know more by now"
    watched.hear(refusal, NOON, NOON)
    assert watched.doubt(NOON) == "", "one that lies stops nothing"


@pytest.mark.parametrize("liar", [0, 1, 2])
@pytest.mark.parametrize("lie", [-1_000_000, -400, 400, 1_000_000])
@pytest.mark.parametrize(("quorum", "faulty"), [(2, 0), (3, 1)])
def test_one_lying_clock_neither_stops_a_board_nor_leads_it(
    liar: int, lie: int, quorum: int, faulty: int
) -> None:
    watched = Watched(quorum, faulty)
    times = [NOON] * 3
    times[liar] += lie
    watched.hear(*times)
    assert watched.doubt(NOON) == ""
    assert watched.doubt(NOON + TOLERANCE) == ""
    for wrong in (lie, 2 * TOLERANCE, -2 * TOLERANCE):
        assert "the clock of this machine is" in watched.doubt(NOON + wrong)
    assert watched.agreement.offset(NOON + 1000) is not None


def test_the_clock_is_measured_by_one_that_nobody_sets(watched: Watched) -> None:
    watched.hear(NOON, NOON, NOON)
    watched.elapsed += 8 * 3600  # a quiet night, in which no witness was asked
    morning = NOON + 8 * 3600
    assert watched.doubt(morning) == ""
    assert "about 120 minutes ahead of the witnesses', and 300 s are tolerated" in watched.doubt(
        morning + 7201
    )
    assert "about 120 minutes behind the witnesses'" in watched.doubt(morning - 7201)
    assert watched.agreement.old, "but they are asked again when it can be"
    watched.hear(None, None, None)
    assert not watched.agreement.old
    assert watched.doubt(morning) == "", "even if they are away then"
    watched.elapsed += RENEWAL
    assert watched.agreement.old


def test_a_machine_that_slept_is_right_again_once_witnesses_say_so(watched: Watched) -> None:
    watched.hear(NOON, NOON, NOON)
    woken = NOON + 3600  # while the monotonic clock stood still
    assert "ahead" in watched.doubt(woken)
    watched.hear(woken, woken, woken)
    assert watched.doubt(woken) == ""


def test_the_time_that_an_answer_takes_is_nobodys_fault(watched: Watched) -> None:
    watched.hear(NOON, NOON, NOON, takes=10.0)
    for clock in (NOON + 20 - TOLERANCE, NOON + 10 + TOLERANCE):
        assert watched.doubt(clock) == ""
    watched.hear(NOON, NOON, NOON, takes=TOLERANCE + 31.0)
    assert watched.doubt(NOON), "an answer of yesterday says nothing of today"


# -- a board at work


class Work:
    """A station's board at its rounds, with a request in its post."""

    def __init__(self, station: Station) -> None:
        self.station = station
        self.post = Post(station.directory / "post")
        self.begin()

    def begin(self) -> None:
        board, keys = self.station.board, self.station.referendum.keys
        service = EntryService(board, keys.board, self.station.referendum.definition.hash)
        self.loop = BoardLoop(board, service, [self.post], self.station.directory / "public", [])

    def restart(self) -> None:
        self.loop.close()
        self.station.restart()
        self.begin()

    def turn(self, clock: int | None = None) -> str:
        """A few passes, in which what is asked is answered; what the last one waits for."""
        said = ""
        for _ in range(4):
            said = ""
            try:
                self.loop.turn(lambda: self.station.now if clock is None else clock)
            except PhaseError as error:
                said = str(error)
            if self.loop._witnessing is not None:
                wait([self.loop._witnessing])
            self.loop._next_witnessing = 0.0
        return said

    def cast(self, card: int, serial: int = 1) -> bytes:
        """Leave a ballot in the post."""
        self.post.send(request := Envelope((self.station.ballot(card, serial=serial),)).encode())
        return request

    def answer(self, request: bytes) -> entries.Payload | None:
        answer = self.post.exchange(request)
        return (
            None
            if answer is None
            else entries.decode(Envelope.parse(answer).entries[0], message=True).payload
        )


def back(copy: Path, place: Path) -> None:
    """Put an older copy in a place, as a restore would."""
    for path in place.parent.glob(f"{place.name}*"):
        shutil.rmtree(path) if path.is_dir() else path.unlink()
    if copy.is_dir():
        shutil.copytree(copy, place)
    else:
        shutil.copyfile(copy, place)


@pytest.fixture
def work(tmp_path: Path) -> Iterator[Work]:
    """A board at work on its first day, whose witnesses share its clock."""
    station = Station(tmp_path, enrolled())
    one = Work(station)
    assert one.turn() == ""
    yield one
    one.loop.close()
    station.close()


def test_nothing_is_promised_after_a_start_before_a_quorum_agrees(work: Work) -> None:
    everybody = {witness.key.name for witness in work.station.witnesses}
    work.station.refusing = everybody
    work.restart()
    request, before = work.cast(0), work.station.board.store.size
    said = work.turn()
    assert "is not witnessed yet" in said
    assert "until a quorum has confirmed" in said
    assert work.answer(request) is None
    work.station.now = SEALS
    work.turn()
    assert work.station.board.store.size == before, "and nothing is sealed"
    work.station.now = OPENS
    work.station.refusing = {everybody.pop()}
    assert work.turn() == ""
    assert isinstance(work.answer(request), entries.Promise)
    work.station.refusing = {witness.key.name for witness in work.station.witnesses}
    late = work.cast(1)
    work.turn()
    assert isinstance(work.answer(late), entries.Promise), "witnesses may be away afterwards"


def test_a_board_restored_from_a_snapshot_promises_nothing_and_says_why(work: Work) -> None:
    directory = work.station.directory
    copy = directory.parent / f"{directory.name}.copy"
    work.loop.close()
    work.station.board.close()
    shutil.copytree(directory, copy)
    work.station._board = None
    work.begin()
    work.turn()
    given = work.cast(0)
    work.turn()
    work.loop._next_round = 0.0
    work.turn()
    assert isinstance(work.answer(given), entries.Promise)
    work.loop.close()
    work.station.board.close()
    for name in ("log.sqlite", "waiting.sqlite", "public"):  # the witnesses are other machines
        back(copy / name, directory / name)
    work.station._board = None
    work.begin()
    size = work.station.board.store.size
    request = work.cast(1)
    said = work.turn()
    assert "which this log never had: the home is an older copy" in said
    assert "The machine was restored" in said
    assert "\n" not in said
    assert work.answer(request) is None
    work.station.now = SEALS
    work.turn()
    assert work.station.board.store.size == size, "it forks nothing"


@pytest.mark.parametrize("jump", [-300 * 86_400, -7200, 3000, 7200])
def test_while_the_clock_is_wrong_nothing_is_promised_opened_or_sealed(work: Work, jump: int) -> None:
    request, before = work.cast(0), work.station.board.store.size
    assert "the clock of this machine is" in work.turn(OPENS + jump)
    assert "the clock of this machine is" in work.turn(SEALS + 7200)
    assert work.answer(request) is None
    assert work.station.board.store.size == before
    assert work.turn() == ""
    promise = work.answer(request)
    assert isinstance(promise, entries.Promise)
    assert OPENS < promise.deadline <= OPENS + 2 * work.station.referendum.definition.round


# -- the published checkpoint


def test_a_published_checkpoint_that_was_lost_is_written_again_at_the_start(work: Work) -> None:
    path = work.station.directory / "public/checkpoint"
    published = path.read_bytes()
    path.unlink()
    work.restart()
    assert work.turn() == ""
    assert path.read_bytes() == published


def test_a_damaged_checkpoint_is_named_with_what_to_do(work: Work) -> None:
    path = work.station.directory / "public/checkpoint"
    path.write_bytes(b"abc")
    with pytest.raises(FormatError) as damaged:
        check_published(work.station.board.store, path.parent)
    assert str(damaged.value).startswith(f"{path} is damaged")
    assert "remove it and start again" in str(damaged.value)


def test_a_clock_within_the_tolerance_is_not_called_wrong() -> None:
    watched = Watched()
    watched.hear(NOON - 7200, NOON, None)
    assert watched.doubt(NOON) == (
        "2 witnesses have to agree with the clock of this machine within 300 s, and 1 does so far: "
        "nothing is promised, opened or sealed until then"
    )
