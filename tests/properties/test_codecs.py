"""Every codec gives back what it was given; every parser refuses other bytes with its one error.

That a parser accepts only what its encoder writes is the stronger half: one thing has one encoding.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, fields
from functools import cache
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from psephos.crypto import cbor
from psephos.errors import FormatError, LogError, VerificationError
from psephos.log import checkpoints
from psephos.log.checkpoints import TreeHead
from psephos.log.merkle import MAX_SIZE, inclusion_proof, leaf_hash, root_of
from psephos.log.note import COSIGNATURE_V1, ED25519, Note, Signature, VerifierKey
from psephos.log.policy import Policy
from psephos.log.proof import LogProof
from psephos.log.submission import Submission
from psephos.log.tiles import ENTRIES, MAX_LEVEL, Tile, encode_bundle, parse_bundle
from psephos.post.envelope import Envelope
from psephos.protocol import entries
from psephos.protocol.encoding import canonical_json
from psephos.protocol.enrolment.card_text import CardText
from psephos.protocol.enrolment.invitation import Invitation
from psephos.protocol.enrolment.roll import RollOpening
from psephos.protocol.enrolment.words import from_words, to_words
from psephos.protocol.entries import FIRST_MESSAGE, Payload
from psephos.protocol.setup.dealing import Secret
from psephos.protocol.setup.document import parse as parse_definition
from psephos.protocol.setup.pin import Pin, policy_text
from psephos.protocol.voting.opening import read_ballot, read_cards
from tests.attacks.scenes import begun, counted
from tests.properties.mutation import mutated

BYTES_32 = st.binary(min_size=32, max_size=32)
KEYS = [begun().keys.board, begun().keys.registrars[0], *begun().keys.witnesses]

# -- there and back


@given(st.lists(st.integers(0, cbor.LARGEST) | st.binary(max_size=300) | st.text(max_size=300)))
def test_cbor(items: list[cbor.Item]) -> None:
    assert cbor.decode(cbor.encode(items)) == items


def json_values() -> st.SearchStrategy[Any]:
    keys = st.text(st.characters(min_codepoint=0x20, max_codepoint=0x7E), min_size=1, max_size=8)
    text = st.text(st.characters(exclude_categories=["Cs"]), max_size=20)
    leaf = st.integers(-canonical_json.LARGEST, canonical_json.LARGEST) | text
    return st.recursive(
        leaf, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(keys, inner, max_size=4)
    )


@given(json_values())
def test_canonical_json(value: canonical_json.JSON) -> None:
    assert canonical_json.decode(canonical_json.encode(value)) == value


def payloads(kind: type[Payload]) -> st.SearchStrategy[Payload]:
    """Any payload of a type, each column within its own width."""
    columns = {}
    for column in fields(kind):
        size = column.metadata.get("size")
        columns[column.name] = {
            "int": st.integers(0, cbor.LARGEST),
            "str": st.text(st.characters(exclude_categories=["Cs"]), max_size=30),
            "bytes": st.binary(min_size=size or 0, max_size=size or 200),
        }[str(column.type)]
    return st.builds(kind, **columns)


KINDS = Payload.__subclasses__()


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.type_name())
@settings(max_examples=10)
@given(st.data(), BYTES_32, BYTES_32, st.binary(min_size=64, max_size=64))
def test_entries_and_messages(
    kind: type[Payload], data: st.DataObject, referendum: bytes, author: bytes, signature: bytes
) -> None:
    payload = data.draw(payloads(kind))
    body = entries.encode_body(payload, referendum, author)
    whole = entries.seal(body, signature)
    message = kind.number >= FIRST_MESSAGE
    entry = entries.decode(whole, message=message)
    assert (entry.payload, entry.referendum, entry.author, entry.signature) == (
        payload,
        referendum,
        author,
        signature,
    )
    assert entry.body == body
    with pytest.raises(FormatError, match="unknown"):
        entries.decode(whole, message=not message)


ORIGINS = st.text(
    st.characters(min_codepoint=0x21, max_codepoint=0x7E, exclude_characters="+"), min_size=1, max_size=40
)


@given(ORIGINS, st.integers(0, MAX_SIZE), BYTES_32)
def test_checkpoints(origin: str, size: int, root: bytes) -> None:
    checkpoint = TreeHead(origin, size, root)
    assert TreeHead.parse(checkpoint.text) == checkpoint
    signed = checkpoints.sign(checkpoint, KEYS[0])
    again, note = checkpoints.read(signed)
    assert (again, note.encode()) == (checkpoint, signed)


@given(ORIGINS, st.sampled_from([ED25519, COSIGNATURE_V1]), st.sampled_from(KEYS))
def test_verifier_keys(name: str, algorithm: int, key: Any) -> None:
    made = VerifierKey(name, algorithm, key.public)
    assert VerifierKey.parse(str(made)) == made


@given(
    st.text("abc\n ", max_size=60),
    st.lists(
        st.builds(Signature, ORIGINS, st.binary(min_size=4, max_size=4), st.binary(min_size=1, max_size=90)),
        min_size=1,
        max_size=5,
    ),
)
def test_notes(text: str, lines: list[Signature]) -> None:
    note = Note(text + "\n", tuple(lines))
    assert Note.parse(note.encode()) == note


@given(st.integers(0, MAX_SIZE), st.lists(BYTES_32, max_size=63), st.binary(max_size=99))
def test_log_proofs_and_submissions(number: int, hashes: list[bytes], extra: bytes) -> None:
    checkpoint = begun().note()
    proof = LogProof(number, tuple(hashes), checkpoint, extra)
    assert LogProof.parse(proof.encode()) == proof
    submission = Submission(number, tuple(hashes), checkpoint)
    assert Submission.parse(submission.encode()) == submission


@given(st.integers(ENTRIES, MAX_LEVEL), st.integers(0, 10**12), st.integers(1, 256))
def test_tile_paths(level: int, index: int, width: int) -> None:
    tile = Tile(level, index, width)
    assert Tile.parse(tile.path) == tile


@given(
    st.lists(st.binary(min_size=1, max_size=300), min_size=1, max_size=20),
    st.lists(st.binary(min_size=1, max_size=50), max_size=3),
)
def test_bundles(some: list[bytes], blobs: list[bytes]) -> None:
    assert parse_bundle(encode_bundle(some), len(some)) == some
    bundle = Envelope(tuple(some), tuple(blobs))
    assert Envelope.parse(bundle.encode()) == bundle


@given(BYTES_32, st.integers(0, 65_535), st.binary(min_size=16, max_size=16))
def test_cards_and_words(election: bytes, region: int, secret: bytes) -> None:
    card = CardText(election, region, secret)
    assert CardText.parse(card.encode()) == card
    assert from_words(to_words(secret)) == secret


@given(st.integers(0, cbor.LARGEST), st.binary(max_size=99), BYTES_32, BYTES_32)
def test_ceremony_secrets(attempt: int, coefficients: bytes, hpke_key: bytes, share: bytes) -> None:
    secret = Secret(attempt, coefficients, hpke_key, share)
    assert Secret.decode(secret.encode()) == secret


def test_definition_and_pin() -> None:
    for scene in (begun(), counted()):
        definition = parse_definition(scene.document)
        assert definition.document == scene.document
        pin = Pin.of(definition)
        assert Pin.parse(pin.encode()) == pin


# -- other bytes


@dataclass(frozen=True)
class Parser:
    """What reads, what may be read, how it is written again, and the one error for everything else."""

    read: Callable[[bytes], Any]
    samples: Callable[[], list[bytes]]
    write: Callable[[Any], bytes] | None = None
    refuses: type[Exception] = FormatError


def text(read: Callable[[str], Any]) -> Callable[[bytes], Any]:
    """A parser of text, given bytes."""

    def decoded(data: bytes) -> Any:
        try:
            return read(data.decode())
        except UnicodeDecodeError as error:
            raise FormatError("not UTF-8") from error

    return decoded


@cache
def logged() -> list[bytes]:
    """One entry of each type."""
    found = {entries.decode(data).payload.number: data for data in counted().logged}
    return list(found.values())


def messages() -> list[bytes]:
    made = [
        entries.Promise(bytes(32), bytes(32), 1, 2, 3),
        entries.Refusal(bytes(32), "serial", "3", b""),
        entries.TokenRequest(0, bytes(16), "voter", bytes(32), bytes(128), bytes(9)),
        entries.CardReceipt(0, bytes(32), bytes(32), 1),
    ]
    return [entries.seal(entries.encode_body(one, bytes(32), bytes(32)), bytes(64)) for one in made]


def openings() -> list[bytes]:
    cards = entries.CardsOpening(0, bytes(32), bytes(192), bytes(32), b"\x00\x01", bytes(64))
    ballot = entries.BallotOpening(b"body", b"\x01\x00", bytes(64))
    return [
        entries.seal(entries.encode_body(one, bytes(32), bytes(32)), bytes(64)) for one in (cards, ballot)
    ]


def log_proof() -> bytes:
    return LogProof(3, (bytes(32), b"\x01" * 32), begun().note(), b"extra").encode()


def rewritten(entry: entries.Entry) -> bytes:
    return entries.seal(entries.encode_body(entry.payload, entry.referendum, entry.author), entry.signature)


SMALL_DEFINITION = begun().definition

PARSERS: dict[str, Parser] = {
    "cbor": Parser(cbor.decode, logged, cbor.encode),
    "entry": Parser(entries.decode, logged, rewritten),
    "message": Parser(lambda d: entries.decode(d, message=True), messages, rewritten),
    "json": Parser(
        canonical_json.decode, lambda: [begun().document, b'{"a":[1,"x"]}'], canonical_json.encode
    ),
    "definition": Parser(
        parse_definition, lambda: [begun().document], lambda d: d.document, VerificationError
    ),
    "pin": Parser(Pin.parse, lambda: [Pin.of(begun().definition).encode()], Pin.encode),
    "note": Parser(Note.parse, lambda: [begun().note()], Note.encode),
    "checkpoint": Parser(checkpoints.read, lambda: [begun().note()], lambda found: found[1].encode()),
    "checkpoint text": Parser(
        text(TreeHead.parse), lambda: [b"origin\n12\n" + b"A" * 43 + b"=\n"], lambda c: c.text.encode()
    ),
    "policy": Parser(Policy.parse, lambda: [policy_text(begun().definition).encode()]),
    "verifier key": Parser(
        text(VerifierKey.parse),
        lambda: [str(VerifierKey("a", ED25519, KEYS[0].public)).encode()],
        lambda key: str(key).encode(),
    ),
    "log proof": Parser(LogProof.parse, lambda: [log_proof()], LogProof.encode),
    "submission": Parser(
        Submission.parse, lambda: [Submission(7, (bytes(32),), begun().note()).encode()], Submission.encode
    ),
    "tile path": Parser(
        text(Tile.parse),
        lambda: [b"tile/0/x001/234.p/7", b"tile/entries/000", b"tile/2/005"],
        lambda tile: tile.path.encode(),
    ),
    "bundle": Parser(
        lambda d: parse_bundle(d, 3), lambda: [encode_bundle([b"a", b"bb", b"c" * 300])], encode_bundle
    ),
    "request": Parser(
        Envelope.parse, lambda: [Envelope((b"a", b"bb"), (b"blob",)).encode()], Envelope.encode
    ),
    "ceremony secret": Parser(
        Secret.decode, lambda: [Secret(1, bytes(64), bytes(32)).encode()], Secret.encode
    ),
    "card": Parser(
        text(CardText.parse),
        lambda: [CardText(bytes(32), 1, bytes(16)).encode().encode()],
        lambda c: c.encode().encode(),
    ),
    "card address": Parser(
        text(CardText.from_address),
        lambda: [CardText(bytes(32), 1, bytes(16)).address("https://vote.example/").encode()],
    ),
    "words": Parser(text(from_words), lambda: [to_words(bytes(range(16))).encode()]),
    "invitation": Parser(
        Invitation.parse,
        lambda: [Invitation(bytes(32), 2, "athens", RollOpening(bytes(16), "Ælfgifu")).encode("Keep this.")],
    ),
    "invitation address": Parser(
        text(Invitation.from_address),
        lambda: [
            Invitation(bytes(32), 2, "athens", RollOpening(bytes(16), "Ælfgifu"))
            .address("https://vote.example/")
            .encode()
        ],
    ),
    "cards opening": Parser(lambda d: read_cards(SMALL_DEFINITION, bytes(32), d), openings),
    "ballot opening": Parser(lambda d: read_ballot(bytes(32), d), openings),
}


def check(parser: Parser, data: bytes) -> None:
    """The bytes are refused with the parser's own error, or they are the one encoding of what was read."""
    try:
        found = parser.read(data)
    except parser.refuses:
        return
    if parser.write is not None:
        assert parser.write(found) == data


@pytest.mark.parametrize("name", PARSERS)
def test_samples_are_read(name: str) -> None:
    parser = PARSERS[name]
    read = [sample for sample in parser.samples() if reads(parser, sample)]
    assert read
    for sample in read:
        check(parser, sample)


def reads(parser: Parser, sample: bytes) -> bool:
    try:
        parser.read(sample)
    except parser.refuses:
        return False
    return True


@pytest.mark.parametrize("name", PARSERS)
@given(st.data())
def test_other_bytes_are_refused_or_are_another_thing_in_its_one_encoding(
    name: str, data: st.DataObject
) -> None:
    check(PARSERS[name], data.draw(mutated(PARSERS[name].samples())))


@pytest.mark.soak
@pytest.mark.parametrize("name", PARSERS)
@settings(max_examples=5000)
@given(st.data())
def test_many_other_bytes(name: str, data: st.DataObject) -> None:
    check(PARSERS[name], data.draw(mutated(PARSERS[name].samples())))


@given(st.data())
def test_a_checkpoint_gone_wrong_never_satisfies_a_policy(data: st.DataObject) -> None:
    """Whatever happens to it: refused, or still the words that log and witnesses signed."""
    referendum = begun()
    policy = Policy.parse(policy_text(referendum.definition).encode())
    note = referendum.note()
    try:
        checkpoint, _ = policy.verify(data.draw(mutated([note])))
    except (FormatError, LogError):
        return
    assert checkpoint == checkpoints.read(note)[0]


@given(st.data())
def test_a_receipt_gone_wrong_never_proves_another_entry(data: st.DataObject) -> None:
    referendum = begun()
    policy = Policy.parse(policy_text(referendum.definition).encode())
    leaves = [leaf_hash(one) for one in referendum.logged]
    size = len(leaves)
    hashes = inclusion_proof(0, size, lambda level, at: root_of(leaves[at << level : (at + 1) << level]))
    proof = LogProof(0, tuple(hashes), referendum.note()).encode()
    entry = referendum.logged[0]
    assert LogProof.parse(proof).verify(entry, policy).size == size
    changed = data.draw(mutated([entry]))
    try:
        LogProof.parse(data.draw(mutated([proof]))).verify(changed, policy)
    except (FormatError, LogError):
        return
    assert changed == entry
