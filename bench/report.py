"""All that was measured, as Markdown: ratios first."""

from __future__ import annotations

from collections.abc import Sequence
from statistics import median
from typing import Any

from bench import enrolling, extrapolation, kernels, ratios
from bench.costs import DEVICES
from bench.definition import Scheme
from bench.ratios import Sizes
from bench.stages import TWO_THREADS, Run, Step, medians, python, steps
from bench.table import table

Results = dict[str, Any]


def sizes(results: Results) -> Sizes:
    """The runs of every scheme and number of voters, ascending."""
    grouped: Sizes = {}
    for run in sorted(results["referendums"], key=lambda run: (run["scheme"], run["voters"])):
        grouped.setdefault((str(Scheme(*run["scheme"])), run["voters"]), []).append(run)
    return grouped


def lines(results: Results) -> list[str]:
    """The whole report."""
    by_size = sizes(results)
    text = [
        f"- {_held(by_size)}",
        "",
        "### Ratios",
        *ratios.lines(results["kernels"], by_size),
        "",
        "### Checking and weighing against their bounds",
        *kernels.lines(results["kernels"]),
    ]
    for scheme in dict.fromkeys(scheme for scheme, _ in by_size):
        runs = [by_size[size] for size in by_size if size[0] == scheme]
        text += ["", f"### A referendum step by step, {scheme} trustees", *_steps(runs)]
        text += ["", f"### More voters, {scheme} trustees", *extrapolation.lines(runs[-1])]
    text += [
        "",
        "### Enrolling a card",
        *enrolling.lines([runs_of_size[-1] for runs_of_size in by_size.values()]),
    ]
    text += ["", "### Sizes", *_bytes(list(by_size.values())[-1])]
    return [*text, "", "### Side by side", *_peers(results, by_size)]


def _held(by_size: Sizes) -> str:
    """How many referendums there were, of which state of the project, and how busy the machine was."""
    runs = [run for runs_of_size in by_size.values() for run in runs_of_size]
    often = ", ".join(
        f"{len(runs_of_size)} of {voters:,} voters ({scheme})"
        for (scheme, voters), runs_of_size in by_size.items()
    )
    commits = ", ".join(sorted({run["commit"] for run in runs}))
    loads = sorted(run["load"] for run in runs)
    return f"Referendums: {often}; at {commits}; load, mean of a minute, {loads[0]:.1f} to {loads[-1]:.1f}"


def _steps(runs: Sequence[Sequence[Run]]) -> list[str]:
    """Processor time a voter of every step, for each size."""
    head = ["step", *(f"{runs_of_size[0]['voters']:,} voters, µs each" for runs_of_size in runs)]
    head += ["growth", "core", "Ed25519, AES", "disk", "Python", "elapsed / processor"]
    return table(head, [_step(runs, step) for step in steps(runs[-1][0])])


def _step(runs: Sequence[Sequence[Run]], step: Step) -> list[str]:
    per_voter = [
        medians(runs_of_size, lambda run: steps(run)[step]["cpu"] / run["voters"]) * 1e6
        for runs_of_size in runs
    ]

    def share(name: str) -> str:
        if step.step == TWO_THREADS:
            return ""  # clocks see one thread's work as long as there is one
        return f"{medians(runs[-1], lambda run: steps(run)[step][name] / steps(run)[step]['cpu']):.0%}"

    return [
        f"{step.stage}: {step.party} {step.step}"
        if step.party != DEVICES
        else f"{step.stage}: voters {step.step}",
        *(f"{cost:,.0f}" for cost in per_voter),
        f"{per_voter[-1] / per_voter[0]:.2f}",
        *map(share, ("core", "pyca", "disk")),
        "" if step.step == TWO_THREADS else f"{medians(runs[-1], lambda run: python(steps(run)[step])):.0%}",
        f"{medians(runs[-1], lambda run: steps(run)[step]['wall'] / steps(run)[step]['cpu']):.2f}",
    ]


def _bytes(runs: Sequence[Run]) -> list[str]:
    """Bytes of one of each; of the log for every voter; of memory."""
    run, voters = runs[0], runs[0]["voters"]
    rows = [[name, f"{run['bytes'][name]:,}"] for name in ("card", "admission", "ballot", "weighed row")]
    rows += [
        [f"log entries, each of {voters:,} voters", f"{run['bytes']['entries'] / voters:,.0f}"],
        [f"published files, each of {voters:,} voters", f"{run['bytes']['published files'] / voters:,.0f}"],
        [f"peak memory of the process with all roles, {voters:,} voters", f"{run['peak memory']:,}"],
    ]
    return table(["", "bytes"], rows)


def _peers(results: Results, by_size: Sizes) -> list[str]:
    """Milliseconds a ballot, and bytes, of Psephos and the others; then who was left out."""
    head = ["a ballot", "version", "make, ms", "check, ms", "verify a finished vote, ms", "bytes"]
    rows = [_psephos(runs[-1]) for runs in _largest(by_size).values()]
    for name in dict.fromkeys(peer_run["peer"] for peer_run in results["peers"]):
        runs = [peer_run for peer_run in results["peers"] if peer_run["peer"] == name]
        times = [
            f"{median(peer_run[step] for peer_run in runs) * 1e3:.3g}" for step in ("make", "check", "verify")
        ]
        rows.append([name, runs[0]["version"], *times, f"{runs[0]['bytes']:,}"])
    return [*table(head, rows), "", *(f"- Skipped: {why}." for why in results["skipped"])]


def _largest(by_size: Sizes) -> dict[str, list[Run]]:
    return {scheme: runs for (scheme, _), runs in by_size.items()}


def _psephos(run: Run) -> list[str]:
    costs, ballots = steps(run), run["numbers"]["ballots"] + run["numbers"]["cover ballots"]
    make = costs[Step("vote", DEVICES, "make ballots")]["cpu"] / run["numbers"]["ballots"]
    check = costs[Step("vote", "board", "check and promise ballots")]["core"] / ballots
    verify = costs[Step("verify", "anybody", "verify")]["cpu"] / ballots
    times = [f"{seconds * 1e3:.3g}" for seconds in (make, check, verify)]
    return [f"Psephos, {Scheme(*run['scheme'])}", "", *times, f"{run['bytes']['ballot']:,}"]
