"""The reference would make the same vectors again; test_conformance says that it agrees with them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import make_vectors
import pytest
from vector import lines

Vector = dict[str, Any]
VECTORS = Path(__file__).parents[2] / "vectors"
ALL: list[Vector] = [v for path in sorted(VECTORS.glob("*.json")) for v in json.loads(path.read_text())]


def test_every_refused_vector_mutates_an_accepted_one_and_names_a_check() -> None:
    accepted = {v["name"] for v in ALL if v["valid"]}
    assert len({v["name"] for v in ALL}) == len(ALL)
    for vector in ALL:
        assert (vector["mutates"] in accepted and vector["check"]) or vector["valid"], vector["name"]


@pytest.mark.parametrize("name", sorted(make_vectors.FILES))
def test_vectors_are_reproducible(name: str) -> None:
    made = lines(list(make_vectors.FILES[name]()))
    assert made == (VECTORS / f"{name}.json").read_text()
