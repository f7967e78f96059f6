"""The catalogues: what the code says, whole in every language, with the same places to fill in."""

from __future__ import annotations

import io
import json
import re
import shutil
from pathlib import Path

import catalogs
import pytest
from babel.messages.catalog import Catalog
from babel.messages.pofile import read_po

from psephos.language.catalog import catalog
from psephos.language.languages import LANGUAGES, SOURCE, direction
from tests.booth.catalogue import text, texts

ROOT = Path(__file__).parents[2]
FOLDER = ROOT / catalogs.CATALOGS
TRANSLATED = [one for one in LANGUAGES if one != SOURCE]
PLACE = re.compile(r"%(?:\(\w+\))?s|\{\w+\}")


def written(language: str) -> Catalog:
    return read_po(io.BytesIO((FOLDER / f"{language}.po").read_bytes()), locale=language)


def test_make_pot_would_change_nothing() -> None:
    stale = [path.name for path, content in catalogs.files(ROOT).items() if path.read_bytes() != content]
    assert stale == [], "run make pot, and translate what is new"


@pytest.mark.parametrize("language", TRANSLATED)
def test_catalogs_are_whole_and_agree_in_what_is_filled_in(language: str) -> None:
    catalog = written(language)
    assert not catalog.obsolete
    assert len(catalog) > 200
    for message in catalog:
        if message.id:
            texts = message.string if isinstance(message.string, tuple) else (message.string,)
            assert all(texts), message.id
            assert not message.fuzzy, message.id
            forms = message.id if isinstance(message.id, tuple) else (message.id,)
            for text in texts:
                assert sorted(PLACE.findall(text)) == sorted(PLACE.findall(forms[-1])), text


def test_pages_letters_and_booth_are_all_in_them() -> None:
    found = {place for message in catalogs.template(ROOT) for place, _ in message.locations}
    for part in (
        "server/pages/views.py",
        "server/pages/templates/base.html",
        "registrar/invitations/wording.py",
    ):
        assert f"src/psephos/{part}" in found
    assert "booth/src/pages/texts.ts" in found
    for one in (ROOT / "src/psephos").rglob("*"):
        if one.suffix in (".py", ".html") and re.search(r"\bN_\(\s*\"|\b_\(\"|gettext\(\"", one.read_text()):
            assert one.relative_to(ROOT).as_posix() in found


def test_a_text_that_changes_waits_for_its_translation_and_the_old_one_goes(tmp_path: Path) -> None:
    for folder in (catalogs.CATALOGS, Path("src/psephos/server/pages"), Path("booth/src/pages")):
        shutil.copytree(ROOT / folder, tmp_path / folder, ignore=shutil.ignore_patterns("__pycache__"))
    texts = tmp_path / "booth/src/pages/texts.ts"
    texts.write_text(re.sub(r'msg\("Language"\)', 'msg("Tongue")', texts.read_text()))
    catalogs.main(tmp_path)
    text = (tmp_path / catalogs.CATALOGS / "uk.po").read_text()
    assert 'msgid "Tongue"\nmsgstr ""' in text
    assert 'msgid "Language"\n' not in text


def test_languages_are_named_once_and_have_a_catalogue_each() -> None:
    named = json.loads((FOLDER / "languages.json").read_bytes())["names"]
    assert named == LANGUAGES
    assert {path.stem for path in FOLDER.glob("*.po")} == set(TRANSLATED)
    assert catalog("uk").gettext("Region") == "Регіон"
    assert catalog(SOURCE).gettext("Region") == "Region"


@pytest.mark.parametrize(
    ("tag", "way"),
    [
        ("ar", "rtl"),
        ("he-IL", "rtl"),
        ("pa-Arab-PK", "rtl"),
        ("pa", "ltr"),
        ("ar-Latn", "ltr"),
        ("cy-GB", "ltr"),
    ],
)
def test_a_language_is_written_in_its_direction(tag: str, way: str) -> None:
    assert direction(tag) == way


ANSWERS = {
    *("yes", "no", "так", "ні", "да", "нет", "oui", "non"),
    *("ie", "ydy", "ydw", "oes", "do", "na", "nac", "nage", "naddo"),
}
"""How answers to a question begin, in the languages that there are."""


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_text_of_the_booth_begins_with_an_answer(language: str) -> None:
    """A button that begins with “Yes”, below an answer that is “No”, seems to change the answer."""
    for key in texts():
        first = re.match(r"([\w’]+)\s*(?:[,:;.!–—]|$)", text(language, key).lower())
        assert first is None or first[1] not in ANSWERS, text(language, key)


def test_french_punctuation_stays_with_its_word() -> None:
    for message in written("fr"):
        if message.id:
            assert not re.search(r" [;:?!»]|« ", str(message.string)), message.string
