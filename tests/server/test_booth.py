"""The booth as it is served: what its manifest names, under its own policy, and nothing else."""

from __future__ import annotations

import hashlib
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest

from psephos.errors import FormatError
from psephos.protocol.encoding import canonical_json
from psephos.server.application import Site, application
from psephos.server.booth import POLICY, read_booth
from psephos.server.listening import Listener

FILES = {"vote.html": b"<p>Vote</p>", "core.js": b"'use strict'", "style.css": b"p{}"}


@pytest.fixture
def built(tmp_path: Path) -> Path:
    directory = tmp_path / "dist"
    directory.mkdir()
    for name, content in FILES.items():
        (directory / name).write_bytes(content)
    hashes = {name: hashlib.sha256(content).hexdigest() for name, content in FILES.items()}
    (directory / "manifest.json").write_bytes(canonical_json.encode({"version": 1, "files": hashes}))
    return directory


@pytest.fixture
def url(built: Path, tmp_path: Path) -> Iterator[str]:
    site = Site(tmp_path, b"{}", {}, booth=read_booth(built))
    listener = Listener(application(site), "127.0.0.1", 0)
    listener.start()
    yield f"http://{listener.host}:{listener.port}"
    listener.stop()


def test_files_have_their_types_and_the_booths_policy(url: str, built: Path) -> None:
    types = {"vote.html": "text/html", "core.js": "text/javascript", "style.css": "text/css"}
    for name, kind in {**types, "manifest.json": "application/json"}.items():
        with urllib.request.urlopen(f"{url}/booth/{name}") as response:
            assert response.read() == (built / name).read_bytes()
            assert response.headers.get_content_type() == kind
            assert response.headers.get_all("Content-Security-Policy") == [POLICY]
            assert response.headers["Cache-Control"] == "no-cache"
            assert "Set-Cookie" not in response.headers


@pytest.mark.parametrize("path", ["secret.txt", "..%2Fdist%2Fvote.html", "vote.html/x", "secret.txt/"])
def test_nothing_else_is_there(url: str, path: str) -> None:
    with pytest.raises(urllib.error.HTTPError) as found:
        urllib.request.urlopen(f"{url}/booth/{path}")
    with found.value as answer:
        assert answer.code == 404


def test_addresses_that_people_shorten_or_end_otherwise_lead_to_pages(url: str) -> None:
    with urllib.request.urlopen(f"{url}/booth/vote.html/") as response:
        assert response.geturl() == f"{url}/booth/vote.html"  # beside it lies what it loads
    for path in ("/booth", "/booth/"):
        with urllib.request.urlopen(url + path) as response:
            assert response.geturl() == f"{url}/en/referendum"


def test_a_booth_that_is_not_as_its_manifest_says_is_refused(built: Path) -> None:
    assert read_booth(built).keys() == {*FILES, "manifest.json"}
    (built / "core.js").write_bytes(b"'use sloppy'")
    with pytest.raises(FormatError, match="build the booth again"):
        read_booth(built)
    (built / "core.js").write_bytes(FILES["core.js"])
    (built / "more.js").write_bytes(b"")
    with pytest.raises(FormatError, match="build the booth again"):
        read_booth(built)
    (built / "manifest.json").unlink()
    with pytest.raises(FormatError, match=r"manifest\.json"):
        read_booth(built)
