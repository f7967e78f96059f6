"""`python -m bench.referendum VOTERS`: one whole referendum, party by party, in a process of its own.

Prints JSON. Every voter has two to five cards and casts one ballot with the card that counts; one in three
casts one more with a card that weighs nothing; every trustee gives cover. There is one contest of two options
and blank, one region, five days, each weighed as soon as it is sealed. Everything runs on one thread.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import resource
import tempfile
from collections import Counter
from pathlib import Path
from typing import Any

from bench.clocks import Clocks
from bench.costs import Costs
from bench.definition import DAYS, OPTIONS, WINDOWS, WITNESSES, Scheme, document
from bench.machine import commit
from bench.voters import Voters
from psephos.crypto.card import RECORD
from psephos.crypto.workers import set_workers
from psephos.simulation.clock import Clock
from psephos.simulation.devices import openings
from psephos.simulation.parties import Simulation, Size
from psephos.simulation.verifiers import rust
from psephos.witness.witness import Witness

SEED = 1
"""Of who holds how many cards and votes what and when, the same in every run; keys are fresh."""


class Referendum:
    """One referendum in a directory; its record is in `record`, with `pin.json` beside it."""

    def __init__(self, directory: Path, voters: int, scheme: Scheme) -> None:
        self._directory, self._number, self._scheme = directory, voters, scheme
        self.costs = Costs(Clocks())  # before any database is open
        self._measure_witnesses()
        size = Size(1, scheme.trustees, WITNESSES)
        start = Clock(WINDOWS[0][0] - 30 * 24 * 3600)
        self._simulation = Simulation(directory, lambda keys: document(keys, scheme), size, start)
        self._voters = Voters(self._simulation, self.costs, random.Random(SEED))

    def _measure_witnesses(self) -> None:
        """Whatever step of the board asks them, what they do is their own."""
        costs, cosign = self.costs, Witness.add_checkpoint

        def measured(witness: Witness, *given: Any) -> bytes:
            with costs.of("witnesses", "cosign"):
                return cosign(witness, *given)

        Witness.add_checkpoint = measured  # type: ignore[method-assign]

    def hold(self) -> dict[str, Any]:
        """From the call to a verified result, which must be what was cast; returns costs and sizes."""
        try:
            self._call()
            self._voters.enrol(self._openings)
            self._follow()
            for day in range(1, DAYS + 1):
                self._vote(day)
                self._weigh(day)
            result = self._count()
            self._compare(json.loads(result))
            (self._directory / "pin.json").write_bytes(self._simulation.pin.encode())
            sizes = self._sizes()
        finally:
            self._simulation.close()
        self._verify()
        rows = {
            "cards": self._voters.cards,
            "voters' cards": self._voters.own_cards,
            "ballots": sum(map(len, self._voters.castings)),
        }
        rows["cover ballots"] = sum(map(len, self._voters.cover))
        return {"costs": self.costs.rows(), "bytes": sizes, "numbers": rows}

    def _call(self) -> None:
        self.costs.phase = "call"
        self._openings = openings("peiraieus", self._number, 1)
        with self.costs.of("board", "log the definition and the roll"):
            self._simulation.call([self._openings])
        self._simulation.ceremony()
        self.costs.phase = "enrol"

    def _vote(self, day: int) -> None:
        simulation, (start, end) = self._simulation, WINDOWS[day - 1]
        self.costs.phase = f"vote {day}"
        simulation.clock.reach(start)
        with self.costs.of("board", "open and seal"):
            simulation.open([(0, day)])
        self._voters.vote(day)
        self._follow()
        simulation.clock.reach(end)
        with self.costs.of("board", "open and seal"):
            simulation.seal([(0, day)])

    def _publish(self) -> None:
        with self.costs.of("board", "witness and publish"):
            self._simulation.publish()

    def _follow(self) -> None:
        """Every trustee reads and checks what is new."""
        self._publish()
        for index in self._simulation.trustees:
            with self.costs.of("trustees", "read and check"):
                self._simulation.seen_by(f"trustee {index}")

    def _weigh(self, day: int) -> None:
        """All chains of a day, each by as many trustees as the threshold says, in turn."""
        simulation, costs = self._simulation, self.costs
        costs.phase = f"weigh {day}"
        for _ in range(self._scheme.threshold):
            for index, trustee in simulation.trustees.items():
                self._publish()
                with costs.of("trustees", "read and check"):
                    record = simulation.seen_by(f"trustee {index}")
                with costs.of("trustees", "weigh"):
                    done = list(trustee.weigh(record))
                with costs.of("board", "check and log weighings"):
                    simulation.board.weighed(done)

    def _count(self) -> bytes:
        """Close, release, certify: as `Simulation.count` does, measured party by party."""
        simulation, costs = self._simulation, self.costs
        costs.phase = "count"
        present = list(simulation.trustees)[: self._scheme.threshold]
        self._log_checkpoint()
        self._publish()
        for index in present:
            with costs.of("trustees", "read and check"):
                record = simulation.seen_by(f"trustee {index}")
            with costs.of("trustees", "close"):
                close = simulation.trustees[index].close(record)
            with costs.of("board", "check and log shares"):
                simulation.board.submit(close)
        self._log_checkpoint()
        while simulation.board.record.phase != "counted":
            for index in present:
                self._release(index)
        with costs.of("organiser", "certify"):
            entry = simulation.organiser.certify(simulation.board.record)
        with costs.of("board", "check and log shares"):
            simulation.board.submit([entry])
        self._log_checkpoint()
        self._publish()
        return simulation.board.record.result_document()

    def _release(self, index: int) -> None:
        simulation, costs = self._simulation, self.costs
        self._publish()
        with costs.of("trustees", "read and check"):
            record = simulation.seen_by(f"trustee {index}")
        with costs.of("trustees", "release"):
            shares = simulation.trustees[index].release(record)
        with costs.of("board", "check and log shares"):
            simulation.board.submit(shares)

    def _log_checkpoint(self) -> None:
        with self.costs.of("board", "witness and publish"):
            self._simulation.board.log_checkpoint()

    def _compare(self, result: dict[str, Any]) -> None:
        """SystemExit unless the result is what the voters cast with the cards that count."""
        area = result["contests"][0]["areas"][0]
        castings = (casting for day in self._voters.castings for casting in day if casting.counts)
        cast = Counter(casting.option for casting in castings)
        expected = [cast[option] for option in (*range(len(OPTIONS)), None)]
        counted = [*map(area["votes"].get, OPTIONS), area["blank"]]
        if counted != expected:
            raise SystemExit(f"counted {counted}, cast {expected}")

    def _verify(self) -> None:
        """A stranger verifies the record from its beginning, on one thread and then on two."""
        self.costs.phase = "verify"
        for threads, step in ((1, "verify"), (2, "verify on two threads")):
            set_workers(threads)
            with self.costs.of("anybody", step):
                verdict = rust(self._directory / "record", self._directory / "pin.json")
            if not verdict.passed:
                raise SystemExit(f"the record does not verify: {verdict.findings}")
        set_workers(1)

    def _sizes(self) -> dict[str, int]:
        store = self._simulation.board.store
        files = (path for path in self._simulation.record_directory.rglob("*") if path.is_file())
        return {
            "card": RECORD,
            "admission": self._voters.admission_bytes,
            "ballot": self._voters.ballot_bytes,
            "weighed row": self._simulation.definition.styles[0].row_bytes,
            "entries": sum(
                len(entry) for index in range(store.size) for entry in store.entries(index, index + 1)
            ),
            "published files": sum(path.stat().st_size for path in files),
        }


def run(voters: int, scheme: Scheme, keep: Path | None = None) -> dict[str, Any]:
    """Hold one referendum, in a temporary directory unless its files are to be kept."""
    set_workers(1)
    with tempfile.TemporaryDirectory() as temporary:
        held = Referendum(keep or Path(temporary), voters, scheme).hold()
    return {
        "voters": voters,
        "scheme": scheme,
        "commit": commit(),
        "load": os.getloadavg()[0],
        "peak memory": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024,
        **held,
    }


if __name__ == "__main__":
    parser = argparse.ArgumentParser(prog="python -m bench.referendum", description=__doc__)
    parser.add_argument("voters", type=int)
    parser.add_argument("--scheme", type=int, nargs=2, default=(2, 3), help="threshold and trustees")
    parser.add_argument("--keep", type=Path, help="an empty directory that keeps record and pin.json")
    given = parser.parse_args()
    print(json.dumps(run(given.voters, Scheme(*given.scheme), given.keep)))
