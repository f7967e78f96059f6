"""What an observer raises when board, registrar or witnesses go wrong, and what its evidence is worth."""

from __future__ import annotations

import base64
import hashlib
import json
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from psephos.cli.main import main
from psephos.crypto.signature import PublicKey, SigningKey
from psephos.errors import FormatError, LogError
from psephos.log import checkpoints
from psephos.log.client import Client
from psephos.log.merkle import leaf_hash
from psephos.log.note import COSIGNATURE_V1, VerifierKey
from psephos.log.policy import Policy
from psephos.protocol import entries
from psephos.protocol.setup.pin import Pin
from psephos.simulation.adversary import fork, of_type
from psephos.simulation.definitions import sample
from psephos.simulation.referendum import Referendum, held
from psephos.verifier.evidence import Evidence
from psephos.verifier.histories import Fork
from psephos.verifier.run import Verification
from tests.verifier.test_verifier import SCHEMAS, conforms

OPENS, SEALS = 1_900_000_000, 1_900_036_000
VOTES = [(0, 0, 1, 1, (0, 0)), (0, 1, 1, 1, (0, 0)), (0, 2, 1, 1, (1, 1))]
ABOUT = "entry 25: note: no blank line between text and signatures, or no final newline"
"""What a failed check says, for people: no part of what is proven."""
OBSERVER = SigningKey(bytes([7]) * 32)


@dataclass
class Scene:
    """An observer's home, logs in directories, and the commands that an observer has."""

    directory: Path
    referendum: Referendum
    capsys: pytest.CaptureFixture[str]
    said: str = ""
    complaint: str = ""

    def publish(self, referendum: Referendum, name: str = "board") -> Path:
        """A log as the board publishes it; its directory."""
        referendum.export(self.directory / name)
        return self.directory / name / "record"

    def run(self, *arguments: object) -> int:
        code = main(["observer", *map(str, arguments)])
        self.said, self.complaint = self.capsys.readouterr()
        return code

    @property
    def pin(self) -> Path:
        path = self.directory / "pin.json"
        path.write_bytes(Pin.of(self.referendum.definition).encode())
        return path

    @property
    def home(self) -> Path:
        return self.directory / "home"

    def watch(self, record: Path, *more: object) -> int:
        return self.run("watch", record, "--once", "--pin", self.pin, "--home", self.home, *more)

    def check(self, evidence: Path, log: Path | None = None) -> int:
        return self.run("check", evidence, "--pin", self.pin, *(["--log", log] if log else []))

    def evidence(self, kind: str) -> Path:
        """The one file of evidence, of that kind."""
        (path,) = (self.home / "evidence").iterdir()
        assert path.name.endswith(f"-{kind}.json")
        conforms(json.loads(path.read_bytes()), json.loads((SCHEMAS / "evidence.json").read_text()))
        assert Evidence.parse(path.read_bytes()).encode() == path.read_bytes()
        return path

    def tampered(self, evidence: Path) -> Iterator[Path]:
        """Copies of a file, in each of which one of the things shown is another."""
        document = json.loads(evidence.read_bytes())
        words = ("message",)  # whoever verifies has words of its own
        shown = {
            name: value for name, value in document["exhibit"].items() if value != ABOUT and name not in words
        }
        for name, value in shown.items():
            for index in range(len(value)) if isinstance(value, list) else [None]:
                changed = json.loads(evidence.read_bytes())
                if index is None:
                    changed["exhibit"][name] = _another(name, value)
                else:
                    changed["exhibit"][name][index] = _another(name, value[index])
                path = self.directory / f"tampered-{name}-{index}.json"
                path.write_text(
                    json.dumps(changed, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
                )
                yield path

    def papers(self, **files: bytes) -> Path:
        """A directory of what was signed outside the log."""
        papers = self.directory / "papers"
        papers.mkdir(exist_ok=True)
        for name, data in files.items():
            (papers / name.replace("_", ".")).write_bytes(data)
        return papers


def _another(name: str, value: str) -> str:
    """Another text; of bytes one bit, in checkpoints one that the log has signed."""
    if name in ("notice", "check", "culprit"):
        return value + "0"
    data = bytearray(base64.b64decode(value))
    data[45 if data.startswith(b"log.") else len(data) // 2] ^= 1
    return base64.b64encode(data).decode()


@pytest.fixture(scope="module")
def whole() -> Referendum:
    """A whole referendum of one region and one day; tests work on copies."""
    document, keys = sample(regions=("athens",))
    return held(document, keys, {0: [[1, 0], [1], [0, 1]]}, VOTES)


@pytest.fixture
def scene(
    whole: Referendum, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> Scene:
    """An observer who looks when the referendum is over."""
    monkeypatch.setattr("psephos.cli.observer.watching.now", lambda: whole.now)
    return Scene(tmp_path, whole, capsys)


def until(whole: Referendum, size: int) -> Referendum:
    """The same referendum when its log was that long."""
    part = fork(whole, whole.logged[:size])
    part.now = whole.now
    return part


def just_open(whole: Referendum) -> Referendum:
    """The same referendum, its day open and witnessed, nobody's ballot there yet."""
    (opened,) = of_type(whole, entries.Open)
    part = until(whole, opened + 2)
    part.now = OPENS
    return part


def statement(referendum: Referendum, text: str, key: SigningKey | None = None) -> bytes:
    return referendum.write(entries.Statement("s", "en", text, b""), key or referendum.keys.registrars[0])


# -- an honest log


def test_an_honest_log_raises_nothing(scene: Scene, whole: Referendum) -> None:
    assert scene.watch(scene.directory / "nowhere") == 3
    for size in (5, 20, len(whole.logged)):
        record = scene.publish(until(whole, size))
        assert scene.watch(record, "--peers", record) == 0
        assert f"{size} entries" in scene.said
        assert ("phase counted" in scene.said) == (size == len(whole.logged))
        assert scene.watch(record) == 3
    assert not (scene.home / "evidence").exists()
    assert scene.complaint == ""


def test_a_cosignature_of_a_time_to_come_is_an_alarm_and_decides_nothing(
    scene: Scene, whole: Referendum, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A witness's clock is wrong, or the observer's: both should look."""
    record, tolerance = scene.publish(whole), whole.definition.tolerance
    early = whole.now - tolerance - 1
    monkeypatch.setattr("psephos.cli.observer.watching.now", lambda: early)
    assert scene.watch(record) == 1
    names = [party.name for party in whole.definition.witnesses.members]
    told = [line for line in scene.complaint.splitlines() if line.startswith("ALARM clock: ")]
    assert [line.split()[2] for line in told] == names
    assert f"cosigned size {len(whole.logged)} at {whole.now} (UTC seconds)" in told[0]
    log = Verification(Pin.of(whole.definition))
    with Client(record) as client:
        log.follow(client)
    assert len(log.report(early).clocks) == len(names)
    assert log.report(early).verdict == log.report().verdict == "passed"
    monkeypatch.setattr("psephos.cli.observer.watching.now", lambda: early + 1)
    assert scene.watch(record) == 3
    assert "ALARM" not in scene.complaint


def test_a_watch_goes_on_where_it_was(scene: Scene, whole: Referendum) -> None:
    record = scene.publish(until(whole, 20))
    assert scene.watch(record) == 0
    record = scene.publish(whole)
    shutil.rmtree(record / "tile")  # all that the second pass may need of the old log is in the copy
    assert scene.watch(record) == 3
    assert "nothing to read for now" in scene.said
    shutil.rmtree(scene.directory / "board")
    record = scene.publish(whole)
    assert scene.watch(record) == 0
    assert f"{len(whole.logged) - 20} of them new" in scene.said


def test_a_home_is_of_one_referendum(scene: Scene, whole: Referendum, tmp_path: Path) -> None:
    record = scene.publish(whole)
    assert scene.watch(record) == 0
    other, _ = sample(regions=("piraeus",))
    (tmp_path / "other.json").write_bytes(Pin.of(Referendum(other, whole.keys).definition).encode())
    assert scene.run("watch", record, "--once", "--pin", tmp_path / "other.json", "--home", scene.home) == 1
    assert "another referendum" in scene.complaint


# -- forks and rewinds


@pytest.mark.parametrize(("ours", "theirs"), [(1, 1), (1, 2), (1, 40), (3, 2), (12, 1)])
def test_a_fork_is_proven_offline(scene: Scene, whole: Referendum, ours: int, theirs: int) -> None:
    one, other = until(whole, 20), until(whole, 20)
    one.log(*(statement(one, f"ours {number}") for number in range(ours)))
    other.log(*(statement(other, f"theirs {number}") for number in range(theirs)))
    mine, forked = scene.publish(one), scene.publish(other, "forked")
    assert scene.watch(mine) == 0
    for _ in range(2):
        assert scene.watch(forked) == 1
        assert "ALARM fork" in scene.complaint
        assert "witness-1.example" in scene.complaint
    evidence = scene.evidence("fork")
    shutil.rmtree(mine)
    shutil.rmtree(forked)
    assert scene.check(evidence) == 0
    assert "board forked its log" in scene.said
    for tampered in scene.tampered(evidence):
        assert scene.check(tampered) == 1, tampered
        assert "not proven" in scene.complaint


def test_an_observer_who_saw_a_fork_keeps_its_log(scene: Scene, whole: Referendum) -> None:
    other = until(whole, 20)
    other.log(statement(other, "theirs"))
    assert scene.watch(scene.publish(whole)) == 0
    assert scene.watch(scene.publish(other, "forked")) == 1
    code = main(["verify", str(scene.home / "record"), "--pin", str(scene.pin)])
    assert code == 0


def test_two_checkpoints_of_one_log_are_no_fork(scene: Scene, whole: Referendum) -> None:
    older, newer = until(whole, 20), until(whole, 21)
    record = scene.publish(newer)
    other = until(whole, 20)
    other.log(statement(other, "theirs"))
    assert scene.watch(record) == 0
    scene.watch(scene.publish(other, "forked"))
    evidence = scene.evidence("fork")
    document = json.loads(evidence.read_bytes())
    for name, note in (("older", older.note()), ("newer", newer.note())):
        document["exhibit"][name] = base64.b64encode(note).decode()
    evidence.write_text(json.dumps(document, sort_keys=True, separators=(",", ":")))
    assert scene.check(evidence) == 1


def test_a_rewound_log_that_was_witnessed_again(scene: Scene, whole: Referendum) -> None:
    long, short = until(whole, 30), until(whole, 20)
    short.now = long.now + 60
    assert scene.watch(scene.publish(long)) == 0
    assert scene.watch(scene.publish(short, "short")) == 1
    evidence = scene.evidence("rewind")
    assert scene.check(evidence) == 0
    assert "witness-1.example" in scene.said
    for tampered in scene.tampered(evidence):
        assert scene.check(tampered) == 1, tampered


def test_an_old_copy_accuses_nobody_unless_the_log_holds_nothing_newer(
    scene: Scene, whole: Referendum
) -> None:
    long, short = scene.publish(until(whole, 30)), scene.publish(until(whole, 20), "short")
    assert scene.watch(long) == 0
    assert scene.watch(short) == 1
    evidence = scene.evidence("rewind")
    assert scene.check(evidence) == 1
    assert "old copy" in scene.complaint
    assert scene.check(evidence, long) == 1
    assert scene.check(evidence, short) == 0


def test_a_peer_who_was_shown_another_log(scene: Scene, whole: Referendum, tmp_path: Path) -> None:
    other = until(whole, 20)
    other.log(*(statement(other, str(number)) for number in range(3)))
    record, forked = scene.publish(until(whole, 25)), scene.publish(other, "forked")
    alone = tmp_path / "peer"
    shutil.copy(forked / "checkpoint", alone)
    assert scene.watch(record, "--peers", record, "--peers", alone) == 1
    assert scene.check(scene.evidence("fork")) == 0


def test_a_peer_who_is_ahead_or_speaks_of_nothing_raises_no_alarm(
    scene: Scene, whole: Referendum, tmp_path: Path
) -> None:
    ahead = tmp_path / "ahead"
    ahead.write_bytes(whole.note())
    (tmp_path / "noise").write_bytes(b"hello\n")
    record = scene.publish(until(whole, 20))
    peers = ["--peers", ahead, "--peers", tmp_path / "noise", "--peers", tmp_path / "nobody"]
    assert scene.watch(record, *peers) == 0
    assert len(scene.said.splitlines()) == 4
    assert scene.complaint == ""


# -- compare


def test_compare_finds_forks(scene: Scene, whole: Referendum, tmp_path: Path) -> None:
    other = until(whole, 20)
    other.log(statement(other, "theirs"))
    record, forked = scene.publish(whole), scene.publish(other, "forked")
    for name, referendum in (("a", until(whole, 12)), ("b", until(whole, 22)), ("c", other)):
        (tmp_path / name).write_bytes(referendum.note())
    a, b, c = (tmp_path / name for name in "abc")
    out = tmp_path / "found"

    def compare(*places: Path, log: Path | None = None) -> int:
        return scene.run(
            "compare", *places, "--pin", scene.pin, "--out", out, *(["--log", log] if log else [])
        )

    assert compare(a, b, log=record) == 0
    assert "one log" in scene.said
    assert compare(a, record) == 0
    assert compare(a, b) == 3
    assert compare(a) == 2
    assert not out.exists()
    assert compare(b, c, log=record) == 1
    assert {scene.check(path) for path in out.iterdir()} == {0}
    shutil.rmtree(out)
    assert compare(record, forked) == 1
    assert [scene.check(path) for path in out.iterdir()] == [0]
    (tmp_path / "noise").write_bytes(b"hello\n")
    assert compare(a, tmp_path / "noise") == 1


# -- promises


def promise(referendum: Referendum, ballot: bytes, deadline: int = OPENS + 60) -> bytes:
    hashes = entries.decode(ballot).body_hash, leaf_hash(ballot)
    return referendum.write(entries.Promise(*hashes, 0, 1, deadline), referendum.keys.board)


@pytest.fixture
def voting(whole: Referendum) -> tuple[Referendum, bytes]:
    """A log with an open day, and a ballot for it."""
    referendum = just_open(whole)
    return referendum, referendum.ballot(referendum.cards[0][3], (0, 1))


def test_a_promised_ballot_that_is_not_there_when_the_day_is_sealed(
    scene: Scene, voting: tuple[Referendum, bytes]
) -> None:
    referendum, ballot = voting
    papers = scene.papers(promise=promise(referendum, ballot))
    assert scene.watch(scene.publish(referendum), "--promises", papers) == 0
    honest = fork(referendum)
    honest.log(ballot)
    for one in (referendum, honest):
        one.seal(0, 1)
    record, kept = scene.publish(referendum), scene.publish(honest, "kept")
    assert scene.watch(record, "--promises", papers) == 1
    assert "ALARM promise" in scene.complaint
    evidence = scene.evidence("promise")
    assert scene.check(evidence) == 1  # not without the log
    assert scene.check(evidence, record) == 0
    assert scene.check(evidence, scene.home / "record") == 0
    assert scene.check(evidence, kept) == 1  # a fork, which the evidence is not about
    for tampered in scene.tampered(evidence):
        assert scene.check(tampered, record) == 1, tampered
    shutil.rmtree(scene.home)
    assert scene.watch(kept, "--promises", papers) == 0


def test_a_promised_ballot_that_came_too_late(scene: Scene, voting: tuple[Referendum, bytes]) -> None:
    referendum, ballot = voting
    referendum.now = OPENS + 60 + 300 + 1  # clocks of witnesses may be ahead
    referendum.log(statement(referendum, "meanwhile"))
    referendum.checkpoint()
    referendum.log(ballot)
    early = promise(referendum, ballot, OPENS + 61)
    assert scene.watch(scene.publish(referendum), "--promises", scene.papers(early=early)) == 0
    late = promise(referendum, ballot, OPENS + 60)
    assert scene.watch(scene.publish(referendum), "--promises", scene.papers(late=late)) == 1
    assert scene.check(scene.evidence("promise"), scene.publish(referendum)) == 0


def test_a_log_that_is_witnessed_without_a_promised_ballot(
    scene: Scene, voting: tuple[Referendum, bytes]
) -> None:
    referendum, ballot = voting
    papers = scene.papers(promise=promise(referendum, ballot))
    referendum.now = OPENS + 60 + 300  # deadline and tolerance: witnesses may have been slow
    assert scene.watch(scene.publish(referendum), "--promises", papers) == 0
    referendum.log(statement(referendum, "time goes by"))
    referendum.now += 1
    record = scene.publish(referendum)
    assert scene.watch(record, "--promises", papers) == 1
    evidence = scene.evidence("promise")
    assert scene.check(evidence, record) == 0
    referendum.log(ballot)
    assert scene.check(evidence, scene.publish(referendum)) == 1  # it only was late, perhaps


def test_a_promise_by_somebody_else_is_none(scene: Scene, voting: tuple[Referendum, bytes]) -> None:
    referendum, ballot = voting
    payload = entries.decode(promise(referendum, ballot), message=True).payload
    forged = referendum.write(payload, referendum.keys.registrars[0])
    referendum.seal(0, 1)
    papers = scene.papers(forged=forged, noise=b"noise", elsewhere=referendum.note())
    assert scene.watch(scene.publish(referendum), "--promises", papers) == 0
    assert len(scene.said.splitlines()) == 4


# -- times


@pytest.mark.parametrize("late", [0, 300, 301])
def test_a_late_seal(scene: Scene, voting: tuple[Referendum, bytes], late: int) -> None:
    referendum, _ = voting
    referendum.now = SEALS + late
    referendum.log(statement(referendum, "is it not time to seal?"))
    referendum.checkpoint()
    referendum.seal(0, 1)
    record = scene.publish(referendum)
    if late <= 300:
        assert scene.watch(record) == 0
        return
    assert scene.watch(record) == 1
    evidence = scene.evidence("notice")
    assert scene.check(evidence) == 1
    assert scene.check(evidence, record) == 0
    assert "seal came at least 301 s after its plan" in scene.said
    for tampered in scene.tampered(evidence):
        assert scene.check(tampered, record) == 1, tampered


# -- refusals


@pytest.fixture
def accredited(whole: Referendum) -> Referendum:
    """A log in which an observer is accredited, with two entries behind that."""
    referendum = just_open(whole)
    payload = entries.Grant(OBSERVER.public.raw, "Observer", "press")
    referendum.log(referendum.write(payload, referendum.keys.organiser), statement(referendum, "later"))
    return referendum


def refusal(referendum: Referendum, entry: bytes, reason: str) -> bytes:
    payload = entries.Refusal(entries.decode(entry).body_hash, reason, "no", b"")
    return referendum.write(payload, referendum.keys.board, referendum.definition.hash)


def quoting(referendum: Referendum, size: int) -> bytes:
    return statement(referendum, f"I saw {size} {referendum.root(size).hex()}, and object.", OBSERVER)


def test_a_refused_statement_of_an_accredited_observer(scene: Scene, accredited: Referendum) -> None:
    record = scene.publish(accredited)
    entry = quoting(accredited, len(accredited.logged))
    papers = scene.papers(s_entry=entry, s_refusal=refusal(accredited, entry, "1.5"))
    assert scene.watch(record, "--promises", papers) == 1
    evidence = scene.evidence("refusal")
    assert scene.check(evidence) == 1
    assert scene.check(evidence, record) == 0
    assert f"observer {OBSERVER.public.raw.hex()}" in scene.said
    for tampered in scene.tampered(evidence):
        assert scene.check(tampered, record) == 1, tampered
    accredited.log(entry)
    assert scene.check(evidence, scene.publish(accredited)) == 1  # it was logged after all


def test_a_refused_accreditation(scene: Scene, accredited: Referendum) -> None:
    record = scene.publish(accredited)
    payload = entries.Grant(SigningKey(bytes([8]) * 32).public.raw, "Another", "party")
    entry = accredited.write(payload, accredited.keys.organiser)
    papers = scene.papers(a_entry=entry, a_refusal=refusal(accredited, entry, "1.9"))
    assert scene.watch(record, "--promises", papers) == 1
    assert scene.check(scene.evidence("refusal"), record) == 0


def test_refusals_that_may_have_been_right(scene: Scene, accredited: Referendum) -> None:
    since = of_type(accredited, entries.Grant)[0]
    mine, theirs = "no size and root here", statement(accredited, "by a party")
    objected = statement(accredited, mine, OBSERVER)
    stranger = statement(accredited, "who am I?", SigningKey(bytes([9]) * 32))
    again = accredited.write(entries.Grant(OBSERVER.public.raw, "Again", "press"), accredited.keys.organiser)
    empty = statement(accredited, "", OBSERVER)
    cases = [
        (objected, "1.5"),
        (quoting(accredited, since), "1.5"),
        (theirs, "order"),
        (theirs, "definition"),
        (stranger, "1.5"),
        (again, "1.9"),
        (empty, "1.9"),
        (accredited.write(entries.Amend(0, 1, OPENS, SEALS + 9, "r"), accredited.keys.organiser), "2.3"),
        (accredited.logged[-1], "form"),
    ]
    files = {}
    for number, (entry, reason) in enumerate(cases):
        files |= {f"n{number}_entry": entry, f"n{number}_refusal": refusal(accredited, entry, reason)}
    assert scene.watch(scene.publish(accredited), "--promises", scene.papers(**files)) == 0, scene.complaint
    unjust = {"x_entry": theirs, "x_refusal": refusal(accredited, theirs, "1.5")}
    assert scene.watch(scene.publish(accredited), "--promises", scene.papers(**unjust)) == 1


def over(referendum: Referendum, entry: bytes, first: int, size: int) -> bytes:
    """The board's refusal of an entry, which names the entries that used its author's budget up."""
    evidence = b"".join(index.to_bytes(8, "little") for index in (first, size))
    payload = entries.Refusal(entries.decode(entry).body_hash, "budget", "no", evidence)
    return referendum.write(payload, referendum.keys.board, referendum.definition.hash)


@pytest.mark.parametrize("evidence", ["few", "a part of them", "more than a day", "none"])
def test_a_refusal_for_a_budget_that_was_not_spent(
    scene: Scene, accredited: Referendum, evidence: str
) -> None:
    first = len(accredited.logged)
    long = [statement(accredited, f"{number} {'x' * 60_000}") for number in range(18)]
    accredited.log(*long[:2] if evidence == "few" else long)
    accredited.checkpoint()
    last = first + len(long)
    if evidence == "more than a day":
        accredited.now += 86_400 + 301
        accredited.checkpoint()
        last = len(accredited.logged)
    entry = statement(accredited, "y" * 60_000)
    named = {"few": (first, first + 2), "a part of them": (first + 9, last)}.get(evidence, (first, last))
    message = refusal(accredited, entry, "budget") if evidence == "none" else over(accredited, entry, *named)
    record = scene.publish(accredited)
    assert scene.watch(record, "--promises", scene.papers(s_entry=entry, s_refusal=message)) == 1
    assert scene.check(scene.evidence("refusal"), record) == 0, scene.complaint


def test_a_refusal_for_a_budget_that_was_spent_is_no_evidence(scene: Scene, accredited: Referendum) -> None:
    first = len(accredited.logged)
    accredited.log(*(statement(accredited, f"{number} {'x' * 60_000}") for number in range(18)))
    accredited.checkpoint()
    entry, size = statement(accredited, "y" * 60_000), len(accredited.logged)
    papers = scene.papers(
        s_entry=entry,
        s_refusal=over(accredited, entry, first, size),
        t_entry=entry,
        t_refusal=over(accredited, entry, first, size + 9),
    )
    assert scene.watch(scene.publish(accredited), "--promises", papers) == 0, scene.complaint


# -- receipts


def receipts(referendum: Referendum, card: bytes, record: bytes, batch: int = 1) -> dict[str, bytes]:
    """Of all registrars, for one card."""
    payload = entries.CardReceipt(0, card, hashlib.sha256(record).digest(), batch)
    return {
        f"receipt{number}": referendum.write(payload, key)
        for number, key in enumerate(referendum.keys.registrars, 1)
    }


@pytest.mark.parametrize("batch", [1, 2])
def test_receipts_whose_card_is_in_no_batch(scene: Scene, whole: Referendum, batch: int) -> None:
    card = whole.cards[0][0].key
    record = whole.record.rosters[0].record(card)
    assert record is not None
    published = scene.publish(whole)
    papers = scene.papers(**receipts(whole, card, record, batch))
    assert scene.watch(published, "--promises", papers) == 0
    papers = scene.papers(**receipts(whole, card, record[:-1] + b"x", batch))
    assert scene.watch(published, "--promises", papers) == 1
    evidence = scene.evidence("receipts")
    assert scene.check(evidence) == 1
    assert scene.check(evidence, published) == 0
    assert "registrar 1 left out card" in scene.said
    for tampered in scene.tampered(evidence):
        assert scene.check(tampered, published) == 1, tampered


def test_receipts_before_their_batch_are_no_evidence(scene: Scene, whole: Referendum) -> None:
    batch, *_ = of_type(whole, entries.Batch)
    published = scene.publish(until(whole, batch))
    papers = scene.papers(**receipts(whole, whole.cards[0][0].key, b"a record"))
    assert scene.watch(published, "--promises", papers) == 0


# -- failed checks


def test_a_fatal_entry(scene: Scene, whole: Referendum) -> None:
    referendum = just_open(whole)
    honest = scene.publish(referendum, "honest")
    referendum.logged.append(referendum.write(entries.CheckpointEntry(b"no note"), referendum.keys.board))
    record = scene.publish(referendum)
    for _ in range(2):
        assert scene.watch(record) == 1
        assert "check 1.7 failed through board" in scene.complaint
    evidence = scene.evidence("failed")
    assert scene.check(evidence) == 1
    assert scene.check(evidence, honest) == 1
    assert scene.check(evidence, record) == 0
    assert scene.check(evidence, scene.home / "record") == 0
    for tampered in scene.tampered(evidence):
        assert scene.check(tampered, record) == 1, tampered


def test_a_checkpoint_without_a_quorum(scene: Scene, whole: Referendum) -> None:
    record = scene.publish(whole)
    (record / "checkpoint").write_bytes(whole.note(witnesses=[0]))
    assert scene.watch(record) == 1
    evidence = scene.evidence("failed")
    assert scene.check(evidence, record) == 0
    assert "check 1.2 failed through witnesses" in scene.said
    assert scene.check(evidence, scene.publish(whole, "honest")) == 1


def test_an_entry_that_is_not_under_the_root(scene: Scene, whole: Referendum) -> None:
    record = scene.publish(whole)
    (bundle,) = (record / "tile/entries").rglob(str(len(whole.logged)))
    bundle.write_bytes(bundle.read_bytes()[:-1] + b"x")
    assert scene.watch(record) == 1
    assert scene.check(scene.evidence("failed"), record) == 0
    assert "check 1.3" in scene.said


# -- cosigning


def test_an_observer_cosigns_what_it_has_verified(
    scene: Scene, whole: Referendum, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PSEPHOS_IDENTITY", str(tmp_path / "identity"))
    assert scene.run("init", "--name", "observer.example", "--home", scene.home) == 0
    card: dict[str, Any] = json.loads((scene.home / "observer.json").read_bytes())
    mine = VerifierKey("observer.example", COSIGNATURE_V1, PublicKey(bytes.fromhex(card["key"])))
    (log,) = Policy.parse(Pin.of(whole.definition).policy.encode()).logs.values()
    policy = Policy.parse(f"log {log}\nwitness me {mine}\nquorum me\n".encode())
    cosigned = tmp_path / "cosigned"
    for size in (10, 20):
        assert scene.watch(scene.publish(until(whole, size)), "--cosign", cosigned) == 0
        checkpoint, _ = policy.verify(cosigned.read_bytes())
        assert checkpoint.size == size
    forked = until(whole, 20)
    forked.log(statement(forked, "theirs"))
    assert scene.watch(scene.publish(forked, "forked"), "--cosign", cosigned) == 0
    record = scene.publish(until(whole, 30))
    assert scene.watch(record, "--cosign", cosigned) == 1
    assert checkpoints.read(cosigned.read_bytes())[0].size == 21


# -- the files


def test_evidence_is_read_strictly(scene: Scene, whole: Referendum) -> None:
    short = until(whole, 20)
    short.now += 60
    assert scene.watch(scene.publish(until(whole, 30))) == 0
    assert scene.watch(scene.publish(short, "short")) == 1
    document = json.loads(scene.evidence("rewind").read_bytes())
    for change in (
        {"version": 2},
        {"kind": "rumour"},
        {"kind": "fork"},
        {"referendum": "00"},
        {"time": -1},
        {"shows": ""},
        {"exhibit": {}},
        {"exhibit": document["exhibit"] | {"more": ""}},
        {"exhibit": document["exhibit"] | {"larger": "="}},
        {"exhibit": document["exhibit"] | {"larger": 1}},
        {"more": 1},
    ):
        text = json.dumps(document | change, sort_keys=True, separators=(",", ":"))
        with pytest.raises(FormatError):
            Evidence.parse(text.encode())
    with pytest.raises(FormatError):
        Evidence.parse(json.dumps(document, indent=1).encode())
    other = Evidence.parse(
        json.dumps(document | {"referendum": "0" * 64}, sort_keys=True, separators=(",", ":")).encode()
    )
    (scene.directory / "other").write_bytes(other.encode())
    assert scene.check(scene.directory / "other") == 1
    assert "another referendum" in scene.complaint


def test_a_forged_fork_is_not_proven(whole: Referendum) -> None:
    """Whoever has no key of the log can make no evidence against it."""
    log = Verification(Pin.of(whole.definition))
    note = until(whole, 20).note().replace(b"\n20\n", f"\n{len(whole.logged)}\n".encode())
    with pytest.raises(LogError, match="bad signature"):
        Fork(note, whole.note(), whole.root(len(whole.logged)), ()).proves(log)
