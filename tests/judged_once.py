"""The reference, in plain Python, judges no signature or proof twice: records of tests share most entries.

A judgement depends on nothing but the bytes that are judged, so tests that use this judge all that they did.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from functools import cache
from typing import Any
from unittest.mock import patch

import pytest

Failures = Callable[[Callable[..., Any], Sequence[tuple[Any, ...]]], dict[int, str]]


@pytest.fixture(scope="module", autouse=True)
def each_judged_once() -> Iterator[None]:
    """Judgements of this process are remembered: for whoever imports it, and patches no hash."""
    verify, failures = _remembering()
    with patch("ed25519.verify", verify), patch("batch.failures", failures):
        yield


@cache
def _remembering() -> tuple[Callable[[bytes, bytes, bytes], bool], Failures]:
    import batch  # where the reference is, its tests' conftest says
    import ed25519

    return cache(ed25519.verify), _each_claim_once(batch.failures)


def _each_claim_once(judge: Failures) -> Failures:
    known: dict[tuple[Any, ...], str | None] = {}

    def failures(check: Callable[..., Any], claims: Sequence[tuple[Any, ...]]) -> dict[int, str]:
        new = [claim for claim in dict.fromkeys(claims) if (check, claim) not in known]
        refused = judge(check, new)
        known.update({(check, claim): refused.get(position) for position, claim in enumerate(new)})
        said = [known[check, claim] for claim in claims]
        return {position: why for position, why in enumerate(said) if why is not None}

    return failures
