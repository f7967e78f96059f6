"""A whole referendum from the command line, each role in its own home: run twice, killed, late, away."""

from __future__ import annotations

import json
import random
import subprocess
import time
from collections.abc import Sequence
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest

from psephos.cli.main import main
from psephos.cli.process.times import utc
from psephos.crypto.signature import SigningKey
from psephos.keystore.lock import Lock
from psephos.keystore.store import KeyStore
from psephos.post.envelope import Envelope
from psephos.post.post import Post
from psephos.protocol import entries
from psephos.protocol.entries import Promise, Refusal
from psephos.protocol.setup.head import hash_of
from psephos.trustee.cover import Cover
from psephos.trustee.covering import Covering
from tests.integration.by_hand import CLOSES, DAY_1, DAY_2, PLAN, Town

TWO_TO_ONE = {"voted": 3, "votes": {"yes": 2, "no": 1}, "blank": 0}
POSTPONED = (DAY_2[0] + 50, DAY_2[1] + 50)


def enrolment(town: Town, covering: Sequence[int] = (1, 2)) -> None:
    """Roll, cover and voters, up to the issued hashes."""
    town.roll()
    for number in covering:
        for _ in range(6):
            hurried = ("cover", "--hurry", "--timeout", "0", "--at", str(CLOSES - 100))
            code, said = town.run(f"trustee-{number}", *hurried)
            town.rounds(times=1)
        assert code == 0, said
    town.enrol(town.openings())
    town.shut()
    assert town.record().rosters[0].issued_by(1) == 3


def voting(town: Town, second: tuple[int, int], covering: Sequence[int] = (1, 2)) -> None:
    """Two days: the second voter votes again on the second, the third only then."""
    for day, (opens, seals) in enumerate((DAY_1, second), 1):
        town.publish(opens)
        choices = {0: 0, 1: 0} if day == 1 else {1: 1, 2: 0}
        sent = [town.vote(voter, choice, day) for voter, choice in choices.items()]
        for number in covering:
            for _ in range(2):
                town.run(f"trustee-{number}", "cover", "--timeout", "0", "--at", str(seals - 1))
                town.publish(seals - 1)
        assert all(isinstance(*town.answered(one), Promise) for one in sent)
        town.publish(seals)


def counting(town: Town, present: Sequence[int], *, stand_in: bool = False) -> None:
    """Weighing, close and release by those present, and the result."""
    for _ in range(4):
        for number in present:
            town.sent(f"trustee-{number}", "weigh", *(["--stand-in"] if stand_in else []))
            town.publish(DAY_2[1] + 99)
    for command in ("close", "release", "release"):
        for number in present:
            town.sent(f"trustee-{number}", command)
        town.publish(DAY_2[1] + 99)
    town.sent("organiser", "result")
    town.publish(DAY_2[1] + 99)


def verified(town: Town) -> dict[str, Any]:
    """The numbers of the one area, once all is verified; nothing is void, so nothing was sent twice."""
    code = main(["verify", str(town.home("record")), "--pin", str(town.home("organiser") / "pin.json")])
    assert code == 0
    record = town.record()
    assert record.void == []
    (area,) = json.loads(record.result or b"{}")["contests"][0]["areas"]
    return {name: area[name] for name in ("voted", "votes", "blank")}


def cover_is_cast(town: Town, trustee: int) -> bool:
    """Whether every card that a trustee has drawn for the region is enrolled, every ballot promised."""
    record = town.record()
    lock = Lock.parse((town.directory / f"trustee-{trustee}.identity").read_text())
    progress = Covering(KeyStore(town.home(f"trustee-{trustee}") / "keys", lock), random.randbytes).get(0)
    assert progress is not None
    cover = Cover(record.setting, 0, progress.seed)
    done = {place for place, (_, _, promised) in progress.cast.items() if promised}
    enrolled = progress.cards == set(range(len(cover.moments)))
    return enrolled and done == set(range(len(cover.ballots)))


def test_a_referendum_by_hand(tmp_path: Path) -> None:
    town = Town(tmp_path)
    town.repeats = True
    (town.directory / "why.txt").write_text("Ships need it.")
    plan = f'{PLAN}\n[[texts]]\nfiles = {{ en = "why.txt" }}\n'
    town.create(trustees=4, plan=plan)
    assert "phase log" in town.done("board", "status")
    town.create(trustees=4, plan=plan)  # every init again: the same keys, so the same definition
    assert town.pin.definition == hash_of((town.home("organiser") / "definition.json").read_bytes())
    assert "waits for the board" in town.waits("organiser", "publish", "--timeout", "0")
    assert "waits for the board" in town.waits("trustee-1", "ceremony")
    town.publish()
    town.done("organiser", "publish")
    why = town.home("record") / "blob" / sha256(b"Ships need it.").hexdigest()
    assert why.read_text() == "Ships need it."

    town.publish()
    town.sent("registrar-1", "round")
    town.publish()

    # The fourth trustee is away: the organiser ends the round, and the others begin again.
    for number in (1, 2, 3):
        town.sent(f"trustee-{number}", "ceremony")
    town.publish()
    assert "trustee 4 (T4): round 1" in town.waits("trustee-1", "ceremony")
    for name in ("organiser", "trustee-1", "trustee-4"):
        said = town.done(name, "status").splitlines()
        assert said[0].startswith("phase ceremony")
        rolls = "registrar 1 (Register 1): logs its roll of north"
        waits = [rolls, "trustee 4 (T4): round 1 of the ceremony's attempt 1"]
        assert said[1:] == [f"waits for {one}" for one in waits]
    town.publish(int(time.time()) + 400)  # which logs a checkpoint of when the deadline may come
    town.sent("organiser", "deadline", "1")
    town.publish()
    town.ceremony((1, 2, 3))
    assert town.record().joint_key.participants == (1, 2, 3)
    assert town.run("trustee-4", "ceremony")[0] == 0

    enrolment(town)
    file = tmp_path / "report.txt"
    file.write_bytes(b"All is well.")
    said = ("--subject", "Roll", "--language", "en", "--text", "See the report.", "--attach", str(file))
    town.sent("organiser", "statement", *said)
    town.publish()
    times = ("--opens", str(POSTPONED[0]), "--seals", str(POSTPONED[1]), "--reason", "Storm")
    town.sent("organiser", "amend", "north", "2", *times)
    town.publish()
    blob = town.home("record") / "blob" / sha256(b"All is well.").hexdigest()
    assert blob.read_bytes() == b"All is well."
    assert town.record().windows[0].plans == [DAY_1, POSTPONED]

    opening = str(DAY_1[0])
    assert "too early" in town.waits("board", "open", "north", "1", "--at", str(DAY_1[0] - 1))
    assert f"opens at {utc(DAY_1[0])}" in town.done("board", "status", "--at", opening)
    town.waits("board", "open", "north", "1", "--at", opening, "--timeout", "0")
    town.publish(DAY_1[0])
    town.done("board", "open", "north", "1", "--at", opening)
    voting(town, POSTPONED)
    assert town.run("board", "seal", "north", "3", "--at", str(DAY_2[1]))[0] == 1
    assert "weighs 1 chunks" in town.done("organiser", "status")
    assert "there is no result yet" in town.waits("organiser", "result")
    counting(town, (1, 2), stand_in=True)  # the third trustee has gone
    assert verified(town) == TWO_TO_ONE
    assert cover_is_cast(town, 1)
    assert cover_is_cast(town, 2)
    town.done("trustee-1", "forget")
    town.done("organiser", "result")
    assert town.done("organiser", "status").splitlines() == [f"phase counted, {town.record().size} entries"]
    town.done("board", "export", str(town.home("mirror")))
    assert (town.home("mirror") / "checkpoint").read_bytes() == town.checkpoint

    # The third witness comes late, and cosigns what the others did.
    said = town.done("witness-3", "cosign")
    assert said != "cosigned 0\n"


def test_commands_are_killed_on_their_way(tmp_path: Path) -> None:
    seed = random.randrange(2**32)
    print(f"seed {seed}")
    town = Town(tmp_path, kills=8, seed=seed)
    town.create()
    town.sent("organiser", "publish")
    town.publish()
    town.ceremony((1, 2, 3))
    enrolment(town, covering=(1,))
    voting(town, DAY_2, covering=(1,))
    counting(town, (1, 2, 3))
    assert verified(town) == TWO_TO_ONE
    assert cover_is_cast(town, 1)
    assert town.killed >= 5  # the others had ended before


def test_a_cancelled_referendum(tmp_path: Path) -> None:
    town = Town(tmp_path)
    town.create()
    town.sent("organiser", "publish")
    town.publish()
    town.run("trustee-1", "ceremony")
    town.confirmed("round")  # taken; no witness has cosigned it yet
    town.run("trustee-1", "ceremony", "--timeout", "0")
    assert "taken what was sent as entry 2 and not published it" in town.done("trustee-1", "status")
    town.publish()
    assert "not published it" not in town.done("trustee-1", "status")
    town.sent("trustee-1", "ceremony")
    town.publish()
    town.sent("organiser", "cancel", "--reason", "The court said no.")
    town.publish()
    assert "cancelled" in town.done("trustee-2", "ceremony")
    assert "Cancelled" in town.done("organiser", "result")
    town.done("trustee-1", "forget")
    town.sent("organiser", "statement", "--subject", "End", "--language", "en", "--text", "It is over.")
    town.publish()
    record = town.record()
    assert record.phase == "cancelled"
    assert len(record.statements) == 1
    assert main(["verify", str(town.home("record")), "--pin", str(town.home("board") / "pin.json")]) == 0


def test_what_the_board_refuses(tmp_path: Path) -> None:
    town = Town(tmp_path)
    town.create()
    town.sent("organiser", "publish")
    town.publish()

    early = ("--opens", "5", "--seals", str(DAY_1[1]), "--reason", "Too soon", "--timeout", "0")
    town.waits("organiser", "amend", "north", "1", *early)
    town.publish()
    code, said = town.run("organiser", "amend", "north", "1", *early)
    assert (code, said) == (
        1,
        "psephos: the board refuses: 2.3: region 0, day 1: a window can only be extended or postponed\n",
    )
    late = ("--opens", str(DAY_1[0]), "--seals", str(DAY_1[1] + 5), "--reason", "Snow")
    town.sent("organiser", "amend", "north", "1", *late)  # nothing of the refused one is left
    town.publish()
    assert town.record().windows[0].plans[0] == (DAY_1[0], DAY_1[1] + 5)

    definition = town.pin.definition
    stranger, digest = SigningKey(bytes(32)), bytes(32)
    cancel = entries.encode(entries.Cancel("Ha"), definition, stranger.public.raw, stranger.sign)
    statement = entries.encode(
        entries.Statement("a", "en", "b", digest), definition, stranger.public.raw, stranger.sign
    )
    post = Post(town.home("board") / "post")
    requests = {
        "form": b"garbage",
        "form ": Envelope((b"garbage",)).encode(),
        "1.5": Envelope((cancel, statement)).encode(),
        "blob": Envelope((statement,)).encode(),
    }
    for one in requests.values():
        post.send(one)
    town.publish()
    for reasons, one in requests.items():
        answers = Envelope.parse(post.exchange(one) or b"").entries
        said = [entries.decode(answer, message=True).payload for answer in answers]
        assert [answer.reason for answer in said if isinstance(answer, Refusal)] == reasons.split()


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        (
            "quorum = 2",
            "quorum = 9",
            "line 16: witnesses.quorum: not an integer from 1 to 3\n    write: witnesses = { quorum = 2",
        ),
        (
            "2030-03-17T17:50:00Z",
            "2030-03-17T17:50:00",
            "line 35: regions #1, days #2 #1: not a time with an offset from UTC\n    write: 2030",
        ),
        ("blank = 1", "blank = true", "contests #1, blank: not a whole number\n    write: blank = 1"),
        ("decoys = 4", "decoys = ", "plan.toml, line 3: not TOML: Invalid value"),
        ("[organiser]", "[organizer]", "line 12: organizer: is no key that a plan has here"),
    ],
)
def test_mistakes_in_a_plan_are_named(old: str, new: str, said: str, tmp_path: Path) -> None:
    town = Town(tmp_path)
    with pytest.raises(AssertionError) as caught:
        town.create(plan=PLAN.replace(old, new))
    *_, told = caught.value.args[0]
    assert said in told


def test_services_run_until_they_are_told_to_end(tmp_path: Path) -> None:
    town = Town(tmp_path)
    town.create()
    witnesses = [town.start(f"witness-{number}", "run") for number in (1, 2, 3)]
    running = [town.start("board", "run"), *witnesses]
    try:
        town.done("organiser", "publish", "--timeout", "300")
        town.done("board", "status")
        code, said = town.run("board", "round")
        assert (code, said) == (1, f"psephos: another command is at work in {town.home('board')}\n")
        deadline = time.monotonic() + 300
        while not (town.home("record") / "checkpoint").exists():
            assert time.monotonic() < deadline
            time.sleep(0.1)
        for number in (1, 2, 3):
            town.done(f"trustee-{number}", "ceremony", "--timeout", "300")
    finally:
        codes = [_end(one) for one in running]  # the board first: it would wait for witnesses
    assert codes == [0, 0, 0, 0]
    assert town.record().size >= 1


def _end(process: subprocess.Popen[bytes]) -> int:
    process.terminate()
    process.communicate(timeout=300)
    return process.returncode


def test_witnesses_are_asked_over_http(tmp_path: Path) -> None:
    town = Town(tmp_path)
    town.create()
    serving = [town.start(f"witness-{number}", "serve", "--listen", "127.0.0.1:0") for number in (1, 2)]
    try:
        urls = [_url(one) for one in serving]
        places = [f"--witness=witness-{number}.example={url}" for number, url in enumerate(urls, 1)]
        options = ["--name", "The board", "--origin", "log.example/1", "--log", str(town.home("record"))]
        town.done("board", "init", *options, *places)
        town.run("organiser", "publish", "--timeout", "0")
        town.done("board", "round")
    finally:
        codes = [_end(one) for one in serving]
    assert codes == [0, 0]
    assert town.record().size >= 1  # read under a quorum of two


def _url(process: subprocess.Popen[bytes]) -> str:
    """Where a witness says that it answers."""
    assert process.stdout is not None
    said = process.stdout.readline().decode()
    return said.removeprefix("answers at ").strip()
