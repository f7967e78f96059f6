"""What is printed on cards: code and reference agree with every vector, and with the specification."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import addresses
import card_vectors
import cards as reference
import pytest
from hypothesis import given
from hypothesis import strategies as st

from psephos.errors import FormatError
from psephos.protocol.enrolment import card_face, words
from psephos.protocol.enrolment.address import site_address
from psephos.protocol.enrolment.card_face import face
from psephos.protocol.enrolment.card_text import CardText
from psephos.protocol.enrolment.invitation import Invitation
from psephos.protocol.enrolment.roll import RollOpening
from psephos.protocol.enrolment.words import from_words, six_words, to_words
from psephos.voter.card_image import COLOURS

ROOT = Path(__file__).parents[2]
Vector = dict[str, Any]
ALL: list[Vector] = json.loads((ROOT / "vectors/cards/cards.json").read_text("utf-8"))
PAGE = (ROOT / "spec/cards.md").read_text("utf-8")
LETTERS = "abcdefghijklmnopqrstuvwxyz "
REFUSALS = re.compile(
    r"card: (\d+ words between single spaces instead of 12|word \d+ is not in the list"
    r"|the words do not fit together: one is wrong, or their order)"
)
unhex = bytes.fromhex
secrets = st.binary(min_size=16, max_size=16)
hashes = st.binary(min_size=32, max_size=32)
texts = st.builds(CardText, hashes, st.integers(0, 2**16 - 1), secrets).map(CardText.encode)
spelt = secrets.map(to_words)


def mutated(whole: st.SearchStrategy[str], alphabet: str) -> st.SearchStrategy[str]:
    """A text with a piece of it put in place of another, or something else in between."""
    put = st.one_of(st.text(alphabet, max_size=3), st.text(max_size=3))
    return st.builds(
        lambda text, at, cut, new: text[: at % len(text)] + new + text[at % len(text) + cut :],
        whole,
        st.integers(0, 200),
        st.integers(0, 3),
        put,
    )


def card_text(v: Vector) -> bool:
    card = CardText.parse(v["text"])
    assert card.encode() == v["text"]
    return card == CardText(unhex(v["election"]), v["region"], unhex(v["secret"]))


def card_words(v: Vector) -> bool:
    secret = from_words(v["words"])
    assert to_words(secret) == v["words"]
    return secret.hex() == v["secret"]


def card_face_of(v: Vector) -> bool:
    found = face(unhex(v["key"]))
    rows = ["".join(".#"[cell] for cell in row) for row in found.cells]
    assert found.colour == found.name.split()[1]
    return (found.name, found.shape, rows) == (v["card_name"], v["shape"], v["rows"])


def reference_text(v: Vector) -> bool:
    found = reference.parse_qr_text(v["text"])
    assert reference.qr_text(*found) == v["text"]
    return found == (unhex(v["election"]), v["region"], unhex(v["secret"]))


def card_address(v: Vector) -> bool:
    card = CardText.from_address(v["text"])
    assert CardText.read(v["text"]) == card
    if v["name"].endswith("/plain"):
        assert card.address(card_vectors.SITE) == v["text"]
    return card == CardText(unhex(v["election"]), v["region"], unhex(v["secret"]))


def reference_card_address(v: Vector) -> bool:
    return addresses.parse_card_address(v["text"]) == (unhex(v["election"]), v["region"], unhex(v["secret"]))


def invitation_address(v: Vector) -> bool:
    found = Invitation.from_address(v["text"])
    assert Invitation.read(v["text"].encode()) == found
    assert v["text"].startswith(found.address(card_vectors.SITE))
    opening = RollOpening(unhex(v["salt"]), v["voter"])
    return found == Invitation(unhex(v["definition"]), v["registrar"], v["region"], opening)


def reference_invitation_address(v: Vector) -> bool:
    found = addresses.parse_invitation_address(v["text"])
    return found == (unhex(v["definition"]), v["registrar"], v["region"], unhex(v["salt"]), v["voter"])


def reference_words(v: Vector) -> bool:
    secret = reference.parse_twelve_words(v["words"])
    assert reference.twelve_words(secret) == v["words"]
    return secret.hex() == v["secret"]


RUNNERS: dict[str, tuple[Callable[[Vector], bool], Callable[[Vector], bool]]] = {
    "card-text": (card_text, reference_text),
    "card-address": (card_address, reference_card_address),
    "invitation-address": (invitation_address, reference_invitation_address),
    "card-words": (card_words, reference_words),
    "card-face": (
        card_face_of,
        lambda v: reference.name_and_picture(unhex(v["key"])) == (v["card_name"], v["shape"], v["rows"]),
    ),
    "six-words": (
        lambda v: six_words(unhex(v["hash"])) == v["words"],
        lambda v: reference.six_words(unhex(v["hash"])) == v["words"],
    ),
}


@pytest.mark.parametrize("vector", ALL, ids=[v["name"] for v in ALL])
def test_both_agree(vector: Vector) -> None:
    refusals = FormatError, reference.FormatError
    for run, refusal in zip(RUNNERS[vector["kind"]], refusals, strict=True):
        if vector["valid"]:
            assert run(vector)
        else:
            with pytest.raises(refusal):
                run(vector)


def test_vectors_are_reproducible_and_each_refused_one_mutates_an_accepted_one() -> None:
    assert card_vectors.text() == (ROOT / "vectors/cards/cards.json").read_text("utf-8")
    assert {v["kind"] for v in ALL} == RUNNERS.keys()
    assert len({v["name"] for v in ALL}) == len(ALL)
    valid = {v["name"] for v in ALL if v["valid"]}
    assert not [v["name"] for v in ALL if not v["valid"] and v["mutates"] not in valid]


# The lists are those that the specification prints or names.


def test_the_words_are_those_of_bip_39() -> None:
    data = (ROOT / "spec/bip39/english.txt").read_bytes()
    assert hashlib.sha256(data).hexdigest() in PAGE
    package = ROOT / "src/psephos/protocol/enrolment/bip39"  # what is installed has a copy
    for name in ("english.txt", "LICENSE"):
        assert (package / name).read_bytes() == (ROOT / "spec/bip39" / name).read_bytes()
    assert len(set(words.WORDS)) == 2048


@pytest.mark.parametrize(
    ("byte", "expected"),
    [
        ("00", "abandon " * 11 + "about"),
        ("7f", "legal winner thank year wave sausage worth useful legal winner thank yellow"),
        ("80", "letter advice cage absurd amount doctor acoustic avoid letter advice cage above"),
        ("ff", "zoo " * 11 + "wrong"),
    ],
)
def test_twelve_words_are_those_that_bip_39_publishes(byte: str, expected: str) -> None:
    assert to_words(unhex(byte) * 16) == expected
    assert from_words(expected) == unhex(byte) * 16


def test_names_shapes_and_colours_are_those_of_the_specification() -> None:
    assert reference.listed("Adjectives") == card_face.ADJECTIVES == sorted(set(card_face.ADJECTIVES))
    assert reference.listed("Animals") == card_face.ANIMALS == sorted(set(card_face.ANIMALS))
    assert (len(card_face.ADJECTIVES), len(card_face.ANIMALS)) == (64, 64)
    names, drawn = (re.search(rf"(?m)^\| {row} (.*)", PAGE)[1] for row in ("colour", "drawn as"))
    assert re.findall(r"`(\w+)`", names) == card_face.COLOURS == reference.COLOURS
    assert re.findall(r"`(#\w+)`", drawn) == [COLOURS[name] for name in card_face.COLOURS]
    assert re.findall(r"\| \d \| `(\w+)`", PAGE) == card_face.SHAPES == reference.SHAPES


# Whatever is read is written back the same.


@given(hashes, st.integers(0, 2**16 - 1), secrets)
def test_texts_come_back(election: bytes, region: int, secret: bytes) -> None:
    card = CardText(election, region, secret)
    assert CardText.parse(card.encode()) == card
    assert card.encode() == reference.qr_text(election, region, secret)


@given(hashes, st.integers(0, 2**16 - 1), secrets)
def test_addresses_come_back(election: bytes, region: int, secret: bytes) -> None:
    card = CardText(election, region, secret)
    address = card.address(card_vectors.SITE)
    assert CardText.from_address(address) == card
    assert address == addresses.card_address(card_vectors.SITE, election, region, secret)


@given(
    mutated(
        st.sampled_from([v["text"] for v in ALL if v["valid"] and v["kind"].endswith("-address")]),
        "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567=#&ci",
    )
)
def test_any_address_is_refused_by_both_or_read_as_the_same(text: str) -> None:
    try:
        found = Invitation.from_address(text)
    except FormatError:
        with pytest.raises(reference.FormatError):
            addresses.parse_invitation_address(text)
    else:
        assert addresses.parse_invitation_address(text) == (
            found.definition,
            found.registrar,
            found.region,
            found.opening.salt,
            found.opening.voter,
        )


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ("https://vote.example", "https://vote.example/"),
        ("http://127.0.0.1:8600/", "http://127.0.0.1:8600/"),
        ("https://town.example/vote", "https://town.example/vote/"),
    ],
)
def test_the_address_of_a_site_ends_with_a_slash(given: str, expected: str) -> None:
    assert site_address(given) == expected


@pytest.mark.parametrize(
    "site",
    [
        "",
        "vote.example",
        "https://",
        "https:///x",
        "ftp://vote.example",
        "https://vote.example/#i",
        "https://vote.example/?a=b",
        "https://me:secret@vote.example/",
        "https://vote.example:port/",
        "https://голос.example/",
        "https://vote.example/a b",
        "https://vote.example/\n",
        "https://[::1/",
        "https://vote.example:123456/",
        "https://vote.example/" + 200 * "x",
    ],
)
def test_what_is_no_site_is_refused_with_an_example(site: str) -> None:
    with pytest.raises(FormatError, match=r"such as https://vote\.example/"):
        site_address(site)


def test_a_port_of_a_site_is_a_port() -> None:
    assert site_address("https://vote.example:65535") == "https://vote.example:65535/"
    with pytest.raises(FormatError, match="port"):
        site_address("https://vote.example:65536/")


@given(secrets)
def test_words_come_back(secret: bytes) -> None:
    assert from_words(to_words(secret)) == secret
    assert to_words(secret) == reference.twelve_words(secret)


@given(hashes)
def test_faces_and_six_words_agree(data: bytes) -> None:
    assert six_words(data) == reference.six_words(data)
    found = face(data)
    assert reference.name_and_picture(data)[:2] == (found.name, found.shape)


@given(st.one_of(st.text(), mutated(texts, "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567=-")))
def test_any_text_is_refused_or_written_back_the_same(text: str) -> None:
    try:
        card = CardText.parse(text)
    except FormatError:
        with pytest.raises(reference.FormatError):
            reference.parse_qr_text(text)
    else:
        assert card.encode() == text


@given(st.one_of(st.text(), mutated(spelt, LETTERS), st.permutations(words.WORDS[:12]).map(" ".join)))
def test_any_words_are_refused_or_written_back_the_same(text: str) -> None:
    try:
        secret = from_words(text)
    except FormatError:
        with pytest.raises(reference.FormatError):
            reference.parse_twelve_words(text)
    else:
        assert to_words(secret) == text


@given(mutated(spelt, LETTERS))
def test_a_refusal_holds_no_word_of_the_card(text: str) -> None:
    try:
        from_words(text)
    except FormatError as error:
        refusal = str(error)
    else:
        return
    assert REFUSALS.fullmatch(refusal)


@pytest.mark.parametrize(
    "make",
    [
        lambda: to_words(bytes(15)),
        lambda: six_words(bytes(31)),
        lambda: face(bytes(31)),
        lambda: CardText(bytes(31), 0, bytes(16)).encode(),
        lambda: CardText(bytes(32), 2**16, bytes(16)).encode(),
        lambda: CardText(bytes(32), -1, bytes(16)).encode(),
        lambda: CardText(bytes(32), 0, bytes(17)).encode(),
    ],
)
def test_other_sizes_are_refused(make: Callable[[], object]) -> None:
    with pytest.raises(FormatError):
        make()
