"""What the runs of a referendum say: medians by stage, party and step, and the ratios that have targets."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from statistics import median
from typing import Any, NamedTuple

from bench.costs import DEVICES
from bench.definition import DAYS

Run = dict[str, Any]
NATIVE = ("core", "pyca", "disk", "clocks")
STAGES = ("enrol", "vote", "weigh", "count", "verify")
TWO_THREADS = "verify on two threads"


class Step(NamedTuple):
    """A row of a run's costs, without the day."""

    stage: str
    party: str
    step: str


def steps(run: Run) -> dict[Step, dict[str, float]]:
    """A run's costs by step, all days together, in the order in which steps began."""
    by_step: dict[Step, dict[str, float]] = defaultdict(lambda: defaultdict(float))
    for row in run["costs"]:
        place = Step(row["phase"].partition(" ")[0], row["party"], row["step"])
        if place.stage in STAGES:
            for name, seconds in row.items():
                if isinstance(seconds, float):
                    by_step[place][name] += seconds
    return by_step


def served(run: Run) -> dict[Step, dict[str, float]]:
    """Those that are not the voters' own, on one thread."""
    return {
        step: costs
        for step, costs in steps(run).items()
        if step.party != DEVICES and step.step != TWO_THREADS
    }


def summed(costs: Sequence[Mapping[str, float]]) -> dict[str, float]:
    """Costs added up."""
    sums: dict[str, float] = defaultdict(float)
    for cost in costs:
        for name, seconds in cost.items():
            sums[name] += seconds
    return sums


def python(costs: Mapping[str, float]) -> float:
    """The share of processor time that no clock saw: the interpreter's."""
    return 1 - sum(costs.get(name, 0.0) for name in NATIVE) / costs["cpu"]


def medians(runs: Sequence[Run], value: Callable[[Run], float]) -> float:
    """The median of a figure over runs."""
    return median(map(value, runs))


def by_stage(run: Run, stage: str) -> dict[str, float]:
    """The costs of a stage, all parties but devices together."""
    return summed([costs for step, costs in served(run).items() if step.stage == stage])


def after_last_seal(run: Run) -> float:
    """Processor time from the last seal to the result over that of the whole count, all parties together."""
    days: dict[str, float] = defaultdict(float)
    for row in run["costs"]:
        days[row["phase"]] += row["cpu"]
    last = days[f"weigh {DAYS}"] + days["count"]
    return last / (sum(days[f"weigh {day}"] for day in range(1, DAYS + 1)) + days["count"])


def two_threads(run: Run) -> float:
    """How many times as fast a verification is on two threads, by elapsed time."""
    costs = steps(run)
    single, two = (costs[Step("verify", "anybody", name)]["wall"] for name in ("verify", TWO_THREADS))
    return single / two


def fold(run: Run) -> float:
    """Processor seconds a voter of the thread that folds, while others read and check."""
    return steps(run)[Step("verify", "anybody", TWO_THREADS)]["thread"] / float(run["voters"])


def reading(run: Run) -> float:
    """The share of a verification that reads, hashes and parses the log."""
    costs = by_stage(run, "verify")
    return costs["reading"] / costs["cpu"]
