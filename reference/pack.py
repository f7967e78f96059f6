"""The verifier as one file, the same bytes every time: `python3 reference/pack.py verifier.pyz`.

It runs as `python3 verifier.pyz RECORD --pin FILE`, wherever Python 3.11 is, and can be unpacked and read.
"""

from __future__ import annotations

import ast
import io
import sys
import zipfile
from pathlib import Path

HERE = Path(__file__).parent
MAIN = b'import sys\n\nimport verify\n\nif __name__ == "__main__":\n    sys.exit(verify.main())\n'
_STAMP = 1980, 1, 1, 0, 0, 0
_LICENCES = "LICENSE-APACHE", "LICENSE-MIT"


def modules(name: str, known: set[str]) -> set[str]:
    """A module of this folder, and those that it needs, by name."""
    if name in known or not (file := HERE / f"{name}.py").exists():
        return known
    known = known | {name}
    for node in ast.walk(ast.parse(file.read_bytes())):
        names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
        names += [node.module or ""] if isinstance(node, ast.ImportFrom) else []
        for imported in names:
            known = modules(imported, known)
    return known


def packed() -> bytes:
    """A zip file that Python runs. Not compressed: what compressors write depends on their version."""
    files = {f"{name}.py": (HERE / f"{name}.py").read_bytes() for name in modules("verify", set())}
    files |= {name: (HERE.parent / name).read_bytes() for name in _LICENCES}
    content = io.BytesIO(b"#!/usr/bin/env python3\n")
    content.seek(0, io.SEEK_END)
    with zipfile.ZipFile(content, "a", zipfile.ZIP_STORED) as archive:
        for name, data in sorted({**files, "__main__.py": MAIN}.items()):
            archive.writestr(_entry(name), data)
    return content.getvalue()


def _entry(name: str) -> zipfile.ZipInfo:
    entry = zipfile.ZipInfo(name, _STAMP)
    entry.create_system, entry.external_attr = 3, 0o644 << 16
    return entry


if __name__ == "__main__":
    Path(sys.argv[1]).write_bytes(packed())
