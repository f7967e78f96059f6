"""Writes vectors/*.json, the same bytes every time: vectors/README.md says how to read them."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from hashlib import sha256
from pathlib import Path
from typing import Any

import cbor
import labels
import proofs
import provers
from group import L, decode, encode, multiply, scalar_bytes, total
from provers import Stream
from transcript import Transcript, digest, u16

Vector = dict[str, Any]
DIRECTORY = Path(__file__).resolve().parent.parent / "vectors"
HASH = sha256(b"an election").digest()
JOINT_SECRET = Stream("joint").scalar()
JOINT = provers.base(JOINT_SECRET)
NON_CANONICAL = (L + 1).to_bytes(32, "little")
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


def transcripts() -> Iterator[Vector]:
    """Challenges, coefficients and hashes after known fields."""
    for protocol, fields in (
        ("signature", [("purpose", b"ballot"), ("key", bytes(32))]),
        ("election", [("definition", b"")]),
        ("roll", [("voter", "Ζωή".encode()), ("salt", bytes(range(256)) * 3)]),
    ):
        transcript = Transcript(protocol)
        for label, data in fields:
            transcript.append(label, data)
        steps: list[Any] = [["append", label, data.hex()] for label, data in fields]
        steps.append(["challenge", "challenge", scalar_bytes(transcript.challenge("challenge")).hex()])
        coefficients = transcript.coefficients("combination", 4)
        steps.append(["coefficients", "combination", [c.to_bytes(16, "little").hex() for c in coefficients]])
        steps.append(["coefficients", "combination", [(1).to_bytes(16, "little").hex()]])
        steps.append(["squeeze", "hash", transcript.squeeze("hash", 32).hex()])
        yield accepted("transcript", protocol, protocol=protocol, steps=steps)


def hashes() -> Iterator[Vector]:
    """Election hashes, card keys, group commitments, roll hashes, coefficient commitments."""
    publics = [provers.base(i + 2) for i in range(3)]
    participants = b"".join(u16(index) + x for index, x in zip((1, 2, 4), publics, strict=True))
    fields = [("definition", HASH), ("attempt", u16(2)), ("participants", participants), ("key", JOINT)]
    yield accepted(
        "election",
        "three",
        definition=HASH.hex(),
        attempt=2,
        participants=[[index, x.hex()] for index, x in zip((1, 2, 4), publics, strict=True)],
        key=JOINT.hex(),
        hash=digest(labels.ELECTION, *fields).hex(),
    )
    for region in (0, 700):
        secret = Stream(f"secret {region}").bytes(16)
        scalar = provers.card_secret(HASH, region, secret)
        inputs = {"election": HASH.hex(), "region": region, "secret": secret.hex()}
        outputs = {"scalar": scalar_bytes(scalar).hex(), "card": provers.base(scalar).hex()}
        yield accepted("card-key", f"region-{region}", **inputs, **outputs)
    cards = b"".join(sorted(provers.base(i) + provers.encrypt(JOINT, i % 2, i) for i in (7, 8)))
    commitment = provers.group_commitment(bytes(32), publics[0], cards)
    inputs = {"nonce": bytes(32).hex(), "token": publics[0].hex(), "cards": cards.hex()}
    yield accepted("group-commitment", "two-cards", **inputs, hash=commitment.hex())
    roll = [("definition", HASH), ("region", u16(3)), ("salt", bytes(16)), ("voter", "Ζωή".encode())]
    inputs = {"definition": HASH.hex(), "region": 3, "salt": bytes(16).hex(), "voter": "Ζωή"}
    yield accepted("roll", "greek", **inputs, hash=digest(labels.ROLL, *roll).hex())


def signatures() -> Iterator[Vector]:
    """Schnorr signatures of every purpose."""
    random = Stream("signature")
    purposes = [("card-entry", "4.3"), ("ballot", "6.4"), ("group", "4.3"), ("ceremony-constant", "3.2")]
    for purpose, check in purposes:
        secret, message = random.scalar(), random.bytes(32)
        wire = provers.sign(purpose, secret, message, random)
        inputs = {"purpose": purpose, "key": provers.base(secret).hex(), "message": message.hex()}
        good = accepted("signature", purpose, **inputs, signature=wire.hex())
        yield good
        for name, bad in bad_wires(wire, [("point", 0), ("scalar", 32)]):
            yield rejected(good, name, check, signature=bad.hex())
        other = "group" if purpose == "ballot" else "ballot"
        yield rejected(good, "other-purpose", check, purpose=other)
        yield rejected(good, "other-key", check, key=JOINT.hex())
        yield rejected(good, "other-message", check, message=HASH.hex())
        yield rejected(good, "short", check, signature=wire[:-1].hex())
    # With K the identity, R = z*G would sign anything.
    forged = provers.base(5) + scalar_bytes(5)
    yield rejected(good, "identity-key", "3.2", key=bytes(32).hex(), signature=forged.hex())


def cards() -> Iterator[Vector]:
    """Card records with either weight, and without."""
    random = Stream("card")
    for weight in (0, 1):
        record = provers.card(HASH, JOINT, 5, random.scalar(), weight, random.scalar(), random)
        inputs = {"election": HASH.hex(), "key": JOINT.hex(), "region": 5, "weighted": 1}
        good = accepted("card", f"weight-{weight}", **inputs, record=record.hex())
        yield good
        yield from context(good, "4.3", region=6)
        layout = [("point", at) for at in (0, 32, 64)] + disjunction_layout(96, 2)
        for name, bad in bad_wires(record, [*layout, ("point", 320), ("scalar", 352)]):
            yield rejected(good, name, "4.3", record=bad.hex())
        yield rejected(good, "identity", "4.3", record=(bytes(32) + record[32:]).hex())
        yield rejected(good, "long", "4.3", record=(record + b"\0").hex())
    yield rejected(good, "weight-2", "4.3", record=heavy(random).hex())
    record = provers.plain_card(HASH, 5, random.scalar(), random)
    good = accepted("card", "plain", **(inputs | {"weighted": 0}), record=record.hex())
    yield good
    for name, bad in bad_wires(record, [("point", 0), ("point", 32), ("scalar", 64)]):
        yield rejected(good, name, "4.3", record=bad.hex())
    yield rejected(good, "other-region", "4.3", region=6)


def heavy(random: Stream) -> bytes:
    """A card of weight 2 with an honest signature over a proof that claims 1."""
    secret, r = random.scalar(), random.scalar()
    public, ciphertext = provers.base(secret), provers.encrypt(JOINT, 2, r)
    transcript, branches = proofs.bit_statement(HASH, JOINT, 5, public, ciphertext)
    proof = provers.prove_zero(transcript, JOINT, branches, 1, [r], random)
    message = proofs.card_message(HASH, 5, public, ciphertext, proof)
    return public + ciphertext + proof + provers.sign(labels.CARD_ENTRY, secret, message, random)


def context(good: Vector, check: str, **others: int) -> Iterator[Vector]:
    """The same object under another election hash, another key and other places."""
    yield rejected(good, "other-election", check, election=sha256(b"another").hexdigest())
    yield rejected(good, "other-key", check, key=provers.base(77).hex())
    for field, value in others.items():
        yield rejected(good, f"other-{field}", check, **{field: value})


def ballots() -> Iterator[Vector]:
    """Whole ballot entries: one contest with blanks, one without, both together."""
    random = Stream("ballot")
    styles = {"blank": [(0, 2, 1)], "options": [(4, 3, 0)], "two": [(1, 2, 1), (7, 1, 1)]}
    for name, contests in styles.items():
        secret = random.scalar()
        choices = [options + blank - 1 for _, options, blank in contests]
        entry, votes = ballot(secret, (5, 2, 3), contests, choices, random)
        inputs = {"election": HASH.hex(), "key": JOINT.hex(), "region": 5}
        good = accepted("ballot", name, **inputs, contests=[list(c) for c in contests], entry=entry.hex())
        yield good
        yield from context(good, "6.4")
        yield rejected(good, "other-contest", "6.4", contests=[[c + 1, m, b] for c, m, b in contests])
        yield from bad_ballots(good, secret, contests, entry, votes, random)


def ballot(
    secret: int,
    place: tuple[int, int, int],
    contests: list[tuple[int, int, int]],
    choices: list[int],
    random: Stream,
) -> tuple[bytes, bytes]:
    """A ballot entry and its votes."""
    card = provers.base(secret)
    votes = b"".join(
        provers.vote(HASH, JOINT, place, card, contest, choice, random)
        for contest, choice in zip(contests, choices, strict=True)
    )
    return signed(secret, [1, 17, HASH, card, *place, votes], random), votes


def signed(secret: int, body: list[cbor.Item], random: Stream) -> bytes:
    """A ballot entry from its body, well signed."""
    message = sha256(cbor.encode(body)).digest()
    return cbor.encode([*body, provers.sign(labels.BALLOT, secret, message, random)])


def bad_ballots(
    good: Vector,
    secret: int,
    contests: list[tuple[int, int, int]],
    entry: bytes,
    votes: bytes,
    random: Stream,
) -> Iterator[Vector]:
    """Ballots with wrong votes or places, all well signed, and with wrong signatures."""
    body = cbor.decode(entry)[:-1]
    _, options, blank = contests[0]
    layout = [("point", 32 * i) for i in range(2 * options)]
    layout += disjunction_layout(64 * options, options + blank)
    for name, bad in bad_wires(votes, layout):
        yield rejected(good, name, "6.4", entry=signed(secret, [*body[:-1], bad], random).hex())
    wrong: dict[str, tuple[int, cbor.Item, str]] = {
        "region": (4, 6, "6.1"),
        "day-0": (5, 0, "6.1"),
        "day": (5, 1, "6.4"),
        "serial": (6, 4, "6.4"),
        "serial-0": (6, 0, "6.1"),
        "serial-21": (6, 21, "6.1"),
        "election": (2, JOINT, "6.1"),
        "votes-short": (7, votes[:-1], "6.1"),
        "votes-long": (7, votes + b"\0", "6.1"),
    }
    for name, (at, value, check) in wrong.items():
        changed = [*body[:at], value, *body[at + 1 :]]
        yield rejected(good, f"signed-{name}", check, entry=signed(secret, changed, random).hex())
    thief = signed(secret + 1, [*body[:3], provers.base(secret + 1), *body[4:]], random)
    yield rejected(good, "votes-of-another-card", "6.4", entry=thief.hex())
    for name, bad in bad_wires(entry, [("point", len(entry) - 64), ("scalar", len(entry) - 32)]):
        yield rejected(good, f"signature-{name}", "6.4", entry=bad.hex())


def weighings() -> Iterator[Vector]:
    """Weighed rows with either sign, of two and of four ciphertexts."""
    random = Stream("weighing")
    place = (5, 2, 1, 2, 3, 40)
    for sign, width in ((1, 2), (-1, 2), (-1, 4)):
        before = b"".join(provers.encrypt(JOINT, i % 2, random.scalar()) for i in range(width))
        wire = provers.weigh(HASH, JOINT, place, before, sign, random)
        inputs = {"election": HASH.hex(), "key": JOINT.hex(), "place": list(place), "before": before.hex()}
        good = accepted("weighing", f"sign{sign:+}-width-{width}", **inputs, weighed=wire.hex())
        yield good
        yield from context(good, "7.2")
        for at, name in enumerate(("region", "day", "chunk", "position", "trustee", "row")):
            other = [value + (at == i) for i, value in enumerate(place)]
            yield rejected(good, f"other-{name}", "7.2", place=other)
        layout = [("point", 32 * i) for i in range(2 * width)] + disjunction_layout(64 * width, 2)
        for name, bad in bad_wires(wire, layout):
            yield rejected(good, name, "7.2", weighed=bad.hex())
        swapped = before[64:128] + before[:64] + before[128:]
        yield rejected(good, "before-swapped", "7.2", before=swapped.hex())
        yield rejected(good, "short", "7.1", weighed=wire[:-1].hex())
    before = b"".join(provers.encrypt(JOINT, 1, random.scalar()) for _ in range(2))
    wire = provers.weigh(HASH, JOINT, place, before, 2, random)
    yield rejected(good, "twice", "7.2", before=before.hex(), weighed=wire.hex())


def share_chunks() -> Iterator[Vector]:
    """Chunks of decryption shares of both stages, also of nothing and of the identity."""
    random = Stream("shares")
    for name, stage, count in (("signs", 1, 3), ("totals", 2, 1), ("nothing", 2, 0)):
        secret, place = random.scalar(), (1, 2, 5, 1, 0) if stage == 1 else (2, 2, 0, 0, 0)
        points = b"".join(provers.base(random.scalar()) for _ in range(count))
        wire = provers.shares(HASH, place, secret, points, random)
        public = provers.base(secret).hex()
        inputs = {"election": HASH.hex(), "place": list(place), "public": public, "inputs": points.hex()}
        good = accepted("shares", name, **inputs, shares=wire.hex())
        yield good
        yield rejected(good, "other-election", "9.2", election=sha256(b"another").hexdigest())
        for at, field in enumerate(("stage", "trustee", "region", "day", "chunk")):
            other = [value + (at == i) for i, value in enumerate(place)]
            yield rejected(good, f"other-{field}", "9.2", place=other)
        yield rejected(good, "other-public", "9.2", public=JOINT.hex())
        layout = [("point", 32 * i) for i in range(count + 2)] + [("scalar", 32 * count + 64)]
        for slip, bad in bad_wires(wire, layout):
            yield rejected(good, slip, "9.2", shares=bad.hex())
        yield rejected(good, "long", "9.1", shares=(wire + b"\0").hex())
        if count == 3:
            # Errors that cancel without random coefficients.
            shift = decode(provers.base(9))
            first = encode(total([decode(wire[:32]), shift]))
            second = encode(total([decode(wire[32:64]), multiply(-1, shift)]))
            yield rejected(good, "cancelling", "9.2", shares=(first + second + wire[64:]).hex())


def ceremony() -> Iterator[Vector]:
    """Reveals, shares of secrets, and the keys that follow."""
    random = Stream("ceremony")
    polynomials = {i: [random.scalar() for _ in range(2)] for i in (1, 3)}
    points = {i: provers.commitments(coefficients) for i, coefficients in polynomials.items()}
    fields = [("definition", HASH), ("attempt", u16(1)), ("trustee", u16(3)), ("points", points[3])]
    proof = provers.sign(
        labels.CEREMONY_CONSTANT, polynomials[3][0], digest(labels.CEREMONY_CONSTANT, *fields), random
    )
    inputs = {"definition": HASH.hex(), "attempt": 1, "trustee": 3, "threshold": 2}
    outputs = {"commitment": digest(labels.CEREMONY_POLYNOMIAL, *fields), "points": points[3], "proof": proof}
    good = accepted("reveal", "of-3", **inputs, **{name: value.hex() for name, value in outputs.items()})
    yield good
    for field, value in (("attempt", 2), ("trustee", 1), ("threshold", 3), ("commitment", HASH.hex())):
        yield rejected(good, f"other-{field}", "3.2", **{field: value})
    for name, bad in bad_wires(proof, [("point", 0), ("scalar", 32)]):
        yield rejected(good, f"proof-{name}", "3.2", proof=bad.hex())
    yield rejected(good, "points-swapped", "3.2", points=(points[3][32:] + points[3][:32]).hex())
    for j in (1, 3):
        share = scalar_bytes(provers.polynomial(polynomials[3], j))
        good = accepted("share", f"to-{j}", points=points[3].hex(), index=j, share=share.hex())
        yield good
        yield rejected(good, "other-index", "3.2", index=j + 1)
        for name, bad in bad_wires(share, [("scalar", 0)]):
            yield rejected(good, name, "3.2", share=bad.hex())
    publics = {j: sum(provers.polynomial(f, j) for f in polynomials.values()) for j in (1, 3)}
    yield accepted(
        "keys",
        "of-1-and-3",
        points=[[i, encoded.hex()] for i, encoded in points.items()],
        key=provers.base(sum(f[0] for f in polynomials.values())).hex(),
        publics=[[j, provers.base(x).hex()] for j, x in publics.items()],
    )


def tokens() -> Iterator[Vector]:
    """Evaluations of one and of three blinded inputs, and outputs of tokens."""
    random = Stream("token")
    secret = random.scalar()
    for count in (1, 3):
        names = [provers.base(random.scalar()) for _ in range(count)]
        blinds = [random.scalar() for _ in names]
        blinded = [provers.blind(name, r) for name, r in zip(names, blinds, strict=True)]
        evaluated, proof = provers.evaluate_blind(secret, blinded, random.scalar())
        inputs = {"public": provers.base(secret).hex(), "blinded": [b.hex() for b in blinded]}
        outputs = {"evaluated": [e.hex() for e in evaluated], "proof": proof.hex()}
        good = accepted("evaluation", f"of-{count}", **inputs, **outputs)
        yield good
        yield rejected(good, "other-public", "4.3", public=JOINT.hex())
        for name, bad in bad_wires(proof, [("scalar", 0), ("scalar", 32)]):
            yield rejected(good, f"proof-{name}", "4.3", proof=bad.hex())
        for token, r, element in zip(names, blinds, evaluated, strict=True):
            output = provers.finalize(token, r, element)
            common = {"secret": scalar_bytes(secret).hex(), "input": token.hex()}
            common |= {"blind": scalar_bytes(r).hex(), "evaluated": element.hex(), "output": output.hex()}
            yield accepted("token", f"{count}-{token.hex()[:8]}", **common)


def cbor_arrays() -> Iterator[Vector]:
    """Arrays, and all the ways to write them wrongly."""
    items: list[cbor.Item] = [1, 23, 24, 255, 256, 65536, 2**32, 2**53 - 1, b"", b"x" * 24, "", "Ζωή"]
    shown = [item.hex() if isinstance(item, bytes) else item for item in items]
    kinds = ["bytes" if isinstance(item, bytes) else type(item).__name__ for item in items]
    listed = [list(pair) for pair in zip(kinds, shown, strict=True)]
    yield accepted("cbor", "all", data=cbor.encode(items).hex(), items=listed)
    good = accepted("cbor", "short", data="8301416160", items=[["int", 1], ["bytes", "61"], ["str", ""]])
    yield good
    wrong = {
        "trailing": "830141616000",
        "truncated": "83014161",
        "long-array-head": "980301416160",
        "long-integer": "831801416160",
        "long-integer-16": "83190001416160",
        "long-length": "830158016160",
        "huge-length": "83015bffffffffffffffff6160",
        "indefinite-array": "9f01416160ff",
        "indefinite-bytes": "83015f4161ff60",
        "negative": "8320416160",
        "nested": "838101416160",
        "map": "83a0416160",
        "tag": "83c101416160",
        "false": "83f4416160",
        "null": "83f6416160",
        "float": "83f90000416160",
        "integer-2-53": "831b0020000000000000416160",
        "text-not-utf8": "8301416161ff",
        "text-surrogate": "8301416163eda080",
        "text-overlong": "8301416162c080",
        "not-an-array": "01",
        "empty": "",
        "reserved": "831c416160",
    }
    for name, data in wrong.items():
        yield rejected(good, name, "1.4", data=data)


FILES: dict[str, Callable[[], Iterator[Vector]]] = {
    "transcript": transcripts,
    "hash": hashes,
    "signature": signatures,
    "card": cards,
    "ballot": ballots,
    "weighing": weighings,
    "shares": share_chunks,
    "ceremony": ceremony,
    "token": tokens,
    "cbor": cbor_arrays,
}


def text(vectors: list[Vector]) -> str:
    """One vector a line."""
    return "[\n" + ",\n".join(json.dumps(vector, ensure_ascii=False) for vector in vectors) + "\n]\n"


def main() -> None:
    """Write every file."""
    DIRECTORY.mkdir(exist_ok=True)
    for name, make in FILES.items():
        (DIRECTORY / f"{name}.json").write_text(text(list(make())))


if __name__ == "__main__":
    main()
