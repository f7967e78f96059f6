"""A witness made by others cosigns our log; ours cosigns a log made by others; both refuse forks."""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Iterator
from functools import partial
from pathlib import Path

import pytest

from psephos.errors import FormatError, LogError
from psephos.log import checkpoints, merkle
from psephos.log.checkpoints import TreeHead
from psephos.log.client import Client
from psephos.log.merkle import EMPTY_ROOT, leaf_hash, root_of
from psephos.log.note import encode_base64
from psephos.log.policy import Policy
from psephos.log.store import LogStore
from psephos.log.submission import Conflict, Inconsistent, Submission, UnknownLog, Unsigned, collect
from psephos.log.witness_client import ask
from psephos.witness.http import WitnessServer
from psephos.witness.witness import Witness
from tests.interop import strangers

pytestmark = pytest.mark.needs("go")

NOW = 1_700_000_000


@pytest.fixture
def litewitness(tools: Path, tmp_path: Path) -> Iterator[str]:
    """torchwood's witness, which knows our log; it has its key from an ssh-agent."""
    socket, state, port = tmp_path / "agent", tmp_path / "litewitness.db", strangers.free_port()
    with strangers.process([tools / "strangers", "agent", socket], strangers.WITNESS_SEED.hex()) as agent:
        assert agent.stdout
        options = ["-name", strangers.WITNESS_KEY.name, "-db", state, "-ssh-agent", socket]
        options += ["-key", agent.stdout.readline().strip(), "-listen", f"127.0.0.1:{port}"]
        with strangers.process([tools / "litewitness", *options]) as witness:
            strangers.wait_for(port, witness)
            introduce(state)
            yield f"http://127.0.0.1:{port}/"


def introduce(state: Path) -> None:
    """What `witnessctl add-log` and `add-key` do."""
    database = sqlite3.connect(state)
    with database:
        origin = strangers.ORIGIN
        database.execute("INSERT INTO log VALUES (?, 0, ?)", [origin, encode_base64(EMPTY_ROOT)])
        database.execute("INSERT INTO key VALUES (?, ?)", [origin, str(strangers.LOG_KEY)])
    database.close()


def proof(store: LogStore, old: int, size: int) -> tuple[bytes, ...]:
    return tuple(merkle.consistency_proof(old, size, store.hash))


def cosigned(store: LogStore, size: int, url: str) -> tuple[TreeHead, dict[str, int]]:
    policy = Policy.parse(strangers.policy_text(url))
    note, *_ = collect(
        strangers.signed(store, size),
        lambda old: proof(store, old, size),
        {"W": partial(ask, url)},
        policy,
        lambda name, error: pytest.fail(f"{name}: {error}"),
        {},
    )
    return policy.verify(note)


def test_a_witness_of_others_cosigns_our_log(litewitness: str, store: LogStore) -> None:
    for size in (1, 300, 300, 700):
        checkpoint, times = cosigned(store, size, litewitness)
        assert checkpoint == TreeHead(strangers.ORIGIN, size, store.root(size))
        assert abs(times["W"] - time.time()) < 60


def test_a_witness_of_others_refuses_forks(litewitness: str, store: LogStore) -> None:
    cosigned(store, 300, litewitness)

    def fork(size: int, origin: str = strangers.ORIGIN) -> bytes:
        root = root_of([leaf_hash(b"fork %d" % n) for n in range(size)])
        return checkpoints.sign(TreeHead(origin, size, root), strangers.LOG)

    unsigned = strangers.signed(store, 700).replace(b"\n700\n", b"\n699\n")
    refused: list[tuple[type[LogError | FormatError], Submission]] = [
        (Inconsistent, Submission(300, (), fork(300))),
        (Inconsistent, Submission(300, proof(store, 300, 700), fork(700))),
        (Inconsistent, Submission(300, (), strangers.signed(store, 700))),
        (Conflict, Submission(0, (), fork(700))),
        (Conflict, Submission(0, (), strangers.signed(store, 200))),
        (Unsigned, Submission(300, (), unsigned)),
        (UnknownLog, Submission(0, (), fork(1, "example.org/other"))),
        (FormatError, Submission(300, (), strangers.signed(store, 200))),
    ]
    for error, submission in refused:
        with pytest.raises(error) as refusal:
            ask(litewitness, submission)
        assert type(refusal.value) is error
        assert not isinstance(refusal.value, Conflict) or refusal.value.size == 300
    assert cosigned(store, 700, litewitness)


@pytest.fixture
def witness(tmp_path: Path) -> Iterator[Witness]:
    name, state = strangers.WITNESS_KEY.name, tmp_path / "witness.db"
    with Witness(name, strangers.WITNESS, [strangers.LOG_KEY], state) as opened:
        yield opened


@pytest.fixture
def policy(witness: Witness, tmp_path: Path) -> Iterator[Path]:
    """A policy that says where our witness is, which answers there."""
    with strangers.serving(WitnessServer(("127.0.0.1", 0), witness, lambda: NOW)) as url:
        (tmp_path / "policy").write_bytes(strangers.policy_text(url))
        yield tmp_path / "policy"


class Tessera:
    """A log on disk by Tessera, which asks the policy's witnesses before it publishes."""

    def __init__(self, tools: Path, policy: Path, directory: Path) -> None:
        self.tools, self.policy, self.directory = tools, policy, directory
        (directory / "entries").mkdir(parents=True)
        (directory / "key").write_text(strangers.signing_key(strangers.LOG_KEY, strangers.LOG_SEED))

    def append(self, entries: list[bytes], fail_open: bool = False) -> str:
        for path in (self.directory / "entries").iterdir():
            path.unlink()
        for number, entry in enumerate(entries):
            (self.directory / "entries" / f"{number:03}").write_bytes(entry)
        done = strangers.run(
            self.tools / "posix-oneshot",
            f"--storage_dir={self.directory / 'log'}",
            f"--private_key={self.directory / 'key'}",
            f"--entries={self.directory / 'entries'}/*",
            f"--witness_policy_file={self.policy}",
            f"--witness_fail_open={str(fail_open).lower()}",
        )
        assert done.returncode == 0, done.stderr
        return done.stderr

    @property
    def checkpoint(self) -> Path:
        return self.directory / "log/checkpoint"


def test_our_witness_cosigns_a_log_of_others(
    tools: Path, policy: Path, witness: Witness, tmp_path: Path
) -> None:
    log, wanted = Tessera(tools, policy, tmp_path / "tessera"), Policy.parse(policy.read_bytes())
    first = [b"first %d" % n for n in range(3)]
    second = [b"second %d" % n for n in range(300)]
    for entries, size in ((first, 3), (second, 303)):
        log.append(entries)
        seen = strangers.run(
            tools / "strangers", "cosigned", log.checkpoint, strangers.LOG_KEY, strangers.WITNESS_KEY
        )
        assert (seen.stdout, seen.stderr) == (f"{NOW}\n", "")
        with Client(log.directory / "log") as client:
            tree = client.tree(wanted)
            read = [entry for _, bundle in tree.entries() for entry in bundle]
        assert tree.checkpoint.size == size
        assert sorted(read) == sorted(first + second if size > 3 else first)
    kept = witness.checkpoint(strangers.ORIGIN)
    assert kept is not None
    assert checkpoints.read(kept)[0] == tree.checkpoint


def test_our_witness_refuses_a_fork_of_others(
    tools: Path, policy: Path, witness: Witness, tmp_path: Path
) -> None:
    Tessera(tools, policy, tmp_path / "log").append([b"one", b"two"])
    kept = witness.checkpoint(strangers.ORIGIN)
    fork = Tessera(tools, policy, tmp_path / "fork")
    fork.append([b"one", b"another", b"more"], fail_open=True)
    assert witness.checkpoint(strangers.ORIGIN) == kept
    seen = strangers.run(
        tools / "strangers", "cosigned", fork.checkpoint, strangers.LOG_KEY, strangers.WITNESS_KEY
    )
    assert (seen.returncode, seen.stderr) == (1, "not cosigned\n")
    with Client(fork.directory / "log") as client, pytest.raises(LogError, match="no quorum"):
        client.tree(Policy.parse(policy.read_bytes()))
