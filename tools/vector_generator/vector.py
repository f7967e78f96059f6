"""What every vector has: `vectors/README.md` says how to read them."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any

Vector = dict[str, Any]


def accepted(kind: str, name: str, **inputs: Any) -> Vector:
    """A vector that must be accepted."""
    return {"name": f"{kind}/{name}", "kind": kind, "valid": True, "mutates": None, "check": None} | inputs


def rejected(parent: Vector, name: str, check: str | None, **changes: Any) -> Vector:
    """The same with some inputs changed: it must be refused, by `check` where it has a number."""
    vector = parent | changes
    if vector == parent:
        raise ValueError(f"{name} changes nothing of {parent['name']}")
    named = {"name": f"{parent['name']}/{name}", "valid": False, "mutates": parent["name"], "check": check}
    return vector | named


def text(vectors: Iterable[Vector]) -> str:
    """A file of vectors, one a line."""
    lines = [json.dumps(vector, ensure_ascii=False) for vector in vectors]
    return "[\n" + ",\n".join(lines) + "\n]\n"
