"""Reference implementations in Go accept what we make and refuse it tampered with; and the reverse."""

from __future__ import annotations

import subprocess
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from psephos.crypto.signature import SigningKey
from psephos.errors import FormatError, LogError
from psephos.log import checkpoints, cosignature, merkle
from psephos.log.checkpoints import TreeHead
from psephos.log.client import Client
from psephos.log.export import export
from psephos.log.merkle import leaf_hash, root_of
from psephos.log.note import ED25519, Note, VerifierKey, encode_base64
from psephos.log.policy import Policy
from psephos.log.proof import LogProof
from psephos.log.store import LogStore
from psephos.log.submission import Submission
from psephos.witness.witness import Witness

if TYPE_CHECKING:
    from conftest import Keys

pytestmark = pytest.mark.needs("go")

ALL = [b"entry %d" % n for n in range(700)]
Go = Callable[..., str]


@pytest.fixture(scope="module")
def go(tmp_path_factory: pytest.TempPathFactory) -> Go:
    """Runs the Go side; gives what it says against what it was handed, nothing if it accepts."""
    program = tmp_path_factory.mktemp("go") / "interop"
    command = ["go", "build", "-mod=readonly", "-o", str(program), "."]
    subprocess.run(command, cwd=Path(__file__).parent / "go", check=True)

    def run(*args: str | Path) -> str:
        done = subprocess.run([program, *map(str, args)], capture_output=True, text=True, check=False)
        assert (done.returncode, bool(done.stderr)) in ((0, False), (1, True))
        return done.stderr

    return run


@pytest.fixture(scope="module")
def policy_file(keys: Keys, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The shared policy with the URLs on which the Go side insists."""
    path = tmp_path_factory.mktemp("policy") / "policy"
    text = keys.policy_text.decode()
    for key in keys.witness_keys.values():
        text = text.replace(str(key), f"{key} https://{key.name}/")
    assert Policy.parse(text.encode()).witnesses == keys.policy.witnesses
    path.write_text(text)
    return path


@pytest.fixture
def store(tmp_path: Path, keys: Keys) -> Iterator[LogStore]:
    with LogStore(tmp_path / "log.db", keys.origin) as opened:
        opened.append(ALL).result()
        signed = Note.parse(checkpoints.sign(TreeHead(keys.origin, 700, opened.root(700)), keys.log))
        lines = [cosignature.sign(signed.text, 100, *item) for item in list(keys.witnesses.items())[:2]]
        opened.save_checkpoint(signed.with_signatures(lines).encode())
        export(opened, tmp_path / "public")
        yield opened


def test_go_reads_what_we_publish(
    go: Go, store: LogStore, keys: Keys, policy_file: Path, tmp_path: Path
) -> None:
    public = tmp_path / "public"
    assert go("log", public, keys.log_key, policy_file) == ""
    for path in sorted(path for path in public.rglob("*") if path.is_file()):
        whole = path.read_bytes()
        path.write_bytes(whole[:-3] + bytes([whole[-3] ^ 1]) + whole[-2:])
        assert go("log", public, keys.log_key, policy_file), path
        path.write_bytes(whole)
        path.rename(path.with_suffix(".gone"))
        assert "no such file" in go("log", public, keys.log_key, policy_file)
        path.with_suffix(".gone").rename(path)
    assert go("log", public, keys.log_key, policy_file) == ""


def test_go_wants_the_same_quorum(
    go: Go, store: LogStore, keys: Keys, policy_file: Path, tmp_path: Path
) -> None:
    public = tmp_path / "public"
    signed = Note.parse((public / "checkpoint").read_bytes())
    (public / "checkpoint").write_bytes(Note(signed.text, signed.signatures[:2]).encode())
    assert "no quorum" in go("log", public, keys.log_key, policy_file)
    with pytest.raises(LogError, match="no quorum"):
        Client(public).tree(keys.policy)


def test_go_accepts_our_receipts(
    go: Go, store: LogStore, keys: Keys, policy_file: Path, tmp_path: Path
) -> None:
    checkpoint = store.checkpoint()
    assert checkpoint is not None

    def says(receipt: LogProof, entry: bytes) -> str:
        (tmp_path / "receipt").write_bytes(receipt.encode())
        (tmp_path / "entry").write_bytes(entry)
        return go("receipt", tmp_path / "receipt", tmp_path / "entry", keys.log_key, policy_file)

    for index in (0, 255, 256, 433, 699):
        hashes = tuple(merkle.inclusion_proof(index, 700, store.hash))
        receipt = LogProof(index, hashes, checkpoint, b"extra")
        assert says(receipt, ALL[index]) == ""
        receipt.verify(ALL[index], keys.policy)
        spoilt = [
            replace(receipt, index=(index + 1) % 700),
            replace(receipt, hashes=hashes[:-1]),
            replace(receipt, hashes=(bytes(32), *hashes[1:])),
            replace(receipt, checkpoint=checkpoint.replace(b"\n700\n", b"\n699\n")),
        ]
        for bad in spoilt:
            assert says(bad, ALL[index])
        assert says(receipt, b"another")


def test_go_accepts_our_consistency_proofs(go: Go, store: LogStore, keys: Keys, tmp_path: Path) -> None:
    signed = checkpoints.sign(TreeHead(keys.origin, 700, store.root(700)), keys.log)

    def says(submission: Submission, old_root: bytes) -> str:
        (tmp_path / "submission").write_bytes(submission.encode())
        return go("submission", tmp_path / "submission", encode_base64(old_root), keys.log_key)

    for old in (1, 255, 256, 300, 512, 699, 700):
        proof = tuple(merkle.consistency_proof(old, 700, store.hash))
        assert says(Submission(old, proof, signed), store.root(old)) == ""
        assert says(Submission(old, proof, signed), bytes(32))
        assert says(Submission(old, (*proof, bytes(32)), signed), store.root(old))


def signer(key: VerifierKey, seed: bytes) -> str:
    """A signing key as Go writes it."""
    return f"PRIVATE+KEY+{key.name}+{key.id.hex()}+{encode_base64(bytes([key.algorithm]) + seed)}"


def test_we_accept_what_go_makes(go: Go, keys: Keys, tmp_path: Path) -> None:
    log_seed, witness_seed = bytes([1]) * 32, bytes([10]) * 32  # as in conftest.py
    assert SigningKey(log_seed).public == keys.log_key.public
    witness_key = keys.witness_keys["example.org/w0"]
    assert go("make", tmp_path, signer(keys.log_key, log_seed), signer(witness_key, witness_seed)) == ""

    policy = Policy.parse(f"log {keys.log_key}\nwitness W {witness_key}\nquorum W\n".encode())
    text = (tmp_path / "receipt").read_bytes()
    receipt = LogProof.parse(text)
    assert receipt.encode() == text
    assert receipt.extra == b"extra"
    root = root_of([leaf_hash(entry) for entry in ALL])
    assert receipt.verify(b"entry 433", policy) == TreeHead(keys.origin, 700, root)
    with pytest.raises(LogError):
        receipt.verify(b"entry 434", policy)

    text = (tmp_path / "submission").read_bytes()
    submission = Submission.parse(text)
    assert submission.encode() == text
    first = checkpoints.sign(
        TreeHead(keys.origin, 300, root_of([leaf_hash(entry) for entry in ALL[:300]])), keys.log
    )
    with Witness("example.org/w", SigningKey(bytes(32)), [keys.log_key], tmp_path / "w.db") as witness:
        witness.add_checkpoint(0, [], first, 1)
        assert witness.add_checkpoint(submission.old_size, submission.proof, submission.checkpoint, 2)


def test_both_compute_key_ids_alike(
    go: Go, store: LogStore, policy_file: Path, tmp_path: Path, keys: Keys
) -> None:
    wrong = VerifierKey(keys.origin, ED25519, SigningKey(bytes(32)).public)
    assert "failed to verify" in go("log", tmp_path / "public", wrong, policy_file)
    misnamed = str(keys.log_key).replace(keys.log_key.id.hex(), "00000000")
    assert "invalid" in go("log", tmp_path / "public", misnamed, policy_file)
    with pytest.raises(FormatError):
        VerifierKey.parse(misnamed)
