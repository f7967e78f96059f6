"""Receipts (tlog-proof) and submissions to witnesses: round trips, refusals, tampering."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from psephos.errors import FormatError, LogError
from psephos.log import checkpoints, cosignature, merkle
from psephos.log.checkpoints import TreeHead
from psephos.log.note import Note
from psephos.log.proof import LogProof
from psephos.log.submission import Submission

if TYPE_CHECKING:
    from conftest import Keys

ENTRIES = [f"entry {n}".encode() for n in range(21)]
hashes = st.lists(st.binary(min_size=32, max_size=32), max_size=63).map(tuple)


@pytest.fixture
def proof(keys: Keys) -> LogProof:
    leaves = [merkle.leaf_hash(entry) for entry in ENTRIES]

    def read(level: int, index: int) -> bytes:
        return merkle.root_of(leaves[index << level : (index + 1) << level])

    signed = Note.parse(
        checkpoints.sign(TreeHead(keys.origin, len(leaves), merkle.root_of(leaves)), keys.log)
    )
    lines = [cosignature.sign(signed.text, 100, *item) for item in keys.witnesses.items()]
    note = signed.with_signatures(lines).encode()
    return LogProof(5, tuple(merkle.inclusion_proof(5, len(leaves), read)), note)


def test_a_receipt_proves_its_entry(proof: LogProof, keys: Keys) -> None:
    received = LogProof.parse(proof.encode())
    assert received == proof
    assert received.verify(ENTRIES[5], keys.policy).size == len(ENTRIES)


def test_tampered_receipts_are_refused(proof: LogProof, keys: Keys) -> None:
    note = Note.parse(proof.checkpoint)
    spoilt = [
        replace(proof, index=4),
        replace(proof, index=21),
        replace(proof, hashes=proof.hashes[:-1]),
        replace(proof, hashes=(*proof.hashes, bytes(32))),
        replace(proof, hashes=(bytes(32), *proof.hashes[1:])),
        replace(proof, checkpoint=Note(note.text, note.signatures[:2]).encode()),
        replace(proof, checkpoint=Note(note.text, note.signatures[1:]).encode()),
        replace(proof, checkpoint=Note(note.text.replace("21", "22"), note.signatures).encode()),
    ]
    for bad in spoilt:
        with pytest.raises(LogError):
            bad.verify(ENTRIES[5], keys.policy)
    with pytest.raises(LogError):
        proof.verify(ENTRIES[6], keys.policy)


def test_any_changed_byte_is_refused(proof: LogProof, keys: Keys) -> None:
    note = Note.parse(proof.checkpoint)
    needed = Note(note.text, note.signatures[:3])  # one cosignature fewer, and there is no quorum
    data = replace(proof, checkpoint=needed.encode()).encode()
    for at in range(len(data)):
        mutated = data[:at] + bytes([data[at] ^ 1]) + data[at + 1 :]
        with pytest.raises((FormatError, LogError)):
            LogProof.parse(mutated).verify(ENTRIES[5], keys.policy)


@given(st.integers(0, 2**63 - 1), hashes, st.binary(max_size=100))
def test_encodings_round_trip(index: int, path: tuple[bytes, ...], extra: bytes) -> None:
    proof = LogProof(index, path, b"text\n", extra)
    assert LogProof.parse(proof.encode()) == proof
    submission = Submission(index, path, b"text\n")
    assert Submission.parse(submission.encode()) == submission


@given(st.binary(max_size=30), st.integers(0, 120))
def test_mutations_give_format_errors_only(insert: bytes, at: int) -> None:
    for kind in (LogProof(7, (bytes(32),), b"text\n", b"x"), Submission(7, (bytes(32),), b"text\n")):
        data = kind.encode()
        mutated = data[:at] + insert + data[at + len(insert) :]
        with suppress(FormatError):
            assert type(kind).parse(mutated).encode() == mutated


HASH = "A" * 43 + "=\n"
HEADER = "c2sp.org/tlog-proof@v1\n"


@pytest.mark.parametrize(
    "text",
    [
        "",
        "c2sp.org/tlog-proof@v2\nindex 0\n\ntext\n",
        HEADER + "index 0\n",
        HEADER + "index 00\n\ntext\n",
        HEADER + "extra \nindex 0\n\ntext\n",
        HEADER + "extra eA\nindex 0\n\ntext\n",
        HEADER + "index 0\nextra eA==\n\ntext\n",
        HEADER + "\n\ntext\n",
        HEADER + "index 0\n" + HASH * 64 + "\ntext\n",
        HEADER + "index 0\nAAAA\n\ntext\n",
        HEADER + "index 0\r\n\ntext\n",
    ],
)
def test_malformed_receipts_are_refused(text: str) -> None:
    with pytest.raises(FormatError):
        LogProof.parse(text.encode())


@pytest.mark.parametrize(
    "text",
    ["", "old 1\n", "old 01\n\n", "old -1\n\n", "new 1\n\n", "old 1\nAAAA\n\n", "old 1\n" + HASH * 64 + "\n"],
)
def test_malformed_submissions_are_refused(text: str) -> None:
    with pytest.raises(FormatError):
        Submission.parse(text.encode())
