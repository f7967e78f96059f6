"""A verification for people: checks, void entries, notices, verdict (`spec/checks.md#verdicts`)."""

from __future__ import annotations

from collections.abc import Iterator

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from psephos.observer.result import show_result
from psephos.observer.text import plain
from psephos.verifier.report import Report

MOST_VOID = 20
"""Void entries shown; the report as JSON has them all."""

STYLES = {
    "passed": "green",
    "notice": "yellow",
    "void": "yellow",
    "failed": "bold red",
    "missing": "bold red",
    "not reached": "dim",
}
VERDICTS = {
    "passed": Text("Passed: everything checks out, to the end.", "bold green"),
    "passed-with-notices": Text("Passed, with notices: read them before you rely on it.", "bold yellow"),
    "open": Text("Passed so far: the referendum is not over, and there is no result yet.", "bold green"),
    "failed": Text("FAILED: the record breaks a rule; no result of it can be relied on.", "bold red"),
    "missing": Text("EVIDENCE MISSING: neither passed nor failed.", "bold red"),
}


def show_report(report: Report) -> RenderableType:
    """All of a report, the result and the verdict last."""
    return Group(*_parts(report))


def _parts(report: Report) -> Iterator[RenderableType]:
    yield _checks(report)
    yield from _void(report)
    for notice in report.notices:
        yield plain(f"Notice: entry {notice.entry}, check {notice.check}: {notice.message}", "yellow")
    for late in report.afterwards:
        yield plain(f"After the result, entry {late.entry}: check {late.check}: {late.message}", "yellow")
    for text in report.clocks:
        yield plain(f"Clock: {text}", "yellow")
    if report.checkpoint is not None:
        yield f"Checkpoint: {report.checkpoint.size} entries, root {report.checkpoint.root.hex()}"
    yield f"Phase: {report.phase}"
    if report.result is not None:
        yield ""
        yield show_result(report.result)
    yield ""
    if report.stopped is not None:
        yield plain(stopped_at(report), "red")
    yield VERDICTS[report.verdict]


def _checks(report: Report) -> Table:
    table = Table("check", "what holds", "status")
    table.add_column("entries", justify="right")
    for outcome in report.checks:
        style = STYLES[outcome.status]
        table.add_row(outcome.check, outcome.title, Text(outcome.status, style), str(outcome.count))
    return table


def _void(report: Report) -> Iterator[RenderableType]:
    if not report.void:
        return
    table = Table(
        "entry", "check", "through", "why", title=f"void entries: {len(report.void)}", title_justify="left"
    )
    for void in report.void[:MOST_VOID]:
        table.add_row(str(void.entry), void.check, plain(void.culprit), plain(void.message))
    yield table
    if len(report.void) > MOST_VOID:
        yield f"… and {len(report.void) - MOST_VOID} more: see --json."


def stopped_at(report: Report) -> str:
    """One line on what failed or is missing; empty where nothing is."""
    at = report.stopped
    if at is None:
        return ""
    through = f" failed through {at.culprit}" if at.culprit else " lacks its evidence"
    return f"check {at.check} ({at.title}){through}: {at.message}"
