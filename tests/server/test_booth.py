"""The booth as it is served: what its manifest names, under its own policy, and nothing else."""

from __future__ import annotations

import email.message
import gzip
import hashlib
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest

from psephos.errors import FormatError
from psephos.protocol.encoding import canonical_json
from psephos.protocol.enrolment.token_keys import Gateway
from psephos.server.application import application
from psephos.server.booth import policy, read_booth
from psephos.server.config import ServerConfig
from psephos.server.listening import Listener
from psephos.server.pages.snapshot import origins
from psephos.simulation.definitions import sample
from psephos.simulation.referendum import Referendum

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
    site = ServerConfig(tmp_path, b"{}", {}, booth=read_booth(built))
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
            assert response.headers.get_all("Content-Security-Policy") == [policy()]
            assert response.headers["Cache-Control"] == "no-cache"
            assert "Set-Cookie" not in response.headers


def test_the_policy_names_relays_and_registrars_with_posts_of_their_own() -> None:
    relays = [{"name": "The watch", "address": "https://relay.example:8443/psephos"}]
    document, keys = sample(registrars=2, relays=relays, hold=60)
    referendum = Referendum(document, keys)
    referendum.publish()
    assert origins(referendum.record) == ("https://relay.example:8443",)
    gateways = referendum.record.registrar_keys.gateways
    gateways[1] = Gateway(1, bytes(32), "")
    gateways[2] = Gateway(2, bytes(32), "https://registrar.example/post/registrar-2")
    found = origins(referendum.record)
    assert found == ("https://registrar.example", "https://relay.example:8443")
    assert f"connect-src 'self' {' '.join(found)};" in policy(found)


def got(url: str, **headers: str) -> tuple[int, email.message.Message, bytes]:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    try:
        with urllib.request.urlopen(urllib.request.Request(url, headers=named)) as answer:
            return answer.status, answer.headers, answer.read()
    except urllib.error.HTTPError as error:
        with error:
            return error.code, error.headers, error.read()


def test_who_has_a_file_is_not_sent_it_again(tmp_path: Path) -> None:
    large = b"let one = 1;\n" * 1000
    listener = Listener(
        application(ServerConfig(tmp_path, b"{}", {}, booth={"core.js": large})), "127.0.0.1", 0
    )
    listener.start()
    url = f"http://{listener.host}:{listener.port}/booth/core.js"
    tags = set()
    try:
        for coding in ("identity", "gzip", "br;q=1, gzip;q=0.5", "gzip;q=0", ""):
            status, headers, body = got(url, Accept_Encoding=coding)
            packed = headers["Content-Encoding"] == "gzip"
            assert packed == (coding in ("gzip", "br;q=1, gzip;q=0.5"))
            assert (gzip.decompress(body) if packed else body) == large
            assert (status, headers["Vary"], headers["Cache-Control"]) == (200, "Accept-Encoding", "no-cache")
            assert not headers["ETag"].startswith("W/")
            tags.add(headers["ETag"])
            for known in (headers["ETag"], f'"other", W/{headers["ETag"]}', "*"):
                status, again, body = got(url, Accept_Encoding=coding, If_None_Match=known)
                assert (status, body, again["ETag"]) == (304, b"", headers["ETag"])
                assert again["Content-Security-Policy"] == policy()
            assert got(url, Accept_Encoding=coding, If_None_Match='"other"')[0] == 200
    finally:
        listener.stop()
    assert len(tags) == 2, "two codings are two representations"


def test_nothing_that_somebody_wrote_is_compressed(url: str) -> None:
    """What is compressed together tells about itself by its length."""
    for path in ("/en/log", "/openapi.json", "/pin.json"):
        assert got(url + path, Accept_Encoding="gzip, br")[1]["Content-Encoding"] is None


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
