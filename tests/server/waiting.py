"""What is to come of other processes, and what they have published by then."""

from __future__ import annotations

import time
from collections.abc import Callable

from psephos.log.client import Client
from psephos.protocol.record import Record
from psephos.protocol.setup.pin import Pin
from psephos.reader import Reader
from psephos.verifier.run import policy

TIMEOUT = 600.0
"""Seconds after which a test gives up; nothing is measured by it."""


def until(holds: Callable[[], object], what: str, lives: Callable[[], object] = lambda: True) -> None:
    """Wait until something holds, which whoever lives brings about."""
    deadline = time.monotonic() + TIMEOUT
    while not holds():
        assert lives(), f"it has ended: {what}"
        assert time.monotonic() < deadline, f"waited in vain: {what}"
        time.sleep(0.1)


def served(url: str, pin: Pin) -> Record:
    """The record that a server publishes."""
    with Client(f"{url}/log") as client:
        return Reader(client, policy(pin)).read()
