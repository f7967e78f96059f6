"""A referendum behind a small HTTP server: its log, its posts and the booth, all in this process."""

from __future__ import annotations

import os
import random
import re
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from psephos.board.intake import Intake
from psephos.keystore.lock import Lock
from psephos.keystore.store import KeyStore
from psephos.post.envelope import Envelope
from psephos.protocol.enrolment import presentation, response, token
from psephos.protocol.enrolment.cards import GroupPlan, make_drafts
from psephos.protocol.enrolment.invitation import Invitation
from psephos.protocol.enrolment.roll import RollOpening
from psephos.protocol.entries import decode
from psephos.protocol.setup.pin import Pin
from psephos.registrar.answering import reply
from psephos.registrar.registrar import Registrar
from psephos.simulation.definitions import sample
from psephos.simulation.referendum import Referendum
from psephos.voter.card import Card, save

TYPES = {".html": "text/html; charset=utf-8", ".js": "text/javascript", ".css": "text/css"}


class Served:
    """One region's referendum from the end of the ceremony on; a test says when enrolment and days end.

    Its registrars are as real as its board: each has its state and keys on disk.
    """

    def __init__(self, path: Path, booth: Path, *, begun: bool = True, voters: int = 12, **shape) -> None:
        document, keys = sample(**{"regions": ["athens"], "min_batch": 1} | shape)
        self.referendum = Referendum(document, keys)
        self.referendum.publish()
        self.definition = self.referendum.definition
        self._path, self._booth = path, booth
        self._rng = random.Random(7)
        lock = Lock.draw()
        self.registrars = {number: self._registrar(number, lock) for number in self.referendum.registrars}
        self._voters = [
            {number: RollOpening(self._rng.randbytes(16), f"citizen {at}") for number in self.registrars}
            for at in range(voters)
        ]
        self._invited = 0
        self.waiting: list[bytes] = []
        self.silent: set[int] = set()
        """Registrars that give no answer."""
        self._turn = threading.RLock()
        self.site = ""
        """Where the registrars' posts are, if their token keys are to say it."""
        self.contact: str | None = "the town hall, 555 0123"
        if begun:
            self.begin()
        else:
            self.publish()

    def _registrar(self, number: int, lock: Lock) -> Registrar:
        keys = KeyStore(self._path / f"keys-{number}", lock)
        signing = self.referendum.keys.registrars[number - 1]
        state = self._path / f"registrar-{number}"
        return Registrar(state, self.definition, signing, keys, lambda: self.referendum.now, os.urandom)

    def close(self) -> None:
        for registrar in self.registrars.values():
            registrar.close()
        self.intake.close()

    # -- what the institutions do

    def begin(self) -> None:
        """The trustees make their key: people can enrol."""
        self.turn()
        self.referendum.ceremony()
        record = self.referendum.record
        for number, registrar in self.registrars.items():
            registrar.follow(record)
            registrar.enter(0, [openings[number] for openings in self._voters])
            self.referendum.log(*registrar.roll_entries(0))
        self.intake = Intake(self._path / "intake", record, self.referendum.keys.board)
        self.turn()
        self.publish()

    def turn(self) -> None:
        """Let the registrars log what is due, and ask each other, until nothing is."""
        idle = 0
        with self._turn:
            while idle < 2:
                done = sum([self._one(registrar) for registrar in self.registrars.values()])
                for question in self.registrars[1].questions():
                    answer = self.registrars[question.registrar].answer_query(question.message)
                    self.registrars[1].take(question, answer)
                idle = 0 if done else idle + 1

    def _one(self, registrar: Registrar) -> int:
        record = self.referendum.record
        registrar.follow(record)
        due = registrar.due(record, f"{self.site}post/{post_of(registrar.number)}" if self.site else "")
        self.referendum.log(*due)
        registrar.follow(record)
        return len(due)

    def invite(self, voters: int) -> list[str]:
        """Invitations of more voters of the roll; where there are several registrars, one after the other."""
        return [invitation for letters in self.invite_all(voters) for invitation in letters.values()]

    def invite_all(self, voters: int) -> list[dict[int, str]]:
        """The letters of more voters of the rolls, by registrar."""
        chosen = self._voters[self._invited : self._invited + voters]
        self._invited += voters
        return [
            {number: self._letter(number, one) for number, one in openings.items()} for openings in chosen
        ]

    def _letter(self, number: int, opening: RollOpening) -> str:
        region = self.definition.regions[0].id
        return Invitation(self.definition.hash, number, region, opening).encode("Keep it.\n").decode()

    def enrol(self, voters: int, cards: int = 2) -> list[list[Card]]:
        """Enrol more voters of the roll, without a browser; the cards of each."""
        chosen = self._voters[self._invited : self._invited + voters]
        self._invited += voters
        setting, draw = self.referendum.record.setting, self.referendum.random
        number = cards if setting.weighted else 1
        plans = [GroupPlan(0, self._rng.randbytes(16 * number), 0, self._rng.randbytes(32)) for _ in chosen]
        drafts = make_drafts(setting, plans, draw())
        asked = {
            at: token.ask(setting, at, drafts, [one[at] for one in chosen], draw()) for at in self.registrars
        }
        for at, requests in asked.items():
            self.registrars[at].give([one.message for one in requests], draw())
        self.turn()
        for at, requests in asked.items():
            answers = self.registrars[at].give([one.message for one in requests], draw())
            for draft, one, answer in zip(drafts, requests, answers, strict=True):
                assert answer is not None
                found = response.read_response(setting, one, answer)
                [mine] = response.tokens(setting, [one], [found])
                [messages] = presentation.present(setting, at, [draft], [mine], draw(64))
                self.registrars[at].admit(messages)
        return save(setting.election, drafts)

    def use(self, invitation: str) -> None:
        """Somebody asks for the tokens of an invitation."""
        found, setting = Invitation.parse(invitation.encode()), self.referendum.record.setting
        plan = GroupPlan(0, self._rng.randbytes(16), 0, self._rng.randbytes(32))
        drafts = make_drafts(setting, [plan], self.referendum.random())
        [asked] = token.ask(setting, found.registrar, drafts, [found.opening], self.referendum.random())
        self.registrars[found.registrar].give([asked.message], self.referendum.random())
        self.turn()

    def batch(self) -> None:
        """What was admitted is in the log, as far as registrars may say so before the close."""
        self.turn()
        self.publish()

    def close_enrolment(self) -> None:
        """Enrolment closes, witnesses see it, and what was issued is public for as long as it must be."""
        self.referendum.shut(0)
        self.turn()
        self.referendum.review(0)
        self.publish()

    def open(self) -> None:
        self.referendum.open(0, 1)
        self.publish()

    def vote(self) -> None:
        """Let the region vote with nobody's cards."""
        self.enrol(3)
        self.close_enrolment()
        self.open()

    def round(self) -> None:
        """Log the ballots that wait."""
        with self._turn:
            ballots, self.waiting = sorted(self.waiting), []
            self.referendum.log(*ballots)
        self.publish()

    def publish(self) -> None:
        self.referendum.export(self._path / "public")

    # -- what they answer

    def get(self, path: str) -> tuple[bytes, str] | None:
        """A file and its type."""
        if path == "/pin.json":
            return Pin.of(self.definition).encode(), "application/json"
        if path == "/favicon.ico":  # browsers ask for it when they like
            return b"", "image/x-icon"
        if path == "/contact" and self.contact is not None:
            return self.contact.encode(), "text/plain; charset=utf-8"
        if path.startswith("/definition/") and len(path) == 76:
            excerpt = self.definition.head.excerpts.get(bytes.fromhex(path[12:]))
            return excerpt and (excerpt, "application/json")
        for prefix, root in (("/log/", self._path / "public/record"), ("/booth/", self._booth / "dist")):
            file = root / path.removeprefix(prefix)
            if path.startswith(prefix) and ".." not in path and file.is_file():
                return file.read_bytes(), TYPES.get(file.suffix, "application/octet-stream")
        return None

    def answer(self, number: int, request: bytes) -> bytes | None:
        """What a registrar answers; tokens leave once the log counts them."""
        with self._turn:
            if number in self.silent:
                return None
            [answer] = reply(self.registrars[number], [request], self.referendum.random())
            if answer is None:
                self.turn()
                [answer] = reply(self.registrars[number], [request], self.referendum.random())
            return answer

    def boards(self, request: bytes) -> bytes:
        with self._turn:
            ballots = Envelope.parse(request).entries
            answers = self.intake.receive(ballots, self.referendum.now)
            promised = [decode(one, message=True).payload.type_name() == "promise" for one in answers]
            self.waiting += [
                one for one, good in zip(ballots, promised, strict=True) if good and one not in self.waiting
            ]
            return Envelope(tuple(answers)).encode()


def post_of(number: int) -> str:
    """What a registrar's post is called at the site."""
    return "registrar" if number == 1 else f"registrar-{number}"


@contextmanager
def serve(served: Served) -> Iterator[str]:
    """The URL at which it answers."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(served))
    thread = threading.Thread(target=server.serve_forever, args=(0.02,))
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def _handler(served: Served) -> type[BaseHTTPRequestHandler]:
    posts: dict[str, Callable[[bytes], bytes | None]] = {"/post/board": served.boards}
    for number in served.registrars:
        posts[f"/post/{post_of(number)}"] = partial(served.answer, number)

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            found = served.get(self.path)
            start = re.fullmatch(r"bytes=(\d+)-", self.headers.get("Range", ""))
            if found and start:
                found = found[0][int(start[1]) :], found[1]
            self._reply(*(found or (b"", "text/plain")), status=(206 if start else 200) if found else 404)

        def do_POST(self) -> None:
            request = self.rfile.read(int(self.headers["Content-Length"]))
            answer = posts[self.path](request)
            self._reply(answer or b"", "application/octet-stream", 200 if answer else 202)

        def _reply(self, content: bytes, kind: str, status: int) -> None:
            self.send_response(status)
            self.send_header("Content-Type", kind)
            self.send_header("Content-Length", str(len(content)))
            if status == 206:
                start = int(self.headers["Range"][len("bytes=") : -1])
                end = start + len(content)
                self.send_header("Content-Range", f"bytes {start}-{end - 1}/{end}")
            if self.path.startswith("/post/"):  # as a registrar's post at another origin says
                self.send_header("Access-Control-Allow-Origin", "*")
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, *_: object) -> None:
            """Nothing is logged."""

    return Handler
