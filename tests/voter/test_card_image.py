"""Cards as objects: a scanner reads what is printed, and nothing that is printed tells the weight."""

from __future__ import annotations

import hashlib
import random
import re
import struct
import zlib
from dataclasses import replace
from xml.etree import ElementTree

import pytest
import resvg_py
import zxingcpp

from psephos.errors import FormatError
from psephos.protocol.enrolment.cards import make_drafts
from psephos.voter.booth import Booth
from psephos.voter.card import Card, save
from psephos.voter.card_image import png, svg
from psephos.voter.enrolment import draw, plan
from tests.protocol.enrolling import Referendum

ELECTION = hashlib.sha256(b"an election").digest()
CARDS = [Card.derive(ELECTION, region, bytes([number]) * 16) for region in (0, 1) for number in range(12)]


@pytest.fixture(scope="module")
def definition():
    return Referendum().definition


def grey(picture: bytes) -> memoryview:
    """The pixels of a PNG, dark to light: of one bit a pixel or of red, green, blue and opacity."""
    width, height, depth, colour = struct.unpack(">IIBB", picture[16:26])
    data, at = b"", 8
    while at < len(picture):
        length, kind = struct.unpack(">I4s", picture[at : at + 8])
        data += picture[at + 8 : at + 8 + length] if kind == b"IDAT" else b""
        at += 12 + length
    if (depth, colour) == (1, 0):
        rows = unfiltered(zlib.decompress(data), (width + 7) // 8, 1)
        pixels = [255 * (row[x // 8] >> 7 - x % 8 & 1) for row in rows for x in range(width)]
    else:
        assert (depth, colour) == (8, 6)
        pixels = [pixel for row in unfiltered(zlib.decompress(data), 4 * width, 4) for pixel in row[1::4]]
    return memoryview(bytes(pixels)).cast("B", (height, width))


def unfiltered(data: bytes, stride: int, pixel: int) -> list[bytes]:
    """Rows of a PNG without its filters (PNG, section 9)."""
    rows = [bytes(stride)]
    for start in range(0, len(data), stride + 1):
        kind, row, up = data[start], bytearray(data[start + 1 : start + 1 + stride]), rows[-1]
        for x in range(stride):
            left, corner = (row[x - pixel], up[x - pixel]) if x >= pixel else (0, 0)
            row[x] = (row[x] + predicted(kind, left, up[x], corner)) % 256
        rows.append(bytes(row))
    return rows[1:]


def predicted(kind: int, left: int, up: int, corner: int) -> int:
    estimate = left + up - corner
    paeth = min((left, up, corner), key=lambda one: abs(estimate - one))
    return [0, left, up, (left + up) // 2, paeth][kind]


def scanned(picture: bytes) -> str:
    [found] = zxingcpp.read_barcodes(grey(picture))
    assert found.format == zxingcpp.BarcodeFormat.QRCode
    return found.text


@pytest.mark.parametrize("card", CARDS[:4] + CARDS[-4:], ids=lambda card: card.face.name)
def test_a_scanner_reads_the_code_and_gives_the_card_back(card: Card) -> None:
    text = scanned(png(card))
    assert text == card.text
    assert Card.scan(text) == card


SITES = ["", "https://vote.example/", "https://referendum.long-name-of-a-town.example/some/where/"]


@pytest.mark.parametrize("site", SITES[1:])
def test_the_code_of_a_card_is_an_address_that_gives_the_card_back(site: str) -> None:
    address = scanned(png(CARDS[0], site))
    assert address.startswith(f"{site}booth/vote.html#c=")
    assert Card.scan(address) == CARDS[0]


@pytest.mark.parametrize("site", SITES)
@pytest.mark.parametrize("dots_per_inch", [100, 150])
def test_a_scanner_reads_the_whole_card_as_printed(definition, dots_per_inch: int, site: str) -> None:
    drawn = svg(CARDS[0], definition, "en", site)
    picture = resvg_py.svg_to_bytes(drawn, dpi=dots_per_inch, skip_system_fonts=True)
    assert grey(picture).shape == pytest.approx(
        (54 / 25.4 * dots_per_inch, 85.6 / 25.4 * dots_per_inch), abs=1
    )
    assert Card.scan(scanned(picture)) == CARDS[0]


def printed(drawn: str) -> list[str]:
    """Every text on a card, in order."""
    return [one.text or "" for one in ElementTree.fromstring(drawn).iter("{http://www.w3.org/2000/svg}text")]


def test_a_card_shows_title_name_region_election_and_words(definition) -> None:
    card = CARDS[-1]
    found = printed(svg(card, definition, "en"))
    words = [text for place, word in enumerate(card.words.split(), 1) for text in (str(place), word)]
    region = definition.regions[1].name["en"]
    heading = [definition.title["en"], *card.face.name.split(), region, f"Psephos {ELECTION.hex()[:16]}"]
    assert found == heading + words


def test_the_picture_has_a_shape_for_each_filled_cell(definition) -> None:
    assert len({card.face.shape for card in CARDS}) == 4
    for card in CARDS:
        drawn = svg(card, definition, "en")
        places = set(re.findall(r'transform="translate\((\d)\.5 (\d)\.5\)"', drawn))
        cells = card.face.cells
        assert places == {(str(x), str(y)) for y in range(5) for x in range(5) if cells[y][x]}


@pytest.mark.parametrize(
    ("title", "shown"),
    [
        ("A & B <C>", ["A & B <C>"]),
        ("tabs\tand\nlines", ["tabs and lines"]),
        ("bell\x07 nothing\uffff", ["bell\ufffd nothing\ufffd"]),
        (
            "one two " * 500,
            ["one two one two one two one two one two", "one two one two one two one two one tw…"],
        ),
        ("x" * 4000, ["x" * 38 + "…"]),
        ("字" * 4000, ["字" * 22 + "…"]),
        (" ", [""]),
    ],
)
def test_any_title_fits_and_is_well_formed(definition, title: str, shown: list[str]) -> None:
    drawn = svg(CARDS[0], replace(definition, title={"en": title}), "en")
    assert printed(drawn)[: len(shown)] == shown
    assert printed(drawn)[len(shown) : len(shown) + 3] == CARDS[0].face.name.split()


def test_a_card_looks_the_same_whether_it_counts_or_not() -> None:
    referendum = Referendum()
    plans = [plan(referendum.setting, 0, referendum.rng, 3, counts) for counts in range(3)]
    secrets = plans[0].secrets
    looks = []
    for one in plans:
        drafts = make_drafts(referendum.setting, [replace(one, secrets=secrets)], referendum.seed())
        [cards] = save(referendum.setting.election, drafts)
        looks.append({svg(card, referendum.definition, "en") for card in cards})
    assert len(looks[0]) == 3
    assert looks[0] == looks[1] == looks[2]


def test_words_give_the_card_back() -> None:
    for card in CARDS:
        assert Card.recall(card.election, card.region, card.words) == card
    assert Card.recall(ELECTION, 1, CARDS[0].words).face.name != CARDS[0].face.name


def test_a_card_does_not_tell_its_secret_in_passing() -> None:
    for card in CARDS:
        assert card.secret.hex() not in repr(card)
        assert repr(card.secret) not in repr(card)


def test_cards_of_elsewhere_are_refused(definition) -> None:
    booth = Booth(definition, ELECTION, b"")
    for election, region in ((bytes(32), 0), (ELECTION, len(definition.regions))):
        with pytest.raises(FormatError, match="card: of another election"):
            booth.prepare([Card.derive(election, region, bytes(16))], 1, [], bytes(32))
    with pytest.raises(FormatError, match="there is no region"):
        svg(Card.derive(ELECTION, 999, bytes(16)), definition, "en")


def test_no_two_cards_that_are_drawn_have_one_name() -> None:
    """Of a thousand, some fifteen pairs would: people tell cards apart by their names."""
    cards = draw(bytes(32), 0, 1_000, random.Random(7))
    assert len({card.face.name for card in cards}) == len({card.key for card in cards}) == 1_000


def test_a_card_that_is_drawn_has_no_name_that_is_held() -> None:
    [first] = draw(bytes(32), 0, 1, random.Random(7))
    [other] = draw(bytes(32), 0, 1, random.Random(7), {first.face.name})
    assert other.face.name != first.face.name
