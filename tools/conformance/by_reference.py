"""Answers with the reference, in plain Python: all kinds but `message` and `receipt`.

It verifies records, and no record has messages or receipts.
"""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Callable
from contextlib import ExitStack
from functools import cache
from hashlib import sha256
from pathlib import Path
from typing import Any
from unittest.mock import patch

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "reference"))

import addresses
import batch
import cards
import cbor
import ceremony
import definition
import ed25519
import entries
import log
import note
import proofs
import provers
import token_provers
import tokens
import values
import verify
from answering import Answer, Object, finding, serve
from group import FormatError, scalar
from transcript import Transcript, digest, u8, u16

unhex = bytes.fromhex


def holds(check: Callable[..., Any], *claim: object) -> bool:
    """Whether one claim is accepted."""
    return not batch.failures(check, [claim])


def transcript(q: Object) -> Object:
    state = Transcript(q["protocol"])
    outputs: list[str | list[str]] = []
    for step, label, *value in q["steps"]:
        if step == "append":
            state.append(label, unhex(value[0]))
        elif step == "challenge":
            outputs.append(state.challenge(label).to_bytes(32, "little").hex())
        elif step == "coefficients":
            outputs.append([c.to_bytes(16, "little").hex() for c in state.coefficients(label, value[0])])
        else:
            outputs.append(state.squeeze(label, value[0]).hex())
    return {"outputs": outputs}


def election(q: Object) -> Object:
    publics = {index: unhex(x) for index, x in q["participants"]}
    token_keys = b"".join(map(unhex, q["token_keys"]))
    made = ceremony.election_hash(unhex(q["definition"]), q["attempt"], publics, unhex(q["key"]), token_keys)
    return {"hash": made.hex()}


def card_key(q: Object) -> Object:
    scalar = provers.card_secret(unhex(q["election"]), q["region"], unhex(q["secret"]))
    return {"scalar": scalar.to_bytes(32, "little").hex(), "card": provers.base(scalar).hex()}


def cards_commitment(q: Object) -> Object:
    return {"hash": token_provers.cards_commitment(unhex(q["nonce"]), unhex(q["cards"])).hex()}


def roll(q: Object) -> Object:
    fields = [("definition", unhex(q["definition"])), ("registrar", u8(q["registrar"]))]
    fields += [("region", u16(q["region"]))]
    fields += [("salt", unhex(q["salt"])), ("voter", q["voter"].encode())]
    return {"hash": digest("roll", *fields).hex()}


def signature(q: Object) -> bool:
    wire = [unhex(q[name]) for name in ("key", "message", "signature")]
    return holds(proofs.signature, q["purpose"], *wire)


def card(q: Object) -> bool:
    keys = unhex(q["election"]), unhex(q["key"])
    return holds(proofs.card, *keys, q["region"], unhex(q["record"]), bool(q["weighted"]))


def ballot(q: Object) -> bool:
    entry = entries.parse(unhex(q["entry"]))
    contests = tuple(map(tuple, q["contests"]))
    election, joint, region = unhex(q["election"]), unhex(q["key"]), q["region"]
    if entry.referendum != election or not entries.ballot_form(entry, region, 60, contests):
        return False
    place = entry["region"], entry["day"], entry["serial"]
    assert entry.body_hash == sha256(entry.body).digest()
    wire = (entry["votes"], entry.body_hash, entry.signature)
    return holds(proofs.ballot, election, joint, place, entry.author, contests, *wire)


def weighing(q: Object) -> bool:
    wire = [unhex(q[name]) for name in ("before", "weighed")]
    return holds(proofs.weighing, unhex(q["election"]), unhex(q["key"]), tuple(q["place"]), *wire)


def shares(q: Object) -> bool:
    wire = [unhex(q[name]) for name in ("public", "inputs", "shares")]
    return holds(proofs.shares, unhex(q["election"]), tuple(q["place"]), *wire)


def reveal(q: Object) -> bool:
    context = ceremony.context(unhex(q["definition"]), q["attempt"], q["trustee"])
    wire = [unhex(q[name]) for name in ("commitment", "points", "proof")]
    return bool(ceremony.reveal_holds(context, q["threshold"], *wire))


def share(q: Object) -> bool:
    return bool(ceremony.share_holds(unhex(q["points"]), q["index"], unhex(q["share"])))


def keys(q: Object) -> Object:
    joint, publics = ceremony.joint_keys({i: unhex(points) for i, points in q["points"]})
    return {"key": joint.hex(), "publics": [[j, x.hex()] for j, x in publics.items()]}


def evaluation(q: Object) -> bool:
    names = ("public", "blinded", "evaluated", "proof")
    claim = (unhex(q["election"]), tuple(q["place"]), *(unhex(q[name]) for name in names))
    return holds(proofs.token, *claim)


def admission(q: Object) -> bool:
    """As the registrar whose secrets are given; the record's own proofs are another vector's."""
    secrets = tuple(int.from_bytes(unhex(secret), "little") for secret in q["secrets"])
    wire = [unhex(q[name]) for name in ("record", "token", "proof")]
    return holds(tokens.admission, unhex(q["election"]), tuple(q["place"]), unhex(q["key"]), secrets, *wire)


def token(q: Object) -> Object | bool:
    """The output, as its device and as its registrar compute it."""
    card_input, secret, blind = unhex(q["input"]), *(scalar(unhex(q[name])) for name in ("secret", "blind"))
    output = token_provers.finalize(card_input, token_provers.token(secret, card_input))
    finalized = token_provers.finalize(card_input, token_provers.unblind(unhex(q["evaluated"]), blind))
    return {"output": output.hex()} if finalized == output else False


def cbor_array(q: Object) -> Object:
    items = cbor.decode(unhex(q["data"]))
    return {"items": [[type(i).__name__, i.hex() if isinstance(i, bytes) else i] for i in items]}


def entry(q: Object) -> Object:
    return {"body_hash": entries.parse(unhex(q["data"])).body_hash.hex()}


def pin(q: Object) -> bool:
    with tempfile.TemporaryDirectory() as directory:
        path = Path(directory, "pin.json")
        path.write_bytes(q["pin"].encode())
        return bool(verify.read_pin(str(path)).definition)


def any_note(q: Object) -> bool:
    return bool(note.parse_note(q["note"].encode() if q["note"] is not None else unhex(q["data"])).lines)


def checkpoint(q: Object) -> bool:
    believed = note.parse_policy(q["policy"].encode())
    signed = note.parse_checkpoint(q["note"].encode())
    (published,) = believed.logs
    signed_here = signed.origin == published.name and signed.signed_by(published)
    return bool(signed_here and believed.satisfied(signed))


def bundle(q: Object) -> Object:
    return {"entries": [entry.hex() for entry in log.parse_bundle(unhex(q["data"]), q["width"])]}


def root(q: Object) -> Object:
    leaves = [log.leaf(unhex(entry)) for entry in q["entries"]]
    return {"root": log.Tree(leaves).root(len(leaves)).hex()}


def card_parts(parts: tuple[bytes, int, bytes]) -> Object:
    return {"election": parts[0].hex(), "region": parts[1], "secret": parts[2].hex()}


def invitation(q: Object) -> Object:
    parsed, registrar, region, salt, voter = addresses.parse_invitation_address(q["text"])
    envelope = {"definition": parsed.hex(), "registrar": registrar, "region": region}
    return envelope | {"salt": salt.hex(), "voter": voter}


def card_face(q: Object) -> Object:
    return dict(zip(("card_name", "shape", "rows"), cards.name_and_picture(unhex(q["key"])), strict=True))


def record(q: Object) -> Object:
    runner = verify.Runner(verify.read_pin(q["pin"]), batch.Batch())
    with ExitStack() as believing:
        if q.get("believed"):
            believing.enter_context(patch.object(proofs, "weighing", lambda *_: []))
        runner.run(log.source(q["record"]))
    return finding(runner.report())


def intermediate(q: Object) -> Object:
    runner = verify.Runner(verify.read_pin(q["pin"]), batch.Batch())
    runner.run(log.source(q["record"]))
    assert runner.state is not None
    return values.values(runner.state)


ANSWERS: dict[str, Answer] = {
    "admission": admission,
    "ballot": ballot,
    "bundle": bundle,
    "card": card,
    "card-address": lambda q: card_parts(addresses.parse_card_address(q["text"])),
    "card-face": card_face,
    "card-key": card_key,
    "card-text": lambda q: card_parts(cards.parse_qr_text(q["text"])),
    "card-words": lambda q: {"secret": cards.parse_twelve_words(q["words"]).hex()},
    "cbor": cbor_array,
    "checkpoint": checkpoint,
    "definition": lambda q: {"hash": definition.parse(q["document"].encode()).hash.hex()},
    "election": election,
    "entry": entry,
    "evaluation": evaluation,
    "cards-commitment": cards_commitment,
    "invitation-address": invitation,
    "keys": keys,
    "note": any_note,
    "pin": pin,
    "policy": lambda q: bool(note.parse_policy(q["policy"].encode()).quorum),
    "record": record,
    "reveal": reveal,
    "roll": roll,
    "root": root,
    "share": share,
    "shares": shares,
    "signature": signature,
    "six-words": lambda q: {"words": cards.six_words(unhex(q["hash"]))},
    "tile-path": lambda q: {"path": log.tile_path(q["level"], q["index"], q["width"])},
    "token": token,
    "transcript": transcript,
    "values": intermediate,
    "weighing": weighing,
}

if __name__ == "__main__":
    # Records share most of their entries: no signature is verified twice.
    with patch.object(ed25519, "verify", cache(ed25519.verify)):
        serve(ANSWERS, FormatError)
