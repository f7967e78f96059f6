"""A passphrase comes from a file or the terminal, and is seen by nobody on its way."""

from __future__ import annotations

import os
import pty
import subprocess
import sys
from pathlib import Path

import pytest

from psephos.cli.home.passphrase import FILE, read_passphrase
from psephos.cli.process.stop import Stop
from psephos.keystore.store import KeyStore

PASSPHRASE = "owls to Athens, salt to the sea"

UNLOCK = """
import sys
from pathlib import Path
from psephos.cli.home.passphrase import read_passphrase
from psephos.keystore.store import KeyStore
KeyStore.unlock(Path(sys.argv[1]), read_passphrase("Passphrase")).write("share", b"of the key")
print(sys.argv, Path("/proc/self/cmdline").read_text())
"""

# A session's leader that opens a terminal makes it its own, and reads passphrases there.
ASK = """
import os
os.open(os.ttyname(0), os.O_RDWR)
from psephos.cli.home.passphrase import read_passphrase
print("heard", len(read_passphrase("Passphrase")))
"""


def test_it_is_read_from_the_file_that_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "passphrase"
    monkeypatch.setenv(FILE, str(path))
    for text in (PASSPHRASE, f"{PASSPHRASE}\n"):
        path.write_text(text)
        assert read_passphrase("?") == PASSPHRASE


@pytest.mark.parametrize("content", [b"", b"\n", b"secret one\nsecret two\n", b"secret \xff", None])
def test_what_is_no_passphrase_is_refused_unseen(
    content: bytes | None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "passphrase"
    if content is not None:
        path.write_bytes(content)
    monkeypatch.setenv(FILE, str(path))
    with pytest.raises(Stop) as stop:
        read_passphrase("?")
    assert stop.value.code == 2
    assert "secret" not in str(stop.value)


def test_a_store_is_unlocked_through_a_descriptor(tmp_path: Path) -> None:
    for _ in range(2):  # a new store, and one that is there
        reading, writing = os.pipe()
        with open(writing, "w") as pipe:
            pipe.write(PASSPHRASE)
        unlocked = subprocess.run(
            [sys.executable, "-c", UNLOCK, tmp_path / "keys"],
            env=os.environ | {FILE: f"/dev/fd/{reading}"},
            pass_fds=[reading],
            capture_output=True,
            check=False,
        )
        os.close(reading)
        assert unlocked.returncode == 0, unlocked.stderr
        assert PASSPHRASE.encode() not in unlocked.stdout + unlocked.stderr
    assert KeyStore.unlock(tmp_path / "keys", PASSPHRASE).read("share") == b"of the key"
    assert not any(PASSPHRASE.encode() in path.read_bytes() for path in (tmp_path / "keys").iterdir())


def test_a_terminal_does_not_show_it() -> None:
    ours, theirs = pty.openpty()
    environment = {name: value for name, value in os.environ.items() if name != FILE}
    asking = subprocess.Popen(
        [sys.executable, "-c", ASK],
        stdin=theirs,
        stdout=theirs,
        stderr=theirs,
        env=environment,
        start_new_session=True,
    )
    os.close(theirs)
    seen = b""
    while b"Passphrase: " not in seen:
        seen += os.read(ours, 1000)
    os.write(ours, PASSPHRASE.encode() + b"\n")
    while not seen.endswith(b"\r\n") or b"heard" not in seen:
        seen += os.read(ours, 1000)
    assert asking.wait() == 0
    os.close(ours)
    assert f"heard {len(PASSPHRASE)}".encode() in seen
    assert PASSPHRASE.encode() not in seen


def test_without_a_terminal_nothing_is_asked() -> None:
    environment = {name: value for name, value in os.environ.items() if name != FILE}
    asked = subprocess.run(
        [
            sys.executable,
            "-c",
            "from psephos.cli.home.passphrase import read_passphrase; read_passphrase('?')",
        ],
        input=PASSPHRASE.encode(),
        env=environment,
        start_new_session=True,
        capture_output=True,
        check=False,
    )
    assert b"no terminal" in asked.stderr
    assert PASSPHRASE.encode() not in asked.stdout + asked.stderr
