"""Markdown tables, and their place in a document."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

BEGIN = "<!-- results: written by `python -m {} --write` -->"
END = "<!-- end of results -->"


def table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> list[str]:
    """A table's lines; all columns but the first are right-aligned."""
    rule = ["---"] + ["---:"] * (len(head) - 1)
    return [f"| {' | '.join(row)} |" for row in (head, rule, *rows)]


def place(document: Path, module: str, text: str) -> None:
    """Put `text` between the document's markers of a module; ValueError unless each is there once."""
    marker = BEGIN.format(module)
    before, begin, rest = document.read_text(encoding="utf-8").partition(marker)
    _, end, after = rest.partition(END)
    if not (begin and end) or marker in rest or END in after:
        raise ValueError(f"{document} has not one pair of markers")
    document.write_text(f"{before}{marker}\n{text}\n{END}{after}", encoding="utf-8")
