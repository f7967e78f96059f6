"""Cards as files: what their codes lead to, and what a second run leaves as it is."""

from __future__ import annotations

from pathlib import Path

import pytest

from psephos.voter.card import Card
from psephos.voter.card_files import erase_cards, names, write_cards
from tests.protocol.enrolling import Referendum

SITE = "https://vote.example/"
CARDS = [Card.derive(bytes(32), 0, bytes([number]) * 16) for number in range(3)]


@pytest.fixture(scope="module")
def definition():
    return Referendum().definition


@pytest.mark.parametrize("site", ["", SITE])
def test_a_file_has_what_the_code_holds_and_the_words(tmp_path: Path, definition, site: str) -> None:
    paths = write_cards(tmp_path / "cards", CARDS, definition, "en", site)
    for path, card in zip(paths, CARDS, strict=True):
        code, words = path.read_text().splitlines()
        assert code == card.code(site)
        assert (Card.scan(code), words) == (card, card.words)


def test_cards_that_are_there_stay_as_they_are_whatever_the_site(tmp_path: Path, definition) -> None:
    folder = tmp_path / "cards"
    first = write_cards(folder, CARDS, definition, "en", SITE)
    before = {path: path.read_bytes() for path in folder.iterdir()}
    assert write_cards(folder, CARDS, definition, "en", "") == first
    assert {path: path.read_bytes() for path in folder.iterdir()} == before
    erase_cards(folder, CARDS)
    assert list(folder.iterdir()) == []


def test_the_names_of_cards_in_a_folder_are_known(tmp_path: Path, definition) -> None:
    folder = tmp_path / "cards"
    assert names(folder) == set()
    write_cards(folder, CARDS, definition, "en", "")
    assert names(folder) == {card.face.name for card in CARDS}
