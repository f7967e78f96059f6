"""What a referendum waits for, and from whom, as the record has it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import NamedTuple

from psephos.cli.home.home import Home
from psephos.cli.process.terminal import utc
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
        print("what was sent last is not answered, or nobody has looked: run that command again")
    if record.size < (reached := home.outbox.reached):
        print(f"the board has taken what was sent as entry {reached - 1} and not published it yet")
    out = absent(record) if record.phase == "ceremony" else {}
    for line in (*out.values(), *map(str, waits(record))):
        print(plain(line))


def waits(record: Record) -> list[Wait]:
    """Everything that is waited for now; nothing when the referendum is over."""
    if not record.begun:
        return [Wait("organiser", "publishes the definition")]
    if record.cancelled is not None or record.result is not None:
        return []
    if not record.ceremony.complete:
        return [*_rolls(record), *ceremony_waits(record)]
    if record.closed:
        return list(_count(record))
    return [*_rolls(record), *_regions(record), *_weighing(record), *_close(record)]


def trustee_name(record: Record, trustee: int) -> str:
    """A trustee, from 1, as people know it."""
    return f"trustee {trustee} ({record.definition.trustees.members[trustee - 1].name})"


def _rolls(record: Record) -> Iterator[Wait]:
    for region, roster in zip(record.definition.regions, record.rosters, strict=True):
        if roster.roll is None and not roster.out:
            yield Wait("registrar", f"logs the roll of {region.id}")


def absent(record: Record) -> dict[int, str]:
    """The trustees, from 1, who are out of the ceremony, and why."""
    if not record.begun:
        return {}
    cheats = {one.culprit: one.message for one in record.void if one.check == "3.2"}
    everybody = range(1, len(record.definition.trustees.members) + 1)
    return {
        trustee: f"without {trustee_name(record, trustee)}: "
        + cheats.get(f"trustee {trustee}", "its part was missing at a deadline")
        for trustee in everybody
        if trustee not in record.ceremony.participants
    }


def ceremony_waits(record: Record) -> Iterator[Wait]:
    """What the ceremony waits for."""
    ceremony = record.ceremony
    if ceremony.current.result is not None and ceremony.witnessed is None:
        yield Wait("board", "logs a checkpoint for the trustees to sign")
        return
    what = f"round {ceremony.round} of the ceremony's attempt {ceremony.attempt}"
    yield from (Wait(trustee_name(record, trustee), what) for trustee in ceremony.waiting_for())


_NOBODY = "; if nobody enrols in any region, the organiser cancels"
_UNSEEN = ", unless it has: where nobody enrols the log does not show it, and there is no voting"


def _regions(record: Record) -> Iterator[Wait]:
    """Enrolment, then windows."""
    none = not any(roster.batches for roster in record.rosters)
    for windows, roster in zip(record.windows, record.rosters, strict=True):
        region, day = windows.region.id, len(windows.sealed) + 1
        if roster.out:
            continue
        if roster.roll and roster.issued is None and record.closing.sets is None:
            unless = "" if roster.batches else _NOBODY if none else _UNSEEN
            until = utc(windows.plans[-1][1])
            yield Wait("registrar", f"closes enrolment in {region}{unless}; after {until} it is left out")
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
        yield Wait(trustee_name(record, trustee), f"weighs {chunks} chunks, or others stand in")


def _close(record: Record) -> Iterator[Wait]:
    if record.closing.right is not None:
        for trustee in record.keys.participants:
            if trustee not in record.closing.closers:
                yield Wait(trustee_name(record, trustee), "may sign the close")
    elif record.closing.sets is not None and not any(_weighing(record)):
        yield Wait("board", "logs a checkpoint for the trustees to close")


def _count(record: Record) -> Iterator[Wait]:
    if not record.released:
        yield Wait("board", "logs a checkpoint that contains the close")
    elif record.count is not None and (stage := record.count.stage) is not None:
        for trustee in record.keys.participants:
            if trustee not in record.count.shares[stage]:
                yield Wait(trustee_name(record, trustee), f"may release shares of stage {stage}")
    else:
        yield Wait("organiser", "certifies the result")
