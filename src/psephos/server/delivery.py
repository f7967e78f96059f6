"""Results for those who wait in event loops, given by another thread, many at a time."""

from __future__ import annotations

import asyncio
import threading
from typing import TypeAlias

from psephos.server.problem import Busy

Waiter: TypeAlias = "asyncio.Future[bytes]"


class WakeupBatch:
    """Wakes a loop once for all results that are given before it looks: to wake it for each costs much."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._left: dict[asyncio.AbstractEventLoop, list[tuple[Waiter, bytes | Busy]]] = {}

    def give(self, waiter: Waiter, result: bytes | Busy) -> None:
        """From any thread; whoever has stopped waiting gets nothing."""
        loop = waiter.get_loop()
        with self._lock:
            left = self._left.setdefault(loop, [])
            left.append((waiter, result))
            if len(left) > 1:
                return
        try:
            loop.call_soon_threadsafe(self._hand_out, loop)
        except RuntimeError:  # the loop has ended, and with it those who waited
            with self._lock:
                self._left.pop(loop, None)

    def _hand_out(self, loop: asyncio.AbstractEventLoop) -> None:
        with self._lock:
            left = self._left.pop(loop, [])
        for waiter, result in left:
            if waiter.done():
                continue
            if isinstance(result, Busy):
                waiter.set_exception(result)
            else:
                waiter.set_result(result)
