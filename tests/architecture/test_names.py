"""Names: a class name stands for one thing, and words given up are gone from code."""

import ast
import re
from collections import defaultdict
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
CODE = [ROOT / name for name in ("src", "tools", "reference", "bench")]

# Words of offices, theatres and riddles, of which each had meant several things: see docs/glossary.md.
GIVEN_UP = {
    "acts", "clerk", "courier", "crowd", "desk", "door", "errand", "gate", "judges", "keeper", "looked",
    "mailroom", "office", "papers", "patience", "plot", "purse", "saying", "scales", "shelf", "showcase",
    "story", "stories", "stranger", "told", "town", "voices",
}  # fmt: skip


def _sources() -> list[Path]:
    return [path for folder in CODE for path in sorted(folder.rglob("*.py"))]


def _words(name: str) -> list[str]:
    return [word.lower() for word in re.findall(r"[A-Z]?[a-z]+|[A-Z]+(?![a-z])|\d+", name)]


def _bound(tree: ast.AST) -> list[tuple[str, int]]:
    """Each name that the module gives to something, with its line."""
    names: list[tuple[str, int]] = []
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            names.append((node.name, node.lineno))
        elif isinstance(node, ast.arg):
            names.append((node.arg, node.lineno))
        elif isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            names.append((node.id, node.lineno))
        elif isinstance(node, ast.Attribute) and isinstance(node.ctx, ast.Store):
            names.append((node.attr, node.lineno))
        elif isinstance(node, ast.alias) and node.asname:
            names.append((node.asname, node.lineno))
    return names


def _where(path: Path, line: int) -> str:
    return f"{path.relative_to(ROOT)}:{line}"


def repeated_classes() -> list[str]:
    """Classes of the package whose name another class has as well; private ones do not count."""
    places: dict[str, list[str]] = defaultdict(list)
    for path in sorted((ROOT / "src").rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.ClassDef) and not node.name.startswith("_"):
                places[node.name].append(_where(path, node.lineno))
    return [f"{name}: {', '.join(at)}" for name, at in sorted(places.items()) if len(at) > 1]


def given_up() -> list[str]:
    return [
        f"{_where(path, line)}: {name}"
        for path in _sources()
        for name, line in _bound(ast.parse(path.read_text()))
        if GIVEN_UP & set(_words(name))
    ] + [f"{path.relative_to(ROOT)}" for path in _sources() if GIVEN_UP & set(_words(path.stem))]


def test_a_class_name_stands_for_one_thing() -> None:
    assert not repeated_classes()


def test_words_given_up_are_gone_from_code() -> None:
    assert not given_up()


def test_what_is_wrong_is_found(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("one", "other"):
        (tmp_path / "src" / name).mkdir(parents=True)
        (tmp_path / "src" / name / "module.py").write_text("class Thing:\n    def keep(self): pass\n")
    (tmp_path / "src/one/desk.py").write_text("class FrontOffice:\n    pass\nstory_of = 1\n")
    monkeypatch.setattr(f"{__name__}.ROOT", tmp_path)
    monkeypatch.setattr(f"{__name__}.CODE", [tmp_path / "src"])
    assert repeated_classes() == ["Thing: src/one/module.py:1, src/other/module.py:1"]
    assert given_up() == ["src/one/desk.py:1: FrontOffice", "src/one/desk.py:3: story_of", "src/one/desk.py"]


def test_the_glossary_says_what_is_said_instead() -> None:
    glossary = (ROOT / "docs/glossary.md").read_text()
    assert not sorted(word for word in GIVEN_UP if f"`{word}`" not in glossary.lower())
