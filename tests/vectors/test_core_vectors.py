"""The core agrees with every vector about cards, signatures, ballots, weighings, shares and tokens."""

from __future__ import annotations

import json
from array import array
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from psephos.crypto import ballot, card, schnorr, threshold, token, weighing
from psephos.crypto.transcript import transcript_hash
from psephos.errors import FormatError

Vector = dict[str, Any]
VECTORS = Path(__file__).parents[2] / "vectors"
ALL: list[Vector] = [v for path in sorted(VECTORS.glob("*.json")) for v in json.loads(path.read_text())]
unhex = bytes.fromhex


def card_key(v: Vector) -> bool:
    scalar, key = card.derive_cards(unhex(v["election"]), v["region"], unhex(v["secret"]))
    return (scalar.hex(), key.hex()) == (v["scalar"], v["card"])


def group_commitment(v: Vector) -> bool:
    fields = [(name, unhex(v[name])) for name in ("nonce", "token", "cards")]
    return transcript_hash("group-commitment", *fields) == unhex(v["hash"])


def signature(v: Vector) -> bool:
    wire = [unhex(v[name]) for name in ("key", "message", "signature")]
    return not schnorr.check_signatures(v["purpose"], *wire)


def card_record(v: Vector) -> bool:
    wire = unhex(v["key"]), unhex(v["record"])
    return not card.check_cards(unhex(v["election"]), v["region"], *wire, not v["weighted"])


def entry(v: Vector) -> bool:
    data, election = unhex(v["entry"]), unhex(v["election"])
    lengths = array("I", [len(data)])
    contests: list[Any] = [tuple(contest) for contest in v["contests"]]
    styles = [[]] * v["region"] + [contests]
    columns = ballot.parse_ballots(data, lengths, election, styles)
    culprits = ballot.check_ballots(data, lengths, election, unhex(v["key"]), styles)
    if columns[0] != b"\0":
        assert culprits == [(0, "not a well-formed ballot")]
    regions, days = array("H", columns[1]), array("H", columns[2])
    return not culprits and regions[0] == v["region"] and days[0] <= 60


def weighed(v: Vector) -> bool:
    place, row = v["place"][:5], v["place"][5]
    before, after = unhex(v["before"]), unhex(v["weighed"])
    width = len(before) // 64
    taken, given = bytes(row * len(before)) + before, bytes(row * (64 * width + 224)) + after
    culprits = weighing.check_weighings(
        unhex(v["election"]), unhex(v["key"]), [tuple(place)], [row + 1], [-1], taken, given, width
    )
    return all(culprit != row for _, culprit, _ in culprits)


def shares(v: Vector) -> bool:
    inputs, public, content = (unhex(v[name]) for name in ("inputs", "public", "shares"))
    counts = [len(inputs) // 32]
    place = tuple(v["place"])
    return not threshold.check_shares(unhex(v["election"]), [place], counts, inputs, public, content)


def evaluation(v: Vector) -> bool:
    blinded, evaluated = (unhex("".join(v[name])) for name in ("blinded", "evaluated"))
    n = len(blinded) // 32
    one = (1).to_bytes(32, "little")
    return bool(
        token.finalize(unhex(v["public"]), bytes(32 * n), one * n, evaluated, blinded, unhex(v["proof"]))
    )


def output(v: Vector) -> bool:
    return token.token_outputs(unhex(v["secret"]), unhex(v["input"])) == unhex(v["output"])


RUNNERS: dict[str, Callable[[Vector], bool]] = {
    "card-key": card_key,
    "group-commitment": group_commitment,
    "signature": signature,
    "card": card_record,
    "ballot": entry,
    "weighing": weighed,
    "shares": shares,
    "evaluation": evaluation,
    "token": output,
}
MINE = [v for v in ALL if v["kind"] in RUNNERS]


def test_every_kind_has_vectors() -> None:
    assert {v["kind"] for v in MINE} == set(RUNNERS)


@pytest.mark.parametrize("vector", MINE, ids=[v["name"] for v in MINE])
def test_vector(vector: Vector) -> None:
    try:
        accepted = RUNNERS[vector["kind"]](vector)
    except FormatError:
        accepted = False
    assert accepted == vector["valid"]
