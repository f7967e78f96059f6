"""What is installed elsewhere: the wheel holds all that the program reads, the second verifier too."""

from __future__ import annotations

import base64
import csv
import hashlib
import json
import os
import re
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
    subprocess.run([sys.executable, "tools/wheel.py", str(folder)], cwd=ROOT, check=True)
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
    for one in (
        "registrar/invitations/letter.typ",
        "server/pages/style.css",
        "server/pages/templates/base.html",
    ):
        assert (program / one).is_file(), one
    assert list((program / "typesetting/fonts").glob("*.ttf"))
    assert not list(installed.rglob("tests"))


def test_the_wheel_has_examples_specification_and_booth(installed: Path) -> None:
    share = installed / "psephos/share"
    for folder, name in (("examples", "examples"), ("spec", "spec"), ("booth/dist", "booth")):
        files = [file for file in (ROOT / folder).rglob("*") if file.is_file() and file.suffix != ".pyc"]
        for file in files:  # no booth where it has not been built
            assert (share / name / file.relative_to(ROOT / folder)).read_bytes() == file.read_bytes()
    if (share / "booth").exists():
        licences = (share / "booth-licences.txt").read_text()
        for package in json.loads((ROOT / "booth/package.json").read_text())["dependencies"]:
            assert f"{package} " in licences
    assert "\ncurve25519-dalek v" in (share / "core-licences.txt").read_text()
    environment = {**os.environ, "PYTHONPATH": str(installed)}
    line = [sys.executable, "-c", "from psephos.shared_files import shared; print(shared('spec'))"]
    found = subprocess.run(line, cwd=installed, env=environment, capture_output=True, text=True, check=True)
    assert found.stdout.strip() == str(share / "spec")


def test_the_wheels_list_of_files_is_whole(installed: Path) -> None:
    (listed,) = installed.glob("*.dist-info/RECORD")
    rows = {name: digest for name, digest, _ in csv.reader(listed.read_text().splitlines())}
    files = {file.relative_to(installed).as_posix(): file for file in installed.rglob("*") if file.is_file()}
    assert rows.keys() == {name for name in files if not name.endswith(".pyc")}
    for name, digest in rows.items():
        if digest:
            sum_ = hashlib.sha256(files[name].read_bytes()).digest()
            assert digest == "sha256=" + base64.urlsafe_b64encode(sum_).rstrip(b"=").decode(), name


def test_the_wheel_asks_for_one_package_and_offers_extras(installed: Path) -> None:
    (about,) = installed.glob("*.dist-info/METADATA")
    needed = re.findall(r"^Requires-Dist: ([^\n]+)", about.read_text(), re.MULTILINE)
    assert [one for one in needed if "extra ==" not in one] == ["cryptography>=45"]
    offered = re.findall(r"^Provides-Extra: (\w+)", about.read_text(), re.MULTILINE)
    assert set(offered) == {"cli", "server", "cluster", "postgresql"}


@pytest.mark.soak
def test_installed_elsewhere_the_demo_asks_both_verifiers(tmp_path: Path) -> None:
    subprocess.run([sys.executable, "tools/wheel.py", str(tmp_path)], cwd=ROOT, check=True)
    (wheel,) = tmp_path.glob("*.whl")
    subprocess.run([sys.executable, "-m", "venv", str(tmp_path / "venv")], check=True)
    pip = [str(tmp_path / "venv/bin/pip"), "--disable-pip-version-check", "install", "--quiet"]
    locked = (ROOT / "requirements/run.txt").read_text()
    (tmp_path / "versions.txt").write_text("\n".join(re.findall(r"^\S+==\S+", locked, re.MULTILINE)))
    line = [*pip, f"{wheel}[cli]", "--constraint", str(tmp_path / "versions.txt")]
    subprocess.run(line, check=True)
    psephos = [str(tmp_path / "venv/bin/psephos"), "demo", "--voters", "30"]
    done = subprocess.run(psephos, cwd=tmp_path, capture_output=True, text=True, check=True)
    assert "psephos verify: passed" in done.stdout
    assert "reference/verify.py: passed" in done.stdout
