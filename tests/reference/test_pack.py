"""The verifier as one file: the same bytes every time, and it verifies where nothing else is."""

from __future__ import annotations

import io
import json
import subprocess
import sys
import zipfile
from pathlib import Path

import pack

from tests.server.reading import counted


def test_packing_twice_gives_the_same_bytes_and_all_that_is_needed() -> None:
    data = pack.packed()
    assert pack.packed() == data
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        names = set(archive.namelist())
        for name in names - {"__main__.py"}:
            source = pack.HERE if name.endswith(".py") else pack.HERE.parent
            assert archive.read(name) == (source / name).read_bytes()
    assert {"verify.py", "fold.py", "proofs.py", "LICENSE-MIT"} <= names
    assert "provers.py" not in names  # what cheats, or makes vectors, is of no use to who verifies


def test_it_verifies_a_record_by_itself(tmp_path: Path) -> None:
    referendum = counted()
    (tmp_path / "pin.json").write_bytes(referendum.export(tmp_path).encode())
    (tmp_path / "verifier.pyz").write_bytes(pack.packed())
    line = [sys.executable, "-I", "verifier.pyz", "record", "--pin", "pin.json", "--json", "--workers", "2"]
    done = subprocess.run(line, cwd=tmp_path, capture_output=True, check=False)
    assert (done.returncode, done.stderr) == (0, b"")
    assert json.loads(done.stdout)["verdict"] == "passed"
