"""Roles with homes of their own, and their commands as people type them."""

from __future__ import annotations

import io
import random
import subprocess
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager, redirect_stderr, redirect_stdout
from functools import partial
from pathlib import Path
from typing import IO
from unittest.mock import patch

from psephos.cli.home.home import SIGNING
from psephos.cli.main import main
from psephos.crypto.card import derive_cards
from psephos.crypto.signature import SigningKey
from psephos.keystore.lock import Lock
from psephos.keystore.store import KeyStore
from psephos.log.client import Client
from psephos.log.submission import Submission
from psephos.post.answers import Answer, read_answers
from psephos.post.envelope import Envelope
from psephos.post.post import Post
from psephos.post.witnessing import reply
from psephos.protocol.enrolment import presentation, response, token
from psephos.protocol.enrolment.cards import GroupPlan, make_drafts
from psephos.protocol.enrolment.invitation import Invitation
from psephos.protocol.enrolment.roll import RollOpening
from psephos.protocol.entries import CardReceipt
from psephos.protocol.record import Record
from psephos.protocol.setup.document import parse
from psephos.protocol.setup.pin import Pin
from psephos.protocol.voting import vote
from psephos.reader import Reader
from psephos.verifier.run import policy
from psephos.witness.witness import Witness
from tests.processes import Command

T = 1_900_000_000
CLOSES = T - 1_000
DAY_1, DAY_2 = (T, T + 100), (T + 200, T + 300)
WAITING = 3

PLAN = f"""
languages = ["en"]
decoys = 4
min_batch = 2
min_region = 2
tolerance = 300
round = 60

[title]
en = "Shall we?"

[organiser]
name = "The assembly"

[witnesses]
quorum = 2
faulty = 0

[trustees]
threshold = 2
close = 2

[cover]
epsilon = [2, 1]
delta = 1
ballots = 1

[[regions]]
id = "north"
name = {{ en = "North" }}
style = "all"
timezone = "Europe/Athens"
closes = {CLOSES}
review = 100
days = [[{DAY_1[0]}, {DAY_1[1]}], [2030-03-17T17:50:00Z, {DAY_2[1]}]]

[[contests]]
id = "harbour"
options = ["yes", "no"]
blank = 1
rule = {{ option = "yes", conditions = [{{ kind = "simple-majority" }}] }}

[[styles]]
id = "all"

[[styles.contests]]
contest = "harbour"
question = {{ en = "Shall the city build the harbour?" }}
options = [{{ en = "Yes" }}, {{ en = "No" }}]
"""
VOTERS = ("Ada", "Blaise", "Carl")


class Town:
    """A directory with a home for each party; of every `kills` commands one is first killed on its way."""

    repeats = False
    """Whether what is sent is sent again, to see that it changes nothing."""

    def __init__(self, directory: Path, kills: int = 0, seed: int = 1, registrars: int = 1) -> None:
        self.directory = directory
        self.registrars = [f"registrar-{number}" for number in range(1, registrars + 1)]
        self.kills, self.killed, self.runs, self.victim = kills, 0, 0, 0
        self.coins = random.Random(seed)
        self.cards: list[bytes] = []

    def home(self, name: str) -> Path:
        return self.directory / name

    # -- commands

    def run(self, name: str, *arguments: str, answers: str = "") -> tuple[int, str]:
        """Exit code and output of a command of the party with that home: `trustee-1` is a trustee.

        `answers` are what it is told when it asks.
        """
        line = self._line(name, arguments)
        if self.kills:
            if self.runs % self.kills == 0:
                self.victim = self.runs + self.coins.randrange(self.kills)
            if self.runs == self.victim:
                self._kill(line, answers)
            self.runs += 1
        out = io.StringIO()
        with redirect_stdout(out), redirect_stderr(out), patch("sys.stdin", io.StringIO(answers)):
            code = main(line)
        return code, out.getvalue()

    def _line(self, name: str, arguments: Sequence[str]) -> list[str]:
        identity = self.directory / f"{name}.identity"
        role = [] if arguments[0] == "statement" else [name.split("-")[0]]  # whose it is says the home
        return [*role, *arguments, "--home", str(self.home(name)), "--identity", str(identity)]

    def _kill(self, line: Sequence[str], answers: str) -> None:
        with _start(line, stdin=subprocess.PIPE) as process:
            if process.stdin is not None:
                process.stdin.write(answers.encode())
                process.stdin.close()
            time.sleep(self.coins.uniform(0, 0.1))
            process.kill()
        self.killed += process.returncode < 0

    def start(
        self, name: str, *arguments: str, stderr: int | IO[bytes] = subprocess.DEVNULL
    ) -> subprocess.Popen[bytes]:
        """A command that goes on; what it says can be read."""
        return _start(self._line(name, arguments), subprocess.PIPE, stderr=stderr)

    def done(self, name: str, *arguments: str, answers: str = "") -> str:
        """A command that has nothing to wait for."""
        code, said = self.run(name, *arguments, answers=answers)
        assert code == 0, (name, arguments, code, said)
        return said

    def waits(self, name: str, *arguments: str, answers: str = "") -> str:
        """A command that waits for somebody."""
        code, said = self.run(name, *arguments, answers=answers)
        assert code == WAITING, (name, arguments, code, said)
        return said

    def sent(self, name: str, *arguments: str) -> None:
        """A command that sends something: nothing changes when it is run again, which some towns do."""
        for _ in range(2 if self.repeats else 1):
            code, said = self.run(name, *arguments, "--timeout", "0")
            assert code in (0, WAITING), (name, arguments, code, said)

    # -- steps

    def create(self, trustees: int = 3, witnesses: int = 3, plan: str = PLAN) -> None:
        """Everybody's home, then definition and pin, with everybody."""
        names = [f"witness-{number}" for number in range(1, witnesses + 1)]
        board, log = str(self.home("board/post")), str(self.home("record"))
        for name in names:
            self.done(name, "init", "--name", f"{name}.example")
        posts = [f"--witness={name}.example={self.home(name) / 'post'}" for name in names]
        self.done("board", "init", "--name", "The board", "--origin", "log.example/1", "--log", log, *posts)
        options = ["--log", log, "--board", board]
        asked = [f"--registrar={self.home(name) / 'post'}" for name in self.registrars]
        for number, name in enumerate(self.registrars, 1):
            self.done(name, "init", "--name", f"Register {number}", *options, *asked)
        for number in range(1, trustees + 1):
            self.done(f"trustee-{number}", "init", "--name", f"T{number}", *options, *asked)
        (self.directory / "plan.toml").write_text(plan)
        others = [*self.registrars, *(f"trustee-{number}" for number in range(1, trustees + 1)), *names]
        cards = [str(self.home(one) / f"{one.split('-')[0]}.json") for one in ("board", *others)]
        plan_file = str(self.directory / "plan.toml")
        self.done("organiser", "new", plan_file, *options, "--parties", *cards)
        for one in ("board", *others):
            (self.home(one) / "pin.json").write_bytes((self.home("organiser") / "pin.json").read_bytes())

    def publish(self, at: int = 0, witnesses: Sequence[int] = ()) -> None:
        """The board's round until everything is published: it waits for witnesses, who answer at once.

        Where these witnesses are named, commands are killed or repeated, all take turns with their commands.
        """
        if not (witnesses or self.kills or self.repeats):
            with self._witnesses_answer(at):
                self.done("board", "round", "--timeout", "60", "--at", str(at))
            return
        for _ in range(20):
            code, said = self.run("board", "round", "--timeout", "0", "--at", str(at))
            if code == 0:
                return
            assert code == WAITING, said
            for number in witnesses or (1, 2):
                self.done(f"witness-{number}", "cosign", *(["--at", str(at)] if at else []))
        raise AssertionError(said)

    @contextmanager
    def _witnesses_answer(self, at: int) -> Iterator[None]:
        """What `psephos witness run` does, of all witnesses, in a thread: to start it takes longer."""
        over, ready = threading.Event(), threading.Event()

        def work() -> None:
            with ExitStack() as stack:
                waits = [
                    (Post(home / "post"), stack.enter_context(self._witness(home)))
                    for home in sorted(self.directory.glob("witness-*/"))
                ]
                ready.set()
                while not over.wait(0.005):
                    for post, witness in waits:
                        reply(post, partial(_cosigned, witness, at))

        thread = threading.Thread(target=work)
        thread.start()
        try:
            assert ready.wait(60)
            yield
        finally:
            over.set()
            thread.join()

    def _witness(self, home: Path) -> Witness:
        lock = Lock.parse((self.directory / f"{home.name}.identity").read_text())
        key = SigningKey(KeyStore(home / "keys", lock).read(SIGNING))
        logs = policy(Pin.parse((home / "pin.json").read_bytes())).logs.values()
        return Witness(f"{home.name}.example", key, logs, home / "cosigned.sqlite")

    def confirmed(self, *arguments: str, witnesses: Sequence[int] = (1, 2)) -> str:
        """A command of the board, run until witnesses have confirmed its log; what it says then."""
        waits = "until a quorum has confirmed"
        at = arguments[arguments.index("--at") :] if "--at" in arguments else ()
        while waits in (said := self.run("board", *arguments, "--timeout", "0")[1]):
            assert waits in self.done("board", "status")
            for number in witnesses:
                self.done(f"witness-{number}", "cosign", *at[:2])
        return said

    def record(self) -> Record:
        """The published record, as anybody reads it."""
        with Client(self.home("record")) as client:
            return Reader(client, policy(self.pin)).read()

    @property
    def checkpoint(self) -> bytes:
        """The published checkpoint."""
        return (self.home("record") / "checkpoint").read_bytes()

    @property
    def pin(self) -> Pin:
        return Pin.parse((self.home("organiser") / "pin.json").read_bytes())

    def ceremony(self, present: Sequence[int], at: int = 0) -> None:
        """The ceremony of those present, from where it is to its end."""
        for _ in range(12):
            if self.record().ceremony.complete:
                return
            for name in self.registrars:
                self.sent(name, "round")
            for number in present:
                self.sent(f"trustee-{number}", "ceremony")
            self.publish(at)
        raise AssertionError("the ceremony does not end")

    def roll(self) -> None:
        """The rolls of voters, one after the other."""
        file = self.directory / "north.csv"
        file.write_text("\n".join(VOTERS) + "\n")
        for name in self.registrars:
            self.sent(name, "roll", str(file), "--region", "north", "--expect", str(len(VOTERS)))
            self.publish()

    def rounds(self, at: int = 0, times: int = 4) -> str:
        """All registrars' rounds and the board's, until nothing is due; what registrars said."""
        clock, said = self.directory / "clock", ""
        clock.write_text(str(at or int(time.time())))
        for _ in range(times):
            turn = [
                self.run(name, "round", "--timeout", "0", "--clock", str(clock))[1]
                for name in self.registrars
            ]
            self.publish(at)
            said += "".join(turn)
            if all(one.endswith("nothing was due\n") for one in turn):
                break
        return said

    def shut(self) -> str:
        """Enrolment closes, the last batches are logged and who got tokens, and the review ends."""
        closed = CLOSES + 300
        self.publish(closed)
        said = self.rounds(closed)
        self.publish(closed + 100)
        return said

    # -- voters, as their devices enrol

    def openings(self) -> list[dict[int, RollOpening]]:
        """What the voters' invitations hold, by registrar."""
        folders = [sorted((self.home(name) / "invitations" / "north").iterdir()) for name in self.registrars]
        return [
            {number: Invitation.parse(file.read_bytes()).opening for number, file in enumerate(files, 1)}
            for files in zip(*folders, strict=True)
        ]

    def enrol(self, openings: Sequence[dict[int, RollOpening]]) -> None:
        """Every voter enrols two cards, the first of which counts."""
        setting, seeds = self.record().setting, random.SystemRandom()
        plans = [GroupPlan(0, seeds.randbytes(32), 0, seeds.randbytes(32)) for _ in openings]
        drafts = make_drafts(setting, plans, seeds.randbytes(32))
        for number in setting.registrars:
            mine = [opening[number] for opening in openings]
            asked = token.ask(setting, number, drafts, mine, seeds.randbytes(32))
            answers = self._ask(number, [one.message for one in asked])
            pairs = zip(asked, answers, strict=True)
            responses = [response.read_response(setting, one, answer) for one, answer in pairs]
            given = response.tokens(setting, asked, responses)
            made = presentation.present(setting, number, drafts, given, seeds.randbytes(64))
            messages = [message for each in made for message in each]
            for message, answer in zip(messages, self._ask(number, messages), strict=True):
                assert isinstance(presentation.read_receipt(setting, message, answer), CardReceipt)
        self.cards = [plan.secrets[:16] for plan in plans]

    def _ask(self, number: int, messages: Sequence[bytes]) -> list[bytes]:
        """The answers of a registrar, for which the board logs what it has to."""
        post = Post(self.home(self.registrars[number - 1]) / "post")
        for message in messages:
            post.send(message)
        self.rounds()
        answers = [post.exchange(message) for message in messages]
        assert None not in answers
        return [answer for answer in answers if answer is not None]

    def vote(self, card: int, choice: int | None, day: int, serial: int = 1) -> bytes:
        """A ballot by the card that counts of a voter, left in the board's post; returns the request."""
        keys = self.record().joint_key
        public = derive_cards(keys.election_hash, 0, self.cards[card])[1]
        definition = self.record().definition
        seeds = random.SystemRandom()
        drafts = vote.encrypt(
            definition,
            keys.election_hash,
            keys.point,
            0,
            public,
            [day],
            [serial],
            [[choice]],
            seeds.randbytes(32),
        )
        ballots = vote.sign(keys.election_hash, drafts, self.cards[card], seeds.randbytes(32))
        Post(self.home("board") / "post").send(request := Envelope(tuple(ballots)).encode())
        return request

    def answered(self, request: bytes) -> list[Answer]:
        """What the board has answered to a request."""
        answer = Post(self.home("board") / "post").exchange(request)
        assert answer is not None
        board = parse((self.home("organiser") / "definition.json").read_bytes()).board
        return read_answers(answer, Envelope.parse(request).entries, board.key)


def _cosigned(witness: Witness, at: int, asked: Submission) -> bytes:
    return witness.add_checkpoint(asked.old_size, asked.proof, asked.checkpoint, at or int(time.time()))


def _start(
    line: Sequence[str],
    stdout: int = subprocess.DEVNULL,
    stdin: int | None = None,
    stderr: int | IO[bytes] = subprocess.DEVNULL,
) -> subprocess.Popen[bytes]:
    return Command([*line], stdin=stdin, stdout=stdout, stderr=stderr)
