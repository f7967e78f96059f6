"""A queue in which no sender waits for another's flood: what waits is taken in turn, by its work."""

from __future__ import annotations

from collections import OrderedDict, deque
from dataclasses import dataclass, field
from typing import NamedTuple

_QUANTUM = 2
"""Work that a sender may have done each time its turn comes."""


class QueuedRequest(NamedTuple):
    """A request by its id; `work` in units of the sender's choice, at least 1."""

    name: str
    data: bytes
    work: int


@dataclass
class _Lane:
    """What one sender has waiting."""

    requests: deque[QueuedRequest] = field(default_factory=deque)
    size: int = 0
    work: int = 0
    credit: int = _QUANTUM


class FairQueue:
    """Deficit round robin over senders (Shreedhar and Varghese, 1995). For one thread at a time."""

    def __init__(self) -> None:
        self._lanes: OrderedDict[bytes, _Lane] = OrderedDict()
        self.size = 0
        """Bytes that wait."""
        self.work = 0

    def put(self, sender: bytes, request: QueuedRequest) -> None:
        """The last request of a sender; new senders come last."""
        lane = self._lanes.setdefault(sender, _Lane())
        lane.requests.append(request)
        self._count(lane, len(request.data), request.work)

    def pop(self) -> QueuedRequest | None:
        """The next request; None when none waits."""
        while self._lanes:
            sender, lane = next(iter(self._lanes.items()))
            if lane.requests[0].work <= lane.credit:
                lane.credit -= lane.requests[0].work
                return self._take(sender, lane, lane.requests.popleft())
            lane.credit += _QUANTUM
            self._lanes.move_to_end(sender)
        return None

    def size_of(self, sender: bytes) -> int:
        """Bytes that a sender has waiting."""
        lane = self._lanes.get(sender)
        return lane.size if lane else 0

    def ahead(self, sender: bytes, work: int) -> int:
        """An upper bound of the work that is done before a new request of this sender is, itself included."""
        lane = self._lanes.get(sender)
        own_work = work + (lane.work if lane else 0)
        other_lanes = len(self._lanes) - (lane is not None)
        return min(self.work + work, own_work + other_lanes * (own_work + _QUANTUM))

    def largest(self) -> bytes:
        """The sender with the most bytes waiting; there must be one."""
        return max(self._lanes, key=lambda sender: self._lanes[sender].size)

    def drop(self, sender: bytes) -> QueuedRequest:
        """Take back the last request of a sender who has any."""
        lane = self._lanes[sender]
        return self._take(sender, lane, lane.requests.pop())

    def _take(self, sender: bytes, lane: _Lane, request: QueuedRequest) -> QueuedRequest:
        self._count(lane, -len(request.data), -request.work)
        if not lane.requests:
            del self._lanes[sender]
        return request

    def _count(self, lane: _Lane, size: int, work: int) -> None:
        lane.size += size
        lane.work += work
        self.size += size
        self.work += work
