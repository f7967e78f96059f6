"""Vectors of proofs, ballots apart: signatures, cards, weighings, shares, keys, tokens. spec/proofs.md"""

from __future__ import annotations

from collections.abc import Iterator
from hashlib import sha256

import labels
import proofs
import provers
import token_provers
import tokens as token_functions
from group import decode, encode, multiply, scalar_bytes, total
from provers import Stream
from transcript import digest, u16
from vector import HASH, JOINT, Vector, accepted, bad_wires, context, disjunction_layout, rejected


def signatures() -> Iterator[Vector]:
    """Schnorr signatures of every purpose."""
    random = Stream("signature")
    purposes = [("card-entry", "4.3"), ("ballot", "6.4"), ("admission", "4.3"), ("ceremony-constant", "3.2")]
    for purpose, check in purposes:
        secret, message = random.scalar(), random.bytes(32)
        wire = provers.sign(purpose, secret, message, random)
        inputs = {"purpose": purpose, "key": provers.base(secret).hex(), "message": message.hex()}
        good = accepted("signature", purpose, **inputs, signature=wire.hex())
        yield good
        for name, bad in bad_wires(wire, [("point", 0), ("scalar", 32)]):
            yield rejected(good, name, check, signature=bad.hex())
        another_purpose = "admission" if purpose == "ballot" else "ballot"
        yield rejected(good, "other-purpose", check, purpose=another_purpose)
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
        layout = [("point", offset) for offset in (0, 32, 64)] + disjunction_layout(96, 2)
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
        for index, name in enumerate(("region", "day", "chunk", "position", "trustee", "row")):
            another_place = [value + (index == i) for i, value in enumerate(place)]
            yield rejected(good, f"other-{name}", "7.2", place=another_place)
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
        for index, field in enumerate(("stage", "trustee", "region", "day", "chunk")):
            another_place = [value + (index == i) for i, value in enumerate(place)]
            yield rejected(good, f"other-{field}", "9.2", place=another_place)
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


PLACE = (5, 2)  # region, registrar


def tokens() -> Iterator[Vector]:
    """Evaluations of one and of three blinded inputs, outputs of tokens, admissions with either weight."""
    random = Stream("token")
    secrets = random.scalar(), random.scalar()
    secret = secrets[1]
    public = provers.base(secret).hex()
    for count in (1, 3):
        names = [provers.base(random.scalar()) for _ in range(count)]
        blinds = [random.scalar() for _ in names]
        blinded = b"".join(token_provers.blind(name, r) for name, r in zip(names, blinds, strict=True))
        evaluated, proof = token_provers.evaluate_blind(HASH, (5, 1, 0), secret, blinded, random)
        inputs = {"election": HASH.hex(), "place": [5, 1, 0], "public": public, "blinded": blinded.hex()}
        good = accepted("evaluation", f"of-{count}", **inputs, evaluated=evaluated.hex(), proof=proof.hex())
        yield good
        yield from evaluation_slips(good, blinded, evaluated, proof)
        for token, r, element in zip(names, blinds, proofs.split(evaluated), strict=True):
            output = token_provers.finalize(token, token_provers.unblind(element, r))
            common = {"secret": scalar_bytes(secret).hex(), "input": token.hex()}
            common |= {"blind": scalar_bytes(r).hex(), "evaluated": element.hex(), "output": output.hex()}
            yield accepted("token", f"{count}-{token.hex()[:8]}", **common)
    for weight in (0, 1):
        yield from admissions(secrets, weight, random)


def evaluation_slips(good: Vector, blinded: bytes, evaluated: bytes, proof: bytes) -> Iterator[Vector]:
    """What may be wrong about an evaluation: its place, its key, a row, its proof."""
    yield rejected(good, "other-election", "4.3", election=sha256(b"another").hexdigest())
    for name, place in (("region", [6, 1, 0]), ("registrar", [5, 2, 0]), ("kind", [5, 1, 1])):
        yield rejected(good, f"other-{name}", "4.3", place=place)
    yield rejected(good, "other-public", "4.3", public=JOINT.hex())
    for name, bad in bad_wires(proof, [("point", 0), ("point", 32), ("scalar", 64)]):
        yield rejected(good, f"proof-{name}", "4.3", proof=bad.hex())
    yield rejected(good, "proof-short", "4.3", proof=proof[:-1].hex())
    for row in range(0, len(evaluated), 32):
        for name, data in (("blinded", blinded), ("evaluated", evaluated)):
            for slip, bad in bad_wires(data, [("point", row)]):
                yield rejected(good, f"{name}-{slip}", "4.3", **{name: bad.hex()})
            identity = data[:row] + bytes(32) + data[row + 32 :]
            yield rejected(good, f"{name}-{row}-identity", "4.3", **{name: identity.hex()})
    if len(evaluated) > 32:
        shift = decode(provers.base(9))
        first, second = (decode(evaluated[row : row + 32]) for row in (0, 32))
        cancelling = encode(total([first, shift])) + encode(total([second, multiply(-1, shift)]))
        yield rejected(good, "cancelling", "4.3", evaluated=(cancelling + evaluated[64:]).hex())
        swapped = evaluated[32:64] + evaluated[:32] + evaluated[64:]
        yield rejected(good, "swapped", "4.3", evaluated=swapped.hex())


def admissions(secrets: tuple[int, int], weight: int, random: Stream) -> Iterator[Vector]:
    """A card with its token, as the registrar with these secrets checks it; the record is checked apart."""
    v, d = secrets
    publics = provers.base(v) + provers.base(d)
    secret, r = random.scalar(), random.scalar()
    record = provers.card(HASH, JOINT, PLACE[0], secret, weight, r, random)
    card_input = token_functions.card_input(HASH, PLACE[0], record[:32])
    right, wrong = (token_provers.token(key, card_input) for key in (secrets if weight else (d, v)))
    common = (HASH, PLACE, JOINT, publics, record)
    token, proof = token_provers.admit(*common, (weight, r), right, random)
    given = {"election": HASH.hex(), "key": JOINT.hex(), "place": list(PLACE), "record": record.hex()}
    given |= {"secrets": [scalar_bytes(v).hex(), scalar_bytes(d).hex()]}
    good = accepted("admission", f"weight-{weight}", **given, token=token.hex(), proof=proof.hex())
    yield good
    yield from context(good, "4.3")
    for index, name in enumerate(("region", "registrar")):
        another_place = [value + (index == i) for i, value in enumerate(PLACE)]
        yield rejected(good, f"other-{name}", "4.3", place=another_place)
    yield rejected(good, "keys-exchanged", "4.3", secrets=given["secrets"][::-1])
    layout = [("point", 32 * i) for i in range(5)] + [("scalar", 32 * i) for i in range(5, 9)]
    for name, bad in bad_wires(proof, layout):
        yield rejected(good, f"proof-{name}", "4.3", proof=bad.hex())
    for name, bad in bad_wires(token, [("point", 0), ("point", 32), ("point", 64)]):
        yield rejected(good, f"token-{name}", "4.3", token=bad.hex())
    other_card = provers.card(HASH, JOINT, PLACE[0], random.scalar(), weight, r, random)
    yield rejected(good, "other-card", "4.3", record=other_card.hex())
    forged: dict[str, tuple[int, bytes]] = {
        "token-of-the-other-kind": (weight, wrong),
        "other-weight": (1 - weight, right),
        "token-doubled": (weight, encode(multiply(2, decode(right)))),
        "tokens-added": (weight, encode(total([decode(right), decode(wrong)]))),
        "no-token": (weight, bytes(32)),
    }
    for name, (said, used) in forged.items():
        token, proof = token_provers.admit(*common, (said, r), used, random)
        yield rejected(good, name, "4.3", token=token.hex(), proof=proof.hex())
