"""A referendum behind a small HTTP server: its log, its posts and the booth, all in this process."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from random import Random

from psephos.board.intake import Intake
from psephos.keystore.lock import Lock
from psephos.keystore.store import KeyStore
from psephos.post.bundle import Bundle
from psephos.protocol.enrolment.group import make_groups, sign_groups
from psephos.protocol.enrolment.invitation import Invitation
from psephos.protocol.enrolment.token import Opening, ask, finish
from psephos.protocol.entry import TokenRequest, decode
from psephos.protocol.setup.pin import Pin
from psephos.registrar.registrar import Registrar
from psephos.testing.definitions import sample
from psephos.testing.referendum import Referendum
from psephos.voter.card import Card, save
from psephos.voter.enrolment import plan

TYPES = {".html": "text/html; charset=utf-8", ".js": "text/javascript", ".css": "text/css"}


class Served:
    """One region's referendum from the end of the ceremony on; a test says when enrolment and days end."""

    def __init__(self, path: Path, booth: Path, *, begun: bool = True, **shape) -> None:
        document, keys = sample(regions=["athens"], **shape)
        self.referendum = Referendum(document, keys)
        self.referendum.publish()
        self.definition = self.referendum.definition
        self._path, self._booth = path, booth
        self.registrar = Registrar(
            path / "registrar", self.definition, keys.registrar, KeyStore(path / "keys", Lock.draw())
        )
        decoys = keys.decoy_tokens[0] if self.definition.cards > 1 else None
        self.registrar.keep_token_keys(0, keys.voter_tokens[0], decoys)
        self.waiting: list[bytes] = []
        self._turn = threading.Lock()
        self.contact: str | None = "the town hall, 555 0123"
        if begun:
            self.begin()
        else:
            self.publish()

    def close(self) -> None:
        self.registrar.close()
        self.intake.close()

    # -- what the institutions do

    def begin(self) -> None:
        """The trustees make their key: people can enrol."""
        self.referendum.ceremony()
        record = self.referendum.record
        self.registrar.begin(record.election, record.keys.key)
        self.intake = Intake(self._path / "intake", record, self.referendum.keys.board)
        self.publish()

    def invite(self, voters: int) -> list[str]:
        """Enter voters on the roll; their invitations."""
        openings = [Opening(self.referendum.random(16), f"citizen {at}") for at in range(voters)]
        self.registrar.enter(0, openings)
        region = self.definition.regions[0].id
        return [
            Invitation(self.definition.hash, region, one).encode("Keep it.\n").decode() for one in openings
        ]

    def enrol(self, voters: int, cards: int = 2) -> list[list[Card]]:
        """Enter voters on the roll and enrol them, without a browser; the cards of each."""
        keys, draw = self.referendum.record.keys, self.referendum.random
        openings = [Opening(draw(16), f"neighbour {at}") for at in range(voters)]
        self.registrar.enter(0, openings)
        requests = ask(self.definition, keys.election_hash, 0, openings, [0] * voters, draw())
        responses = self.registrar.issue([one.message for one in requests], draw())
        tokens = finish(self.definition, keys.election_hash, requests, responses)
        plans = [plan(self.definition, token, Random(at), cards) for at, (token,) in enumerate(tokens)]
        drafts = make_groups(self.definition, keys.election_hash, keys.key, plans, draw())
        self.registrar.enrol(sign_groups(drafts, draw()))
        return save(keys.election_hash, drafts)

    def use(self, invitation: str) -> None:
        """Somebody asks for the token of an invitation."""
        opening = Invitation.parse(invitation.encode()).opening
        election = self.referendum.record.keys.election_hash
        [request] = ask(self.definition, election, 0, [opening], [0], self.referendum.random())
        self.registrar.issue([request.message], self.referendum.random())

    def log_roll(self) -> None:
        """The roll is in the log, as it is before anybody enrols."""
        self.referendum.log(*self.registrar.roll_entries(0))
        self.publish()

    def close_enrolment(self) -> None:
        entries = self.registrar.roll_entries(0) + self.registrar.close_enrolment(0)
        self.referendum.log(*entries, *self.registrar.issued_entries(0))
        self.referendum.checkpoint()  # which dates it, as an honest board does
        self.publish()

    def open(self) -> None:
        self.referendum.open(0, 1)
        self.publish()

    def vote(self) -> None:
        """Let the region vote with nobody's cards."""
        self.referendum.enrol(0, [[1, 0], [0, 1], [1, 0]])
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
        if path == "/contact" and self.contact is not None:
            return self.contact.encode(), "text/plain; charset=utf-8"
        for prefix, root in (("/log/", self._path / "public/record"), ("/booth/", self._booth / "dist")):
            file = root / path.removeprefix(prefix)
            if path.startswith(prefix) and ".." not in path and file.is_file():
                return file.read_bytes(), TYPES.get(file.suffix, "application/octet-stream")
        return None

    def registrars(self, request: bytes) -> bytes:
        with self._turn:
            if isinstance(decode(request, message=True).payload, TokenRequest):
                return self.registrar.issue([request], self.referendum.random())[0]
            return self.registrar.enrol([request])[0]

    def boards(self, request: bytes) -> bytes:
        with self._turn:
            ballots = Bundle.parse(request).entries
            answers = self.intake.receive(ballots, self.referendum.now)
            promised = [decode(one, message=True).payload.type_name() == "promise" for one in answers]
            self.waiting += [
                one for one, good in zip(ballots, promised, strict=True) if good and one not in self.waiting
            ]
            return Bundle(tuple(answers)).encode()


@contextmanager
def serve(served: Served) -> Iterator[str]:
    """The URL at which it answers."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(served))
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def _handler(served: Served) -> type[BaseHTTPRequestHandler]:
    posts: dict[str, Callable[[bytes], bytes]] = {
        "/post/board": served.boards,
        "/post/registrar": served.registrars,
    }

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            found = served.get(self.path)
            self._reply(*(found or (b"", "text/plain")), status=200 if found else 404)

        def do_POST(self) -> None:
            request = self.rfile.read(int(self.headers["Content-Length"]))
            self._reply(posts[self.path](request), "application/octet-stream", 200)

        def _reply(self, content: bytes, kind: str, status: int) -> None:
            self.send_response(status)
            self.send_header("Content-Type", kind)
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, *_: object) -> None:
            """Nothing is logged."""

    return Handler
