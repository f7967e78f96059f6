"""`python -m bench`: measure, print Markdown, and with --write put it into docs/benchmarks.md."""

from __future__ import annotations

import argparse
import os
import shlex
import sys
from collections.abc import Sequence

from bench import kernels, pipeline
from bench.machine import ROOT, header
from bench.table import place

DOCUMENT = ROOT / "docs/benchmarks.md"


def arguments(given: Sequence[str]) -> argparse.Namespace:
    """The command's options."""
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    parser.add_argument(
        "--voters", type=_positive, nargs="+", default=[500, 1000], help="sizes of referendum"
    )
    parser.add_argument("--rows", type=_positive, default=1024, help="cards, ballots, rows in a batch")
    parser.add_argument("--runs", type=_positive, default=7, help="how often each is measured")
    parser.add_argument("--write", action="store_true", help="put the results into docs/benchmarks.md")
    return parser.parse_args(given)


def _positive(text: str) -> int:
    if (number := int(text)) < 1:
        raise ValueError(text)
    return number


def main(given: Sequence[str]) -> None:
    """Measure everything and say what was found."""
    options = arguments(given)
    before = os.getloadavg()[0]
    checks = kernels.measure(options.rows, options.runs)
    found = pipeline.measure(options.voters, options.runs)
    lines = [
        f"- Command: `{shlex.join(['python', '-m', 'bench', *given])}`; {options.runs} runs, "
        f"batches of {options.rows:,}",
        *header(checks["arithmetic"], (before, os.getloadavg()[0])),
        "",
        "### Checking and weighing against their bounds",
        *kernels.lines(checks),
        "",
        "### A referendum stage by stage",
        *pipeline.stages(found),
        "",
        "### Sizes",
        *pipeline.sizes(found),
    ]
    text = "\n".join(lines)
    print(text)
    if options.write:
        place(DOCUMENT, text)


if __name__ == "__main__":
    main(sys.argv[1:])
