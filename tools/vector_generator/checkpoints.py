"""Checkpoints, signed and cosigned, right and wrong (`spec/log.md#checkpoints`)."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator

from psephos.log import checkpoints
from psephos.log.checkpoints import TreeHead
from psephos.log.merkle import leaf_hash, root_of
from psephos.log.note import Note, Signature, encode_base64
from vector_generator.log import (
    LEAVES,
    LOG,
    ORIGIN,
    POLICY,
    TIME,
    WITNESSES,
    cosign,
    joined,
    sign,
    signer,
)
from vector_generator.vector import Vector, accepted, rejected


def checkpoint_vectors() -> Iterator[Vector]:
    """Signed and cosigned checkpoints, and whether they satisfy a policy."""
    root = root_of(list(map(leaf_hash, LEAVES)))
    signed = sign(TreeHead(ORIGIN, len(LEAVES), root))
    lines = [cosign(signed, witness) for witness in range(3)]
    good = accepted("checkpoint", "cosigned", policy=POLICY, note=joined(signed, lines[0], lines[2]))
    yield good
    outsider = Signature("stranger.example", b"abcd", b"whatever")
    own_name = Signature(ORIGIN, b"abcd", b"whatever")
    yield accepted("checkpoint", "strangers", policy=POLICY, note=joined(signed, outsider, own_name, *lines))
    empty = sign(TreeHead(ORIGIN, 0, hashlib.sha256().digest()))
    yield accepted(
        "checkpoint",
        "empty",
        policy=POLICY,
        note=joined(empty, *(cosign(empty, witness) for witness in (1, 2))),
    )
    largest = sign(TreeHead(ORIGIN, 2**63 - 1, root))
    alone = f"log {LOG}\nquorum none\n"
    yield accepted("checkpoint", "largest", policy=alone, note=joined(largest))
    for name, bad in _bad_checkpoints(signed, lines):
        yield rejected(good, name, "1.1", note=bad)
    for name, note in _unwitnessed(signed, lines).items():
        yield rejected(good, name, "1.2", note=note)


def _bad_checkpoints(signed: Note, lines: list[Signature]) -> Iterator[tuple[str, str]]:
    """Texts that no log may write, all well signed, and what the log did not sign."""
    origin, size, root, _ = signed.text.split("\n")
    texts = {
        "extension": f"{signed.text}extension\n",
        "two-lines": f"{origin}\n{size}\n",
        "empty-extension": f"{signed.text}\n",
        "size-with-zero": f"{origin}\n0{size}\n{root}\n",
        "size-signed": f"{origin}\n+{size}\n{root}\n",
        "size-2-63": f"{origin}\n{2**63}\n{root}\n",
        "size-not-ascii": f"{origin}\n٣\n{root}\n",
        "size-empty": f"{origin}\n\n{root}\n",
        "root-short": f"{origin}\n{size}\n{encode_base64(bytes(31))}\n",
        "root-unpadded": f"{origin}\n{size}\n{root.rstrip('=')}\n",
        "empty-with-another-root": f"{origin}\n0\n{root}\n",
    }
    for name, text in texts.items():
        value = signer(ORIGIN).sign(text.encode())
        note = Note(text, (Signature(ORIGIN, signed.signatures[0].key_id, value),))
        yield name, joined(note, *(cosign(note, witness) for witness in (0, 2)))
    elsewhere = Note.parse(checkpoints.sign(TreeHead("elsewhere.example", 7, bytes(32)), signer(ORIGIN)))
    yield "other-origin", joined(elsewhere, *(cosign(elsewhere, witness) for witness in (0, 2)))
    (line,) = signed.signatures
    witnessed = [lines[0], lines[2]]
    for name, by in {
        "unsigned": (),
        "wrongly-signed": (Signature(line.name, line.key_id, bytes(64)),),
        "signed-twice": (line, line),
        "signature-short": (Signature(line.name, line.key_id, line.value[:-1]),),
        "signature-unreduced": (Signature(line.name, line.key_id, _unreduced(line.value)),),
        "signed-by-another": (Signature(line.name, line.key_id, signer("other").sign(signed.text.encode())),),
    }.items():
        yield name, joined(Note(signed.text, by), *witnessed)
    yield "other-size", joined(signed, *witnessed).replace("\n7\n", "\n8\n", 1)


def _unreduced(signature: bytes) -> bytes:
    """The same signature with the group's order added to its scalar half."""
    order = 2**252 + 27742317777372353535851937790883648493
    return signature[:32] + (int.from_bytes(signature[32:], "little") + order).to_bytes(32, "little")


def _unwitnessed(signed: Note, lines: list[Signature]) -> dict[str, str]:
    first, two, three = lines
    wrong = Signature(three.name, three.key_id, three.value[:-1] + bytes([three.value[-1] ^ 1]))
    later = Signature(three.name, three.key_id, (TIME + 1).to_bytes(8, "big") + three.value[8:])
    zero = Signature(three.name, three.key_id, bytes(8) + three.value[8:])
    key = signer(WITNESSES[2])
    message = f"cosignature/v1\ntime 0\n{signed.text}".encode()
    at_zero = Signature(three.name, three.key_id, bytes(8) + key.sign(message))
    plain = Signature(three.name, three.key_id, bytes(8) + key.sign(signed.text.encode()))
    return {
        "no-quorum": joined(signed, first),
        "nobody": joined(signed),
        "one-witness-twice": joined(signed, first, first),
        "quorum-and-a-wrong-one": joined(signed, first, two, wrong),
        "quorum-and-another-time": joined(signed, first, two, later),
        "quorum-and-time-0": joined(signed, first, two, zero),
        "quorum-and-time-0-signed": joined(signed, first, two, at_zero),
        "quorum-and-a-long-one": joined(
            signed, first, two, Signature(three.name, three.key_id, three.value + b"x")
        ),
        "quorum-and-a-plain-signature": joined(signed, first, two, plain),
        "cosigned-by-another-key": joined(signed, first, Signature(two.name, two.key_id, three.value)),
        "twice-among-a-quorum": joined(signed, first, two, two),
        "quorum-by-unknown-ids": joined(signed, first, Signature(two.name, b"abcd", two.value)),
    }
