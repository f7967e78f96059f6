"""The glossary's names are names of the code, in each language, and its commands are commands."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest

from tests.architecture.test_names import GIVEN_UP
from tests.architecture.test_repository import ROOT, tracked

GLOSSARY = "docs/glossary.md"
SOURCES = {
    "Python": ("src/", ".py"),
    "Rust": ("crates/", ".rs"),
    "TypeScript": ("booth/src/", ".ts"),
    "reference": ("reference/", ".py"),
}
NAME = re.compile(r"`(\w+)`|–")


def rows(columns: int) -> Iterator[list[str]]:
    """The cells of each row of the tables of that many columns, without headings."""
    table = [line for line in (ROOT / GLOSSARY).read_text().splitlines() if line.startswith("|")]
    for line, after in zip(table, [*table[1:], ""], strict=True):
        cells = [cell.strip() for cell in line.strip("|").split("|")]
        if len(cells) == columns and not after.startswith("|---") and not line.startswith("|---"):
            yield cells


@pytest.mark.parametrize("language", SOURCES)
def test_names_are_those_of_the_code(language: str) -> None:
    folder, suffix = SOURCES[language]
    files = [name for name in tracked() if name.startswith(folder) and name.endswith(suffix)]
    known = {word for name in files for word in re.findall(r"\w+", (ROOT / name).read_text())}
    column = 2 + list(SOURCES).index(language)
    cells = [(row[0], row[column]) for row in rows(8)]
    assert len(cells) > 50
    for word, cell in cells:
        match = NAME.fullmatch(cell)
        assert match, f"{word}: {cell}"
        assert match[1] is None or match[1] in known, f"{word}: {language} has no {match[1]}"


def test_every_word_is_explained_in_a_sentence() -> None:
    assert [row[0] for row in rows(8) if not re.fullmatch(r"[A-Z].{10,200}\.", row[1])] == []


def test_words_given_up_have_something_said_instead() -> None:
    said_instead = {word.strip("`"): instead for cell, instead in rows(2) for word in cell.split(", ")}
    assert sorted(GIVEN_UP - said_instead.keys()) == []
    assert all(said_instead.values())
