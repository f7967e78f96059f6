"""What the server writes down nowhere: who asked, with which program, and what people hold or were sent."""

from __future__ import annotations

import sqlite3
import subprocess
import urllib.error
import urllib.request
from collections.abc import Iterable, Iterator, Mapping
from contextlib import closing
from pathlib import Path

import pytest

from psephos.log.client import Client
from psephos.post.envelope import Envelope
from psephos.protocol.enrolment.invitation import Invitation
from psephos.verifier.run import policy
from psephos.voter.card import Card
from tests.attacks.leaks import encodings
from tests.databases import Backend, path_of
from tests.integration.by_hand import DAY_1, VOTERS
from tests.registrar.postbox import Postbox
from tests.server.deployment import BoardDeployment, enrolled
from tests.server.test_referendum import TRUSTEES
from tests.server.town import ServedTown

AGENT, ADDRESS, SOUGHT = "Telltale/4.25", "192.0.2.77", "5" * 64
SENDING = "--sender", "vote@town.example", "--site", "https://vote.example/"
ASKER = {"agent": [AGENT.encode()], "address": [ADDRESS.encode()], "what was sought": [SOUGHT.encode()]}


def ask(url: str, path: str, body: bytes | None = None) -> bytes:
    """The answer to somebody who tells much; a refusal is one."""
    headers = {"User-Agent": AGENT, "X-Forwarded-For": ADDRESS, "Cookie": f"a={AGENT}"}
    request = urllib.request.Request(url + path, body, headers)
    try:
        with urllib.request.urlopen(request) as response:
            assert response.headers["Set-Cookie"] is None
            answer: bytes = response.read()
    except urllib.error.HTTPError as refusal:
        with refusal:
            answer = refusal.read()
    return answer


def written(backend: Backend, directories: Iterable[Path]) -> Iterator[tuple[Path, bytes]]:
    """Every file, and of the databases what their own programs copy, too."""
    files = [path for one in directories for path in one.rglob("*") if path.is_file()]
    if backend.url is not None:
        cluster = Path(backend.url.partition("?host=")[2])
        files += [path for path in cluster.rglob("*") if path.is_file()]
        command = [path_of("pg_dump"), backend.url]
        yield Path("pg_dump"), subprocess.run(command, capture_output=True, check=True).stdout
    yield from [(path, content(path)) for path in files]
    for path in files:
        if path.suffix == ".sqlite":  # only now: opening one tidies up
            with closing(sqlite3.connect(path)) as database, closing(sqlite3.connect(":memory:")) as copy:
                database.backup(copy)
                yield path, copy.serialize()


def content(path: Path) -> bytes:
    """Nothing when it has just gone: others are at work meanwhile."""
    try:
        return path.read_bytes()
    except FileNotFoundError:
        return b""


def traces(
    found: Iterable[tuple[Path, bytes]], secrets: Mapping[str, Iterable[bytes]]
) -> set[tuple[str, str]]:
    """Which file holds which secret, in any of its forms."""
    forms = {name: list(some) for name, some in secrets.items()}
    return {
        (name, path.name)
        for path, data in found
        for name, some in forms.items()
        if any(one in data for one in some)
    }


@pytest.fixture
def deployment(backend: Backend) -> Iterator[BoardDeployment]:
    deployment = BoardDeployment(backend.directory, enrolled(groups=4), backend.url)
    deployment.start("--behind-proxy")
    yield deployment
    deployment.stop()


def published(deployment: BoardDeployment) -> list[bytes]:
    with Client(f"{deployment.url}/log") as client:
        return [entry for _, some in client.tree(policy(deployment.pin)).entries(0) for entry in some]


def test_neither_addresses_nor_programs_are_written_anywhere(
    deployment: BoardDeployment, backend: Backend
) -> None:
    deployment.until(lambda: deployment.published, "the log is published")
    deployment.until(lambda: deployment.read().windows[0].open_day == 1, "the day is open")
    card = deployment.referendum.cards[0][0]
    bundle = Envelope((deployment.referendum.ballot(card, [0, 1]),)).encode()
    promise = ask(deployment.url, "/post/board", bundle)
    assert promise == ask(deployment.url, "/post/board", bundle)
    ask(deployment.url, "/en/log", f"find={SOUGHT}".encode())
    for path in (f"/trackers/{SOUGHT}", "/nothing", "/en/nothing", "/post/board/nothing"):
        ask(deployment.url, path)
    ask(deployment.url, "/post/board", b"no ballot")
    deployment.kill()  # what it would tidy up at the end is still there
    found = list(written(backend, [deployment.directory]))
    kept = {path for _, path in traces(found, {"card": [card.key, card.key.hex().encode()]})}
    assert kept & {"waiting.sqlite", "waiting.sqlite-wal", "pg_dump"}  # it would be found
    assert not traces(found, ASKER | {"secret of a card": encodings(card.scalar)})
    deployment.start()


@pytest.mark.parametrize("backend", ["sqlite"], indirect=True)
def test_promises_do_not_wait_for_witnesses(deployment: BoardDeployment) -> None:
    deployment.until(lambda: deployment.published, "the log is published")
    deployment.until(lambda: deployment.read().windows[0].open_day == 1, "the day is open")
    deployment.away = {0, 1}
    ballot = deployment.referendum.ballot(deployment.referendum.cards[0][0], [0, 1])
    assert ask(deployment.url, "/post/board", Envelope((ballot,)).encode())
    assert ballot not in published(deployment)
    deployment.away = {0}  # one of three may stay away
    deployment.until(lambda: ballot in published(deployment), "the ballot is published")


class Household(ServedTown):
    """A town where one process is board and registrar, and invitations go by e-mail."""

    def __init__(self, backend: Backend, postbox: Postbox) -> None:
        super().__init__(backend.directory, beside=True)
        self.backend, self.postbox = backend, postbox

    def begin(self) -> None:
        """Until the roll is logged, and everybody has a letter."""
        self.found_over_http()
        self.kill()
        self.serve("--behind-proxy")
        self.run_witnesses()
        self.keep_on("organiser", "publish")
        self.until(lambda: self.published, "the definition is published")
        self.make_key(TRUSTEES)
        (roll := self.directory / "north.csv").write_text("\n".join(VOTERS) + "\n")
        self.keep_on("registrar-1", "roll", str(roll), "--region", "north", "--expect", str(len(VOTERS)))
        lines = [f"{voter},{planted(voter)}," for voter in VOTERS]
        (contacts := self.directory / "contacts.csv").write_text("\n".join(["voter,email,address", *lines]))
        self.keep_on("registrar-1", "letters", "add", str(contacts), "--region", "north")
        self.keep_on("registrar-1", "letters", "send", "--region", "north", *SENDING)

    def letters(self) -> dict[str, bytes]:
        """The invitation that each voter got."""
        files = {one["To"]: next(one.iter_attachments()) for one in self.postbox.messages()}
        return {voter: files[planted(voter)].get_content().encode() for voter in VOTERS}

    def only_the_roll_is_found(self, secrets: Mapping[str, Iterable[bytes]]) -> None:
        """The registrar must know what opens its roll; nothing else is anywhere."""
        found = traces(self.seen_by_the_server(), secrets)
        roll = {(one, path) for one, path in found if path in ("state.sqlite", "state.sqlite-wal")}
        assert {one for one, _ in roll} == {f"invitation of {voter}" for voter in VOTERS}
        assert not found - roll

    def seen_by_the_server(self) -> list[tuple[Path, bytes]]:
        """All that board and registrar have written, but what the registrar is given and keeps by name."""
        homes = [self.home(one) for one in ("board", "registrar-1", "record")]
        found = [*written(self.backend, homes)]
        found += [(path, path.read_bytes()) for path in (self.directory / "errors", self.directory / "said")]
        return [one for one in found if self.home("registrar-1/invitations") not in one[0].parents]


def planted(voter: str) -> str:
    return f"{voter.lower()}.planted@home.example"


@pytest.fixture
def household(backend: Backend, monkeypatch: pytest.MonkeyPatch) -> Iterator[Household]:
    postbox = Postbox()
    monkeypatch.setenv("PSEPHOS_SMTP_URL", postbox.url)
    monkeypatch.setenv("PSEPHOS_DATABASE_URL", backend.url or "")
    made = Household(backend, postbox)
    yield made
    made.stop()
    postbox.close()


def test_nothing_that_people_hold_or_were_sent_is_written_by_the_server(household: Household) -> None:
    household.begin()
    letters, cards, secrets = household.letters(), {}, dict(ASKER)
    for voter, letter in letters.items():
        (file := household.directory / f"{voter}.txt").write_bytes(letter)
        cards[voter] = household.enrol_by_command(f"voter-{voter}", file)
        card = Card.scan(cards[voter].read_text().splitlines()[0])
        secrets[f"card of {voter}"] = [*encodings(card.secret), card.words.encode(), card.text.encode()]
        secrets[f"invitation of {voter}"] = list(encodings(Invitation.parse(letter).opening.salt))
        secrets[f"address of {voter}"] = [planted(voter).encode()]
    for path in ("/post/registrar", "/post/board"):
        ask(household.url, path, letters[VOTERS[0]])  # somebody has mistaken the address
    ask(household.url, "/uk/log", f"find={SOUGHT}".encode())
    household.only_the_roll_is_found(secrets)
    household.shut_over_http()
    household.open(1, DAY_1[0])
    household.vote_by_command(VOTERS[0], cards[VOTERS[0]], "yes")
    household.kill()
    household.only_the_roll_is_found(secrets)
