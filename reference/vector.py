"""What a vector is: accepted, or refused and made from one that is accepted. vectors/README.md"""

from __future__ import annotations

import json
from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path
from typing import Any

import provers
from group import L, scalar_bytes
from provers import Stream

Vector = dict[str, Any]
DIRECTORY = Path(__file__).resolve().parent.parent / "vectors"
HASH = sha256(b"an election").digest()
JOINT = provers.base(Stream("joint").scalar())
NEGATIVE = (b"\x01" + bytes(31), bytes.fromhex("ed" + "ff" * 30 + "7f"))  # points that nobody may write


def accepted(kind: str, name: str, **inputs: Any) -> Vector:
    """A vector that must be accepted."""
    return {"name": f"{kind}/{name}", "kind": kind, "valid": True, "mutates": None, "check": None} | inputs


def rejected(parent: Vector, name: str, check: str, **changes: Any) -> Vector:
    """The same with some inputs changed: `check` must refuse it."""
    vector = parent | changes
    assert vector != parent, name
    named = {"name": f"{parent['name']}/{name}", "valid": False, "mutates": parent["name"], "check": check}
    return vector | named


def context(good: Vector, check: str, **others: int) -> Iterator[Vector]:
    """The same object under another election hash, another key and other places."""
    yield rejected(good, "other-election", check, election=sha256(b"another").hexdigest())
    yield rejected(good, "other-key", check, key=provers.base(77).hex())
    for field, value in others.items():
        yield rejected(good, f"other-{field}", check, **{field: value})


def bad_wires(wire: bytes, layout: list[tuple[str, int]]) -> Iterator[tuple[str, bytes]]:
    """For each 32-byte piece of the layout (kind, from): one wrong in value, and one not canonical."""
    for kind, at in layout:
        piece, rest = wire[at : at + 32], (wire[:at], wire[at + 32 :])
        if kind == "scalar":
            value = int.from_bytes(piece, "little")
            yield f"scalar-{at}-other", scalar_bytes(value + 1).join(rest)
            yield f"scalar-{at}-unreduced", (value % L + L).to_bytes(32, "little").join(rest)
        else:
            yield f"point-{at}-other", provers.base(at + 2).join(rest)
            yield f"point-{at}-negative", NEGATIVE[0].join(rest)
            yield f"point-{at}-beyond-field", NEGATIVE[1].join(rest)


def disjunction_layout(at: int, branches: int) -> list[tuple[str, int]]:
    """The pieces of a zero disjunction's proof that starts at `at`."""
    points = [("point", at + 32 * i) for i in range(2 * branches)]
    return points + [("scalar", at + 32 * i) for i in range(2 * branches, 4 * branches - 1)]


def lines(vectors: list[Vector]) -> str:
    """One vector a line."""
    return "[\n" + ",\n".join(json.dumps(vector, ensure_ascii=False) for vector in vectors) + "\n]\n"
