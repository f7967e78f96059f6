"""Running a rehearsal's days: openings, ballots in rounds, seals and weighings, in the order of the clock."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from itertools import groupby

from psephos.protocol.enrolment.token import Opening
from psephos.protocol.setup.definition import Definition
from psephos.rehearsal.crowd import Crowd, cover_cards
from psephos.rehearsal.plot import Casting, Holder
from psephos.rehearsal.stage import Stage


def events(definition: Definition) -> list[tuple[int, str, int, int]]:
    """Openings and seals as planned, (time, open or seal, region, day): at one time seals come first."""
    found = []
    for region in definition.regions:
        for day, window in enumerate(region.days, 1):
            found.append((window.open, "open", region.index, day))
            found.append((window.seal, "seal", region.index, day))
    return sorted(found, key=lambda event: (event[0], event[1] == "open", event[2]))


def enrol(
    stage: Stage, crowd: Crowd, voters: Sequence[Holder], openings: Sequence[Opening]
) -> list[list[Holder]]:
    """Enrol one region's voters and every trustee's cover, batch by batch; returns the cover, by trustee."""
    region = voters[0].region
    size = stage.definition.min_batch
    cover: list[list[Holder]] = [[] for _ in stage.trustees]
    for start in range(0, len(voters), size):
        for index in stage.trustees:
            if any(cards := cover_cards(stage)):
                cover[index - 1].append(crowd.cover(index, region, *cards))
        crowd.enrol(voters[start : start + size], openings[start : start + size])
        while batch := stage.registrar.cut(region):
            stage.board.submit(batch)
    stage.board.submit(stage.registrar.close_enrolment(region))
    stage.board.submit(stage.registrar.issued_entries(region))
    return cover


def vote(stage: Stage, crowd: Crowd, castings: Iterable[Casting], day_over: Callable[[int], None]) -> None:
    """All days, every ballot in its round; `day_over` is called when a day is sealed everywhere.

    A region without voters has no batch, and nothing to open.
    """
    waiting = sorted(castings, key=lambda casting: casting.time, reverse=True)
    rosters = stage.board.record.rosters
    planned = [event for event in events(stage.definition) if rosters[event[2]].batches]
    last: dict[int, int] = {}
    for time, _, _, day in planned:
        last[day] = max(time, last.get(day, time))
    for (time, what), together in groupby(planned, key=lambda event: event[:2]):
        _cast_until(stage, crowd, waiting, time)
        stage.clock.reach(time)
        days = [(region, day) for *_, region, day in together]
        if what == "open":
            stage.open(days)
            continue
        stage.seal(days)
        for day in sorted({day for _, day in days if last[day] == time}):
            day_over(day)


def _cast_until(stage: Stage, crowd: Crowd, waiting: list[Casting], time: int) -> None:
    """Cast what is before `time`, round by round."""
    due = []
    while waiting and waiting[-1].time < time:
        due.append(waiting.pop())
    for number, some in groupby(due, key=lambda casting: casting.time // stage.definition.round):
        crowd.vote(some)
        stage.clock.reach(min(time, (number + 1) * stage.definition.round))
        stage.board.round()
