"""Verifies a record: `python3 reference/verify.py RECORD --pin FILE [--json]`. spec/checks.md#verdicts"""

from __future__ import annotations

import argparse
import io
import json
import os
import sys
import time
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import jcs
import log
import note
from batch import Batch
from ceremony import FatalError
from entries import MissingError
from fold import take
from group import FormatError
from state import State
from visible import visible
from voting import flush

CHECKS = {
    "1.1": "checkpoint of the pinned log",
    "1.2": "witnesses of the pinned policy",
    "1.3": "entries and tiles under the root",
    "1.4": "encoding of entries",
    "1.5": "referendum, author and signature",
    "1.6": "order of entries",
    "1.7": "checkpoints in the log",
    "1.8": "witnesses of checkpoints in the log",
    "1.9": "form of what is said, asked and granted",
    "2.1": "definition is the pinned one",
    "2.2": "definition is valid",
    "2.3": "amendments and cancellation",
    "3.1": "ceremony: order",
    "3.2": "ceremony: reveals, deals, answers",
    "3.3": "ceremony: signatures of the result",
    "3.4": "ceremony: keys",
    "4.1": "rolls",
    "4.2": "batches",
    "4.3": "cards",
    "4.4": "token keys",
    "4.5": "no card twice",
    "4.6": "issued tokens",
    "4.7": "enrolment as counted",
    "4.8": "tokens given",
    "5.1": "openings",
    "5.2": "seals",
    "5.3": "witnessed times",
    "6.1": "ballots: form",
    "6.2": "ballots: open day",
    "6.3": "ballots: cards",
    "6.4": "ballots: proofs and signatures",
    "6.5": "ballots: repetitions",
    "7.1": "weighings: chains",
    "7.2": "weighings: proofs",
    "8.1": "closes",
    "8.2": "no wrong close",
    "9.1": "shares: order",
    "9.2": "shares: proofs",
    "9.3": "signs and weights",
    "9.4": "weights are issued",
    "10.1": "totals",
    "10.2": "result",
}
EXIT = {"passed": 0, "failed": 1, "missing": 1, "open": 3, "passed-with-notices": 4}
FINDING = ("entry", "check", "culprit", "message")
NOTICE = ("entry", "check", "message")


@dataclass(frozen=True)
class Pin:
    """What must be known from elsewhere: spec/schemas/pin.json."""

    definition: bytes
    policy: note.Policy


def read_pin(path: str) -> Pin:
    """A pin from its file; ValueError or OSError when it is unreadable."""
    value = jcs.decode(Path(path).read_bytes())
    if not isinstance(value, dict) or value.keys() != {"version", "definition", "policy"}:
        raise FormatError("pin has other members than version, definition, policy")
    policy = note.parse_policy(str(value["policy"]).encode())
    digest = bytes.fromhex(str(value["definition"]))
    if value["version"] != 1 or digest.hex() != value["definition"] or len(digest) != 32:
        raise FormatError("pin has a wrong version or definition hash")
    if len(policy.logs) != 1:
        raise FormatError("pin's policy does not name one log")
    return Pin(digest, policy)


class Runner:
    """Runs all checks over a record and collects what they find."""

    def __init__(self, pin: Pin, batch: Batch) -> None:
        self.pin, self.batch = pin, batch
        self.checkpoint: note.Checkpoint | None = None
        self.state: State | None = None
        self.broken: tuple[str, str, str, str] | None = None  # check, failed or missing, culprit, message
        self.examined: Counter[str] = Counter()

    def run(self, read: log.Source) -> None:
        """Everything in order, up to the first fatal finding or the first missing piece."""
        try:
            published, tree = self._published(read), log.Tree()
            self.state = State(self.pin.definition, self.pin.policy.logs[0], tree.root, self.batch)
            for bundle in self._bundles(published):
                for entry in bundle:
                    tree.add(log.leaf(entry))
                for entry in bundle:
                    take(self.state, entry)
        except FatalError as error:
            self.broken = (error.check, "failed", error.culprit, str(error))
        except MissingError as error:
            check = error.args[0] if len(error.args) == 2 else "1.3"
            self.broken = (check, "missing", "", str(error.args[-1]))
        if self.state:
            flush(self.state)

    def _published(self, read: log.Source) -> log.Published:
        """Checks 1.1 and 1.2, and 1.3 of the last tiles."""
        self.examined["1.1"] = 1
        origin = self.pin.policy.logs[0]
        try:
            checkpoint = note.parse_checkpoint(read("checkpoint"))
            if checkpoint.origin != origin.name or not checkpoint.signed_by(origin):
                raise FormatError("checkpoint is not signed by the pinned log")
        except MissingError as error:
            raise MissingError("1.1", str(error)) from error
        except ValueError as error:
            raise FatalError("1.1", str(error), "board") from error
        self.checkpoint, self.examined["1.2"] = checkpoint, 1
        try:
            satisfied = self.pin.policy.satisfied(checkpoint)
        except ValueError as error:
            raise FatalError("1.2", str(error), "witnesses") from error
        if not satisfied:
            raise FatalError("1.2", "the witnesses' quorum has not cosigned", "witnesses")
        try:
            return log.Published(read, checkpoint.size, checkpoint.root)
        except ValueError as error:
            raise FatalError("1.3", str(error), "board") from error

    def _bundles(self, published: log.Published) -> Iterator[list[bytes]]:
        """Check 1.3 of the rest, as it is come to."""
        bundles = published.bundles()
        while True:
            try:
                bundle = next(bundles, None)
            except ValueError as error:
                raise FatalError("1.3", str(error), "board") from error
            if bundle is None:
                return
            yield bundle

    def verdict(self) -> str:
        """spec/checks.md#verdicts"""
        if self.broken:
            return self.broken[1]
        if self.state is None or self.state.result is None:
            return "open"
        return "passed-with-notices" if self.state.notices else "passed"

    def ahead(self, now: int) -> list[str]:
        """Cosignatures of a time that has not come: spec/log.md#witnesses."""
        if self.checkpoint is None or (self.broken and self.broken[0] in ("1.1", "1.2")):
            return []
        times = self.checkpoint.cosignatures(list(self.pin.policy.witnesses.values()))
        definition = getattr(self.state, "definition", None)
        latest = now + (definition.tolerance if definition else 0)
        said = f"cosigned size {self.checkpoint.size}, at a time that has not come:"
        return [f"{key.name} {said} {time}" for key, time in times.items() if time > latest]

    def report(self, now: int | None = None) -> dict[str, Any]:
        """The report of spec/schemas/report.json; with a time, `clocks` tells of later cosignatures."""
        state, checkpoint = self.state, self.checkpoint
        void = sorted(state.void) if state else []
        examined = self.examined + (state.examined if state else Counter())
        examined["1.3"] = examined["1.4"]
        return {
            "version": 1,
            "verdict": self.verdict(),
            "phase": state.phase() if state else "log",
            "checkpoint": {"size": checkpoint.size, "root": checkpoint.root.hex()} if checkpoint else None,
            "checks": [self._check(check, examined[check]) for check in CHECKS],
            "void": [dict(zip(FINDING, v, strict=True)) for v in void],
            "notices": [dict(zip(NOTICE, v, strict=True)) for v in sorted(state.notices)] if state else [],
            "afterwards": [dict(zip(FINDING, v, strict=True)) for v in state.afterwards] if state else [],
            "clocks": [] if now is None else self.ahead(now),
            "result": json.loads(state.result) if state and state.result and not self.broken else None,
        }

    def _check(self, check: str, count: int) -> dict[str, Any]:
        line: dict[str, Any] = {"check": check, "title": CHECKS[check], "status": "not reached"}
        line["count"] = count
        state = self.state
        if state and any(v[1] == check for v in state.void):
            line["status"] = "void"
        elif state and any(v[1] == check for v in state.notices):
            line["status"] = "notice"
        elif count:
            line["status"] = "passed"
        if self.broken and self.broken[0] == check:
            line["status"], line["message"] = self.broken[1], self.broken[3]
            line |= {"culprit": self.broken[2]} if self.broken[2] else {}
        return line


def readable(report: dict[str, Any]) -> str:
    """The report for people, a line for each thing: names hide nothing in it."""
    lines = [f"{c['check']:>5}  {c['status']:<12}{c['count']:>8}  {c['title']}" for c in report["checks"]]
    for c in report["checks"]:
        if "message" in c:
            lines.append(f"{c['status']}: check {c['check']}, {c.get('culprit', 'evidence')}: {c['message']}")
    for v in report["void"]:
        lines.append(f"void: entry {v['entry']}, check {v['check']}, {v['culprit']}: {v['message']}")
    for v in report["notices"]:
        lines.append(f"notice: entry {v['entry']}, check {v['check']}: {v['message']}")
    for v in report["afterwards"]:
        lines.append(f"after the result: entry {v['entry']}, check {v['check']}: {v['message']}")
    lines += [f"clock: {text}" for text in report["clocks"]]
    if report["result"]:
        lines += _result_lines(report["result"])
    return "\n".join(map(visible, [*lines, f"{report['verdict'].upper()} ({report['phase']})"]))


def _result_lines(result: dict[str, Any]) -> list[str]:
    lines = [f"result: {result['status']}"]
    if "rehearsal" in result:
        lines.append("  a rehearsal: nothing is decided by it")
    for contest in result["contests"]:
        total = contest["total"]
        votes = ", ".join(f"{option} {number}" for option, number in total["votes"].items())
        lines.append(f"  {contest['id']}: {votes}, blank {total['blank']}, voted {total['voted']}")
        if "rule" in contest:
            lines.append(f"  {contest['id']}: {contest['rule']['option']} is {contest['rule']['outcome']}")
    return lines


def main(arguments: list[str] | None = None) -> int:
    """The command; returns the exit code."""
    parser = argparse.ArgumentParser(description="Verify the public record of a referendum.")
    parser.add_argument("record", help="directory or URL of the published log")
    parser.add_argument("--pin", required=True, help="file that names the definition and the witness policy")
    parser.add_argument("--json", action="store_true", help="print the report as JSON")
    parser.add_argument("--workers", type=int, default=os.cpu_count() or 1, help="processes to use")
    options = parser.parse_args(arguments)
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")  # a terminal may lack letters
    try:
        pin = read_pin(options.pin)
    except (OSError, ValueError) as error:
        print(visible(f"unreadable pin: {error}"), file=sys.stderr)
        return 2
    with ExitStack() as stack:
        pool = None
        if options.workers > 1:
            pool = stack.enter_context(ProcessPoolExecutor(options.workers))
        runner = Runner(pin, Batch(pool, max(1, options.workers)))
        runner.run(log.source(options.record))
    report = runner.report(int(time.time()))
    print(json.dumps(report, indent=2, ensure_ascii=False) if options.json else readable(report))
    return EXIT[report["verdict"]]


if __name__ == "__main__":
    sys.exit(main())
