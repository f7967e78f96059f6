"""What `import psephos` offers to programs: a record verified, from one call."""

from __future__ import annotations

import re
import time
from functools import partial
from pathlib import Path
from typing import TypeAlias

from psephos.executor.logged import Followed
from psephos.executor.speculative_fold import folded
from psephos.log.client import Client
from psephos.protocol.setup.pin import Pin
from psephos.reader import Source
from psephos.scratch import Scratch
from psephos.verifier.report import Report
from psephos.verifier.run import Progress, Verification

RecordLike: TypeAlias = str | Path | Source
"""A record: the directory or http(s) URL of its log, or an open log."""

PinLike: TypeAlias = str | Path | Pin
"""A pin: its file, its http(s) URL, or the pin itself."""

_MAX_PIN = 1 << 20
_URL = re.compile(r"https?://")


def open_record(record: str | Path) -> Client:
    """Open the log in a directory or at an http(s) URL; nothing is read or verified yet.

    Use it in a `with` statement, which closes its connection. FormatError for a URL that cannot be one.

    >>> with psephos.open_record("demo/record") as log:
    ...     origin, size, *_ = log.checkpoint().decode().splitlines()
    >>> size
    '...'
    """
    return Client(record)


def load_pin(pin: PinLike) -> Pin:
    """Read a pin from its file or its http(s) URL.

    Take the pin from somebody you trust: whoever can exchange it decides which record passes. FormatError for
    what is not a pin; OSError or EvidenceMissing where nothing can be read.

    >>> psephos.load_pin("demo/pin.json").definition.hex()  # compare it with what the organiser published
    '...'
    """
    if isinstance(pin, Pin):
        return pin
    if isinstance(pin, str) and _URL.match(pin):
        folder, _, name = pin.rpartition("/")
        with Client(folder) as source:
            return Pin.parse(source.fetch(name, _MAX_PIN))
    return Pin.parse(Path(pin).read_bytes())


def verify(record: RecordLike, pin: PinLike, *, progress: Progress | None = None) -> Report:
    """Make every check of a record against a pin, as `psephos verify` does, with all processors.

    Whatever is wrong with the record stands in the report, and raises nothing. Raises FormatError for a pin
    that cannot be read. A large referendum takes a while: `progress` is called with the number of entries
    verified so far, and of all.

    >>> report = psephos.verify("demo/record", "demo/pin.json")
    >>> report.verdict
    'passed'
    >>> {contest.id: contest.votes for contest in report.results}
    {'harbour': {'no': 2, 'yes': 4}, 'temple': {'athena': 0, 'hermes': 6, 'hestia': 0}}
    """
    known = load_pin(pin)
    if not isinstance(record, str | Path):
        verification = Verification(known, Scratch())
        return _follow(verification, record, progress)
    location = record if isinstance(record, str) and _URL.match(record) else str(Path(record).resolve())
    with open_record(record) as log:
        followed = Followed(log, location)
        begin = partial(Verification, known, Scratch())
        return folded(begin, None, followed.log, lambda state: _follow(state, followed, progress))


def _follow(verification: Verification, source: Source, progress: Progress | None) -> Report:
    verification.follow(source, progress)
    return verification.report(int(time.time()))
