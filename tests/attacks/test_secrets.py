"""Secrets stay where they belong: in memory and in sealed files, nowhere else."""

from __future__ import annotations

import importlib
import json
import os
import pkgutil
import subprocess
import sys
import threading
import traceback
from base64 import b64encode
from collections.abc import Callable, Iterator
from dataclasses import dataclass, fields, is_dataclass
from pathlib import Path

import pytest

import psephos
from psephos.crypto import hpke, schnorr, threshold
from psephos.crypto.card import derive_cards
from psephos.crypto.column import rows
from psephos.crypto.group import base_multiples, random_scalars
from psephos.crypto.signature import SigningKey
from psephos.crypto.token import evaluate
from psephos.errors import FormatError
from psephos.keystore.lock import Lock
from psephos.keystore.store import KeyStore
from psephos.protocol.enrolment.audit import open_cards
from psephos.protocol.enrolment.cards import GroupPlan, make_drafts
from psephos.protocol.entries import decode
from psephos.protocol.setup.dealing import Secret
from psephos.protocol.voting import vote
from psephos.registrar.token_secrets import NAME
from psephos.simulation import referendum as in_memory
from psephos.simulation.definitions import sample
from psephos.simulation.schedule import Casting, Holder
from psephos.voter import card as cards
from psephos.voter.companion import Companion
from psephos.voter.enrolment import plan
from psephos.voter.memory import Asking, Made
from tests.attacks.leaks import Search
from tests.protocol.enrolling import Referendum

ROOT = Path(__file__).parents[2]
SECRET = bytes(range(0x61, 0x81))

# What is called like a secret and is public: sums over a batch, keys in the log, answers to complaints,
# ciphertexts of weights, the part of all voters; and what is shown only as what it is, for it hides itself.
PUBLIC = {
    "Bar.share",  # of all votes
    "Issued.secrets",  # logged once enrolment is over: anybody can then judge what was refused
    "CeremonyCommit.hpke_key",
    "CeremonyAnswer.share",
    "Counting.weights",  # of all cards of an area
    "Needed.share",  # of all votes
    "RegionPlan.share",
    "RegistrarKeys.secrets",  # as logged in `issued`
    "Roster.weights",
    "Sums.weights",  # of all cards of an area
    "TokenKeys.hpke_key",
    "_Moment.secrets",
}
TELLING = {
    "blinds",
    "coefficients",
    "hpke_key",
    "named",
    "nonce",
    "randomness",
    "salt",
    "scalar",
    "scalars",
    "secret",
    "secrets",
    "seed",
    "share",
    "weights",
}


@pytest.mark.parametrize(
    "written",
    [SECRET, f"{[SECRET]}".encode(), SECRET.hex().encode(), SECRET.hex().upper().encode()]
    + [b64encode(b"x" * before + SECRET + b"y" * 5) for before in range(4)]
    + [str(int.from_bytes(SECRET, "little")).encode()],
)
def test_a_secret_is_found_however_it_is_written(written: bytes) -> None:
    search = Search([("it", SECRET), ("another", bytes(range(32)))])
    assert search.find(b"something " + written + b" something") == {"it"}
    assert search.find(b"something " + written[: len(written) // 2] + b" something") == set()


# A whole referendum


@dataclass
class Performance:
    """What is left of a demo."""

    directory: Path
    temporary: Path
    code: int
    output: bytes
    secrets: dict[str, list[bytes]]
    shown: list[str]
    written: list[Path]
    scratch: bytes
    """What was in temporary files without a name."""

    @property
    def search(self) -> Search:
        """For all of its secrets."""
        return Search((name, one) for name, some in self.secrets.items() for one in some)


@pytest.fixture(scope="module")
def performance(tmp_path_factory: pytest.TempPathFactory) -> Performance:
    directory, temporary = tmp_path_factory.mktemp("demo"), tmp_path_factory.mktemp("temporary")
    reading, writing = os.pipe()
    arguments = ["demo", "--voters", "20", "--seed", "1", "--out", str(directory)]
    environment = dict.fromkeys(("TMPDIR", "SQLITE_TMPDIR"), str(temporary)) | {
        "PYTHONDONTWRITEBYTECODE": "1"
    }
    spied = subprocess.Popen(
        [sys.executable, "-m", "tests.attacks.spied", str(writing), *arguments],
        cwd=ROOT,
        env=os.environ | environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        pass_fds=[writing],
    )
    os.close(writing)
    with spied, open(reading) as pipe:
        report: list[str] = []
        reader = threading.Thread(target=lambda: report.append(pipe.read()))
        reader.start()
        output, _ = spied.communicate()
        reader.join()
    assert report[0], output.decode()
    told = json.loads(report[0])
    return Performance(
        directory,
        temporary,
        spied.returncode,
        output,
        {name: list(map(bytes.fromhex, some)) for name, some in told["secrets"].items()},
        told["shown"],
        list(map(Path, told["written"])),
        bytes.fromhex(told["scratch"]),
    )


def test_the_demo_has_secrets_to_hide(performance: Performance) -> None:
    assert performance.code == 0, performance.output.decode()
    assert min(map(len, performance.secrets.values())) >= 2, performance.secrets.keys()
    assert len(performance.secrets) == 13


def test_nothing_secret_is_printed_or_passed_in_the_open(performance: Performance) -> None:
    assert b"The count is exactly what the voters wanted" in performance.output
    assert performance.search.find(performance.output) == set()
    assert any("reference" in one for one in performance.shown)
    assert performance.search.find("\n".join(performance.shown).encode()) == set()


def test_no_file_of_the_demo_holds_a_secret_but_sealed(performance: Performance) -> None:
    search, files = performance.search, [path for path in performance.directory.rglob("*") if path.is_file()]
    assert {"state.sqlite", "log.sqlite", "closed.age", "coerced.json"} <= {path.name for path in files}
    assert {path.name for path in files if search.find(path.read_bytes())} == {"identity.txt"}
    assert all(path.stat().st_mode & 0o77 == 0 for path in files if path.name == "identity.txt")


def test_with_its_identity_a_role_of_the_demo_has_its_secrets(performance: Performance) -> None:
    rooms = [path.parent for path in performance.directory.glob("*/identity.txt")]
    stores = {
        room.name: KeyStore(room / "keys", Lock.parse((room / "identity.txt").read_text())) for room in rooms
    }
    stored = {store.read("signing") for store in stores.values()}
    assert stored < set(performance.secrets["signing seed"])
    assert len(performance.secrets["signing seed"]) == len(stored) + 1  # the observer's, who has no home here
    assert stores["registrar-2"].read(NAME) in performance.secrets["token secrets"]
    assert stores["trustee-2"].read("closed")
    assert stores["trustee-2"].read("ceremony") is None  # forgotten once the result was certified


def test_the_demo_writes_nowhere_else(performance: Performance) -> None:
    assert performance.written
    allowed = (performance.directory, performance.temporary, Path(os.devnull))
    assert [path for path in performance.written if not any(map(path.is_relative_to, allowed))] == []
    assert list(performance.temporary.iterdir()) == []


def test_no_temporary_file_holds_a_secret(performance: Performance) -> None:
    assert len(performance.scratch) > 10_000
    assert performance.search.find(performance.scratch) == set()


# What objects say of themselves


def instances(tmp_path: Path) -> Iterator[tuple[object, list[bytes]]]:
    """Objects that hold secrets, each with these secrets."""
    enrolment = Referendum()
    definition, election, key = enrolment.context
    opening = (openings := enrolment.openings())[1]
    made = plan(enrolment.setting, 0, enrolment.rng, 3)
    [draft] = make_drafts(enrolment.setting, [made], enrolment.seed())
    [again] = make_drafts(enrolment.setting, [made], enrolment.seed())
    asked = enrolment.ask(draft, openings)
    messages = enrolment.admissions(draft, asked, enrolment.responses(asked))
    [saved] = cards.save(election, [draft])
    ballot = vote.encrypt(definition, election, key, 0, saved[0].key, [1], [1], [[0, 0]], enrolment.seed())[0]
    coefficients = random_scalars(SECRET, 2)
    seeds = [bytes([number]) * 16 + SECRET for number in range(2)]
    store = KeyStore(tmp_path / "keys", lock := Lock.draw())
    store.write("share", SECRET)
    document, keys = sample()
    whole = in_memory.Referendum(document, keys, SECRET)
    holder = Holder(0, 3, 1, [draft.secrets[:16]])
    yield opening, [opening.salt]
    yield made, [made.secrets, made.nonce]
    yield draft, [draft.secrets, draft.randomness, draft.nonce]
    yield list(asked.values()), [*rows(asked[1].blinds, 32), opening.salt]
    yield decode(asked[1].message, message=True), [opening.salt]
    waits = tuple(10 for _ in asked)
    yield Asking(draft, tuple(asked.values()), waits, 0), [draft.secrets, *rows(asked[1].blinds, 32)]
    yield Made(0, draft.secrets, tuple(map(tuple, messages.values())), ()), [draft.secrets[:16], saved[0].key]
    yield open_cards(enrolment.setting, again), [again.secrets, again.randomness, again.nonce]
    yield saved[0], [saved[0].secret]
    yield Companion(enrolment.setting, draft.commitment, draft.counting.hex()), [draft.counting]
    yield ballot, [ballot.randomness]
    yield vote.open_ballot(ballot), [ballot.randomness]
    yield Secret(1, coefficients, SECRET, coefficients[:32]), [coefficients, coefficients[:32], SECRET]
    yield [SigningKey(seed[:32]) for seed in seeds], [seed[:32] for seed in seeds]
    yield [keys, whole], [SECRET, *keys.voter_tokens[0], *keys.decoy_tokens[0]]
    yield in_memory.HeldCard(0, SECRET, bytes(32), 1), [SECRET]
    yield [holder, Casting(0, 1, 1, holder, 0, (0,))], holder.secrets
    yield [lock, store], [SECRET, lock.encode().splitlines()[1].encode()]


def test_no_object_shows_the_secrets_it_holds(tmp_path: Path) -> None:
    for thing, secrets in instances(tmp_path):
        search = Search((f"{number}", secret) for number, secret in enumerate(secrets))
        assert search.find(f"{thing!r} {thing} {vars(type(thing))}".encode()) == set(), type(thing)


def test_every_class_hides_the_fields_that_are_called_like_secrets() -> None:
    classes = [
        one
        for module in pkgutil.walk_packages(psephos.__path__, "psephos.")
        if not module.name.endswith("__main__")
        for one in vars(importlib.import_module(module.name)).values()
        if isinstance(one, type) and is_dataclass(one) and "__repr__" in vars(one)
    ]
    shown = {f"{one.__name__}.{field.name}" for one in classes for field in fields(one) if field.repr}
    assert "Issued.secrets" in shown
    assert not {name for name in shown if name.partition(".")[2] in TELLING} - PUBLIC


# What errors say


def locked(tmp_path: Path) -> KeyStore:
    return KeyStore(tmp_path / "keys", Lock.draw())


def misname(tmp_path: Path, secret: bytes) -> None:
    store = locked(tmp_path)
    store.write("share", secret)
    KeyStore(tmp_path / "keys", Lock.draw()).write("share", secret)


def mistype(tmp_path: Path, secret: bytes) -> None:
    KeyStore.unlock(tmp_path / "keys", secret.hex())
    KeyStore.unlock(tmp_path / "keys", secret.hex() + "!")


def sign_with_anothers(_: Path, secret: bytes) -> None:
    enrolment = Referendum()
    definition, election, key = enrolment.context
    _, publics = derive_cards(election, 0, bytes(16))
    drafts = vote.encrypt(definition, election, key, 0, publics, [1], [1], [[0, 0]], enrolment.seed())
    vote.sign(election, drafts, secret[:16], enrolment.seed())


def plan_too_few(_: Path, secret: bytes) -> None:
    enrolment = Referendum()
    make_drafts(enrolment.setting, [GroupPlan(0, secret[:16], 1, secret)], enrolment.seed())


ERRORS: dict[str, Callable[[Path, bytes], object]] = {
    "a seed too long": lambda _, secret: SigningKey(secret + b"!"),
    "a stored secret cut short": lambda _, secret: Secret.decode(Secret(1, secret * 2, secret).encode()[:-1]),
    "a stored secret of other parts": lambda _, secret: Secret.decode(b"\x58\x20" + secret),
    "a scalar too large": lambda _, secret: base_multiples(secret[:-1] + b"\xff"),
    "half a scalar": lambda _, secret: base_multiples(secret[:-1]),
    "half a card": lambda _, secret: derive_cards(bytes(32), 0, secret[:-1]),
    "half a polynomial": lambda _, secret: threshold.evaluate_polynomial(secret[:-1], [1]),
    "a token key that is none": lambda _, secret: evaluate(
        bytes(32), [(0, 1, 1)], [1], secret[:-1] + b"\xff", bytes(32), secret
    ),
    "a card's scalar that is none": lambda _, secret: schnorr.sign(
        "admission", bytes(32), secret[:-1], secret
    ),
    "the wrong key for a sealed share": lambda _, secret: hpke.open_sealed(bytes(80), secret, b""),
    "another's identity": misname,
    "another passphrase": mistype,
    "an identity mistyped": lambda _, __: Lock.parse(IDENTITY[:-1] + ("P" if IDENTITY[-1] == "Q" else "Q")),
    "two identities": lambda _, __: Lock.parse(f"{IDENTITY}\n{IDENTITY}"),
    "a name that is a secret": lambda path, secret: locked(path).write("share/", secret),
    "another card's secret": sign_with_anothers,
    "too few cards": plan_too_few,
}
IDENTITY = Lock.draw().encode().splitlines()[1]


@pytest.mark.parametrize("what", ERRORS)
def test_no_error_tells_a_secret(what: str, tmp_path: Path) -> None:
    scalar = random_scalars(SECRET, 1)
    searched = [SECRET, SECRET[:-1], SECRET[:16], SECRET[8:30], SECRET.hex().encode(), scalar]
    search = Search((one.hex(), one) for one in [*searched, IDENTITY[:-1].encode()])
    with pytest.raises((FormatError, ValueError)) as caught:
        ERRORS[what](tmp_path, SECRET)
    told = [*traceback.format_exception(caught.value), repr(caught.value), repr(caught.value.args)]
    assert search.find("".join(told).encode()) == set()


# What is left of a crash

CRASH = """
import ctypes, os, resource, sys
hard = resource.getrlimit(resource.RLIMIT_CORE)[1]
resource.setrlimit(resource.RLIMIT_CORE, (hard, hard))
from psephos.cli import main
main(["--version"])
print(resource.getrlimit(resource.RLIMIT_CORE), flush=True)
print(ctypes.CDLL(None).prctl(3, 0, 0, 0, 0) if sys.platform == "linux" else 0, flush=True)
os.abort()
"""


def test_a_crash_of_the_command_dumps_no_memory(tmp_path: Path) -> None:
    with (tmp_path / "output").open("wb") as output:
        child = subprocess.Popen([sys.executable, "-c", CRASH], cwd=tmp_path, stdout=output)
        _, status = os.waitpid(child.pid, 0)
        child.returncode = os.waitstatus_to_exitcode(status)
    assert os.WIFSIGNALED(status)
    assert not os.WCOREDUMP(status)
    assert (tmp_path / "output").read_text().splitlines()[1:] == ["(0, 0)", "0"]
    assert [path.name for path in tmp_path.iterdir()] == ["output"]
