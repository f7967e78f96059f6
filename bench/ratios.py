"""The targets, and what was measured: ratios of neighbours in one process."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from bench.kernels import bound
from bench.kernels import two_threads as kernels_on_two
from bench.stages import STAGES, Run, after_last_seal, by_stage, fold, medians, python, reading, two_threads
from bench.table import table

Sizes = dict[tuple[str, int], list[Run]]
"""The runs of every scheme and number of voters."""
Row = tuple[str, str, str, bool]
HEAD = ("ratio", "target", "measured", "met")
CHECKED = ("card", "ballot", "weighed row", "row weighed twice")


def lines(kernels: dict[str, Any], sizes: Sizes) -> list[str]:
    """All targets; `sizes` has the runs of each scheme and number of voters."""
    rows = [*_kernels(kernels), *_referendums(sizes)]
    return table(
        HEAD, [[name, target, measured, "yes" if met else "no"] for name, target, measured, met in rows]
    )


def _kernels(kernels: dict[str, Any]) -> Iterator[Row]:
    by_name = {kernel["name"]: kernel for kernel in kernels["kernels"]}
    for name in CHECKED:
        share = bound(by_name[name])
        yield f"bound / time of checking, {name}", "at least 60 %", f"{share:.0%}", share >= 0.6
    times = 1 / bound(by_name["weighing a row"])
    yield "time / counted operations of weighing", "at most 1.3", f"{times:.2f}", times <= 1.3
    for name, kernel in by_name.items():
        faster = kernels_on_two(kernel)
        yield f"one thread / two threads, {name}", "at least 1.8", f"{faster:.2f}", faster >= 1.8


def _referendums(sizes: Sizes) -> Iterator[Row]:
    for scheme in dict.fromkeys(scheme for scheme, _ in sizes):
        numbers = sorted(voters for name, voters in sizes if name == scheme)
        smallest, largest = sizes[scheme, numbers[0]], sizes[scheme, numbers[-1]]
        held = f"{scheme}, {numbers[-1]:,} voters"
        faster = medians(largest, two_threads)
        yield (
            f"one thread / two threads, verification ({held})",
            "at least 1.8",
            f"{faster:.2f}",
            faster >= 1.8,
        )
        alone = medians(largest, fold) * 1e6
        yield f"the thread that folds, a voter ({held})", "at most 20 µs", f"{alone:.1f} µs", alone <= 20
        share = medians(largest, reading)
        yield f"reading, hashing, parsing / verification ({held})", "under 10 %", f"{share:.1%}", share < 0.1
        for number in dict.fromkeys((numbers[0], numbers[-1])):
            yield from _python(f"{scheme}, {number:,} voters", sizes[scheme, number])
        share = medians(largest, after_last_seal)
        yield f"last seal to result / whole count ({held})", "at most 30 %", f"{share:.0%}", share <= 0.3
        if len(numbers) > 1:
            yield from _growth(scheme, smallest, largest)


def _python(held: str, runs: Sequence[Run]) -> Iterator[Row]:
    for stage in STAGES:
        share = medians(runs, lambda run, stage=stage: python(by_stage(run, stage)))  # type: ignore[misc]
        yield f"Python / {stage} ({held})", "under 5 %", f"{share:.1%}", share < 0.05


def _growth(scheme: str, smallest: Sequence[Run], largest: Sequence[Run]) -> Iterator[Row]:
    for stage in STAGES:
        small, large = (
            medians(runs, lambda run, stage=stage: by_stage(run, stage)["cpu"] / run["voters"])  # type: ignore[misc]
            for runs in (smallest, largest)
        )
        sizes = f"{largest[0]['voters']:,} over {smallest[0]['voters']:,}"
        yield (
            f"a voter's {stage}, {sizes} ({scheme})",
            "at most 1.10",
            f"{large / small:.2f}",
            large / small <= 1.1,
        )
