"""From the costs of one voter to those of a country: nothing but multiplication, shown."""

from __future__ import annotations

from collections.abc import Sequence

from bench.stages import Run, Step, medians, served, steps
from bench.table import table

VOTERS = (1_000_000, 40_000_000)
PARTIES = ("registrar", "board", "witnesses", "trustees", "anybody")


def lines(runs: Sequence[Run]) -> list[str]:
    """Core-hours of every party, from the largest referendum of one scheme."""
    head = ["party", "µs a voter", *(f"{voters:,} voters, core-hours" for voters in VOTERS)]
    rows = []
    for party in PARTIES:
        per_voter = medians(runs, lambda run, party=party: _of(run, party)) * 1e6  # type: ignore[misc]
        rows.append(
            [
                _name(party, runs[0]),
                f"{per_voter:,.0f}",
                *(f"{voters * per_voter / 3.6e9:,.2f}" for voters in VOTERS),
            ]
        )
    rows.append(
        [
            "bytes of the log",
            f"{_bytes(runs[0]):,.0f} B",
            *(f"{voters * _bytes(runs[0]) / 1e9:,.1f} GB" for voters in VOTERS),
        ]
    )
    return [*table(head, rows), "", *_counted(runs)]


def _of(run: Run, party: str) -> float:
    """Seconds a voter of one party; of the trustees, one of them."""
    total = sum(costs["cpu"] for step, costs in served(run).items() if step.party == party)
    return float(total / run["voters"] / (run["scheme"][1] if party == "trustees" else 1))


def _name(party: str, run: Run) -> str:
    if party == "trustees":
        return f"each of {run['scheme'][1]} trustees"
    return "whoever verifies, from the beginning" if party == "anybody" else party


def _bytes(run: Run) -> float:
    return float(run["bytes"]["entries"] / run["voters"])


def _counted(runs: Sequence[Run]) -> list[str]:
    """The arithmetic of counting and checking on two cores."""
    weigh, release, verify = (
        medians(runs, lambda run, step=step: steps(run)[step]["cpu"] / run["voters"]) * 1e6  # type: ignore[misc]
        for step in (
            Step("weigh", "trustees", "weigh"),
            Step("count", "trustees", "release"),
            Step("verify", "anybody", "verify"),
        )
    )
    threshold, per_voter = runs[0]["scheme"][0], weigh + release + verify
    lines = [
        f"- Weighing by {threshold} trustees, their shares, and one verification from the beginning: "
        f"{weigh:,.0f} + {release:,.0f} + {verify:,.0f} = {per_voter:,.0f} µs a voter on one core."
    ]
    for voters in VOTERS:
        minutes = voters * per_voter / 60e6
        lines.append(
            f"- {voters:,} voters × {per_voter:,.0f} µs = {minutes:,.0f} minutes on one core, "
            f"and at best {minutes / 2:,.0f} on two."
        )
    return lines
