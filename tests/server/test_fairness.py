"""The queue of requests: nobody waits for another's flood, and nothing that is kept makes it slower."""

from __future__ import annotations

import asyncio
from hashlib import sha256

import pytest

from psephos.post.envelope import Envelope
from psephos.protocol.entries import BALLOT_HEAD
from psephos.server import request_queue
from psephos.server.fairness import FairQueue, QueuedRequest
from psephos.server.pace import Pace
from psephos.server.problem import Busy
from psephos.server.request_queue import LONGEST_DELAY, UNSIGNED, RequestQueue


def put(queue: FairQueue, sender: bytes, *works: int) -> None:
    for number, work in enumerate(works):
        queue.put(sender, QueuedRequest(f"{sender.decode()}{number}", bytes(work), work))


def names(queue: FairQueue) -> list[str]:
    return [request.name for request in iter(queue.pop, None)]


def test_senders_have_their_turns() -> None:
    queue = FairQueue()
    put(queue, b"flood", *[1] * 1000)
    put(queue, b"voter", 1)
    put(queue, b"other", 1)
    order = names(queue)
    assert max(order.index("voter0"), order.index("other0")) < 5
    assert (queue.size, queue.work) == (0, 0)


def test_large_requests_take_turns_by_their_work() -> None:
    queue = FairQueue()
    put(queue, b"large", *[100] * 10)
    put(queue, b"small", *[1] * 200)
    order = names(queue)
    assert order.index("small90") < order.index("large1")
    assert order.index("large1") < order.index("small199"), "and they are not starved"


def test_what_is_ahead_is_never_more_than_foreseen() -> None:
    queue = FairQueue()
    for number in range(20):
        put(queue, str(number).encode(), *[1 + number % 7] * 30)
    foreseen = queue.ahead(b"new", 3)
    put(queue, b"new", 3)
    done = 0
    while (request := queue.pop()) is not None:
        done += request.work
        if request.name == "new0":
            break
    assert done <= foreseen < queue.work


def test_the_largest_sender_gives_way() -> None:
    queue = FairQueue()
    put(queue, b"a", 5)
    put(queue, b"b", 9, 1)
    assert queue.largest() == b"b"
    assert queue.drop(b"b").name == "b1"
    assert names(queue) == ["a0", "b0"]


def test_pace_is_measured_over_passes_that_had_much_to_do() -> None:
    pace = Pace(0.001)
    pace.note(100.0, 3)
    assert pace.seconds == pytest.approx(0.001)
    for _ in range(20):
        pace.note(2.0, 1000)
    assert pace.seconds == pytest.approx(0.002, rel=0.05)


class Clock:
    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


def serve(requests: RequestQueue, clock: Clock | None = None, seconds: float = 0.0) -> list[bytes]:
    """One pass of a board that takes so many seconds."""
    done = []
    for name, data in requests.waiting():
        requests.answer(name, b"answer")
        done.append(data)
    if clock is not None:
        clock.now += seconds
    requests.pause(0)
    return done


def put_all(requests: RequestQueue, numbers: range) -> None:
    for number in numbers:
        requests._put(number.to_bytes(4, "big"), b"one sender")


def test_a_request_that_would_wait_too_long_is_refused_at_once() -> None:
    clock = Clock()
    requests = RequestQueue(clock=clock)
    for number in range(2000):
        requests._put(number.to_bytes(4, "big"), str(number).encode())
        if number % 100 == 99:
            serve(requests, clock, 1.0)  # ten milliseconds each
    put_all(requests, range(2000, 2250))
    with pytest.raises(Busy, match="about 3 seconds of work") as refused:
        put_all(requests, range(2250, 2350))
    assert refused.value.seconds >= LONGEST_DELAY
    requests._put(b"a voter", b"another sender")
    assert b"a voter" in serve(requests)[:3]


def test_what_is_taken_is_answered_and_what_is_not_waits_on() -> None:
    requests = RequestQueue()
    for number in range(3):
        requests._put(bytes([number]), bytes([number]))
    waiting = requests.waiting()
    name, data = next(waiting)
    waiting.close()
    requests.answer(name, b"first")
    assert requests.answered(name) == b"first"
    assert serve(requests) == [b"\1", b"\2"]
    assert data == b"\0"


def test_when_the_room_is_full_whoever_has_most_gives_way(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(request_queue, "MOST_WAITING", 1000)
    monkeypatch.setattr(request_queue, "MOST_OF_ONE", 900)
    requests = RequestQueue()
    for number in range(9):
        requests._put(bytes([number]) * 100, b"flood")
    with pytest.raises(Busy, match="of this sender"):
        requests._put(b"x" * 100, b"flood")
    for number in range(100, 104):
        requests._put(bytes([number]) * 100, bytes([number]))
    left = [number for number in range(104) if requests.waits(sha256(bytes([number]) * 100).hexdigest())]
    assert left == [0, 1, 2, 3, 4, 5, 100, 101, 102, 103], "the others are to be sent again"


def test_who_waits_for_what_gives_way_is_told_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(request_queue, "MOST_WAITING", 100)

    async def ask() -> None:
        requests = RequestQueue()
        flood = asyncio.create_task(requests.exchange(bytes(80), 60, b"flood"))
        same = asyncio.create_task(requests.exchange(bytes(80), 60, b"another"))
        await asyncio.sleep(0)
        voter = asyncio.create_task(requests.exchange(bytes(60), 60, b"voter"))
        for asked in (flood, same):
            with pytest.raises(Busy):
                await asked
        assert await asyncio.to_thread(serve, requests) == [bytes(60)]
        assert await voter == b"answer"

    asyncio.run(ask())


def test_answers_are_handed_out_together() -> None:
    async def ask() -> None:
        requests = RequestQueue()
        asked = [asyncio.create_task(requests.exchange(bytes([number]), 60)) for number in range(50)]
        await asyncio.sleep(0)
        woken, loop = 0, asyncio.get_running_loop()
        wake = loop.call_soon_threadsafe

        def counted(*arguments):
            nonlocal woken
            woken += 1
            return wake(*arguments)

        loop.call_soon_threadsafe = counted
        serve(requests)
        loop.call_soon_threadsafe = wake
        assert await asyncio.gather(*asked) == [b"answer"] * 50
        assert woken == 1

    asyncio.run(ask())


def test_a_refusal_of_what_nobody_waits_for_any_more_is_no_failure(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(request_queue, "MOST_WAITING", 100)

    async def ask() -> None:
        requests = RequestQueue()
        assert await requests.exchange(bytes(80), 0, b"flood") is None
        assert await requests.exchange(bytes(60), 0, b"voter") is None

    asyncio.run(ask())
    assert not caplog.records


def test_an_answer_costs_the_same_however_many_are_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(request_queue, "MOST_KEPT", 1000)
    requests = RequestQueue()
    looked_at = 0

    class Kept(dict[str, bytes]):
        def values(self):
            nonlocal looked_at
            looked_at += len(self)
            return super().values()

    requests._kept = Kept()
    for number in range(500):
        requests._put(number.to_bytes(4, "big"))
        serve(requests)
    assert looked_at == 0
    assert len(requests._kept) == 1000 // len(b"answer")
    requests._put((499).to_bytes(4, "big"))  # judged anew: its answer is not kept twice
    serve(requests)
    assert requests._size_kept == sum(map(len, requests._kept.values()))


def test_ballots_are_charged_and_only_parties_send_much() -> None:
    signed = Envelope((b"signed",)).encode()
    requests = RequestQueue(signed=lambda entry: entry == b"signed")
    assert requests.price(Envelope((BALLOT_HEAD,) * 20).encode()) == 20
    assert requests.price(Envelope((b"x",) * 20).encode()) == 1
    assert requests.price(b"\0") == 1
    assert requests.longest(signed + bytes(1000)) == requests.largest
    for beginning in (b"", b"\0", b"\0\0", signed[:-1], Envelope((BALLOT_HEAD,)).encode()):
        assert requests.longest(beginning) == UNSIGNED
