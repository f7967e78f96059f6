"""Signed notes, checkpoints and cosignatures: the specifications' own examples, round trips, refusals."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from psephos.crypto.signature import SigningKey
from psephos.errors import FormatError, LogError
from psephos.log import checkpoints, cosignature, note
from psephos.log.checkpoints import TreeHead
from psephos.log.note import COSIGNATURE_V1, ED25519, Note, Signature, VerifierKey

if TYPE_CHECKING:
    from conftest import Keys

EXAMPLE_KEY = "example.com/foo+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k"
EXAMPLE = """This is an example message.

— example.com/foo Uw2QOkn8srV1yJGh2VYRlL1Tnagv1YEq6TfXppzi2ONncAlTgK7Ztg1ERYNZXsYjOBH3mFXmRKuwHjG1Yu72IneyaQM=
""".encode()

names = st.text(
    st.characters(exclude_categories=("Cc", "Cs", "Zs", "Zl", "Zp"), exclude_characters="+"), min_size=1
)
seeds = st.binary(min_size=32, max_size=32)


def test_example_of_the_specification() -> None:
    key = VerifierKey.parse(EXAMPLE_KEY)
    assert str(key) == EXAMPLE_KEY
    signed = Note.parse(EXAMPLE)
    note.verify(signed, key)
    assert signed.encode() == EXAMPLE


@given(names, st.sampled_from([ED25519, COSIGNATURE_V1]), seeds)
def test_verifier_keys_round_trip(name: str, algorithm: int, seed: bytes) -> None:
    key = VerifierKey(name, algorithm, SigningKey(seed).public)
    assert VerifierKey.parse(str(key)) == key


@given(st.text(st.characters(exclude_categories=("Cc", "Cs"))), names, seeds)
def test_notes_round_trip(text: str, name: str, seed: bytes) -> None:
    key = SigningKey(seed)
    signed = note.sign(text + "\n", name, key)
    assert Note.parse(signed.encode()) == signed
    note.verify(signed, VerifierKey(name, ED25519, key.public))


@given(st.data())
def test_mutated_notes_give_format_errors_only(data: st.DataObject) -> None:
    at = data.draw(st.integers(0, len(EXAMPLE) - 1))
    mutated = EXAMPLE[:at] + bytes([data.draw(st.integers(0, 255))]) + EXAMPLE[at + 1 :]
    try:
        signed = Note.parse(mutated)
    except FormatError:
        return
    assert signed.encode() == mutated  # whatever is accepted is the one encoding of what was read
    if mutated != EXAMPLE:
        with pytest.raises(LogError):
            note.verify(signed, VerifierKey.parse(EXAMPLE_KEY))


@given(st.binary())
def test_arbitrary_bytes_give_format_errors_only(data: bytes) -> None:
    for parse in (Note.parse, lambda raw: VerifierKey.parse(raw.decode("latin-1"))):
        with pytest.raises(FormatError):
            parse(data)


@pytest.mark.parametrize(
    "bad",
    [
        EXAMPLE[:-1],
        EXAMPLE + b"\n",
        EXAMPLE.replace(b"\n\n", b"\n"),
        EXAMPLE.replace(b" example message", b"\texample"),
        EXAMPLE.replace(b"an example", b"an \xff"),
        EXAMPLE.replace("— ".encode(), b"- "),
        EXAMPLE.replace("— ".encode(), "—  ".encode()),
        EXAMPLE.replace(b"example.com/foo", b"example.com+foo"),
        EXAMPLE.replace(b"example.com/foo", "example.com/\u00a0foo".encode()),
        EXAMPLE.replace(b"QM=\n", b"QN=\n"),  # bits that base64 does not use
        EXAMPLE.replace(b"QM=\n", b"QM\n"),
        b"text\n\n" + "— name AAAAAA==\n".encode(),  # a key id and no signature
        b"text\n\n" + b"".join(Signature(f"n{n}", b"abcd", b"s").encode() for n in range(101)),
        b"x" * note.MAX_NOTE_SIZE + EXAMPLE,
    ],
)
def test_malformed_notes_are_refused(bad: bytes) -> None:
    with pytest.raises(FormatError):
        Note.parse(bad)


@pytest.mark.parametrize(
    "bad",
    [
        EXAMPLE_KEY.replace("530d903a", "530d903b"),
        EXAMPLE_KEY.replace("530d903a", "530D903A"),
        EXAMPLE_KEY.replace("example.com/foo", ""),
        EXAMPLE_KEY.replace("+Aeky", "+Beky"),
        EXAMPLE_KEY + "=",
        EXAMPLE_KEY[:-4],
        "example.com/foo",
    ],
)
def test_malformed_verifier_keys_are_refused(bad: str) -> None:
    with pytest.raises(FormatError):
        VerifierKey.parse(bad)


def test_unknown_keys_are_ignored_and_known_ones_must_be_right(keys: Keys) -> None:
    signed = note.sign("text\n", keys.origin, keys.log)
    stranger = note.sign("other\n", keys.origin, SigningKey(bytes(32))).signatures
    note.verify(signed.with_signatures(stranger), keys.log_key)
    with pytest.raises(LogError, match="not signed"):
        note.verify(Note(signed.text, stranger), keys.log_key)
    with pytest.raises(LogError, match="bad signature"):
        note.verify(Note("other\n", signed.signatures), keys.log_key)
    with pytest.raises(LogError, match="more than once"):
        note.verify(signed.with_signatures(signed.signatures), keys.log_key)


def test_checkpoints(keys: Keys) -> None:
    checkpoint = TreeHead(keys.origin, 20852163, bytes(range(32)))
    data = checkpoints.sign(checkpoint, keys.log)
    assert data.startswith(b"example.org/log\n20852163\nAAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=\n\n")
    assert checkpoints.open_checkpoint(data, keys.log_key) == checkpoint
    with pytest.raises(LogError, match="not of"):
        checkpoints.open_checkpoint(data, VerifierKey("example.org/other", ED25519, keys.log.public))
    with pytest.raises(LogError, match="empty tree"):
        checkpoints.open_checkpoint(
            checkpoints.sign(TreeHead(keys.origin, 0, bytes(32)), keys.log), keys.log_key
        )


@given(names, st.integers(0, 2**63 - 1), st.binary(min_size=32, max_size=32))
def test_checkpoint_texts_round_trip(origin: str, size: int, root: bytes) -> None:
    checkpoint = TreeHead(origin, size, root)
    assert TreeHead.parse(checkpoint.text) == checkpoint


@pytest.mark.parametrize("size", ["", "01", "-1", "+1", "1 ", "٣", "0x1", str(2**63), "1" * 5000])
def test_checkpoint_sizes_have_one_encoding(size: str) -> None:
    with pytest.raises(FormatError):
        TreeHead.parse(f"origin\n{size}\n{'A' * 43}=\n")


@pytest.mark.parametrize(
    "text", ["o\n1\n", f"o\n1\n{'A' * 43}=\nextension\n", f"o\n1\n{'A' * 44}\n", "\n1\n\n", ""]
)
def test_malformed_checkpoints_are_refused(text: str) -> None:
    with pytest.raises(FormatError):
        TreeHead.parse(text)


def test_cosignatures(keys: Keys) -> None:
    name, key = next(iter(keys.witnesses.items()))
    signed = Note.parse(checkpoints.sign(TreeHead(keys.origin, 7, bytes(32)), keys.log))
    line = cosignature.sign(signed.text, 1679315147, name, key)
    cosigned = signed.with_signatures([line])
    verifier = keys.witness_keys[name]
    assert cosignature.verify(cosigned, verifier) == 1679315147
    assert cosignature.verify(signed, verifier) is None
    later = (1679315148).to_bytes(8, "big") + line.value[8:]
    for value in (
        later,
        line.value[:-1],
        line.value + b"x",
        bytes(8) + line.value[8:],
        b"\xff" + line.value[1:],
    ):
        with pytest.raises(LogError):
            cosignature.verify(signed.with_signatures([Signature(name, line.key_id, value)]), verifier)
    with pytest.raises(LogError):
        cosignature.verify(Note(signed.text.replace("7", "8"), cosigned.signatures), verifier)
    for time in (0, -1, 2**63):
        with pytest.raises(LogError):
            cosignature.sign(signed.text, time, name, key)
