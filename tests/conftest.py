"""How much the property tests try, and what happens to tests whose outside tool is missing."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import settings

pytest_plugins = ["tests.databases", "tests.board.station"]

# Quick runs draw the same examples every time, so a failure is never the weather; soaking draws new ones.
settings.register_profile("quick", derandomize=True, database=None, deadline=None, max_examples=50)
settings.register_profile("soak", deadline=None, max_examples=5000, print_blob=True)
settings.load_profile("quick")

# Each tool is there when any of these programs is, on PATH or where Debian hides it from PATH.
TOOLS = {
    "go": ["go"],
    "node": ["npm"],
    "chromium": ["chromium", "chromium-browser", "google-chrome"],
    "postgresql": ["initdb", *map(str, Path("/usr/lib/postgresql").glob("*/bin/initdb"))],
}
REQUIRE = "PSEPHOS_REQUIRE"
SLOW = (
    "integration", "booth", "server", "executor", "reference", "agreement", "attacks",
    "vectors", "registrar", "board"
)  # fmt: skip
"""Folders whose files take longest, so that workers begin with them and end together."""


def pytest_configure() -> None:
    """Refuse a PSEPHOS_REQUIRE that names no tool: a slip there would let its tests skip unseen."""
    if unknown := required() - TOOLS.keys():
        raise pytest.UsageError(f"{REQUIRE} names unknown tools: {', '.join(sorted(unknown))}")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Put slow folders first; the rest keeps its order."""
    order = {name: position for position, name in enumerate(SLOW)}
    items.sort(key=lambda item: min(order.get(part, len(SLOW)) for part in item.path.parts))


def pytest_runtest_setup(item: pytest.Item) -> None:
    """Skip a test marked `needs(tool)` where the tool is missing, or fail it where the tool is required."""
    for tool in needed(item):
        if tool not in TOOLS:
            pytest.fail(f"needs unknown tool {tool!r}", pytrace=False)
        if not any(map(shutil.which, TOOLS[tool])):
            refuse = pytest.fail if tool in required() else pytest.skip
            refuse(f"needs {tool}, which is not installed")


def needed(item: pytest.Item) -> Iterator[str]:
    """The tools that a test names in its `needs` markers."""
    for marker in item.iter_markers("needs"):
        yield from marker.args


def required() -> set[str]:
    """The tools that this run must not do without: PSEPHOS_REQUIRE, separated by commas."""
    return {tool for tool in os.environ.get(REQUIRE, "").split(",") if tool}
