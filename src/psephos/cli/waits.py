"""What a referendum waits for, and from whom, as the record has it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import NamedTuple

from psephos.cli.home import Home
from psephos.cli.terminal import utc
from psephos.observer.text import plain
from psephos.protocol.record import Record
from psephos.trustee.trustee import turn


class Wait(NamedTuple):
    """Who is waited for, and what for."""

    who: str
    what: str

    def __str__(self) -> str:
        return f"waits for {self.who}: {self.what}"


def show_status(home: Home, record: Record) -> None:
    """The phase, what was sent and is not answered, and everything that is waited for."""
    print(f"phase {record.phase}, {record.size} entries")
    if not home.outbox.empty:
        print("waits for board: answers what was sent")
    for one in waits(record):
        print(plain(str(one)))


def waits(record: Record) -> list[Wait]:
    """Everything that is waited for now; nothing when the referendum is over."""
    if not record.size:
        return [Wait("organiser", "publishes the definition")]
    if record.cancelled is not None or record.result is not None:
        return []
    if not record.ceremony.complete:
        return [*_rolls(record), *_ceremony(record)]
    if record.closed:
        return list(_count(record))
    return [*_rolls(record), *_regions(record), *_weighing(record), *_close(record)]


def _name(record: Record, trustee: int) -> str:
    return f"trustee {trustee} ({record.definition.trustees.members[trustee - 1].name})"


def _rolls(record: Record) -> Iterator[Wait]:
    for region, roster in zip(record.definition.regions, record.rosters, strict=True):
        if roster.roll is None:
            yield Wait("registrar", f"logs the roll of {region.id}")


def _ceremony(record: Record) -> Iterator[Wait]:
    ceremony = record.ceremony
    if ceremony.current.result is not None and ceremony.current.witnessed is None:
        yield Wait("board", "logs a checkpoint for the trustees to sign")
        return
    what = f"round {ceremony.round} of the ceremony's attempt {ceremony.attempt}"
    yield from (Wait(_name(record, trustee), what) for trustee in ceremony.waiting_for())


def _regions(record: Record) -> Iterator[Wait]:
    """Enrolment, then windows."""
    for windows, roster in zip(record.windows, record.rosters, strict=True):
        region, day = windows.region.id, len(windows.sealed) + 1
        if roster.roll and roster.issued is None and record.closing.sets is None:
            yield Wait("registrar", f"closes enrolment in {region}")
        elif roster.batches and windows.open_day is not None:
            yield Wait("board", f"seals day {day} in {region} at {utc(windows.plans[day - 1][1])}")
        elif roster.batches and not windows.over:
            yield Wait("board", f"opens day {day} in {region} at {utc(windows.plans[day - 1][0])}")


def _weighing(record: Record) -> Iterator[Wait]:
    if record.scales is None:
        return
    participants = record.keys.participants
    turns = [turn(participants, one) for one in record.scales.chains.values() if one.completed is None]
    for trustee, chunks in sorted(Counter(turns).items()):
        yield Wait(_name(record, trustee), f"weighs {chunks} chunks, or others stand in")


def _close(record: Record) -> Iterator[Wait]:
    if record.closing.right is not None:
        for trustee in record.keys.participants:
            if trustee not in record.closing.closers:
                yield Wait(_name(record, trustee), "may sign the close")
    elif record.closing.sets is not None and not any(_weighing(record)):
        yield Wait("board", "logs a checkpoint for the trustees to close")


def _count(record: Record) -> Iterator[Wait]:
    if not record.released:
        yield Wait("board", "logs a checkpoint that contains the close")
    elif record.count is not None and (stage := record.count.stage) is not None:
        for trustee in record.keys.participants:
            if trustee not in record.count.shares[stage]:
                yield Wait(_name(record, trustee), f"may release shares of stage {stage}")
    else:
        yield Wait("organiser", "certifies the result")
