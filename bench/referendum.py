"""`python -m bench.referendum VOTERS`: one whole referendum, stage by stage, in a process of its own.

Prints JSON. A voter has three cards and casts two ballots: one that counts, and one with a card that weighs
nothing. There is one contest with two options and blank, one region, one day; two of three trustees weigh and
count. No cover, whose amount does not depend on the number of voters. Everything runs on one thread.
"""

from __future__ import annotations

import json
import random
import resource
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from time import perf_counter, process_time
from typing import Any

from bench.core_clock import CoreClock

CORE = CoreClock()  # before anything below imports the core's functions by name

from psephos.crypto.card import RECORD  # noqa: E402
from psephos.crypto.workers import set_workers  # noqa: E402
from psephos.rehearsal.clock import Clock, utc  # noqa: E402
from psephos.rehearsal.crowd import Crowd, openings  # noqa: E402
from psephos.rehearsal.figures import Figures, RegionFigures, Wording  # noqa: E402
from psephos.rehearsal.judges import rust  # noqa: E402
from psephos.rehearsal.plot import BLANK, Casting, Holder  # noqa: E402
from psephos.rehearsal.replay_definition import TRUSTEES, WITNESSES, definition  # noqa: E402
from psephos.rehearsal.show import vote  # noqa: E402
from psephos.rehearsal.stage import Size, Stage  # noqa: E402

CARDS = 3
BALLOTS = 2
WINDOW = (utc(2030, 5, 1, 6), utc(2030, 5, 1, 18))
SEED = 1
"""Of who votes what and when, which is the same in every run; keys are fresh."""


def figures(voters: int) -> Figures:
    """A region in which everybody votes: a third for each option, the rest blank."""
    region = RegionFigures(
        "peiraieus", "Peiraieus", voters, (voters // 3, voters // 3), voters - 2 * (voters // 3)
    )
    options = ({"en": "Build it"}, {"en": "Leave it"})
    wordings: dict[str | None, Wording] = {None: Wording({"en": "Shall the wall be built?"}, options)}
    names = ("build", "leave")
    return Figures(
        {"en": "The long wall"}, "", "wall", names, None, wordings, (WINDOW,), "Europe/Athens", (region,)
    )


class Referendum:
    """One referendum; `stages` are the costs of each."""

    def __init__(self, directory: Path, voters: int) -> None:
        self._directory = directory
        self._voters = voters
        self._coins = random.Random(SEED)
        self._figures = figures(voters)
        size = Size(1, len(TRUSTEES), len(WITNESSES))
        start = Clock(WINDOW[0] - 30 * 24 * 3600)
        self._stage = Stage(directory, lambda keys: definition(self._figures, keys), size, start)
        self._crowd = Crowd(self._stage, self._coins)
        self.stages: dict[str, dict[str, float]] = {}

    @contextmanager
    def _measured(self, name: str) -> Iterator[None]:
        wall, cpu, core = perf_counter(), process_time(), CORE.seconds
        yield
        self.stages[name] = {
            "wall": perf_counter() - wall,
            "cpu": process_time() - cpu,
            "core": CORE.seconds - core,
        }

    def hold(self) -> dict[str, int]:
        """All stages; returns bytes of what there is most of. The result must be what was cast."""
        stage = self._stage
        try:
            roll = openings("peiraieus", self._voters)
            stage.call([roll])
            stage.ceremony()
            holders = [Holder(0, [CARDS], self._coins.randrange(CARDS)) for _ in range(self._voters)]
            with self._measured("enrol"):
                self._crowd.enrol(holders, roll)
                while batch := stage.registrar.cut(0):
                    stage.board.submit(batch)
                stage.board.submit(stage.registrar.close_enrolment(0))
                stage.board.submit(stage.registrar.issued_entries(0))
                stage.board.log_checkpoint()
                stage.publish()
            castings = self._castings(holders)
            with self._measured("vote"):
                vote(stage, self._crowd, castings, lambda day: None)
            with self._measured("weigh"):
                stage.weigh(list(stage.trustees))
            with self._measured("close and release"):
                result = stage.count(list(stage.trustees))
            self._compare(json.loads(result))
            (self._directory / "pin.json").write_bytes(stage.pin.encode())
            sizes = self._sizes()
        finally:
            stage.close()
        self._verify()
        return sizes

    def _castings(self, holders: list[Holder]) -> list[Casting]:
        region = self._figures.regions[0]
        choices = [BLANK] * region.blank
        choices += [option for option, votes in enumerate(region.votes) for _ in range(votes)]
        castings = []
        for holder, choice in zip(holders, choices, strict=True):
            for step in range(BALLOTS):
                card = ((holder.counting or 0) + step) % CARDS
                cast = choice if step == 0 else self._coins.choice(choices)
                castings.append(Casting(self._coins.randrange(*WINDOW), 1, 1, holder, card, (cast,)))
        return castings

    def _compare(self, result: dict[str, Any]) -> None:
        area, region = result["contests"][0]["areas"][0], self._figures.regions[0]
        counted = (*map(area["votes"].get, self._figures.options), area["blank"])
        if counted != (*region.votes, region.blank):
            raise SystemExit(f"counted {counted}, which is not what was cast")

    def _verify(self) -> None:
        with self._measured("verify"):
            verdict = rust(self._directory / "record", self._directory / "pin.json")
        if not verdict.passed:
            raise SystemExit(f"the record does not verify: {verdict.findings}")

    def _sizes(self) -> dict[str, int]:
        store = self._stage.board.store
        files = (path for path in self._stage.record_directory.rglob("*") if path.is_file())
        return {
            "card": RECORD,
            "ballot": len(next(iter(self._crowd.sent.values()))),
            "weighed row": self._stage.definition.styles[0].row_bytes,
            "entries": sum(map(len, store.entries(0, store.size))),
            "published files": sum(path.stat().st_size for path in files),
        }


def run(voters: int) -> dict[str, Any]:
    """Hold one referendum in a temporary directory."""
    set_workers(1)
    with tempfile.TemporaryDirectory() as directory:
        referendum = Referendum(Path(directory), voters)
        sizes = referendum.hold()
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
    return {"voters": voters, "stages": referendum.stages, "bytes": sizes, "peak memory": peak}


if __name__ == "__main__":
    print(json.dumps(run(int(sys.argv[1]))))
