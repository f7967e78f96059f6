"""Parties for trying a plan: as many as it needs, with the names that it lists."""

from __future__ import annotations

import os

from psephos.crypto.signature import SigningKey
from psephos.organiser.plan.define import PartyFile, define
from psephos.organiser.plan.reading import DefinitionTemplate

_USUAL, _MOST = 3, 60


def witness_count(plan: DefinitionTemplate) -> int:
    """Of how many witnesses two quorums share an honest one: the most, where the plan has a quorum."""
    said: dict[str, int] = plan.members["witnesses"]
    if "quorum" not in said:
        return max(_USUAL, 2 * said.get("faulty", 0) + 1)
    return max(said["quorum"], min(_MOST, 2 * said["quorum"] - said.get("faulty", 0) - 1))


def trustee_names(plan: DefinitionTemplate) -> list[str]:
    """Those that the plan lists, or as many as its numbers need."""
    said = plan.members["trustees"]
    count = max(_USUAL, said.get("threshold", 0), said.get("close", 0))
    return list(plan.trustees) or [f"Trustee {number}" for number in range(1, count + 1)]


def registrar_names(plan: DefinitionTemplate) -> list[str]:
    """Those that the plan lists, or one."""
    return list(plan.registrars) or ["The register"]


def check_by_trial(plan: DefinitionTemplate) -> None:
    """BadPlan where no parties could make a definition of the plan: it is made with keys of nobody."""
    cards = [PartyFile("board", _party("Board") | {"origin": "log.example/trial"})]
    cards += [PartyFile("registrar", _party(name)) for name in registrar_names(plan)]
    cards += [PartyFile("witness", _party(f"witness-{n}.example")) for n in range(witness_count(plan))]
    cards += [PartyFile("trustee", _party(name)) for name in trustee_names(plan)]
    define(plan, _key(), cards)


def _party(name: str) -> dict[str, str]:
    return {"name": name, "key": _key().hex()}


def _key() -> bytes:
    return SigningKey(os.urandom(32)).public.raw
