"""On which line of a plan a value stands: Python's TOML reader does not tell."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator
from typing import Any

ROOT = "plan"


class LineIndex:
    """The lines of a plan that is TOML, by the path of each table and value, as `plan.regions[0].days`."""

    def __init__(self, text: str) -> None:
        self._lines: dict[str, int] = {}
        self._tables: dict[str, int] = {}
        table = ROOT
        for number, statement in statements(text):
            parsed = tomllib.loads(statement)
            if statement.lstrip().startswith("["):
                table = self._open(parsed)
                self._lines.setdefault(table, number)
            else:
                for path in _paths(parsed, table):
                    self._lines.setdefault(path, number)

    def line(self, path: str) -> int:
        """The line on which a value stands, or the table that should have it; 0 for the plan as a whole."""
        while path != ROOT and path not in self._lines:
            path = re.sub(r"(\.[^.\[\]]*|\[[0-9]+\]|[^.\[\]]+)$", "", path) or ROOT
        return self._lines.get(path, 0)

    def _open(self, header: dict[str, Any]) -> str:
        """The path of the table that a header opens: of `[[..]]` the next, of the others the last."""
        path, value = ROOT, header
        while value:
            ((name, inner),) = value.items()
            path = f"{path}.{name}"
            new, value = isinstance(inner, list), inner[0] if isinstance(inner, list) else inner
            if new:
                self._tables[path] = self._tables.get(path, -1) + 1
            if path in self._tables:
                path = f"{path}[{self._tables[path]}]"
        return path


def statements(text: str) -> Iterator[tuple[int, str]]:
    """Every header, and every key with its value, of TOML, with the number of its first line."""
    begun: list[str] = []
    for number, line in enumerate(text.replace("\r\n", "\n").split("\n"), 1):
        begun.append(line)
        statement = "\n".join(begun)
        try:
            parsed = tomllib.loads(statement)
        except tomllib.TOMLDecodeError:
            continue  # its value goes on
        if parsed:
            yield number - len(begun) + 1, statement
        begun.clear()


def _paths(value: object, path: str) -> Iterator[str]:
    if isinstance(value, dict):
        for name, member in value.items():
            yield f"{path}.{name}"
            yield from _paths(member, f"{path}.{name}")
    elif isinstance(value, list):
        for index, item in enumerate(value):
            yield f"{path}[{index}]"
            yield from _paths(item, f"{path}[{index}]")
