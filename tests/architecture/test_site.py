"""The site of `make docs` has every document, with the anchors that it has in the repository."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

import psephos
from tests.architecture.test_repository import ROOT, anchors, tracked

ID = re.compile(r'\bid="([^"]+)"')
IMAGE = re.compile(r'<img\b[^>]*\bsrc="([^":]+)"')


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The site, made where a warning is an error: of a link that leads nowhere, say."""
    pytest.importorskip("sphinx")  # newer than an environment that nobody has brought up to date
    folder = tmp_path_factory.mktemp("site")
    options = ["--quiet", "--fail-on-warning", "--keep-going", "--conf-dir", "docs/site"]
    line = [sys.executable, "-m", "sphinx", *options, "--doctree-dir", str(folder / "trees"), "."]
    done = subprocess.run(
        [*line, str(folder / "site")], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    return folder / "site"


def test_every_document_is_a_page_with_its_anchors(site: Path) -> None:
    for name in tracked():
        if name.endswith(".md"):
            page = (site / name).with_suffix(".html").read_text()
            assert anchors((ROOT / name).read_text()) <= set(ID.findall(page)), name
    assert (site / "index.html").read_bytes() == (site / "README.html").read_bytes()


def test_all_that_programs_are_promised_is_explained(site: Path) -> None:
    explained = set(ID.findall((site / "docs/api.html").read_text()))
    assert {f"psephos.{name}" for name in psephos.__all__} - {"psephos.__version__"} <= explained


def test_every_picture_is_there(site: Path) -> None:
    pages = list(site.rglob("*.html"))
    shown = [(page, source) for page in pages for source in IMAGE.findall(page.read_text())]
    assert len(shown) > 5
    assert not [(page, source) for page, source in shown if not (page.parent / source).is_file()]
