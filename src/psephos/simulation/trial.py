"""A finished record before both verifiers: as it is, and with two forgeries that they must find."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from rich.console import RenderableType

from psephos.log.policy import Policy
from psephos.simulation import tamper
from psephos.simulation.parties import Simulation
from psephos.simulation.verifiers import Verdict, verifiers

Say = Callable[[RenderableType], None]


class Trial:
    """The record and the pin that a rehearsal has left."""

    def __init__(self, simulation: Simulation, say: Say) -> None:
        self._simulation, self._say = simulation, say

    def _ask(self, record: Path) -> list[Verdict]:
        return verifiers(record, self._simulation.directory / "pin.json")

    def verify(self) -> bool:
        """Whether all pass it."""
        verdicts = self._ask(self._simulation.directory / "record")
        for verdict in verdicts:
            size = verdict.report["checkpoint"]["size"]
            self._say(f"{verdict.judge}: {verdict.report['verdict']}, {size} entries.")
        return all(verdict.passed for verdict in verdicts)

    def tamper(self) -> bool:
        """Whether all find both forgeries, by check and culprit."""
        changed = self._simulation.directory / "tampered-export"
        path = tamper.change_bytes(self._simulation.directory / "record", changed)
        self._say(f"Tampering (a): one byte of {path} in a copy of the export.")
        clumsy = self._refused(changed, "1.3", "board")
        policy = Policy.parse(self._simulation.pin.policy.encode())
        colluding = self._simulation.directory / "colluding"
        card = tamper.collude(self._simulation.directory / "record", colluding, policy, self._simulation.keys)
        self._say(
            "Tampering (b): board and witnesses re-sign a log in which one ballot's ciphertext is another's."
        )
        return clumsy and self._refused(colluding / "record", "6.4", f"card {card.hex()}")

    def _refused(self, record: Path, check: str, culprit: str) -> bool:
        """Whether both verifiers refuse a record, finding this check failed through this culprit."""
        verdicts = self._ask(record)
        for verdict in verdicts:
            matches = [finding for finding in verdict.findings if finding[:2] == (check, culprit)]
            message = (
                f"check {check} through {culprit}: {matches[0][2]}" if matches else "NOT what was expected"
            )
            rest = len(verdict.findings) - len(matches)
            more = (
                f" ({rest} more follow from it, {verdict.findings[-1][0]} last)" if matches and rest else ""
            )
            self._say(f"  {verdict.judge}: {verdict.report['verdict']}; {message}{more}")
        return all(
            verdict.report["verdict"] == "failed"
            and (check, culprit) in [finding[:2] for finding in verdict.findings]
            for verdict in verdicts
        )
