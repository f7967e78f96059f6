"""Vectors of transcripts, hashes and CBOR. spec/encoding.md"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import cbor
import labels
import provers
import token_provers
from group import scalar_bytes
from provers import Stream
from transcript import Transcript, digest, u8, u16
from vector import HASH, JOINT, Vector, accepted, rejected


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
    """Election hashes, card keys, commitments to cards, roll hashes, coefficient commitments."""
    publics = [provers.base(i + 2) for i in range(3)]
    participants = b"".join(u16(index) + x for index, x in zip((1, 2, 4), publics, strict=True))
    fields = [("definition", HASH), ("attempt", u16(2)), ("participants", participants), ("key", JOINT)]
    entries = [Stream(f"token keys {number}").bytes(32) for number in (1, 2)]
    yield accepted(
        "election",
        "three",
        definition=HASH.hex(),
        attempt=2,
        participants=[[index, x.hex()] for index, x in zip((1, 2, 4), publics, strict=True)],
        key=JOINT.hex(),
        token_keys=[entry.hex() for entry in entries],
        hash=digest(labels.ELECTION, *fields, ("token-keys", b"".join(entries))).hex(),
    )
    for region in (0, 700):
        secret = Stream(f"secret {region}").bytes(16)
        scalar = provers.card_secret(HASH, region, secret)
        inputs = {"election": HASH.hex(), "region": region, "secret": secret.hex()}
        outputs = {"scalar": scalar_bytes(scalar).hex(), "card": provers.base(scalar).hex()}
        yield accepted("card-key", f"region-{region}", **inputs, **outputs)
    cards = b"".join(sorted(provers.base(i) + provers.encrypt(JOINT, i % 2, i) for i in (7, 8)))
    commitment = token_provers.cards_commitment(bytes(32), cards)
    inputs = {"nonce": bytes(32).hex(), "cards": cards.hex()}
    yield accepted("cards-commitment", "two-cards", **inputs, hash=commitment.hex())
    roll = [("definition", HASH), ("registrar", u8(2)), ("region", u16(3))]
    roll += [("salt", bytes(16)), ("voter", "Ζωή".encode())]
    inputs = {"definition": HASH.hex(), "registrar": 2, "region": 3}
    inputs |= {"salt": bytes(16).hex(), "voter": "Ζωή"}
    yield accepted("roll", "greek", **inputs, hash=digest(labels.ROLL, *roll).hex())


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
