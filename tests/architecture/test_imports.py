"""What may import what: the contracts of pyproject.toml hold, and each of them bites."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from importlinter.cli import lint_imports

ROOT = Path(__file__).parents[2]
LINT = "import sys, importlinter.cli as cli; sys.exit(cli.lint_imports(None, (sys.argv[1],), no_cache=True))"

# A contract, and a module whose one line breaks it. Some of them import two more: a pure module and a store.
VIOLATIONS = [
    ("layers", "crypto/intruder.py", "import psephos.protocol"),
    ("layers", "protocol/intruder.py", "import psephos.log"),
    ("layers", "log/tiles.py", "import psephos.protocol"),
    ("layers", "voter/intruder.py", "import psephos.registrar"),
    ("layers", "verifier/intruder.py", "import psephos.board"),
    ("layers", "board/intruder.py", "import psephos.simulation"),
    ("layers", "managers/__init__.py", "import psephos.errors"),
    ("log", "log/tiles.py", "import psephos.crypto.intruder"),
    ("log-halves", "log/tiles.py", "import psephos.log.store"),
    ("log-halves", "log/intruder.py", ""),
    ("verifier", "verifier/intruder.py", "import psephos.log.store"),
    ("core", "protocol/intruder.py", "import psephos._core"),
    ("roles", "trustee/intruder.py", "import psephos.verifier"),
    ("server", "server/intruder.py", "import psephos.trustee"),
    ("observer", "observer/intruder.py", "import psephos.protocol"),
    ("hidden-inputs", "crypto/intruder.py", "import secrets"),
    ("hidden-inputs", "protocol/intruder.py", "from time import time"),
    ("hidden-inputs", "verifier/intruder.py", "import urllib.request"),
    ("hidden-inputs", "log/tiles.py", "import sqlite3"),
]


def test_the_contracts_hold(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(ROOT)
    monkeypatch.setattr(sys, "path", list(sys.path))  # the linter adds to it
    assert lint_imports(no_cache=True) == 0, "see the report above"


@pytest.mark.parametrize(("contract", "module", "line"), VIOLATIONS)
def test_a_contract_bites(contract: str, module: str, line: str, tmp_path: Path) -> None:
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    package = tmp_path / "psephos"
    shutil.copytree(ROOT / "src/psephos", package, ignore=shutil.ignore_patterns("__pycache__", "*.so"))
    for name in ("crypto/intruder.py", "log/store.py", module):
        (package / name).parent.mkdir(exist_ok=True)
        (package / name).write_text(f"{line if name == module else ''}\n")

    report = subprocess.run(
        [sys.executable, "-c", LINT, contract],
        cwd=tmp_path,
        env=os.environ | {"PYTHONPATH": str(tmp_path), "COLUMNS": "200"},
        capture_output=True,
        text=True,
        check=False,
    )
    culprit = "psephos." + module.removesuffix(".py").removesuffix("/__init__").replace("/", ".")
    assert report.returncode == 1, report.stdout + report.stderr
    assert culprit in report.stdout, report.stdout
