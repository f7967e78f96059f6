"""Export and client: the layout on disk, reading it back from disk and over HTTP, hostile servers."""

from __future__ import annotations

import gzip
import threading
import time
from collections.abc import Callable, Iterator
from hashlib import sha256
from http.server import BaseHTTPRequestHandler, SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from psephos.errors import EvidenceMissing, FormatError, LogError, NotThere
from psephos.log import checkpoints, cosignature
from psephos.log.checkpoints import TreeHead
from psephos.log.client import Client
from psephos.log.export import export
from psephos.log.note import Note
from psephos.log.store import LogStore

if TYPE_CHECKING:
    from conftest import Keys

ALL = [n.to_bytes(3, "big") for n in range(1500)]
BLOB = b"an attachment" * 1000
ENOUGH = 60.0
"""Seconds in which a server answers that answers at all, however busy the machine is."""
DIGEST = sha256(BLOB).hexdigest()


def publish(store: LogStore, keys: Keys, directory: Path) -> None:
    signed = Note.parse(
        checkpoints.sign(TreeHead(store.origin, store.size, store.root(store.size)), keys.log)
    )
    lines = [cosignature.sign(signed.text, 100, *item) for item in keys.witnesses.items()]
    store.save_checkpoint(signed.with_signatures(lines).encode())
    assert export(store, directory).size == store.size


def files(directory: Path) -> dict[str, int]:
    """Paths and times of last change."""
    paths = [path for path in directory.rglob("*") if path.is_file()]
    return {path.relative_to(directory).as_posix(): path.stat().st_mtime_ns for path in paths}


@pytest.fixture
def store(tmp_path: Path, keys: Keys) -> Iterator[LogStore]:
    with LogStore(tmp_path / "log.db", keys.origin) as opened:
        yield opened


@pytest.fixture
def published(store: LogStore, keys: Keys, tmp_path: Path) -> Path:
    store.append(ALL[:600], [BLOB]).result()
    publish(store, keys, tmp_path / "public")
    return tmp_path / "public"


class Quiet(SimpleHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def serve() -> Iterator[Callable[[type[BaseHTTPRequestHandler], Path], str]]:
    servers = []

    def start(handler: type[BaseHTTPRequestHandler], directory: Path) -> str:
        server = ThreadingHTTPServer(("127.0.0.1", 0), lambda *args: handler(*args, directory=directory))
        servers.append(server)
        threading.Thread(target=server.serve_forever, args=[0.01]).start()
        return f"http://127.0.0.1:{server.server_port}/"

    yield start
    for server in servers:
        server.shutdown()
        server.server_close()


LAYOUT_600 = {
    "checkpoint",
    f"blob/{DIGEST}",
    *(f"tile/{kind}/{name}" for kind in ("entries", "0") for name in ("000", "001", "002.p/88")),
    "tile/1/000.p/2",
}


def test_an_empty_log_is_a_checkpoint(store: LogStore, keys: Keys, tmp_path: Path) -> None:
    with pytest.raises(LogError, match="no checkpoint"):
        export(store, tmp_path / "public")
    publish(store, keys, tmp_path / "public")
    assert set(files(tmp_path / "public")) == {"checkpoint"}
    assert list(Client(tmp_path / "public").tree(keys.policy).entries()) == []


def test_an_export_adds_only_what_is_new(published: Path, store: LogStore, keys: Keys) -> None:
    before = files(published)
    assert set(before) == LAYOUT_600
    store.append(ALL[600:700]).result()
    publish(store, keys, published)
    after = files(published)
    assert set(after) == LAYOUT_600 | {"tile/entries/002.p/188", "tile/0/002.p/188"}
    assert {path for path in before if after[path] != before[path]} == {"checkpoint"}
    store.append(ALL[700:]).result()
    publish(store, keys, published)
    last = files(published)
    assert not [path for path in last if path.startswith(("tile/0/002.p", "tile/entries/002.p"))]
    assert {"tile/0/002", "tile/0/005.p/220", "tile/1/000.p/2", "tile/1/000.p/5"} <= set(last)
    assert [path for path in before if path in last and last[path] != before[path]] == ["checkpoint"]


def test_an_interrupted_export_is_finished_by_the_next(
    published: Path, store: LogStore, keys: Keys, monkeypatch: pytest.MonkeyPatch
) -> None:
    store.append(ALL[600:]).result()
    replace, written = Path.replace, []

    def fail_on_the_fifth(self: Path, target: Path) -> Path:
        written.append(target)
        if len(written) == 5:
            raise OSError("disk full")
        return replace(self, target)

    with monkeypatch.context() as patch:
        patch.setattr(Path, "replace", fail_on_the_fifth)
        with pytest.raises(OSError, match="disk full"):
            publish(store, keys, published)
    assert published / "checkpoint" not in written
    read = [entry for _, entries in Client(published).tree(keys.policy).entries() for entry in entries]
    assert read == ALL[:600]  # readers still see the old log, whole
    publish(store, keys, published)
    assert [e for _, entries in Client(published).tree(keys.policy).entries() for e in entries] == ALL


def test_the_checkpoint_is_written_last(
    store: LogStore, keys: Keys, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    replace, written = Path.replace, []

    def record(self: Path, target: Path) -> Path:
        written.append(target.name)
        return replace(self, target)

    monkeypatch.setattr(Path, "replace", record)
    store.append(ALL, [BLOB]).result()
    publish(store, keys, tmp_path / "public")
    assert written.index("checkpoint") == len(written) - 1
    assert written[0] == DIGEST


def test_another_log_is_not_written_over(published: Path, keys: Keys, tmp_path: Path) -> None:
    before = files(published)
    with LogStore(tmp_path / "fork.db", keys.origin) as fork:
        fork.append([b"fork", *ALL]).result()
        with pytest.raises(LogError, match="does not extend"):
            publish(fork, keys, published)
    with LogStore(tmp_path / "short.db", keys.origin) as short:
        short.append(ALL[:500]).result()
        with pytest.raises(LogError, match="does not extend"):
            publish(short, keys, published)
    assert files(published) == before


@pytest.mark.parametrize("remote", [False, True])
def test_reading_it_back(
    published: Path, keys: Keys, serve: Callable[[type[BaseHTTPRequestHandler], Path], str], remote: bool
) -> None:
    with Client(serve(Quiet, published) if remote else published) as client:
        tree = client.tree(keys.policy)
        assert [entry for _, entries in tree.entries() for entry in entries] == ALL[:600]
        assert next(tree.entries(590)) == (590, ALL[590:600])
        assert client.blob(DIGEST) == BLOB
        with pytest.raises(LogError, match="more than"):
            client.blob(DIGEST, limit=len(BLOB) - 1)
        assert client.blob(DIGEST, limit=len(BLOB)) == BLOB
        with pytest.raises(EvidenceMissing, match="blob/" + "0" * 64):
            client.blob("0" * 64)
        for name in ("../checkpoint", DIGEST.upper(), DIGEST[:-1], DIGEST + "\n"):
            with pytest.raises(FormatError):
                client.blob(name)
        (published / "tile/entries/001").unlink()
        with pytest.raises(EvidenceMissing, match="tile/entries/001"):
            list(tree.entries())
        (published / "blob" / DIGEST).write_bytes(b"another")
        with pytest.raises(LogError, match="does not hash"):
            client.blob(DIGEST)
        (published / "checkpoint").unlink()
        with pytest.raises(EvidenceMissing, match="checkpoint"):
            client.tree(keys.policy)


def test_a_tampered_checkpoint_or_tile_is_refused(published: Path, keys: Keys) -> None:
    checkpoint = (published / "checkpoint").read_bytes()
    (published / "checkpoint").write_bytes(checkpoint.replace(b"\n600\n", b"\n601\n"))
    with pytest.raises(LogError, match="bad signature"):
        Client(published).tree(keys.policy)
    lines = Note.parse(checkpoint)
    (published / "checkpoint").write_bytes(Note(lines.text, lines.signatures[:2]).encode())
    with pytest.raises(LogError, match="no quorum"):
        Client(published).tree(keys.policy)
    (published / "checkpoint").write_bytes(checkpoint)
    tile = published / "tile/0/000"
    tile.write_bytes(tile.read_bytes()[::-1])
    with pytest.raises(LogError, match="tile/0/000"):
        list(Client(published).tree(keys.policy).entries())


def test_gzip_and_prefix(
    published: Path, keys: Keys, serve: Callable[[type[BaseHTTPRequestHandler], Path], str]
) -> None:
    class Zipped(Quiet):
        def do_GET(self) -> None:
            body = gzip.compress((published / self.path.removeprefix("/some/log/")).read_bytes())
            body = body[: len(body) - cut]
            self.send_response(200)
            self.send_header("Content-Encoding", "gzip")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

    cut = 0
    with Client(serve(Zipped, published) + "some/log/", timeout=ENOUGH) as client:
        assert sum(len(entries) for _, entries in client.tree(keys.policy).entries()) == 600
        with pytest.raises(LogError, match="more than"):  # a bomb is not unpacked
            client.blob(DIGEST, limit=100)
        assert client.blob(DIGEST) == BLOB
        cut = 1
        with pytest.raises(EvidenceMissing, match="cut short"):
            client.blob(DIGEST)


def answer(raw: bytes, pause: float = 0.0) -> type[BaseHTTPRequestHandler]:
    class Raw(Quiet):
        def do_GET(self) -> None:
            for at in range(0, len(raw), 20):
                time.sleep(pause)
                try:
                    self.wfile.write(raw[at : at + 20])
                except OSError:  # the client has had enough
                    break
            self.close_connection = True

    return Raw


@pytest.mark.parametrize(
    "raw",
    [
        b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\ntoo short",
        b"HTTP/1.1 302 Found\r\nLocation: /elsewhere\r\nContent-Length: 0\r\n\r\n",
        b"HTTP/1.1 500 Oops\r\nContent-Length: 0\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Encoding: br\r\nContent-Length: 1\r\n\r\nx",
        b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 1\r\n\r\nx",
        b"not HTTP at all",
        b"",
    ],
)
def test_broken_servers_mean_missing_evidence(
    raw: bytes, published: Path, serve: Callable[[type[BaseHTTPRequestHandler], Path], str]
) -> None:
    with (
        Client(serve(answer(raw), published), timeout=ENOUGH) as client,
        pytest.raises(EvidenceMissing, match="checkp"),
    ):
        client.checkpoint()


@pytest.mark.parametrize(
    ("status", "none"), [(404, True), (403, True), (410, True), (429, False), (503, False)]
)
def test_only_some_answers_say_that_a_file_is_not_there(
    status: int, none: bool, published: Path, serve: Callable[[type[BaseHTTPRequestHandler], Path], str]
) -> None:
    raw = f"HTTP/1.1 {status} No\r\nContent-Length: 0\r\n\r\n".encode()
    with (
        Client(serve(answer(raw), published), timeout=ENOUGH) as client,
        pytest.raises(EvidenceMissing) as missing,
    ):
        client.checkpoint()
    assert isinstance(missing.value, NotThere) == none


def test_a_server_that_dribbles_is_cut_off(
    published: Path, serve: Callable[[type[BaseHTTPRequestHandler], Path], str]
) -> None:
    slow = answer(b"HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n" + bytes(100_000), pause=0.05)
    started = time.monotonic()
    with (
        Client(serve(slow, published), timeout=0.5) as client,
        pytest.raises(EvidenceMissing, match="in time"),
    ):
        client.checkpoint()
    assert time.monotonic() - started < ENOUGH


def test_an_idle_connection_may_be_closed_by_the_server(
    published: Path, keys: Keys, serve: Callable[[type[BaseHTTPRequestHandler], Path], str]
) -> None:
    class OneEach(Quiet):
        def do_GET(self) -> None:
            super().do_GET()
            self.close_connection = True  # without having said so

    with Client(serve(OneEach, published), timeout=ENOUGH) as client:
        assert sum(len(entries) for _, entries in client.tree(keys.policy).entries()) == 600


@pytest.mark.parametrize(
    "url", ["http://", "http://host/?q", "http://host/#f", "http://user:secret@host/", "http://host:port/"]
)
def test_odd_urls_are_refused_without_repeating_them(url: str) -> None:
    with pytest.raises(FormatError) as refusal:
        Client(url)
    assert "secret" not in str(refusal.value)


def test_nobody_there_means_missing_evidence() -> None:
    with Client("http://127.0.0.1:1/", timeout=2) as client, pytest.raises(EvidenceMissing):
        client.checkpoint()
