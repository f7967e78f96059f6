"""Says by whose arithmetic it works, and the digest of its report on every record of the vectors."""

from __future__ import annotations

import json
import sys
from hashlib import sha256
from pathlib import Path

ROOT = Path(__file__).parents[2]
sys.path += [str(ROOT / "reference"), str(ROOT / "tools/conformance")]

import by_core  # noqa: E402
from questions import records  # noqa: E402

from psephos.crypto.lanes import lanes  # noqa: E402

if __name__ == "__main__":
    asked = {one.name: one.asked for one in records() if one.kind == "record"}
    reports = {name: sha256(by_core.report(record).encode()).hexdigest() for name, record in asked.items()}
    print(json.dumps({"lanes": lanes(), "reports": reports}))
