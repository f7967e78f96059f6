"""Witnesses that are late, away or lied to, and boards that went back: by post and over HTTP."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from psephos.crypto.signature import SigningKey
from psephos.keystore.lock import Lock
from psephos.keystore.store import KeyStore
from psephos.post.envelope import Envelope
from psephos.post.post import Post
from psephos.protocol import entries
from tests.integration.by_hand import Town


def begun(directory: Path, witnesses: int) -> Town:
    town = Town(directory)
    town.create(trustees=2, witnesses=witnesses)
    town.sent("organiser", "publish")
    town.publish(witnesses=(1, 2))
    return town


def state(town: Town, *texts: str) -> None:
    """Statements of the organiser, put into the board's post."""
    lock = Lock.parse((town.directory / "organiser.identity").read_text())
    key = SigningKey(KeyStore(town.home("organiser") / "keys", lock).read("signing") or b"")
    for text in texts:
        payload = entries.Statement("A word", "en", text, b"")
        entry = entries.encode(payload, town.pin.definition, key.public.raw, key.sign)
        Post(town.home("board") / "post").send(Envelope((entry,)).encode())


def go_back(town: Town, home: str, copy: Path) -> None:
    """Put an older copy in the place of a home's state."""
    shutil.rmtree(town.home(home))
    shutil.copytree(copy, town.home(home))


def rounds(town: Town, *witnesses: int) -> str:
    """What the board says while these witnesses answer all that it asks."""
    said = ""
    for _ in range(4):
        said += town.run("board", "round", "--timeout", "0")[1]
        for number in witnesses:
            town.done(f"witness-{number}", "cosign")
    return said


def test_status_names_the_witnesses_that_are_awaited(tmp_path: Path) -> None:
    town = begun(tmp_path, 3)
    assert "must cosign" not in town.done("board", "status")
    assert "witnesses   agree with this log, asked " in town.done("board", "status")
    state(town, "One")
    town.confirmed("round", witnesses=(1, 2, 3))
    names = [f"witness-{number}.example" for number in (1, 2, 3)]
    assert f"2 more must cosign: {', '.join(names)}" in town.done("board", "status")
    rounds(town, 2)
    assert f"1 more must cosign: {names[0]}, {names[2]}" in town.done("board", "status")
    town.publish(witnesses=[2, 3])
    assert "must cosign" not in town.done("board", "status")


def test_a_witness_from_an_older_copy_catches_up(tmp_path: Path) -> None:
    town = begun(tmp_path, 2)
    shutil.copytree(town.home("witness-1"), tmp_path / "copy")
    state(town, "One")
    town.publish()
    go_back(town, "witness-1", tmp_path / "copy")
    state(town, "Two")
    town.publish()
    assert len(town.record().statements) == 2


def test_a_board_from_an_older_copy_is_witnessed_no_more(tmp_path: Path) -> None:
    town = begun(tmp_path, 2)
    shutil.copytree(town.home("board"), tmp_path / "copy")
    state(town, "One")
    town.publish()
    seen = town.record().size
    go_back(town, "board", tmp_path / "copy")
    state(town, "Nobody answers this")
    code, said = town.run("board", "round")
    assert (code, "the home is an older copy" in said) == (1, True)
    assert "1 wait for `board round`" in town.done("board", "status")
    shutil.rmtree(town.home("record"))  # else it would see that it is behind
    told = rounds(town, 1, 2)
    for number in (1, 2):
        assert f"witness-{number}.example: has cosigned size {seen}, which this log never had" in told
    assert "The machine was restored" in told
    status = town.done("board", "status")
    assert "1 wait for `board round`" in status, "nothing is taken, so that nothing forks"
    assert "the home is an older copy" in status


@contextmanager
def serving(town: Town, number: int) -> Iterator[str]:
    """A witness that answers over HTTP, and its URL."""
    process = town.start(f"witness-{number}", "serve", "--listen", "127.0.0.1:0")
    try:
        yield _url(process)
    finally:
        process.terminate()
        process.communicate(timeout=300)
    assert process.returncode == 0


def _url(process: subprocess.Popen[bytes]) -> str:
    assert process.stdout is not None
    return process.stdout.readline().decode().removeprefix("answers at ").strip()


def reached_at(town: Town, *urls: str) -> None:
    """Have the board ask its witnesses there."""
    places = [f"--witness=witness-{number}.example={url}" for number, url in enumerate(urls, 1)]
    options = ["--name", "The board", "--origin", "log.example/1", "--log", str(town.home("record"))]
    town.done("board", "init", *options, *places)


def publish(town: Town) -> None:
    """The board's round, until witnesses have answered in time."""
    for _ in range(20):
        if town.run("board", "round")[0] == 0:
            return
    raise AssertionError("the witnesses do not answer")


def told(town: Town, said: str) -> bool:
    """Whether the board comes to say that of its witnesses."""
    return any(said in town.waits("board", "round") for _ in range(20))


def test_a_witness_that_serves_comes_back_and_is_lied_to(tmp_path: Path) -> None:
    town = begun(tmp_path, 2)
    shutil.copytree(town.home("board"), tmp_path / "copy")
    with serving(town, 1) as one:
        with serving(town, 2) as other:
            reached_at(town, one, other)
            state(town, "One")
            publish(town)
        state(town, "Two")
        assert told(town, "is not witnessed yet: witness-2.example: ")
        assert "not yet: witness-2.example" in town.done("board", "status")
        with serving(town, 2) as other:
            reached_at(town, one, other)
            publish(town)
            seen = town.record().size
            go_back(town, "board", tmp_path / "copy")
            reached_at(town, one, other)
            shutil.rmtree(town.home("record"))
            state(town, "Nobody answers this")
            assert told(town, f"witness-1.example: has cosigned size {seen}")
