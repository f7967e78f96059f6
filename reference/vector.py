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


def context(good: Vector, check: str, **places: int) -> Iterator[Vector]:
    """The same object under another election hash, another key and other places."""
    yield rejected(good, "other-election", check, election=sha256(b"another").hexdigest())
    yield rejected(good, "other-key", check, key=provers.base(77).hex())
    for field, value in places.items():
        yield rejected(good, f"other-{field}", check, **{field: value})


def bad_wires(wire: bytes, layout: list[tuple[str, int]]) -> Iterator[tuple[str, bytes]]:
    """For each 32-byte piece of the layout (kind, from): one wrong in value, and one not canonical."""
    for kind, offset in layout:
        piece, rest = wire[offset : offset + 32], (wire[:offset], wire[offset + 32 :])
        if kind == "scalar":
            value = int.from_bytes(piece, "little")
            yield f"scalar-{offset}-other", scalar_bytes(value + 1).join(rest)
            yield f"scalar-{offset}-unreduced", (value % L + L).to_bytes(32, "little").join(rest)
        else:
            yield f"point-{offset}-other", provers.base(offset + 2).join(rest)
            yield f"point-{offset}-negative", NEGATIVE[0].join(rest)
            yield f"point-{offset}-beyond-field", NEGATIVE[1].join(rest)


def disjunction_layout(start: int, branches: int) -> list[tuple[str, int]]:
    """The pieces of a zero disjunction's proof that starts at `start`."""
    points = [("point", start + 32 * i) for i in range(2 * branches)]
    return points + [("scalar", start + 32 * i) for i in range(2 * branches, 4 * branches - 1)]


def lines(vectors: list[Vector]) -> str:
    """One vector a line."""
    return "[\n" + ",\n".join(json.dumps(vector, ensure_ascii=False) for vector in vectors) + "\n]\n"
