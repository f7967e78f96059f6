"""Where output goes: tables to stdout, progress to stderr where somebody is there to see it."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager

from rich.console import Console, RenderableType
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from psephos.verifier.run import Progress as Tell

_WIDTH = 120
"""Columns of output that goes to no terminal."""


def show(what: RenderableType) -> None:
    """Print tables and text on stdout."""
    width = None if sys.stdout.isatty() else _WIDTH
    Console(file=sys.stdout, width=width, highlight=False).print(what)


@contextmanager
def progress_bar(what: str) -> Iterator[Tell | None]:
    """Something to tell how far it is; None where stderr is no terminal."""
    if not sys.stderr.isatty():
        yield None
        return
    columns = TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn()
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task(what, total=None)
        yield lambda done, total: bar.update(task, completed=done, total=total)
