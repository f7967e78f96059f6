"""What a referendum waits for, and from whom, as the record has it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import NamedTuple

from psephos.cli.home.home import Home
from psephos.cli.process.times import utc
from psephos.observer.text import plain
from psephos.protocol.enrolment.roster import Roster
from psephos.protocol.record import Record
from psephos.protocol.setup.attempt import SIGN
from psephos.protocol.setup.region import Region
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
        print("no answer yet to your last submission: run the same command again to check")
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
        return [*_token_keys(record), *_rolls(record), *ceremony_waits(record)]
    if record.closed:
        return list(_count(record))
    return [*_rolls(record), *_regions(record), *_weighing(record), *_close(record)]


def trustee_name(record: Record, trustee: int) -> str:
    """A trustee, from 1, as people know it."""
    return f"trustee {trustee} ({record.definition.trustees.members[trustee - 1].name})"


def registrar_name(record: Record, number: int) -> str:
    """A registrar, from 1, as people know it."""
    return f"registrar {number} ({record.definition.registrars[number - 1].name})"


def _token_keys(record: Record) -> Iterator[Wait]:
    for number in range(1, len(record.definition.registrars) + 1):
        if number not in record.registrar_keys.entries:
            yield Wait(registrar_name(record, number), "logs its token keys")


def _rolls(record: Record) -> Iterator[Wait]:
    for region, roster in zip(record.definition.regions, record.rosters, strict=True):
        if roster.enrolling and len(roster.rolls) < roster.registrars:
            for number in roster.waited_for():
                yield Wait(registrar_name(record, number), f"logs its roll of {region.id}")


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
    if ceremony.round == SIGN and not record.registrar_keys.complete:
        yield from _token_keys(record)
        return
    what = f"round {ceremony.round} of the ceremony's attempt {ceremony.attempt}"
    yield from (Wait(trustee_name(record, trustee), what) for trustee in ceremony.waiting_for())


def _regions(record: Record) -> Iterator[Wait]:
    """Enrolment, its review, then windows."""
    for windows, roster in zip(record.windows, record.rosters, strict=True):
        region, day = windows.region, len(windows.sealed) + 1
        if roster.out or len(roster.rolls) < roster.registrars:
            continue
        if not roster.opened and (roster.enrolling or len(roster.issued) < roster.registrars):
            yield from _enrolment(record, roster, region)
        elif windows.open_day is not None:
            yield Wait("board", f"seals day {day} in {region.id} at {utc(windows.plans[day - 1][1])}")
        elif not windows.over:
            yield Wait("board", f"opens day {day} in {region.id} at {utc(windows.plans[day - 1][0])}")


def _enrolment(record: Record, roster: Roster, region: Region) -> Iterator[Wait]:
    """Until the region's last batch is in effect, and every registrar has said who got tokens."""
    until = f"; a region that has not opened by {utc(record.windows[region.index].plans[0][1])} is left out"
    if roster.enrolling and record.time < record.definition.shut(region):
        yield Wait("voters", f"enrol in {region.id} until {utc(region.closes)}")
        return
    what = "says who got tokens in"
    if roster.enrolling:
        number = len(roster.batches) + 1
        what = (
            f"endorses batch {number} of"
            if roster.standing is not None
            else "takes part in the last batch of"
        )
    for number in roster.waited_for():
        yield Wait(registrar_name(record, number), f"{what} {region.id}{until}")


def _weighing(record: Record) -> Iterator[Wait]:
    if record.weighing_chains is None:
        return
    participants = record.joint_key.participants
    turns = [
        turn(participants, one) for one in record.weighing_chains.chains.values() if one.completed is None
    ]
    for trustee, chunks in sorted(Counter(turns).items()):
        yield Wait(trustee_name(record, trustee), f"weighs {chunks} chunks, or others stand in")


def _close(record: Record) -> Iterator[Wait]:
    if record.closing.right is not None:
        for trustee in record.joint_key.participants:
            if trustee not in record.closing.closers:
                yield Wait(trustee_name(record, trustee), "may sign the close")
    elif record.closing.sets is not None and not any(_weighing(record)):
        yield Wait("board", "logs a checkpoint for the trustees to close")


def _count(record: Record) -> Iterator[Wait]:
    if not record.released:
        yield Wait("board", "logs a checkpoint that contains the close")
    elif record.count is not None and (stage := record.count.stage) is not None:
        for trustee in record.joint_key.participants:
            if trustee not in record.count.shares[stage]:
                yield Wait(trustee_name(record, trustee), f"may release shares of stage {stage}")
    else:
        yield Wait("organiser", "certifies the result")
