"""Key stores: whole or not there, sealed, for their owner alone, and gone when erased."""

from __future__ import annotations

import os
import signal
import stat
import subprocess
import sys
import time
from pathlib import Path

import pytest

from psephos.errors import FormatError
from psephos.files import write_secret
from psephos.keystore.lock import Lock
from psephos.keystore.store import KeyStore

SECRET = b"a share of the key, thirty-two b"


@pytest.fixture
def lock() -> Lock:
    return Lock.draw()


@pytest.fixture
def store(tmp_path: Path, lock: Lock) -> KeyStore:
    return KeyStore(tmp_path / "keys", lock)


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def test_what_was_written_is_read_until_it_is_erased(store: KeyStore, tmp_path: Path, lock: Lock) -> None:
    assert store.read("share") is None
    for data in (SECRET, b"another", b""):
        store.write("share", data)
        assert store.read("share") == data
        assert KeyStore(tmp_path / "keys", lock).read("share") == data
    store.erase("share")
    store.erase("share")
    assert store.read("share") is None
    assert list((tmp_path / "keys").iterdir()) == []


def test_only_the_owner_gets_in(tmp_path: Path, lock: Lock) -> None:
    directory = tmp_path / "keys"
    directory.mkdir(mode=0o755)
    before = os.umask(0)
    try:
        KeyStore(directory, lock).write("share", SECRET)
    finally:
        os.umask(before)
    assert mode(directory) == 0o700
    assert mode(directory / "share.age") == 0o600


def test_any_changed_byte_is_refused(store: KeyStore, tmp_path: Path) -> None:
    store.write("share", SECRET)
    path = tmp_path / "keys/share.age"
    sealed = path.read_bytes()
    for at in range(len(sealed)):
        path.write_bytes(sealed[:at] + bytes([sealed[at] ^ 1]) + sealed[at + 1 :])
        with pytest.raises(FormatError, match=r"share\.age"):
            store.read("share")
    path.write_bytes(sealed[:-1])
    with pytest.raises(FormatError):
        store.write("share", SECRET)  # it does not write over what it cannot read


def test_another_lock_opens_nothing(store: KeyStore, tmp_path: Path) -> None:
    store.write("share", SECRET)
    with pytest.raises(FormatError):
        KeyStore(tmp_path / "keys", Lock.draw()).read("share")


def test_a_passphrase_opens_what_it_closed_and_no_other_does(tmp_path: Path) -> None:
    KeyStore.unlock(tmp_path, "owls to Athens").write("share", SECRET)
    assert KeyStore.unlock(tmp_path, "owls to Athens").read("share") == SECRET
    with pytest.raises(FormatError, match="passphrase"):
        KeyStore.unlock(tmp_path, "owls to Sparta")
    (tmp_path / "identity.age").unlink()
    with pytest.raises(FormatError):
        KeyStore.unlock(tmp_path, "owls to Athens")
    assert [path.name for path in tmp_path.iterdir()] == ["share.age"]


@pytest.mark.parametrize(
    "name", ["", "..", "../share", "a/b", "Share", ".share", "identity", "share.age", "é"]
)
def test_names_are_names(store: KeyStore, name: str) -> None:
    for act in (store.read, store.erase, lambda name: store.write(name, b"")):
        with pytest.raises(FormatError, match="key store"):
            act(name)


@pytest.mark.parametrize("text", ["", "# nothing\n", "AGE-SECRET-KEY-1QQQ\n", "age1qqq\n"])
def test_what_is_no_identity_file_is_refused(text: str) -> None:
    with pytest.raises(FormatError, match="identity"):
        Lock.parse(text)
    with pytest.raises(FormatError, match="2 identities"):
        Lock.parse(Lock.draw().encode() * 2)


def test_old_bytes_are_overwritten(store: KeyStore, tmp_path: Path) -> None:
    path = tmp_path / "keys/share.age"
    store.write("share", SECRET)
    for act in (lambda: store.write("share", b"the next"), lambda: store.erase("share")):
        before = path.read_bytes()
        with path.open("rb") as held:  # the file that is about to lose its name
            act()
            after = held.read()
        assert (before != after, after) == (True, bytes(len(before)))


def test_what_a_process_that_ended_early_left_is_erased(store: KeyStore, tmp_path: Path) -> None:
    left = tmp_path / "keys/share.age.new"
    for act in (lambda: store.write("share", SECRET), lambda: store.erase("share")):
        left.write_bytes(b"half of it")
        with left.open("rb") as held:
            act()
            assert held.read() == bytes(10)
        assert not left.exists()


@pytest.mark.parametrize("step", ["fsync", "replace"])
def test_a_write_that_fails_leaves_the_old_secret(
    store: KeyStore, step: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object) -> None:
        raise OSError("disk is full")

    store.write("share", SECRET)
    with monkeypatch.context() as patch:
        patch.setattr(*((os, "fsync") if step == "fsync" else (Path, "replace")), fail)
        with pytest.raises(OSError, match="full"):
            store.write("share", b"another")
    assert store.read("share") == SECRET


WRITER = """
import sys
from pathlib import Path
from psephos.keystore.lock import Lock
from psephos.keystore.store import KeyStore
store = KeyStore(Path(sys.argv[1]), Lock.parse(Path(sys.argv[2]).read_text()))
number = 0
while True:
    number += 1
    store.write("share", b"%08d" % number * 1000)
    print(number, flush=True)
"""


def test_what_was_written_survives_a_kill(tmp_path: Path, lock: Lock) -> None:
    write_secret(tmp_path / "identity.txt", lock.encode().encode())
    command = [sys.executable, "-c", WRITER, tmp_path / "keys", tmp_path / "identity.txt"]
    for delay in (0, 0.003, 0.01):
        with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as writer:
            assert writer.stdout
            writer.stdout.readline()
            time.sleep(delay)
            writer.send_signal(signal.SIGKILL)
            done = writer.stdout.read().splitlines()
        found = KeyStore(tmp_path / "keys", lock).read("share")
        assert found
        assert found == found[:8] * 1000
        assert int(found[:8]) >= int(done[-1] if done else 1)
