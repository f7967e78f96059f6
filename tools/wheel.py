"""The wheel, with what else its users want: `python tools/wheel.py [DIRECTORY]`, which is dist unless given.

To what pip builds of pyproject.toml it adds the booth (where `make booth` has built it), the examples and the
specification, in psephos/share. The second verifier is packed anew.
"""

from __future__ import annotations

import base64
import csv
import hashlib
import io
import json
import os
import subprocess
import sys
import tempfile
import zipfile
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
SHARE = "psephos/share"
VERIFIER = ROOT / "src/psephos/server/verifier.pyz"


def build(directory: Path) -> Path:
    """Build the wheel; returns its path."""
    pack = [sys.executable, str(ROOT / "reference/pack.py"), str(VERIFIER)]
    subprocess.run(pack, check=True)
    directory.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as temporary:
        options = ["--disable-pip-version-check", "wheel", "--quiet", "--no-build-isolation", "--no-deps"]
        line = [sys.executable, "-m", "pip", *options, "--wheel-dir", temporary, str(ROOT)]
        path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"  # maturin is there
        subprocess.run(line, env={**os.environ, "PATH": path}, check=True)
        (plain,) = Path(temporary).glob("*.whl")
        return extended(plain, directory / plain.name)


def extended(plain: Path, wheel: Path) -> Path:
    """A wheel with everything added, and its list of files brought up to date."""
    with zipfile.ZipFile(plain) as old, zipfile.ZipFile(wheel, "w", zipfile.ZIP_DEFLATED) as new:
        (record,) = (name for name in old.namelist() if name.endswith(".dist-info/RECORD"))
        for entry in old.infolist():
            if entry.filename != record:
                new.writestr(entry, old.read(entry), zipfile.ZIP_DEFLATED)
        rows = [row for row in csv.reader(io.StringIO(old.read(record).decode())) if row]
        for name, data in added():
            new.writestr(name, data)
            digest = base64.urlsafe_b64encode(hashlib.sha256(data).digest()).rstrip(b"=").decode()
            rows.append([name, f"sha256={digest}", str(len(data))])
        listed = io.StringIO()
        csv.writer(listed, lineterminator="\n").writerows(rows)
        new.writestr(record, listed.getvalue())
    return wheel


def added() -> Iterator[tuple[str, bytes]]:
    """What is added: names within the wheel, and contents."""
    for folder, name in (("booth/dist", "booth"), ("examples", "examples"), ("spec", "spec")):
        for file in sorted((ROOT / folder).rglob("*")):
            if file.is_file() and "__pycache__" not in file.parts:
                yield f"{SHARE}/{name}/{file.relative_to(ROOT / folder).as_posix()}", file.read_bytes()
    if (ROOT / "booth/dist").exists():
        yield f"{SHARE}/booth-licences.txt", booth_licences().encode()


def booth_licences() -> str:
    """The licences of the packages that the booth is built with, and of those that these need."""
    packages = json.loads((ROOT / "booth/package-lock.json").read_text())["packages"]
    texts = []
    for name, about in sorted(packages.items()):
        if name and not about.get("dev"):
            title = f"{name.removeprefix('node_modules/')} {about['version']}"
            texts.append(f"{title}\n{'=' * len(title)}\n")
            licences = sorted((ROOT / "booth" / name).glob("LICENSE*"))
            if not licences:
                raise FileNotFoundError(f"{name} has no licence: run make booth")
            texts += [licence.read_text() for licence in licences]
    return "\n".join(texts)


if __name__ == "__main__":
    print(build(Path(sys.argv[1] if len(sys.argv) > 1 else "dist")))
