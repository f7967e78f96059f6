"""Everything that is measured, piece by piece; what a file of results has already is not measured again."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple

from bench import kernels
from bench.definition import Scheme
from bench.machine import ROOT
from bench.peers import belenios, electionguard

SCHEMES = (Scheme(2, 3), Scheme(3, 5))


class Size(NamedTuple):
    """A number of voters and how often their referendum is held."""

    voters: int
    runs: int | None

    @classmethod
    def parse(cls, text: str) -> Size:
        """`VOTERS`, or `VOTERSxRUNS` where it is held another number of times than all else."""
        voters, times, runs = text.partition("x")
        return cls(positive(voters), positive(runs) if times else None)


def positive(text: str) -> int:
    """A number from 1; ValueError for anything else."""
    if (number := int(text)) < 1:
        raise ValueError(text)
    return number


class Measurement:
    """Results, and the file that keeps them, if any: a long measurement may be cut short, and goes on."""

    def __init__(self, file: Path | None) -> None:
        self._file = file
        self.results: dict[str, Any] = {"kernels": None, "referendums": [], "peers": [], "skipped": []}
        if file and file.exists():
            self.results |= json.loads(file.read_text())

    def kernels(self, rows: int, runs: int, profile: str) -> None:
        """Batches in the core, as a profile of Cargo compiles it."""
        if self.results["kernels"] is None:
            self.results["kernels"] = kernels.measure(rows, runs, profile)
            self._keep()

    def referendums(self, sizes: Sequence[Size], runs: int) -> None:
        """A referendum of each size and scheme, each in a process of its own, until there are enough."""
        for number in range(1, max(size.runs or runs for size in sizes) + 1):
            for size in sizes:
                for scheme in SCHEMES:
                    if self._held(size.voters, scheme) < number <= (size.runs or runs):
                        self.results["referendums"].append(_hold(size.voters, scheme))
                        self._keep()

    def _held(self, voters: int, scheme: Scheme) -> int:
        held = [(run["voters"], *run["scheme"]) for run in self.results["referendums"]]
        return held.count((voters, *scheme))

    def peers(self, ballots: int, runs: int, python310: str) -> None:
        """Other systems, or why they are not measured."""
        missing = {belenios: belenios.missing(), electionguard: electionguard.missing(python310)}
        self.results["skipped"] = [f"{peer.NAME}, for {why}" for peer, why in missing.items() if why]
        there = [peer for peer, why in missing.items() if why is None]
        for number in range(1, runs + 1):
            for peer in there:
                if [run["peer"] for run in self.results["peers"]].count(peer.NAME) < number:
                    self.results["peers"].append(peer.measure(ballots))
                    self._keep()

    def _keep(self) -> None:
        if self._file:
            beside = self._file.with_suffix(".new")
            beside.write_text(json.dumps(self.results))
            beside.replace(self._file)


def _hold(voters: int, scheme: Scheme) -> dict[str, Any]:
    command = [sys.executable, "-m", "bench.referendum", str(voters), "--scheme", *map(str, scheme)]
    done = subprocess.run(command, cwd=ROOT, stdout=subprocess.PIPE, check=True)
    return dict(json.loads(done.stdout))
