"""Two figures: what a voter costs whom, and how that grows with the number of voters."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import matplotlib

from bench.costs import DEVICES
from bench.ratios import Sizes
from bench.stages import STAGES, TWO_THREADS, Run, medians, steps

matplotlib.use("svg")
matplotlib.rcParams.update({"svg.hashsalt": "psephos", "svg.fonttype": "none", "font.size": 9})

from matplotlib import pyplot  # noqa: E402

PARTIES = (DEVICES, "registrar", "board", "witnesses", "trustees", "organiser", "anybody")
COSTS, GROWTH = "benchmarks-costs.svg", "benchmarks-growth.svg"


def draw(sizes: Sizes, directory: Path) -> None:
    """Both figures as SVG, the same bytes for the same results."""
    schemes = list(dict.fromkeys(scheme for scheme, _ in sizes))
    figure, axes = pyplot.subplots(1, len(schemes), figsize=(9, 3.2), sharey=True, squeeze=False)
    for scheme, place in zip(schemes, axes[0], strict=True):
        _costs(place, scheme, sizes[max(size for size in sizes if size[0] == scheme)])
    axes[0][0].set_ylabel("processor time a voter, ms")
    axes[0][0].set_ylim(0, 1.05 * max(axis.dataLim.y1 for axis in axes[0]))
    axes[0][-1].legend(frameon=False)
    _save(figure, directory / COSTS)
    figure, axis = pyplot.subplots(figsize=(9, 3.2))
    for scheme, line in zip(schemes, ("-", "--", ":"), strict=False):
        _growth(axis, scheme, line, [runs for (name, _), runs in sizes.items() if name == scheme])
    axis.set_xscale("log")
    voters = sorted({voters for _, voters in sizes})
    axis.set_xticks(voters, [f"{count:,}" for count in voters], minor=False)
    axis.set_xticks([], minor=True)
    axis.set_ylim(min(0.8, axis.get_ylim()[0]), max(1.2, axis.get_ylim()[1]))
    axis.axhline(1.1, color="grey", linewidth=0.5)
    axis.set_xlabel("voters")
    axis.set_ylabel("a voter's cost over that\nin the smallest referendum")
    axis.legend(frameon=False, ncols=len(schemes))
    _save(figure, directory / GROWTH)


def spent(run: Run, stage: str, party: str) -> float:
    """Milliseconds of the processor a voter."""
    seconds = [
        costs["cpu"]
        for step, costs in steps(run).items()
        if (step.stage, step.party) == (stage, party) and step.step != TWO_THREADS
    ]
    return float(sum(seconds) / run["voters"] * 1e3)


def _costs(axis: Any, scheme: str, runs: Sequence[Run]) -> None:
    """A bar a stage, stacked by party; the trustees' is that of all of them."""
    bottom = [0.0] * len(STAGES)
    for party in PARTIES:
        heights = [medians(runs, lambda run, at=(stage, party): spent(run, *at)) for stage in STAGES]  # type: ignore[misc]
        axis.bar(STAGES, heights, bottom=bottom, label=party)
        bottom = [below + height for below, height in zip(bottom, heights, strict=True)]
    axis.set_title(f"{scheme} trustees, {runs[0]['voters']:,} voters")


def _growth(axis: Any, scheme: str, line: str, sizes: Sequence[Sequence[Run]]) -> None:
    """A line a stage: its cost for a voter over that in the smallest referendum."""
    voters = [runs[0]["voters"] for runs in sizes]
    for number, stage in enumerate(STAGES):
        per_voter = [
            medians(runs, lambda run, stage=stage: sum(spent(run, stage, party) for party in PARTIES))  # type: ignore[misc]
            for runs in sizes
        ]
        shown = [cost / per_voter[0] for cost in per_voter]
        axis.plot(voters, shown, line, marker="o", color=f"C{number}", label=f"{stage}, {scheme}")


def _save(figure: Any, path: Path) -> None:
    figure.tight_layout()
    figure.savefig(path, metadata=dict.fromkeys(("Creator", "Date", "Format", "Type")))
    pyplot.close(figure)
