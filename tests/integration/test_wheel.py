"""What is installed elsewhere: the wheel holds all that the program reads, the second verifier too."""

from __future__ import annotations

import os
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from psephos.language.languages import LANGUAGES, SOURCE

ROOT = Path(__file__).parents[2]
HOLDS = "from psephos.server.verifier import packed; import sys; sys.stdout.buffer.write(packed())"


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A directory with what the wheel installs. What was compiled for the tests is not compiled again."""
    folder = tmp_path_factory.mktemp("wheel")
    verifier = ROOT / "src/psephos/server/verifier.pyz"
    subprocess.run([sys.executable, "reference/pack.py", str(verifier)], cwd=ROOT, check=True)
    options = ["--disable-pip-version-check", "wheel", "--quiet", "--no-build-isolation", "--no-deps"]
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    line = [sys.executable, "-m", "pip", *options, "--wheel-dir", str(folder), "."]
    subprocess.run(line, cwd=ROOT, env={**os.environ, "PATH": path}, check=True)
    (wheel,) = folder.glob("*.whl")
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(folder / "site")
    return folder / "site"


def test_the_wheel_gives_away_the_second_verifier(installed: Path) -> None:
    line = [sys.executable, "-c", HOLDS]
    environment = {**os.environ, "PYTHONPATH": str(installed)}
    given = subprocess.run(line, cwd=installed, env=environment, capture_output=True, check=True).stdout
    packed = subprocess.run(
        [sys.executable, "-c", "import pack, sys; sys.stdout.buffer.write(pack.packed())"],
        env={**os.environ, "PYTHONPATH": str(ROOT / "reference")},
        capture_output=True,
        check=True,
    ).stdout
    assert given == packed


def test_the_wheel_has_languages_letters_fonts_and_pages(installed: Path) -> None:
    program = installed / "psephos"
    for language in set(LANGUAGES) - {SOURCE}:
        assert (program / f"language/{language}.po").is_file()
    for one in ("eligibility/letter.typ", "pages/style.css", "pages/templates/base.html"):
        assert (program / "server" / one).is_file(), one
    assert list((program / "typesetting/fonts").glob("*.ttf"))
    assert not list(installed.rglob("tests"))
