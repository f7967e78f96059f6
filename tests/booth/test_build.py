"""What is built: the same bytes anywhere, nothing that makes code from text, and hashes that fit."""

from __future__ import annotations

import base64
import hashlib
import json
import re
import shutil
import subprocess
from pathlib import Path

import pytest

from psephos.protocol.encoding import canonical_json

pytestmark = pytest.mark.needs("node")

WORDS = "spec/bip39/english.txt"
TEXTS = "src/psephos/language"


def built(directory: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in (directory / "dist").iterdir()}


def test_the_same_bytes_are_built_elsewhere(pages: Path, tmp_path: Path) -> None:
    elsewhere = tmp_path / "another" / "place"
    shutil.copytree(
        pages, elsewhere / "booth", ignore=shutil.ignore_patterns("node_modules", "dist", "build")
    )
    (elsewhere / "booth" / "node_modules").symlink_to(pages / "node_modules")
    (elsewhere / WORDS).parent.mkdir(parents=True)
    shutil.copy(pages.parent / WORDS, elsewhere / WORDS)
    shutil.copytree(pages.parent / TEXTS, elsewhere / TEXTS)
    subprocess.run(["node", "build.mjs"], cwd=elsewhere / "booth", check=True)
    assert built(elsewhere / "booth") == built(pages)


def test_the_manifest_names_every_file(pages: Path) -> None:
    files = built(pages)
    manifest = files.pop("manifest.json")
    assert canonical_json.decode(manifest) == {
        "version": 1,
        "files": {name: hashlib.sha256(content).hexdigest() for name, content in files.items()},
    }


def test_pages_run_nothing_else(pages: Path) -> None:
    files = built(pages)
    for name in ("enrol", "vote", "check"):
        page = files[f"{name}.html"].decode()
        named = re.findall(r'(?:src|href)="([^"]+)" integrity="sha384-([^"]+)"', page)
        assert [one for one, _ in named] == ["fragment.js", "style.css", "core.js", "qr.js", f"{name}.js"]
        for one, digest in named:
            assert base64.b64decode(digest) == hashlib.sha384(files[one]).digest()
        assert len(re.findall("src=|href=", page)) == 5
        assert "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'" in page


def naming(pages: Path, word: str) -> list[str]:
    """The scripts that name this word."""
    scripts = {name: content.decode() for name, content in built(pages).items() if name.endswith(".js")}
    assert len(scripts) == 6
    return [name for name, text in scripts.items() if re.search(rf"(?<![\w$]){word}(?![\w$])", text)]


@pytest.mark.parametrize(
    "word", ["eval", "Function", "WebAssembly", "innerHTML", "sessionStorage", "indexedDB", "cookie"]
)
def test_no_code_is_made_from_text_and_nothing_is_stored(pages: Path, word: str) -> None:
    assert naming(pages, word) == []


def test_only_enrolling_keeps_something_in_the_browser(pages: Path) -> None:
    assert naming(pages, "localStorage") == ["enrol.js"]


def test_the_lock_holds_hashes_and_no_addresses(pages: Path) -> None:
    packages = json.loads((pages / "package-lock.json").read_text())["packages"]
    del packages[""]
    assert all("integrity" in one and "resolved" not in one for one in packages.values())
