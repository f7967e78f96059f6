"""Entries by whoever must not write them, and Ed25519 at its edges: check 1.5, and nothing happens."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace

import pytest

from psephos.crypto import cbor
from psephos.crypto.signature import PublicKey, SigningKey
from psephos.errors import FormatError, PsephosError, VerificationError
from psephos.protocol import entries
from psephos.protocol.encoding import canonical_json
from psephos.protocol.entries import Entry, Payload
from psephos.protocol.setup.document import parse
from psephos.simulation.adversary import fatal, fork, of_type, refused
from psephos.simulation.referendum import Referendum
from tests.attacks.scenes import begun, counted, enrolled, voting

ORDER = 2**252 + 27742317777372353535851937790883648493
PARTIES = ["organiser", "registrar 1", "registrar 2", "board", "trustee", "stranger"]
REGISTRARS = ("registrar 1", "registrar 2")
"""Either may write what both may; `WRITERS` names the one whose entry is tried."""
WRITERS: dict[type[Payload], str] = {
    entries.CheckpointEntry: "board",
    entries.TokenKeys: "registrar 1",
    entries.Roll: "registrar 1",
    entries.Given: "registrar 1",
    entries.CeremonyCommit: "trustee",
    entries.CeremonyReveal: "trustee",
    entries.CeremonyDeal: "trustee",
    entries.CeremonyConfirm: "trustee",
    entries.CeremonySign: "trustee",
    entries.Batch: "registrar 1",
    entries.Endorse: "registrar 2",
    entries.Issued: "registrar 1",
    entries.Open: "board",
    entries.Seal: "board",
    entries.Weighing: "trustee",
    entries.Close: "trustee",
    entries.Shares: "trustee",
}


def key_of(referendum: Referendum, party: str) -> SigningKey:
    keys = referendum.keys
    everybody = {
        "organiser": keys.organiser,
        "registrar 1": keys.registrars[0],
        "registrar 2": keys.registrars[1],
        "board": keys.board,
        "trustee": keys.trustees[0],
        "stranger": SigningKey(bytes(32)),
    }
    return everybody[party]


def may_write(party: str, payload: type[Payload]) -> bool:
    """One registrar leads: it alone writes batches, and the others alone endorse them."""
    both = payload not in (entries.Batch, entries.Endorse)
    writer = WRITERS[payload]
    return party == writer or (both and party in REGISTRARS and writer in REGISTRARS)


def before(payload: type[Payload]) -> tuple[Referendum, bytes]:
    """The referendum up to the first entry of a type, and that entry."""
    whole = counted()
    at = of_type(whole, payload)[0]
    return fork(whole, whole.logged[:at]), whole.logged[at]


def copy_by(referendum: Referendum, data: bytes, key: SigningKey) -> bytes:
    """The same payload, well signed by another."""
    entry = entries.decode(data)
    return entries.encode(entry.payload, entry.referendum, key.public.raw, key.sign)


@pytest.mark.parametrize("payload", WRITERS)
def test_nobody_writes_for_another_role(payload: type[Payload]) -> None:
    referendum, data = before(payload)
    for party in PARTIES:
        if not may_write(party, payload):
            other = copy_by(referendum, data, key_of(referendum, party))
            assert refused(referendum, other) == [("1.5", "board")]
    assert refused(referendum, data) == []


@pytest.mark.parametrize("payload", WRITERS)
def test_every_byte_of_an_entry_is_signed(payload: type[Payload]) -> None:
    """One bit of author or signature, and the author exchanged under the same signature."""
    referendum, data = before(payload)
    author = entries.decode(data).author
    other = referendum.keys.trustees[1] if WRITERS[payload] == "trustee" else referendum.keys.organiser
    spoilt = [
        data[:-1] + bytes([data[-1] ^ 1]),
        data[:-40] + bytes([data[-40] ^ 1]) + data[-39:],
        data.replace(author, other.public.raw, 1),
        data[:-64] + bytes(64),
    ]
    for one in spoilt:
        assert refused(referendum, one) == [("1.5", "board")]
    assert refused(referendum, data) == []


@pytest.mark.parametrize("payload", WRITERS)
def test_entries_are_for_one_referendum(payload: type[Payload]) -> None:
    """Also when the other hash is one of this referendum's own: the scopes do not mix."""
    referendum, data = before(payload)
    entry, key = entries.decode(data), key_of(referendum, WRITERS[payload])
    key = next(k for k in (key, *referendum.keys.trustees) if k.public.raw == entry.author)
    own = referendum.definition.hash
    for other in (bytes(32), referendum.record.election or bytes(32), own):
        if other != entry.referendum:
            wrong = entries.encode(entry.payload, other, entry.author, key.sign)
            assert refused(referendum, wrong) == [("1.5", "board")]


def test_another_role_cannot_end_the_referendum() -> None:
    """A fatal payload by the wrong author is only void: 1.5 comes before the type's own check."""
    referendum = begun()
    for payload in (
        entries.Open(0, 9),
        entries.Seal(0, 9),
        entries.Roll(9, 0, bytes(32)),
        entries.CheckpointEntry(b""),
    ):
        for party in PARTIES:
            if not may_write(party, type(payload)):
                data = referendum.write(payload, key_of(referendum, party))
                assert refused(referendum, data) == [("1.5", "board")]


def test_a_signature_over_the_bare_body_is_none() -> None:
    """Entries are signed behind a prefix, so that nothing else that a key signs is an entry."""
    referendum = begun()
    board = referendum.keys.board
    body = entries.encode_body(
        entries.CheckpointEntry(referendum.note()), referendum.definition.hash, board.public.raw
    )
    assert refused(referendum, entries.seal(body, board.sign(body))) == [("1.5", "board")]


def test_only_who_is_accredited_speaks_and_does_nothing_else() -> None:
    referendum, observer = begun(), SigningKey(b"\x01" * 32)
    statement = entries.Statement("count", "en", "we have watched", b"")
    assert refused(referendum, referendum.write(statement, observer)) == [("1.5", "board")]
    grant = entries.Grant(observer.public.raw, "Observer", "ngo")
    for key in (referendum.keys.board, observer):
        assert refused(referendum, referendum.write(grant, key)) == [("1.5", "board")]
    data = referendum.write(grant, referendum.keys.organiser)
    assert refused(referendum, data) == []
    assert refused(referendum, referendum.write(statement, observer)) == []
    assert refused(referendum, data) == [("1.9", "board")], "an old grant blames nobody but the board"
    for payload in (entries.Cancel("no"), entries.Part(bytes(32), 0, 1, b""), entries.Open(0, 1), grant):
        assert refused(referendum, referendum.write(payload, observer)) == [("1.5", "board")]
    named = entries.Grant(referendum.keys.registrars[0].public.raw, "Registrar", "again")
    assert refused(referendum, referendum.write(named, referendum.keys.organiser)) == [("1.9", "organiser")]


@pytest.mark.parametrize("change", [{"subject": ""}, {"language": ""}, {"text": ""}, {"attachment": b"x"}])
def test_an_empty_statement_is_void(change: dict[str, object]) -> None:
    referendum = begun()
    statement = replace(entries.Statement("a", "en", "b", b""), **change)  # type: ignore[arg-type]
    assert refused(referendum, referendum.write(statement, referendum.keys.registrars[0])) == [
        ("1.9", "registrar 1")
    ]


def test_a_second_definition_is_void() -> None:
    referendum = voting()
    again = referendum.logged[0]
    assert refused(referendum, again) == [("1.6", "board")]


@pytest.mark.parametrize("scene", [begun, enrolled, voting, counted])
def test_an_unknown_type_is_fatal(scene: Callable[[], Referendum]) -> None:
    referendum = scene()
    key = referendum.keys.organiser.public.raw
    for number in (0, 60, 64, 2**53 - 1):
        data = cbor.encode([1, number, referendum.definition.hash, key, b"", bytes(64)])
        assert fatal(fork(referendum), data) == ("1.4", "board")


# -- Ed25519


def ed25519(referendum: Referendum) -> tuple[Entry, SigningKey]:
    data = referendum.write(entries.Cancel("fire"), referendum.keys.organiser)
    return entries.decode(data), referendum.keys.organiser


SMALL_ORDER = [
    bytes(32),
    b"\x01" + bytes(31),
    b"\xec" + b"\xff" * 30 + b"\x7f",
    bytes.fromhex("26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05"),
    bytes.fromhex("c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a"),
]
"""Points of order 1 to 8 (RFC 8032 has cofactor 8)."""


def test_a_signature_whose_scalar_is_not_reduced_is_refused() -> None:
    entry, key = ed25519(begun())
    scalar = int.from_bytes(entry.signature[32:], "little") + ORDER
    with pytest.raises(VerificationError):
        key.public.verify(entry.signed_bytes, entry.signature[:32] + scalar.to_bytes(32, "little"))
    key.public.verify(entry.signed_bytes, entry.signature)


@pytest.mark.parametrize("point", SMALL_ORDER)
def test_a_nonce_of_small_order_signs_nothing(point: bytes) -> None:
    entry, key = ed25519(begun())
    with pytest.raises(PsephosError):
        key.public.verify(entry.signed_bytes, point + bytes(32))


@pytest.mark.parametrize("point", SMALL_ORDER)
def test_a_key_of_small_order_would_sign_anything_and_is_let_in_nowhere(point: bytes) -> None:
    """Nobody needs a secret for such a key: so neither a party nor an observer may have one."""
    messages = [bytes([number]) for number in range(64)]
    assert any(verifies(point, message, nonce + bytes(32)) for message in messages for nonce in SMALL_ORDER)
    document = json.loads(begun().document)
    document["registrars"][0]["key"] = point.hex()
    with pytest.raises(VerificationError, match=r"2\.2 .*small order"):
        parse(canonical_json.encode(document))
    referendum = begun()
    data = referendum.write(entries.Grant(point, "Observer", "ngo"), referendum.keys.organiser)
    assert refused(referendum, data) == [("1.9", "organiser")]


def verifies(key: bytes, message: bytes, signature: bytes) -> bool:
    try:
        PublicKey(key).verify(message, signature)
    except PsephosError:
        return False
    return True


@pytest.mark.parametrize("size", [0, 32, 63, 65, 128])
def test_signatures_have_one_length(size: int) -> None:
    entry, key = ed25519(begun())
    with pytest.raises(FormatError):
        key.public.verify(entry.signed_bytes, entry.signature[:size] + bytes(max(0, size - 64)))


def test_a_signature_for_one_message_is_none_for_another() -> None:
    entry, key = ed25519(begun())
    for message in (entry.body, entry.signed_bytes + b"\0", b""):
        with pytest.raises(VerificationError):
            key.public.verify(message, entry.signature)
