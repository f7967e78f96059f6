"""What a card costs its device and each registrar, from the steps of enrolment."""

from __future__ import annotations

from collections.abc import Sequence

from bench.costs import DEVICES
from bench.definition import Scheme
from bench.stages import Run, Step, steps
from bench.table import table

HEAD = ("processor time a card, µs", "device", "of it in the core", "each registrar", "of it in the core")
OF_DEVICES = ("make cards", "ask for tokens", "check tokens", "make admissions", "check receipts")
OF_REGISTRARS = ("issue tokens", "check and admit cards")


def lines(runs: Sequence[Run]) -> list[str]:
    """A line for each run; a voter's device asks for a token for each card that it might have."""
    return table(HEAD, [_line(run) for run in runs])


def _line(run: Run) -> list[str]:
    device_costs = _each(run, DEVICES, OF_DEVICES, run["numbers"]["voters' cards"])
    registrar = _each(run, "registrar", OF_REGISTRARS, run["numbers"]["cards"])
    return [f"{run['voters']:,} voters, {Scheme(*run['scheme'])}", *device_costs, *registrar]


def _each(run: Run, party: str, names: Sequence[str], cards: int) -> list[str]:
    costs = [steps(run)[Step("enrol", party, name)] for name in names]
    return [f"{sum(cost[clock] for cost in costs) / cards * 1e6:,.0f}" for clock in ("cpu", "core")]
