"""The wheel, with what else its users want: `python tools/wheel.py [DIRECTORY]`, which is dist unless given.

To what pip builds of pyproject.toml it adds, in psephos/share: the booth (where `make booth` has built it),
the examples, the specification, and the licences of what booth and core are built with. The second verifier
is packed anew.
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
        yield f"{SHARE}/booth-licences.txt", "\n".join(booth_licences()).encode()
    yield f"{SHARE}/core-licences.txt", "\n".join(core_licences()).encode()


def booth_licences() -> Iterator[str]:
    """The licences of the packages that the booth is built with, and of those that these need."""
    packages = json.loads((ROOT / "booth/package-lock.json").read_text())["packages"]
    for name, about in sorted(packages.items()):
        if name and not about.get("dev"):
            folder = ROOT / "booth" / name
            yield from licences(folder, f"{name.removeprefix('node_modules/')} {about['version']}")


def core_licences() -> Iterator[str]:
    """The licences of the crates that are compiled into the core."""
    tree = ["cargo", "tree", "--package", "psephos-python", "--locked", "--edges", "normal"]
    options = ["--prefix", "none", "--format", "{p}|{l}"]
    listed = subprocess.run([*tree, *options], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    registry = Path(os.environ.get("CARGO_HOME", Path.home() / ".cargo")) / "registry/src"
    crates = sorted({line.removesuffix(" (*)") for line in listed.splitlines() if f"({ROOT}" not in line})
    for crate, _, expression in (line.partition("|") for line in crates if line):
        name, version = crate.split()[:2]
        package = f"{name}-{version.removeprefix('v')}"
        folder = next(registry.glob(f"*/{package}"), registry / package)  # one of several mirrors
        yield from licences(folder, f"{name} {version}: {expression}")


def licences(folder: Path, title: str) -> Iterator[str]:
    """A package's title, and the licences that it brings."""
    if not folder.is_dir():
        raise FileNotFoundError(f"{folder} is not there: run make wheel")
    yield f"{title}\n{'=' * len(title)}\n"
    for pattern in ("LICEN[SC]E*", "COPYING*", "UNLICENSE*", "NOTICE*"):
        for file in sorted(folder.glob(pattern)):
            if file.is_file():
                yield file.read_text(errors="replace")


if __name__ == "__main__":
    print(build(Path(sys.argv[1] if len(sys.argv) > 1 else "dist")))
