"""`python -m bench`: measure, print Markdown, and with --write put it into docs/benchmarks.md."""

from __future__ import annotations

import argparse
import os
import shlex
import sys
from collections.abc import Sequence
from pathlib import Path

from bench import report
from bench.machine import ROOT, header
from bench.measurement import Measurement, Size, positive
from bench.table import place

DOCUMENT = ROOT / "docs/benchmarks.md"


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
    parser.add_argument("--rows", type=positive, default=1024, help="cards, ballots, rows in a batch")
    parser.add_argument("--ballots", type=positive, default=20, help="ballots of other systems")
    parser.add_argument("--runs", type=positive, default=5, help="how often each is measured")
    parser.add_argument("--profile", default="release", help="Cargo's profile for batches in the core")
    parser.add_argument("--python310", default="python3.10", help="a Python 3.10, for ElectionGuard")
    parser.add_argument(
        "--results", type=Path, help="JSON that keeps what was measured; what it has is not measured again"
    )
    parser.add_argument("--write", action="store_true", help="put report and plots into docs/")
    return parser.parse_args(given)


def _portable(given: Sequence[str]) -> list[str]:
    """The command without where things are on this machine."""
    places = [position for position, argument in enumerate(given) if argument in ("--python310", "--results")]
    return [
        argument
        for position, argument in enumerate(given)
        if position not in places and position - 1 not in places
    ]


def main(given: Sequence[str]) -> None:
    """Measure everything and say what was found."""
    options = arguments(given)
    before = os.getloadavg()[0]
    measurement = Measurement(options.results)
    measurement.kernels(options.rows, options.runs, options.profile)
    measurement.peers(options.ballots, options.runs, options.python310)
    measurement.referendums(options.voters, options.runs)
    results = measurement.results
    head = [
        f"- Command: `{shlex.join(['python', '-m', 'bench', *_portable(given)])}`; "
        f"medians of {options.runs} runs unless said otherwise, batches of {results['kernels']['rows']:,}",
        *header((before, os.getloadavg()[0]), results["kernels"]["arithmetic"]),
    ]
    text = "\n".join([*head, *report.lines(results)])
    print(text)
    if options.write:
        from bench import plots  # matplotlib is in a dependency group of its own

        place(DOCUMENT, "bench", text)
        plots.draw(report.sizes(results), DOCUMENT.parent)


if __name__ == "__main__":
    main(sys.argv[1:])
