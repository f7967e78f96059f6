"""Outboxes: in order, one request at a time, through ends of the process at any point."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from pathlib import Path

import pytest

from psephos.crypto.signature import SigningKey
from psephos.errors import FormatError, PhaseError, VerificationError
from psephos.post import outbox as outboxes
from psephos.post.envelope import Envelope
from psephos.post.outbox import Outbox, Refused
from psephos.post.post import LARGEST, Post
from psephos.protocol import entries
from psephos.protocol.entries import Accepted, Payload, Refusal
from psephos.protocol.message import request_id

BOARD, PARTY = SigningKey(bytes(32)), SigningKey(bytes([1]) * 32)
DEFINITION = hashlib.sha256(b"definition").digest()


def cancel(reason: str) -> bytes:
    return entries.encode(entries.Cancel(reason), DEFINITION, PARTY.public.raw, PARTY.sign)


ENTRIES = [cancel(str(number)) for number in range(5)]


class Station:
    """A board that logs what it gets, unless it refuses it, and a party's outbox."""

    def __init__(self, directory: Path) -> None:
        self.directory = directory
        self.post = Post(directory / "post")
        self.log: list[bytes] = []
        self.refused: set[bytes] = set()

    @property
    def outbox(self) -> Outbox:
        """As a new process would have it."""
        return Outbox(self.directory / "outbox", self.post, BOARD.public.raw)

    def serve(self, key: SigningKey = BOARD) -> int:
        served = 0
        for name, data in self.post.waiting():
            served += 1
            answers = [self._answer(one) for one in Envelope.parse(data).entries]
            signed = [entries.encode(one, DEFINITION, key.public.raw, key.sign) for one in answers]
            self.post.answer(name, Envelope(tuple(signed)).encode())
        return served

    def _answer(self, data: bytes) -> Payload:
        if data in self.refused:
            return Refusal(request_id(data, message=False), "1.6", "not now", b"")
        if data not in self.log:
            self.log.append(data)
        return Accepted(request_id(data, message=False), self.log.index(data))


@pytest.fixture
def station(tmp_path: Path) -> Station:
    return Station(tmp_path)


def deliver(station: Station) -> None:
    while not station.outbox.deliver():
        assert station.serve() == 1, "one request at a time"


def test_entries_arrive_in_order(station: Station, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(outboxes, "split", lambda entries, _: [(one,) for one in entries])
    station.outbox.put(ENTRIES)
    assert not station.outbox.empty
    deliver(station)
    assert station.log == ENTRIES
    assert station.outbox.empty
    assert station.outbox.reached == 5


def test_nothing_is_put_before_what_was_put_is_answered(station: Station) -> None:
    station.outbox.put(ENTRIES[:1])
    with pytest.raises(PhaseError, match="not answered yet"):
        station.outbox.put(ENTRIES[1:])
    deliver(station)
    station.outbox.put(ENTRIES[1:])
    deliver(station)
    assert station.log == ENTRIES


def test_a_refusal_empties_the_outbox_and_can_be_asked_again(
    station: Station, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(outboxes, "split", lambda entries, _: [tuple(entries[:2]), tuple(entries[2:])])
    station.refused.add(ENTRIES[1])
    station.outbox.put(ENTRIES)
    with pytest.raises(Refused, match=r"1\.6: not now"):
        deliver(station)
    assert station.outbox.empty
    assert station.log == ENTRIES[:1]
    station.refused.clear()
    station.outbox.put(ENTRIES)
    deliver(station)
    assert station.log == ENTRIES


def test_attachments_go_with_the_last_entry(station: Station) -> None:
    station.outbox.put(ENTRIES[:2], [b"blob"])
    station.outbox.deliver()
    ((_, data),) = station.post.waiting()
    assert Envelope.parse(data) == Envelope(tuple(ENTRIES[:2]), (b"blob",))


def test_attachments_that_do_not_fit_are_refused(station: Station) -> None:
    with pytest.raises(FormatError, match="fit one request"):
        station.outbox.put(ENTRIES[:1], [bytes(LARGEST - 1000)])
    assert station.outbox.empty


@pytest.mark.parametrize("step", ["write_whole", "replace", "unlink", "_take"])
def test_a_process_that_ends_goes_on(step: str, station: Station, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each of these calls fails once, at each of its turns; then the same is tried again."""
    monkeypatch.setattr(outboxes, "split", lambda entries, _: [(one,) for one in entries])
    owner = {"write_whole": outboxes, "_take": Outbox}.get(step, Path)
    for turn in range(6):
        left = turn
        real: Callable[..., object] = getattr(owner, step)

        def ends(*arguments: object, real: Callable[..., object] = real, **named: object) -> object:
            nonlocal left
            left -= 1
            if left == -1:
                raise KeyboardInterrupt
            return real(*arguments, **named)

        batch = [cancel(f"{step} {turn} {number}") for number in range(3)]
        with monkeypatch.context() as patched:
            patched.setattr(owner, step, ends)
            try:
                station.outbox.put(batch)
                deliver(station)
            except KeyboardInterrupt:
                pass
        if station.outbox.empty and not set(batch) & set(station.log):
            station.outbox.put(batch)
        deliver(station)
        assert station.log[-3:] == batch
        assert station.outbox.reached == len(station.log)


def test_answers_of_others_are_no_answers(station: Station) -> None:
    station.outbox.put(ENTRIES[:1])
    station.outbox.deliver()
    station.serve(PARTY)
    with pytest.raises(VerificationError, match="another party"):
        station.outbox.deliver()
