"""No module needs, by whatever way round, one that needs it: not even for types."""

import ast
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

import pytest

SOURCE = Path(__file__).resolve().parents[2] / "src"


def _imported(path: Path, modules: dict[str, Path]) -> set[str]:
    """The modules that a module imports, wherever in it, and be it only for types."""
    names: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            # `from package import module` needs the module; every other name is the package's own.
            full = {f"{node.module}.{alias.name}" for alias in node.names}
            names |= {name if name in modules else node.module for name in full}
    return names & modules.keys()


def circle(source: Path) -> list[str]:
    """Modules that import one another in a ring; empty if there are none."""
    modules = {
        ".".join(path.relative_to(source).with_suffix("").parts).removesuffix(".__init__"): path
        for path in source.rglob("*.py")
    }
    try:
        TopologicalSorter({name: _imported(path, modules) for name, path in modules.items()}).prepare()
    except CycleError as error:
        return list(error.args[1])
    return []


def test_no_modules_import_one_another() -> None:
    assert circle(SOURCE) == []


@pytest.mark.parametrize(
    "back",
    [
        "from one import b\n",
        "import one.b\n",
        "def late() -> None:\n    from one.b import thing\n",
        "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    from one.b import thing\n",
    ],
)
def test_a_circle_is_found(tmp_path: Path, back: str) -> None:
    package = tmp_path / "one"
    package.mkdir()
    (package / "__init__.py").touch()
    (package / "b.py").write_text("from one.a import other\nthing = 1\n")
    (package / "a.py").write_text("other = 1\n")
    assert circle(tmp_path) == []
    (package / "a.py").write_text(back)
    assert set(circle(tmp_path)) == {"one.a", "one.b"}
