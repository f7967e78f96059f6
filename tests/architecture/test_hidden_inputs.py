"""The pure packages draw no randomness and read no clock, also where a harmless module would let them."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

PACKAGE = Path(__file__).parents[2] / "src/psephos"
IMPURE = {"log/client.py", "log/export.py", "log/store.py", "log/witness_client.py"}
HIDDEN = {"now", "utcnow", "today", "urandom", "getrandom", "uuid1", "uuid4", "monotonic", "perf_counter"}


def hidden_inputs(source: str) -> Iterator[str]:
    """Calls in `source` that answer from the clock or the system's randomness, as `line: name`."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Call):
            name = getattr(node.func, "attr", getattr(node.func, "id", ""))
            if name in HIDDEN:
                yield f"{node.lineno}: {name}"


@pytest.mark.parametrize("package", ["crypto", "protocol", "log", "verifier"])
def test_randomness_and_time_are_arguments(package: str) -> None:
    modules = {path.relative_to(PACKAGE).as_posix(): path for path in (PACKAGE / package).rglob("*.py")}
    assert modules
    found = {
        name: list(hidden_inputs(path.read_text())) for name, path in modules.items() if name not in IMPURE
    }
    assert not any(found.values()), found


@pytest.mark.parametrize(
    "line", ["datetime.now(UTC)", "date.today()", "os.urandom(32)", "urandom(32)", "uuid4()"]
)
def test_hidden_inputs_are_found(line: str) -> None:
    assert len(list(hidden_inputs(f"seed = {line}\n"))) == 1
