"""What organiser and registrar have to do when, and what people are told once it is done."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial

from psephos.cli.home.home import Home, HomeOptions
from psephos.cli.local.instructions import Instructions
from psephos.cli.local.processes import Processes
from psephos.cli.local.timetable import Timetable
from psephos.cli.process.stop import WAITING, Stop
from psephos.cli.registrar.rolls import read_list
from psephos.protocol.record import Record

_PAUSE, _LONG = 2.0, 20.0
"""Seconds between attempts at what has to wait, and after which it is said what it waits for."""
Attempt = Callable[[], tuple[bool, str]]
"""Whether it is done, and what is to be said: of that, or of what it waits for."""


@dataclass(frozen=True)
class Task:
    """What is to be done, not before a time in UTC seconds."""

    due: float
    attempt: Attempt


class Course:
    """One task after the other, from the definition to the result."""

    def __init__(self, processes: Processes, booth: bool) -> None:
        self._processes = processes
        regions = processes.definition["regions"]
        self._timetable = Timetable.of(regions)
        self._say = Instructions(processes, self._timetable, booth)
        self._tasks = [*self._beginning(), *self._voting()]
        self._since, self._next, self._reported = time.time(), 0.0, ""
        place = processes.directory / "organiser"
        self._home = Home.read(HomeOptions(place, place.with_name("organiser.identity")), "organiser")
        print(self._say.beginning(), flush=True)

    def turn(self) -> None:
        """Attempt the next task, if its time has come; Stop when a process has failed."""
        self._processes.check()
        now = time.time()
        if not self._tasks or now < max(self._tasks[0].due, self._next):
            return
        done, said = self._tasks[0].attempt()
        if done:
            self._tasks.pop(0)
            self._since, self._reported = now, ""
            if said:
                print(said, flush=True)
        else:
            self._next = now + _PAUSE
            if now - max(self._since, self._tasks[0].due) > _LONG and said != self._reported:
                self._reported = said
                print(said.removeprefix("psephos: "), flush=True)

    # -- tasks

    def _beginning(self) -> Iterator[Task]:
        yield Task(0, partial(self._processes.do, "organiser", "publish"))
        for region in self._timetable.days:
            for registrar in self._processes.registrars:
                yield Task(0, partial(self._roll, registrar, region))
        yield Task(0, self._start)
        if time.time() < self._timetable.closed:
            yield Task(0, self._enrol)

    def _voting(self) -> Iterator[Task]:
        """Closings and openings as they come, then the result."""
        events = [Task(due, partial(self._close, region)) for region, due in self._timetable.closes.items()]
        for region, days in self._timetable.days.items():
            for day, (opens, _) in enumerate(days, 1):
                events.append(Task(opens, partial(self._opened, region, day)))
        yield from sorted(events, key=lambda one: one.due)
        yield Task(self._timetable.sealed, self._result)

    def _roll(self, registrar: str, region: str) -> tuple[bool, str]:
        file = self._processes.directory / f"{region}.csv"
        number = str(len(read_list(file, None).rows))
        done, said = self._processes.do(registrar, "roll", str(file), "--region", region, "--expect", number)
        return done, said if not done else self._say.invitations(registrar, region)

    def _start(self) -> tuple[bool, str]:
        """Registrars are at work until the end: they log their keys first, for which the trustees wait."""
        for registrar in self._processes.registrars:
            self._processes.start(registrar, "run")
        return True, ""

    def _enrol(self) -> tuple[bool, str]:
        """Once the trustees have made the key people can enrol."""
        with self._record() as record:
            if record is None or not record.ceremony.complete:
                return False, "the trustees are still making the key: people can enrol after that"
        return True, self._say.enrolment()

    def _close(self, region: str) -> tuple[bool, str]:
        return True, self._say.closed(region)

    def _opened(self, region: str, day: int) -> tuple[bool, str]:
        with self._record() as record:
            if record is None:
                return False, "waits for the board"
            (windows,) = [one for one in record.windows if one.region.id == region]
            roster = record.rosters[windows.region.index]
            if roster.out:
                return True, self._say.out(region, roster.waited_for()) if day == 1 else ""
            if roster.opened and not roster.enrolled:
                return True, self._say.nobody(region) if day == 1 else ""
            if day <= len(windows.sealed):
                return True, self._say.sealed(region, day)
            if windows.open_day == day:
                return True, self._say.voting(region, day)
            if time.time() > windows.plans[day - 1][1] and not roster.enrolling:
                return False, self._say.missed(region, day)
        return False, f"waits for the board: it opens day {day} in {region}"

    def _result(self) -> tuple[bool, str]:
        with self._record() as record:
            rosters = [] if record is None else record.rosters
            settled = all(roster.opened or roster.out for roster in rosters)
            if rosters and settled and not any(roster.enrolled for roster in rosters):
                return True, self._say.nothing()
        done, said = self._processes.do("organiser", "result")
        return done, said if not done else self._say.over(said)

    @contextmanager
    def _record(self) -> Iterator[Record | None]:
        """The published record; None before anything is."""
        try:
            with self._home.record() as record:
                yield record if record.begun else None
        except Stop as stop:
            if stop.code != WAITING:
                raise
            yield None
