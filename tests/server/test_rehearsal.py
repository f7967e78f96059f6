"""A rehearsal says so wherever people meet it; what else a definition says of its vote is told."""

from __future__ import annotations

import io
import json
import urllib.request
from dataclasses import replace
from pathlib import Path

import pytest
from rich.console import Console

from psephos.language.languages import LANGUAGES
from psephos.observer.result import show_result
from psephos.protocol.encoding import canonical_json
from psephos.protocol.setup.definition import Definition
from psephos.protocol.setup.document import parse
from psephos.protocol.tally.result import cancelled
from psephos.registrar.invitations.wording import LetterWording
from psephos.server.pages.views import MENU
from psephos.simulation.definitions import ABOUT, sample
from psephos.simulation.referendum import Referendum
from psephos.voter.card import Card
from psephos.voter.card_image import svg
from tests.registrar.lettering import facts, letter
from tests.server.reading import serving, site

SAID = "This is a rehearsal: nothing is decided by it."


def rehearsed() -> Referendum:
    document, keys = sample(regions=("athens",), languages=("en",), **ABOUT)
    referendum = Referendum(document, keys)
    referendum.publish()
    return referendum


def with_about(definition: Definition) -> Definition:
    members = canonical_json.decode(definition.document) | ABOUT
    texts = {
        name: dict.fromkeys(definition.languages, ABOUT[name]["en"]) for name in ("contact", "called_by")
    }
    for name in ("legal_basis", "effect", "channels"):
        del members[name]
    return parse(canonical_json.encode(members | texts))


def test_every_page_says_so_and_the_first_what_else_is_known(tmp_path: Path) -> None:
    with serving(site(rehearsed(), tmp_path)) as url:
        for page in MENU:
            with urllib.request.urlopen(f"{url}/en/{page}") as response:
                shown = response.read().decode()
            assert SAID in shown
            assert f"Help: {ABOUT['contact']['en']}" in shown
        with urllib.request.urlopen(f"{url}/en/referendum") as response:
            first = response.read().decode()
    told = [ABOUT["called_by"], ABOUT["legal_basis"], ABOUT["effect"]["text"], *ABOUT["channels"]]
    for text in (*(one["en"] for one in told), "The result is binding."):
        assert text in first


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_letter_says_so_and_whom_to_ask(language: str) -> None:
    real = facts(language)
    rehearsal = replace(real, definition=with_about(real.definition))
    (part,) = LetterWording().parts(rehearsal, letter().person, rehearsal.page)
    (usual,) = LetterWording().parts(real, letter().person, real.page)
    assert len(part.paragraphs) == len(usual.paragraphs) + 1
    assert part.heading.text != usual.heading.text
    assert (part.paragraphs[0].text == SAID) is (language == "en")
    assert any(ABOUT["contact"]["en"] in paragraph.text for paragraph in part.paragraphs)
    (own,) = LetterWording.parse("Vote\n\nCome.").parts(rehearsal, letter().person, rehearsal.page)
    assert [paragraph.text for paragraph in own.paragraphs] == [part.paragraphs[0].text, "Come."]


def test_cards_say_so() -> None:
    definition = rehearsed().definition
    card = Card.derive(bytes(32), 0, bytes(16))
    assert "Rehearsal: A sample referendum" in svg(card, definition, "en")
    assert "Rehearsal" not in svg(card, parse(sample()[0]), "en")


def test_results_say_so() -> None:
    document = cancelled(rehearsed().definition)
    assert json.loads(document)["rehearsal"] == 1
    assert "rehearsal" not in json.loads(cancelled(parse(sample()[0])))
    console = Console(file=io.StringIO(), width=200)
    console.print(show_result(document))
    assert isinstance(console.file, io.StringIO)
    assert SAID in console.file.getvalue()
