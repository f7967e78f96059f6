"""`python -m bench`: measure, print Markdown, and with --write put it into docs/benchmarks.md."""

from __future__ import annotations

import argparse
import json
import os
import shlex
import subprocess
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from bench import kernels, report
from bench.definition import Scheme
from bench.machine import ROOT, header
from bench.peers import belenios, electionguard
from bench.table import place

DOCUMENT = ROOT / "docs/benchmarks.md"
SCHEMES = (Scheme(2, 3), Scheme(3, 5))


class Size(NamedTuple):
    """A number of voters and how often their referendum is held."""

    voters: int
    runs: int | None

    @classmethod
    def parse(cls, text: str) -> Size:
        """`VOTERS`, or `VOTERSxRUNS` where it is held another number of times than all else."""
        voters, times, runs = text.partition("x")
        return cls(_positive(voters), _positive(runs) if times else None)


def _positive(text: str) -> int:
    if (number := int(text)) < 1:
        raise ValueError(text)
    return number


def arguments(given: Sequence[str]) -> argparse.Namespace:
    """The command's options."""
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    parser.add_argument(
        "--voters",
        type=Size.parse,
        nargs="+",
        default=[Size(500, None), Size(1000, None)],
        help="sizes of referendum, each VOTERS or VOTERSxRUNS",
    )
    parser.add_argument("--rows", type=_positive, default=1024, help="cards, ballots, rows in a batch")
    parser.add_argument("--ballots", type=_positive, default=20, help="ballots of other systems")
    parser.add_argument("--runs", type=_positive, default=5, help="how often each is measured")
    parser.add_argument("--python310", default="python3.10", help="a Python 3.10, for ElectionGuard")
    parser.add_argument("--results", type=Path, help="where to keep all that was measured, as JSON")
    parser.add_argument("--write", action="store_true", help="put report and plots into docs/")
    return parser.parse_args(given)


def measure(options: argparse.Namespace) -> dict[str, Any]:
    """Everything, round by round, each referendum in a process of its own."""
    peers, skipped = _peers(options.python310)
    found: dict[str, Any] = {
        "kernels": kernels.measure(options.rows, options.runs),
        "referendums": [],
        "peers": [],
        "skipped": skipped,
    }
    for number in range(max(size.runs or options.runs for size in options.voters)):
        for size in options.voters:
            if number < (size.runs or options.runs):
                found["referendums"] += _referendums(size.voters)
        if number < options.runs:
            found["peers"] += [peer.measure(options.ballots) for peer in peers]
    return found


def _peers(python310: str) -> tuple[list[Any], list[str]]:
    """The peers that are there, and why the others are not measured."""
    missing = {belenios: belenios.missing(), electionguard: electionguard.missing(python310)}
    there = [peer for peer, why in missing.items() if why is None]
    return there, [f"{peer.NAME}, for {why}" for peer, why in missing.items() if why]


def _referendums(voters: int) -> Iterator[dict[str, Any]]:
    for scheme in SCHEMES:
        command = [sys.executable, "-m", "bench.referendum", str(voters), "--scheme", *map(str, scheme)]
        done = subprocess.run(command, cwd=ROOT, stdout=subprocess.PIPE, check=True)
        yield json.loads(done.stdout)


def _told(given: Sequence[str]) -> list[str]:
    """The command without where things are on this machine."""
    places = [at for at, one in enumerate(given) if one in ("--python310", "--results")]
    return [one for at, one in enumerate(given) if at not in places and at - 1 not in places]


def main(given: Sequence[str]) -> None:
    """Measure everything and say what was found."""
    options = arguments(given)
    before = os.getloadavg()[0]
    results = measure(options)
    results["header"] = [
        f"- Command: `{shlex.join(['python', '-m', 'bench', *_told(given)])}`; "
        f"medians of {options.runs} runs unless said otherwise, batches of {options.rows:,}",
        *header(results["kernels"]["arithmetic"], (before, os.getloadavg()[0])),
    ]
    if options.results:
        options.results.write_text(json.dumps(results))
    text = "\n".join(report.lines(results))
    print(text)
    if options.write:
        from bench import plots  # matplotlib is in a dependency group of its own

        place(DOCUMENT, text)
        plots.draw(report.sizes(results), DOCUMENT.parent)


if __name__ == "__main__":
    main(sys.argv[1:])
