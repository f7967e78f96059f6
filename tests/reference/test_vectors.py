"""The reference agrees with every vector, and would make the same ones again."""

from __future__ import annotations

import json
from collections.abc import Callable
from hashlib import sha256
from pathlib import Path
from typing import Any

import batch
import cbor
import ceremony
import entries
import make_vectors
import proofs
import provers
import pytest
from group import FormatError
from transcript import Transcript, digest, u16
from vector import lines

Vector = dict[str, Any]
VECTORS = Path(__file__).parents[2] / "vectors"
ALL: list[Vector] = [v for path in sorted(VECTORS.glob("*.json")) for v in json.loads(path.read_text())]
unhex = bytes.fromhex


def holds(check: Callable[..., Any], *claim: Any) -> bool:
    """Whether one claim is accepted."""
    return not batch.failures(check, [claim])


def transcript(v: Vector) -> bool:
    state = Transcript(v["protocol"])
    for step, label, value in v["steps"]:
        if step == "append":
            state.append(label, unhex(value))
        elif step == "challenge":
            assert state.challenge(label) == int.from_bytes(unhex(value), "little")
        elif step == "coefficients":
            expected = [int.from_bytes(unhex(c), "little") for c in value]
            assert state.coefficients(label, len(value)) == expected
        else:
            assert state.squeeze(label, len(value) // 2).hex() == value
    return True


def election(v: Vector) -> bool:
    publics = {index: unhex(x) for index, x in v["participants"]}
    found = ceremony.election_hash(unhex(v["definition"]), v["attempt"], publics, unhex(v["key"]))
    return bool(found.hex() == v["hash"])


def card_key(v: Vector) -> bool:
    scalar = provers.card_secret(unhex(v["election"]), v["region"], unhex(v["secret"]))
    return provers.base(scalar).hex() == v["card"] and scalar.to_bytes(32, "little").hex() == v["scalar"]


def group_commitment(v: Vector) -> bool:
    fields = [unhex(v[name]) for name in ("nonce", "token", "cards")]
    return bool(provers.group_commitment(*fields).hex() == v["hash"])


def roll(v: Vector) -> bool:
    fields = [("definition", unhex(v["definition"])), ("region", u16(v["region"]))]
    fields += [("salt", unhex(v["salt"])), ("voter", v["voter"].encode())]
    return bool(digest("roll", *fields).hex() == v["hash"])


def signature(v: Vector) -> bool:
    wire = [unhex(v[name]) for name in ("key", "message", "signature")]
    return holds(proofs.signature, v["purpose"], *wire)


def card(v: Vector) -> bool:
    keys = unhex(v["election"]), unhex(v["key"])
    return holds(proofs.card, *keys, v["region"], unhex(v["record"]), bool(v["weighted"]))


def ballot(v: Vector) -> bool:
    entry = entries.parse(unhex(v["entry"]))
    contests = tuple(map(tuple, v["contests"]))
    election, joint, region = unhex(v["election"]), unhex(v["key"]), v["region"]
    if entry.referendum != election or not entries.ballot_form(entry, region, 60, contests):
        return False
    place = entry["region"], entry["day"], entry["serial"]
    assert entry.body_hash == sha256(entry.body).digest()
    wire = (entry["votes"], entry.body_hash, entry.signature)
    return holds(proofs.ballot, election, joint, place, entry.author, contests, *wire)


def weighing(v: Vector) -> bool:
    wire = [unhex(v[name]) for name in ("before", "weighed")]
    return holds(proofs.weighing, unhex(v["election"]), unhex(v["key"]), tuple(v["place"]), *wire)


def shares(v: Vector) -> bool:
    wire = [unhex(v[name]) for name in ("public", "inputs", "shares")]
    return holds(proofs.shares, unhex(v["election"]), tuple(v["place"]), *wire)


def reveal(v: Vector) -> bool:
    context = ceremony.context(unhex(v["definition"]), v["attempt"], v["trustee"])
    wire = [unhex(v[name]) for name in ("commitment", "points", "proof")]
    return ceremony.reveal_holds(context, v["threshold"], *wire)


def share(v: Vector) -> bool:
    return ceremony.share_holds(unhex(v["points"]), v["index"], unhex(v["share"]))


def keys(v: Vector) -> bool:
    joint, publics = ceremony.joint_keys({i: unhex(points) for i, points in v["points"]})
    return joint.hex() == v["key"] and [[j, x.hex()] for j, x in publics.items()] == v["publics"]


def evaluation(v: Vector) -> bool:
    blinded, evaluated = ([unhex(point) for point in v[name]] for name in ("blinded", "evaluated"))
    return provers.evaluation_holds(unhex(v["public"]), blinded, evaluated, unhex(v["proof"]))


def token(v: Vector) -> bool:
    secret, blind = (int.from_bytes(unhex(v[name]), "little") for name in ("secret", "blind"))
    finalized = provers.finalize(unhex(v["input"]), blind, unhex(v["evaluated"]))
    return provers.token_output(secret, unhex(v["input"])).hex() == finalized.hex() == v["output"]


def cbor_array(v: Vector) -> bool:
    items = cbor.decode(unhex(v["data"]))
    shown = [item.hex() if isinstance(item, bytes) else item for item in items]
    assert [[type(i).__name__, s] for i, s in zip(items, shown, strict=True)] == v["items"]
    return True


RUNNERS: dict[str, Callable[[Vector], bool]] = {
    "transcript": transcript,
    "election": election,
    "card-key": card_key,
    "group-commitment": group_commitment,
    "roll": roll,
    "signature": signature,
    "card": card,
    "ballot": ballot,
    "weighing": weighing,
    "shares": shares,
    "reveal": reveal,
    "share": share,
    "keys": keys,
    "evaluation": evaluation,
    "token": token,
    "cbor": cbor_array,
}


def outcome(vector: Vector) -> bool:
    """Whether the reference accepts a vector."""
    try:
        return RUNNERS[vector["kind"]](vector)
    except FormatError:
        return False


@pytest.mark.parametrize("kind", sorted(RUNNERS))
def test_vectors_are_accepted_or_refused_as_they_say(kind: str) -> None:
    vectors = [vector for vector in ALL if vector["kind"] == kind]
    assert vectors
    assert [v["name"] for v in vectors if outcome(v) is not v["valid"]] == []


def test_every_refused_vector_mutates_an_accepted_one_and_names_a_check() -> None:
    accepted = {v["name"] for v in ALL if v["valid"]}
    assert len({v["name"] for v in ALL}) == len(ALL)
    assert {v["kind"] for v in ALL} == RUNNERS.keys()
    for vector in ALL:
        assert (vector["mutates"] in accepted and vector["check"]) or vector["valid"], vector["name"]


@pytest.mark.parametrize("name", sorted(make_vectors.FILES))
def test_vectors_are_reproducible(name: str) -> None:
    made = lines(list(make_vectors.FILES[name]()))
    assert made == (VECTORS / f"{name}.json").read_text()


def test_entries_of_every_type_are_read_or_refused_as_they_say() -> None:
    vectors = json.loads((VECTORS / "entries/entries.json").read_text())
    checked = [vector for vector in vectors if vector["kind"] == "entry"]
    assert {vector["valid"] for vector in checked} == {True, False}
    for vector in checked:
        try:
            assert entries.parse(unhex(vector["data"])).body_hash.hex() == vector["body_hash"], vector["name"]
            assert vector["valid"], vector["name"]
        except FormatError:
            assert not vector["valid"], vector["name"]
