"""What the board opens and seals by itself, and when; what it answers to requests."""

from __future__ import annotations

from pathlib import Path

import pytest

from psephos.board.board_loop import BoardLoop
from psephos.board.schedule import Step, due, steps
from psephos.board.times import ROUNDS_A_CHECKPOINT
from psephos.errors import PhaseError
from psephos.post.envelope import Envelope
from psephos.post.post import Post
from psephos.protocol import entries
from psephos.protocol.entries import Accepted, Promise, Refusal
from tests.board.station import DAYS, OPENS, SEALS, Station, enrolled

STATEMENT = entries.Statement("Heard", "en", "Nothing.", b"")


@pytest.fixture
def fresh(tmp_path: Path) -> Station:
    """A board whose regions are enrolled, before the first day."""
    return Station(tmp_path, enrolled())


def turned(station: Station, loop: BoardLoop, time: int) -> None:
    """Let a time come, witnesses say so, and the board do what is due."""
    station.now = time
    loop.witness()
    loop.open_and_seal(time)


def test_days_come_in_their_order_and_time(fresh: Station) -> None:
    record, loop = fresh.board.record, fresh.board_loop(fresh.directory / "public")
    assert list(steps(record, 0)) == [Step(0, 1, True, OPENS, False), Step(1, 1, True, OPENS, False)]
    assert list(due(record, OPENS - 1)) == []
    turned(fresh, loop, OPENS)
    assert list(steps(record, OPENS)) == [Step(0, 1, False, SEALS, False), Step(1, 1, False, SEALS, False)]
    loop.open_and_seal(SEALS - 1)
    assert record.windows[0].open_day == 1
    turned(fresh, loop, SEALS)
    assert [len(windows.sealed) for windows in record.windows] == [1, 1]
    turned(fresh, loop, DAYS[1][0])
    turned(fresh, loop, DAYS[1][1])
    logged = [entries.decode(one).payload for one in fresh.logged()]
    assert sum(isinstance(one, entries.CheckpointEntry) for one in logged[-12:]) == 4, "as many as times"
    assert all(windows.over for windows in record.windows)
    assert list(steps(record, 2**40)) == []


def test_a_day_that_was_missed_is_not_thrown_away(fresh: Station) -> None:
    record, loop = fresh.board.record, fresh.board_loop(fresh.directory / "public")
    turned(fresh, loop, SEALS)
    assert record.windows[0].opened == []
    assert [step.missed for step in steps(record, SEALS)] == [True, True]
    fresh.board.open(0, 1)  # somebody decides
    turned(fresh, loop, SEALS)
    assert len(record.windows[0].sealed) == 1


def test_checkpoints_are_logged_after_what_is_no_ballot(fresh: Station) -> None:
    board, public = fresh.board, fresh.directory / "public"
    loop = fresh.board_loop(public)
    loop.publish()
    size = board.store.size
    loop.publish()
    assert board.store.size == size, "nothing new, nothing logged"
    turned(fresh, loop, OPENS)
    loop.publish()
    assert board.store.size == size + 4, "a checkpoint that shows the time, two opens, and another"
    assert board.record.checkpoints[-1].size == size + 3
    assert (public / "checkpoint").read_bytes() == board.store.checkpoint()


def test_what_witnesses_were_asked_for_is_asked_again(fresh: Station) -> None:
    board, loop = fresh.board, fresh.board_loop(fresh.directory / "public")
    loop.publish()
    loop.open_and_seal(OPENS)
    before = board.store.size - 2
    fresh.refusing = {party.name for party in board.record.definition.witnesses.members}
    with pytest.raises(PhaseError, match=f"size {before + 2} is not witnessed yet: .*nobody answers"):
        loop.publish()
    board.submit(
        [fresh.referendum.write(STATEMENT, fresh.referendum.keys.registrars[0])]
    )  # it grows meanwhile
    with pytest.raises(PhaseError, match=f"size {before + 2} is not witnessed yet"):
        loop.publish()
    fresh.refusing = set()
    board = fresh.restart()
    fresh.board_loop(fresh.directory / "public").publish()
    assert board.record.checkpoints[-1].size == before + 3
    assert not board.unwitnessed


def test_while_a_day_is_open_a_checkpoint_is_logged_every_five_rounds(fresh: Station) -> None:
    """Though nobody votes: what was promised and never logged shows by it."""
    board, loop = fresh.board, fresh.board_loop(fresh.directory / "public")
    loop.publish()
    fresh.now = OPENS
    loop.open_and_seal(OPENS)
    loop.publish()
    size, round_ = board.store.size, board.record.definition.round
    fresh.now += ROUNDS_A_CHECKPOINT * round_ - 1
    loop.publish()
    assert board.store.size == size
    fresh.now += 1
    loop.publish()
    loop.publish()
    assert board.store.size == size + 1
    assert board.record.checkpoints[-1].passed == fresh.now


def test_each_entry_is_answered(fresh: Station) -> None:
    referendum, board = fresh.referendum, fresh.board
    definition, organiser = referendum.definition, referendum.keys.organiser
    post, service = Post(fresh.directory / "post"), fresh.entry_service()

    def say(subject: str) -> bytes:
        payload = entries.Statement(subject, "en", "text", b"")
        return entries.encode(payload, definition.hash, organiser.public.raw, organiser.sign)

    def answers(*data: bytes) -> list[entries.Payload]:
        post.send(request := Envelope(data).encode())
        assert service.serve(post) == 1
        found = Envelope.parse(post.exchange(request) or b"").entries
        return [entries.decode(one, message=True).payload for one in found]

    first, second, third, empty = (say(subject) for subject in ("first", "second", "third", ""))
    size = board.store.size
    assert [one.index for one in answers(first, second) if isinstance(one, Accepted)] == [size, size + 1]
    again = answers(second, empty, third)
    assert isinstance(again[0], Accepted)
    assert again[0].index == size + 1, "logged once"
    assert [one.reason for one in again[1:] if isinstance(one, Refusal)] == ["1.9"]
    assert board.store.size == size + 2
    fresh.restart()
    restarted = fresh.entry_service()
    assert restarted.serve(post) == 0
    post.send(request := Envelope((third, first)).encode())
    restarted.serve(post)
    found = [
        entries.decode(one, message=True).payload
        for one in Envelope.parse(post.exchange(request) or b"").entries
    ]
    assert [one.index for one in found if isinstance(one, Accepted)] == [size + 2, size]
    assert not any(isinstance(one, Promise) for one in found)
