"""The board's answers under floods: what nobody can make it say, and that rounds and days go on."""

from __future__ import annotations

import time
from collections.abc import Iterator
from itertools import count
from pathlib import Path

import pytest

from psephos.board.board_loop import BoardLoop
from psephos.board.entry_service import EntryService
from psephos.post.answers import read_answers
from psephos.post.envelope import MOST, Envelope
from psephos.protocol import entries
from psephos.protocol.entries import BALLOT_HEAD, Accepted, Promise, Refusal
from psephos.simulation.definitions import sample
from psephos.simulation.referendum import Referendum
from tests.board.station import OPENS, SEALS, Station

SIGNED = 512
"""Bytes that one signed refusal has at most."""
MOST_TAKEN = 1000
"""Requests of a flood, so that a board that never stops taking them is found out."""


class Waiting:
    """A post in memory; what waits may be a flood."""

    def __init__(self, *requests: bytes, endless: bytes = b"") -> None:
        self.answers: dict[str, bytes] = {}
        self._left = [(str(number), request) for number, request in enumerate(requests)]
        self._endless, self._number = endless, count()

    def waiting(self) -> Iterator[tuple[str, bytes]]:
        while self._left:
            yield self._left.pop(0)
        while self._endless and (number := next(self._number)) < MOST_TAKEN:
            yield f"flood {number}", self._endless

    def answer(self, name: str, data: bytes) -> None:
        self.answers[name] = data


@pytest.fixture
def service(station: Station) -> EntryService:
    return EntryService(station.board, station.referendum.keys.board, station.referendum.definition.hash)


def answer(service: EntryService, *sent: bytes) -> bytes:
    post = Waiting(Envelope(sent).encode())
    assert service.serve(post) == 1
    return post.answers["0"]


def statement(station: Station, subject: str) -> bytes:
    return station.referendum.write(
        entries.Statement(subject, "en", "text", b""), station.referendum.keys.organiser
    )


def flipped(ballot: bytes) -> bytes:
    return ballot[:300] + bytes([ballot[300] ^ 1]) + ballot[301:]


def requests(station: Station) -> dict[str, bytes]:
    """Requests that make the board say as much as can be."""
    ballot, said = station.ballot(0), statement(station, "a")
    stranger = entries.encode(entries.Cancel("x"), bytes(32), bytes(32), lambda _: bytes(64))
    return {
        "one byte": b"\1",
        "one entry": Envelope((b"\1",)).encode(),
        "one-byte entries": Envelope((b"\1",) * MOST).encode(),
        "too many": b"\0\1\1" * 16_384,
        "a ballot and no others": Envelope((ballot,) + (b"\1",) * (MOST - 1)).encode(),
        "heads of ballots": Envelope((ballot[:3],) * MOST).encode(),
        "wrong proofs": Envelope((flipped(ballot),) * MOST).encode(),
        "the same ballot": Envelope((ballot,) * MOST).encode(),
        "the same entry": Envelope((said,) * MOST).encode(),
        "an entry and no others": Envelope((said,) + (b"\1",) * (MOST - 1)).encode(),
        "a stranger's": Envelope((stranger,) * MOST).encode(),
    }


def test_answers_are_hardly_longer_than_requests(station: Station, service: EntryService) -> None:
    for name, request in requests(station).items():
        post = Waiting(request)
        assert service.serve(post) == 1
        assert len(post.answers["0"]) <= 1.25 * len(request) + SIGNED, name


def test_ballots_among_which_one_is_invalid_are_refused_once(station: Station, service: EntryService) -> None:
    sent = station.ballot(0), station.ballot(1)[:-1], station.ballot(2), b"\1"
    key = station.referendum.definition.board.key
    said = read_answers(answer(service, *sent), sent, key)
    assert len(Envelope.parse(answer(service, *sent)).entries) == 1
    assert [one.reason for one in said if isinstance(one, Refusal)] == ["form"] * 4
    assert station.board.round() == 0, "none is promised"
    promised = read_answers(answer(service, sent[0]), sent[:1], key)
    assert isinstance(promised[0], Promise)


def test_before_the_ceremony_ballots_are_refused_and_entries_taken(tmp_path: Path) -> None:
    referendum = Referendum(*sample())
    referendum.publish()
    board = Station(tmp_path, referendum).board
    service = EntryService(board, referendum.keys.board, referendum.definition.hash)
    ballot = BALLOT_HEAD + bytes(300)
    (said,) = Envelope.parse(answer(service, ballot, ballot)).entries
    refusal = entries.decode(said, message=True).payload
    assert isinstance(refusal, Refusal)
    assert refusal.reason == "closed"
    assert service.serve(Waiting()) == 0
    accepted = referendum.write(entries.Grant(bytes(32), "x", "y"), referendum.keys.organiser)
    assert len(Envelope.parse(answer(service, accepted)).entries) == 1
    board.close()


def test_entries_after_a_refused_one_are_not_looked_at(station: Station, service: EntryService) -> None:
    sent = [statement(station, subject) for subject in ("a", "", "b", "c")]
    data, size = answer(service, *sent), station.board.store.size
    said = read_answers(data, sent, station.referendum.definition.board.key)
    assert len(Envelope.parse(data).entries) == 2
    assert isinstance(said[0], Accepted)
    assert [one.reason for one in said[1:] if isinstance(one, Refusal)] == ["1.9"] * 3
    assert size == said[0].index + 1


def test_a_pass_over_a_flood_ends(station: Station) -> None:
    clock = count()
    service = EntryService(
        station.board,
        station.referendum.keys.board,
        station.referendum.definition.hash,
        clock=lambda: float(next(clock)),  # a second for each request
    )
    post = Waiting(endless=Envelope((b"\1",)).encode())
    assert service.serve(post, seconds=5) == 5
    assert service.serve(post, seconds=5) == 5
    assert len(post.answers) == 10


def test_rounds_openings_and_seals_go_on_in_a_flood(station: Station, tmp_path: Path) -> None:
    clock, board = count(), station.board
    key, name = station.referendum.keys.board, station.referendum.definition.hash
    service = EntryService(board, key, name, clock=lambda: float(next(clock)))
    flood = Waiting(Envelope((station.ballot(0),)).encode(), endless=Envelope((b"\1",)).encode())
    board.confer()
    loop = BoardLoop(board, service, [flood], tmp_path, [], timed=False)
    try:
        station.now = OPENS
        loop.turn(lambda: OPENS)
        assert board.record.windows[0].open_day == 1
        assert len(station.ballots()) == 1, "logged in the same pass"
        station.now, passes = SEALS, 1
        while not board.record.windows[0].sealed:  # witnesses, asked beside, must see the time come
            loop.turn(lambda: SEALS)
            passes += 1
            assert passes < 100, "sealed in a few passes"
            time.sleep(0.1)
    finally:
        loop.close()
    share = station.referendum.definition.round / 4
    assert len(flood.answers) <= passes * (share + 1), "so many seconds a pass, and one request a second"
