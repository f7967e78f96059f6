"""Readers made by others accept the log that we publish, over HTTP, and refuse it tampered with."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from psephos.log import cosignature
from psephos.log.export import export
from psephos.log.note import Note, encode_base64
from psephos.log.store import LogStore
from tests.interop import strangers

pytestmark = pytest.mark.needs("go")

OLD = 300
Reader = Callable[[str], str]
"""What a reader has against the log at a URL; nothing if it accepts."""


def publish(store: LogStore, directory: Path) -> None:
    note = Note.parse(strangers.signed(store, store.size))
    line = cosignature.sign(note.text, 100, strangers.WITNESS_KEY.name, strangers.WITNESS)
    store.save_checkpoint(note.with_signatures([line]).encode())
    export(store, directory)


@pytest.fixture
def public(store: LogStore, tmp_path: Path) -> Path:
    publish(store, tmp_path / "public")
    return tmp_path / "public"


@pytest.fixture
def url(public: Path) -> Iterator[str]:
    with strangers.serving_files(public) as served:
        yield served


@pytest.fixture(params=["tlog", "torchwood", "fsck"])
def reader(request: pytest.FixtureRequest, tools: Path, store: LogStore, tmp_path: Path) -> Reader:
    """golang.org/x/mod, torchwood, and the fsck of Tessera."""
    key, policy = tmp_path / "key", tmp_path / "policy"
    key.write_text(str(strangers.LOG_KEY))
    policy.write_bytes(strangers.policy_text("http://127.0.0.1/"))

    def with_library(url: str) -> str:
        old = (strangers.LOG_KEY, OLD, encode_base64(store.root(OLD)))
        done = strangers.run(
            tools / "strangers", request.param, url, *(old if request.param == "tlog" else (policy,))
        )
        assert (done.returncode, bool(done.stderr)) in ((0, False), (1, True))
        return done.stderr

    def with_fsck(url: str) -> str:
        # With one worker, the default, it never ends once that one has found something wrong.
        options = ("--ui=false", "--N=16", f"--storage_url={url}", f"--public_key={key}")
        done = strangers.run(tools / "fsck", *options)
        assert ("Successfully fsck'd log" in done.stderr) != ("fsck failed" in done.stderr), done.stderr
        return "" if "Successfully" in done.stderr else done.stderr

    return with_fsck if request.param == "fsck" else with_library


def test_others_read_our_log(reader: Reader, url: str) -> None:
    assert reader(url) == ""


def test_others_refuse_it_tampered_with(reader: Reader, url: str, public: Path) -> None:
    paths = sorted(path for path in (public / "tile").rglob("*") if path.is_file())
    assert len(paths) == 7
    for path in paths:
        whole = path.read_bytes()
        path.write_bytes(whole[:-3] + bytes([whole[-3] ^ 1]) + whole[-2:])
        assert reader(url), path
        path.write_bytes(whole[:-1])
        assert reader(url), path
        path.write_bytes(whole)
    checkpoint = public / "checkpoint"
    checkpoint.write_bytes(checkpoint.read_bytes().replace(b"\n700\n", b"\n699\n"))
    assert reader(url)


def test_others_miss_what_is_not_there(reader: Reader, url: str, public: Path) -> None:
    for path in (public / "tile/0/000", public / "tile/entries/002.p/188"):
        path.rename(path.with_suffix(".gone"))
        assert "404" in reader(url) or "not exist" in reader(url)
        path.with_suffix(".gone").rename(path)
    assert reader(url) == ""


def test_others_read_a_log_of_three_levels(reader: Reader, url: str, store: LogStore, public: Path) -> None:
    store.append([b"entry %d" % n for n in range(store.size, 65_536 + 257)]).result()
    publish(store, public)
    assert (public / "tile/2/000.p/1").is_file()
    assert reader(url) == ""


def test_x_mod_refuses_another_past(tools: Path, url: str, store: LogStore) -> None:
    def says(size: int, root: bytes) -> str:
        key = strangers.LOG_KEY
        return strangers.run(tools / "strangers", "tlog", url, key, size, encode_base64(root)).stderr

    for size in (1, 255, 256, 512, 699, 700):
        assert says(size, store.root(size)) == ""
        assert "invalid" in says(size, bytes(32))


def test_torchwood_wants_the_quorum(
    tools: Path, url: str, public: Path, store: LogStore, tmp_path: Path
) -> None:
    policy = tmp_path / "policy"
    policy.write_bytes(strangers.policy_text("http://127.0.0.1/"))
    (public / "checkpoint").write_bytes(strangers.signed(store, store.size))
    assert strangers.run(tools / "strangers", "torchwood", url, policy).returncode == 1
