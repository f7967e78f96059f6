"""Answers with the product, `psephos` and its Rust core: all kinds but `transcript`.

Of transcripts only hashes come out of Rust, so nobody here can ask for challenges and coefficients.

Run by the Python in which `psephos` is installed.
"""

from __future__ import annotations

from array import array
from contextlib import ExitStack
from pathlib import Path
from typing import Any
from unittest.mock import patch

from answering import Answer, Object, finding, serve
from intermediate import values as intermediate

from psephos.crypto import admission as admissions
from psephos.crypto import ballot, card, cbor, schnorr, threshold, token, weighing
from psephos.errors import PsephosError
from psephos.log.client import Client
from psephos.log.merkle import leaf_hash, root_of
from psephos.log.note import Note
from psephos.log.policy import Policy
from psephos.log.proof import LogProof
from psephos.log.tiles import ENTRIES, Tile, parse_bundle
from psephos.protocol import entries
from psephos.protocol.enrolment.card_face import face
from psephos.protocol.enrolment.card_text import CardText
from psephos.protocol.enrolment.cards import commitment as commit
from psephos.protocol.enrolment.invitation import Invitation
from psephos.protocol.enrolment.roll import RollOpening
from psephos.protocol.enrolment.words import from_words, six_words
from psephos.protocol.proofs import Proofs
from psephos.protocol.setup import document as definitions
from psephos.protocol.setup.key_generation import Context, JointKey, election_hash, is_share
from psephos.protocol.setup.pin import Pin
from psephos.verifier import run
from psephos.verifier.report import Report

unhex = bytes.fromhex


def election(q: Object) -> Object:
    publics = {index: unhex(x) for index, x in q["participants"]}
    token_keys = b"".join(map(unhex, q["token_keys"]))
    made = election_hash(unhex(q["definition"]), q["attempt"], unhex(q["key"]), publics, token_keys)
    return {"hash": made.hex()}


def card_key(q: Object) -> Object:
    scalar, key = card.derive_cards(unhex(q["election"]), q["region"], unhex(q["secret"]))
    return {"scalar": scalar.hex(), "card": key.hex()}


def roll(q: Object) -> Object:
    opening = RollOpening(unhex(q["salt"]), q["voter"])
    return {"hash": opening.hash(unhex(q["definition"]), q["registrar"], q["region"]).hex()}


def signature(q: Object) -> bool:
    wire = [unhex(q[name]) for name in ("key", "message", "signature")]
    return not schnorr.check_signatures(q["purpose"], *wire)


def card_record(q: Object) -> bool:
    wire = unhex(q["key"]), unhex(q["record"])
    return not card.check_cards(unhex(q["election"]), q["region"], *wire, not q["weighted"])


def ballot_entry(q: Object) -> bool:
    data, election = unhex(q["entry"]), unhex(q["election"])
    lengths = array("I", [len(data)])
    contests: list[Any] = [tuple(contest) for contest in q["contests"]]
    styles = [[]] * q["region"] + [contests]
    columns = ballot.parse_ballots(data, lengths, election, styles)
    culprits = ballot.check_ballots(data, lengths, election, unhex(q["key"]), styles)
    if columns[0] != b"\0":
        assert culprits == [(0, "not a well-formed ballot")]
    regions, days = array("H", columns[1]), array("H", columns[2])
    return not culprits and regions[0] == q["region"] and days[0] <= 60


def weighed(q: Object) -> bool:
    place, row = q["place"][:5], q["place"][5]
    before, after = unhex(q["before"]), unhex(q["weighed"])
    width = len(before) // 64
    taken, given = bytes(row * len(before)) + before, bytes(row * (64 * width + 224)) + after
    culprits = weighing.check_weighings(
        unhex(q["election"]), unhex(q["key"]), [tuple(place)], [row + 1], [-1], taken, given, width
    )
    return all(culprit != row for _, culprit, _ in culprits)


def shares(q: Object) -> bool:
    inputs, public, content = (unhex(q[name]) for name in ("inputs", "public", "shares"))
    place, counts = tuple(q["place"]), [len(inputs) // 32]
    return not threshold.check_shares(unhex(q["election"]), [place], counts, inputs, public, content)


def reveal(q: Object) -> bool:
    context = Context(unhex(q["definition"]), q["attempt"], q["trustee"])
    commitment, points, proof = (unhex(q[name]) for name in ("commitment", "points", "proof"))
    context.check_reveal(commitment, points, proof, q["threshold"])
    return True


def keys(q: Object) -> Object:
    made = JointKey.of(1, {index: unhex(points) for index, points in q["points"]})
    return {"key": made.point.hex(), "publics": [[index, x.hex()] for index, x in made.public_shares.items()]}


def evaluation(q: Object) -> bool:
    public, blinded, evaluated, proof = (
        unhex(q[name]) for name in ("public", "blinded", "evaluated", "proof")
    )
    count = len(blinded) // 32
    blinds = (1).to_bytes(32, "little") * count
    election, places = unhex(q["election"]), [tuple(q["place"])]
    tokens = token.unblind(election, places, [count], public, blinds, blinded, evaluated, proof)
    return tokens == evaluated


def admission(q: Object) -> bool:
    """As the registrar whose secrets are given; the record's own proofs are another vector's."""
    key, secrets, *wire = (unhex("".join(q[name])) for name in ("key", "secrets", "record", "token", "proof"))
    place = tuple(q["place"])
    return not admissions.check_admissions(unhex(q["election"]), place, key, secrets, *wire)


def cbor_array(q: Object) -> Object:
    items = cbor.decode(unhex(q["data"]))
    assert cbor.encode(items) == unhex(q["data"])
    return {
        "items": [[type(item).__name__, item.hex() if isinstance(item, bytes) else item] for item in items]
    }


def entry(q: Object) -> Object:
    return {"body_hash": entries.decode(unhex(q["data"])).body_hash.hex()}


def message(q: Object) -> Object:
    return {"body_hash": entries.decode(unhex(q["data"]), message=True).body_hash.hex()}


def definition(q: Object) -> Object:
    return {"hash": definitions.parse(q["document"].encode()).hash.hex()}


def note(q: Object) -> bool:
    data = q["note"].encode() if q["note"] is not None else unhex(q["data"])
    return Note.parse(data).encode() == data


def checkpoint(q: Object) -> bool:
    signed, _ = Policy.parse(q["policy"].encode()).verify(q["note"].encode())
    return bool(q["note"].startswith(f"{signed.origin}\n{signed.size}\n"))


def bundle(q: Object) -> Object:
    return {"entries": [entry.hex() for entry in parse_bundle(unhex(q["data"]), q["width"])]}


def tile_path(q: Object) -> Object:
    level = ENTRIES if q["level"] == "entries" else int(q["level"])
    return {"path": Tile(level, q["index"], q["width"]).path}


def receipt(q: Object) -> bool:
    proof = LogProof.parse(q["receipt"].encode())
    return proof.verify(unhex(q["entry"]), Policy.parse(q["policy"].encode())).size > proof.index


def card_parts(parsed: CardText) -> Object:
    return {"election": parsed.election.hex(), "region": parsed.region, "secret": parsed.secret.hex()}


def invitation(q: Object) -> Object:
    parsed = Invitation.from_address(q["text"])
    salt, voter = parsed.opening.salt.hex(), parsed.opening.voter
    envelope = {"definition": parsed.definition.hex(), "registrar": parsed.registrar, "region": parsed.region}
    return envelope | {"salt": salt, "voter": voter}


def card_face(q: Object) -> Object:
    drawn = face(unhex(q["key"]))
    rows = ["".join(".#"[cell] for cell in row) for row in drawn.cells]
    return {"card_name": drawn.name, "shape": drawn.shape, "rows": rows}


def report(q: Object) -> Report:
    parsed = Pin.parse(Path(q["pin"]).read_bytes())
    with ExitStack() as believing:
        if q.get("believed"):
            believing.enter_context(patch.object(Proofs, "check_weighings", lambda *_: []))
        return run.verify(Client(Path(q["record"])), parsed)


def values(q: Object) -> Object:
    verification = run.Verification(Pin.parse(Path(q["pin"]).read_bytes()))
    verification.follow(Client(Path(q["record"])))
    return intermediate(verification.record)


ANSWERS: dict[str, Answer] = {
    "admission": admission,
    "ballot": ballot_entry,
    "bundle": bundle,
    "card": card_record,
    "card-address": lambda q: card_parts(CardText.from_address(q["text"])),
    "card-face": card_face,
    "card-key": card_key,
    "card-text": lambda q: card_parts(CardText.parse(q["text"])),
    "cards-commitment": lambda q: {"hash": commit(unhex(q["nonce"]), unhex(q["cards"])).hex()},
    "card-words": lambda q: {"secret": from_words(q["words"]).hex()},
    "cbor": cbor_array,
    "checkpoint": checkpoint,
    "definition": definition,
    "election": election,
    "entry": entry,
    "evaluation": evaluation,
    "invitation-address": invitation,
    "keys": keys,
    "message": message,
    "note": note,
    "pin": lambda q: bool(run.policy(Pin.parse(q["pin"].encode())).logs),
    "policy": lambda q: Policy.parse(q["policy"].encode()).quorum is not None,
    "receipt": receipt,
    "record": lambda q: finding(report(q).document()),
    "reveal": reveal,
    "roll": roll,
    "root": lambda q: {"root": root_of([leaf_hash(unhex(entry)) for entry in q["entries"]]).hex()},
    "share": lambda q: is_share(unhex(q["share"]), unhex(q["points"]), q["index"]),
    "shares": shares,
    "signature": signature,
    "six-words": lambda q: {"words": six_words(unhex(q["hash"]))},
    "tile-path": tile_path,
    "token": lambda q: {"output": token.token_outputs(unhex(q["secret"]), unhex(q["input"])).hex()},
    "values": values,
    "weighing": weighed,
}

if __name__ == "__main__":
    serve(ANSWERS, PsephosError)
