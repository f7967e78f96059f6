"""`psephos voter` enrols with the invitations of two registrars, whose posts are directories."""

from __future__ import annotations

import io
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, redirect_stderr, redirect_stdout
from pathlib import Path
from unittest.mock import patch

import pytest

from psephos.cli.main import main
from psephos.crypto.column import sort_records
from psephos.post.post import Post
from psephos.protocol import entries, multipart
from psephos.protocol.enrolment import token
from psephos.protocol.enrolment.cards import GroupPlan, make_drafts
from psephos.protocol.enrolment.invitation import Invitation
from psephos.protocol.enrolment.roll import RollOpening
from psephos.protocol.entries import decode
from psephos.simulation.definitions import sample
from psephos.simulation.referendum import Referendum
from tests.protocol.enrolling import Registrar

SITE = "https://vote.example/"
WAITING, FAILED = 3, 1


class Town:
    """A published log, two registrars that answer what waits in their posts, and a voter's devices."""

    def __init__(self, directory: Path) -> None:
        self.directory = directory
        self.told = Referendum(*sample(registrars=2, regions=("north", "south")))
        self.told.publish()
        self.told.ceremony()
        setting = self.told.record.setting
        self.registrars, self.openings = {}, {}
        for number in setting.registrars:
            registrar = Registrar(number, setting, self.told.keys, bytes(32))
            opening = RollOpening(bytes([number]) * 16, f"Zoë of list {number}")
            registrar.enter(0, opening)
            self.registrars[number], self.openings[number] = registrar, opening
        for number, registrar in self.registrars.items():
            names = b"".join(name for _, name in registrar.rolls)
            roll = entries.Roll(0, 1, multipart.digest(names))
            self.told.log(*self.told.bundle(names, roll, self.told.keys.registrars[number - 1]))
        self.publish()
        for device in ("phone", "laptop"):
            self.done(device, "init", *self._places())

    def publish(self) -> None:
        pin = self.told.export(self.directory)
        (self.directory / "pin.json").write_bytes(pin.encode())

    def _places(self) -> list[str]:
        posts = [f"--registrar={self.directory / f'registrar-{number}'}" for number in (1, 2)]
        named = {"log": "record", "board": "board", "pin": "pin.json"}
        return [*posts, *(f"--{name}={self.directory / place}" for name, place in named.items())]

    def run(self, device: str, *arguments: str, answers: Sequence[str] = ()) -> tuple[int, str]:
        """Exit code and output of a command on a device."""
        where = ["--home", str(self.directory / device), "--identity", str(self.directory / f"{device}.id")]
        out, typed = io.StringIO(), io.StringIO("".join(f"{line}\n" for line in answers))
        with redirect_stdout(out), redirect_stderr(out), patch("sys.stdin", typed):
            code = main(["voter", *arguments, *where])
        return code, out.getvalue()

    def done(self, device: str, *arguments: str, answers: Sequence[str] = ()) -> str:
        code, said = self.run(device, *arguments, answers=answers)
        assert code == 0, said
        return said

    def enrol(self, *arguments: str, answers: Sequence[str] = (), timeout: str = "20") -> tuple[int, str]:
        out = str(self.directory / "cards")
        return self.run("phone", "enrol", "--out", out, "--timeout", timeout, *arguments, answers=answers)

    def invitation(self, number: int, region: str = "north") -> Path:
        path = self.directory / f"invitation-{number}.txt"
        invitation = Invitation(self.told.definition.hash, number, region, self.openings[number])
        path.write_bytes(invitation.encode("Keep it to yourself."))
        return path

    @contextmanager
    def answering(self, *numbers: int) -> Iterator[None]:
        """These registrars answer while it lasts."""
        over = threading.Event()
        threads = [threading.Thread(target=self._answer, args=(number, over)) for number in numbers]
        for thread in threads:
            thread.start()
        try:
            yield
        finally:
            over.set()
            for thread in threads:
                thread.join()

    def _answer(self, number: int, over: threading.Event) -> None:
        post, registrar = Post(self.directory / f"registrar-{number}"), self.registrars[number]
        answers = {"ready-request": registrar.ready, "token-request": registrar.give}
        while not over.wait(0.02):
            for name, data in post.waiting():
                kind = decode(data, message=True).payload.type_name()
                post.answer(name, answers.get(kind, registrar.admit)(data))

    def batch(self, *left_out: bytes) -> None:
        """The last batch, of what the first registrar has admitted but for these cards."""
        self.told.shut(0)
        admitted = self.registrars[1].admitted
        records = [record for key, (_, record) in admitted.items() if key not in left_out]
        content, _ = sort_records(b"".join(records), 384)
        batch = entries.Batch(0, 1, len(records), 1, multipart.digest(content))
        self.told.log(*self.told.bundle(content, batch, self.told.keys.registrars[0]))
        self.told.log(*self.told.endorse(0, self.told.logged[-1]))
        self.publish()

    def cards(self) -> list[str]:
        return [str(path) for path in sorted((self.directory / "cards").glob("*.txt"))]

    def receipts(self) -> list[str]:
        return [str(path) for path in sorted((self.directory / "cards").glob("receipt-*"))]


@pytest.fixture
def town(tmp_path) -> Town:
    return Town(tmp_path)


def enrolled(town: Town) -> str:
    """With both invitations as files, in the other order than the registrars'."""
    files = [f"--invitation={town.invitation(number)}" for number in (2, 1)]
    with town.answering(1, 2):
        code, said = town.enrol(*files, "--cards", "3", "--then", "enrol", answers=["2"])
    assert code == 0, said
    return said


def test_a_voter_enrols_and_finds_all_cards_in_the_log(town) -> None:
    said = enrolled(town)
    assert "registrar 1 (Register 1)" in said
    assert "be where nobody watches" in said
    assert "can learn that these cards are one voter's" in said
    assert "0 of 3 cards are in the log" in said
    assert "Hand no card to anybody before" in said
    assert (len(town.cards()), len(town.receipts())) == (3, 6)
    assert [len(registrar.admitted) for registrar in town.registrars.values()] == [3, 3]
    town.batch()
    code, said = town.enrol()
    assert (code, "all cards are in the log" in said) == (0, True)
    assert "has not listed its tokens yet" in town.done("phone", "status")
    code, said = town.run("phone", "abandon")
    assert "no enrolment is under way" in said
    by_name = {}
    for path in town.receipts():
        by_name.setdefault(path.split("receipt-")[1][2:], []).append(f"--enrolled={path}")
    for both in by_name.values():
        assert "with the record that was admitted" in town.done("laptop", "check", *both)


def test_a_card_that_was_left_out_is_said_and_the_registrar_named(town) -> None:
    enrolled(town)
    lowest = min(town.registrars[1].admitted)
    town.batch(lowest)
    code, said = town.enrol()
    assert (code, "registrar 1" in said, "left out" in said) == (FAILED, True, True)
    both = [f"--enrolled={path}" for path in town.receipts() if lowest.hex()[:8] in path]
    code, said = town.run("laptop", "check", *both)
    assert (code, "failed through registrar 1" in said) == (FAILED, True)


def test_invitations_are_pasted_in_any_order_and_judged_at_once(town) -> None:
    other = Invitation(bytes(32), 1, "north", town.openings[1]).address(SITE)
    address = Invitation(town.told.definition.hash, 2, "north", town.openings[2]).address(SITE)
    wrong = Invitation(town.told.definition.hash, 1, "north", RollOpening(bytes(16), "Somebody")).address(
        SITE
    )
    letter = town.invitation(1).read_text().split("\n")
    answers = ["north", "2", "1", other, wrong, address, *(f"> {line}" for line in letter[:7])]
    with town.answering(1, 2):
        code, said = town.enrol("--then", "enrol", answers=answers)
    assert code == 0, said
    assert "an invitation to another referendum" in said
    assert "the roll of registrar 1 has no such voter" in said
    assert "The invitation of registrar 1 (Register 1), registrar 2 (Register 2):" in said
    assert "The invitation of registrar 1 (Register 1):" in said


def test_nothing_is_asked_while_a_registrar_does_not_say_that_it_is_ready(town) -> None:
    files = [f"--invitation={town.invitation(number)}" for number in (1, 2)]
    with town.answering(1):
        code, said = town.enrol(*files, "--cards", "3", "--then", "enrol", answers=["1"], timeout="1")
    assert (code, "registrar 2 (Register 2): it does not say whether it is ready" in said) == (WAITING, True)
    assert [registrar.given for registrar in town.registrars.values()] == [{}, {}]
    assert "tokens" not in town.done("phone", "status")


def test_a_thief_of_one_invitation_is_seen_and_what_is_lost_is_said(town) -> None:
    setting = town.told.record.setting
    [draft] = make_drafts(setting, [GroupPlan(0, bytes(range(48)), 0, bytes(32))], bytes(32))
    [asked] = token.ask(setting, 2, [draft], [town.openings[2]], bytes(32))
    ready = town.registrars[2].ready
    town.registrars[2].give(asked.message)
    files = [f"--invitation={town.invitation(number)}" for number in (1, 2)]
    with town.answering(1, 2):
        code, said = town.enrol(*files, "--cards", "3", "--then", "enrol", answers=["1"])
    assert (code, "registrar 2 (Register 2) refused: issued" in said) == (FAILED, True)
    assert "takes the invitations of all registrars" in said
    town.registrars[2].given, given = {}, town.registrars[2].given
    town.registrars[2].ready = lambda message: _then(ready(message), town.registrars[2].given.update, given)
    with town.answering(1, 2):
        code, said = town.enrol(*files, "--cards", "3", "--then", "enrol", answers=["1"])
    assert code == FAILED, said
    assert "The other request for your tokens:" in said
    assert "so are the tokens that registrar 1 (Register 1) gave for them" in said
    evidence = next((town.directory / "phone/evidence").glob("other-request-2"))
    assert evidence.read_bytes() == asked.message
    assert "tokens" not in town.done("phone", "status")


def _then(answer: bytes, act, given) -> bytes:
    act(given)
    return answer


def test_a_silent_registrar_is_named_and_the_command_goes_on_later(town) -> None:
    files = [f"--invitation={town.invitation(number)}" for number in (1, 2)]
    give, town.registrars[2].wait = town.registrars[2].give, 0
    town.registrars[2].give = lambda message: b"\0"  # nothing that anybody has signed
    with town.answering(1, 2):
        code, said = town.enrol(*files, "--cards", "3", "--then", "enrol", answers=["1"])
    assert code == FAILED, said
    post = Post(town.directory / "registrar-2")
    for path in (town.directory / "registrar-2/answers").iterdir():
        post.withdraw(path.name)
    with town.answering(1):
        code, said = town.enrol(timeout="2.5")
    assert (code, "registrar 2 (Register 2) said that it would have answered by now" in said) == (
        WAITING,
        True,
    )
    assert "registrar 2 (Register 2): psephos voter enrol" in town.done("phone", "status")
    town.registrars[2].give = give
    with town.answering(1, 2):
        code, said = town.enrol()
    assert code == 0, said
    assert [len(registrar.admitted) for registrar in town.registrars.values()] == [3, 3]


def test_cards_are_audited_on_a_second_device_and_others_enrolled(town) -> None:
    files = [f"--invitation={town.invitation(number)}" for number in (1, 2)]
    shown = ["--cards", "3", "--then", "audit", *files]
    with town.answering(1, 2):
        code, said = town.enrol(*shown, answers=["2"])
    assert code == 0, said
    lines = dict(line.split(maxsplit=1) for line in said.splitlines() if line.strip())
    town.done("laptop", "audit", "record", lines["commitment"], answers=[lines["counts"]])
    opening = lines["opening"].split(":")[0]
    assert "exactly the named one counts" in town.done("laptop", "audit", "check", opening)
    assert [registrar.given for registrar in town.registrars.values()] == [{}, {}]
    said = enrolled(town)
    lines = dict(line.split(maxsplit=1) for line in said.splitlines() if line.strip())
    keys = [line for line in said.splitlines() if line.startswith("key ")]
    town.done("laptop", "audit", "record", lines["commitment"], answers=[lines["counts"]])
    assert "noted: 3 keys" in town.done("laptop", "audit", "enrolled", answers=[*keys, ""])
    code, said = town.run("laptop", "audit", "cards", *town.cards())
    assert (code, "not in the log yet" in said) == (WAITING, True)
    town.batch()
    assert "all are in the log" in town.done("laptop", "audit", "cards", *town.cards())


def test_more_decoys_come_through_a_trustee_without_a_name(town) -> None:
    """The trustee passes on exactly the elements; none of the cards counts."""
    setting, trustee = town.told.record.setting, town.told.keys.trustees[0]
    place = town.directory / "trustee"

    def pass_on(message: bytes) -> bytes:
        request = decode(message, message=True).payload
        return town.registrars[request.registrar].give(token.pass_on(setting, request, trustee))

    line = ("decoys", "--out", str(town.directory / "more"), "--trustee", str(place), "--region", "north")
    line = (*line, "--cards", "4", "--then", "enrol", "--timeout", "0")
    code, said = town.run("phone", *line)
    assert (code, "tokens are asked for, and not all there" in said) == (WAITING, True)
    post = Post(place)
    for name, data in post.waiting():
        post.answer(name, pass_on(data))
    code, said = town.enrol("--cards", "3")
    assert "psephos voter decoys goes on" in said
    with town.answering(1, 2):
        code, said = town.run("phone", *line[:-1], "20")
    assert code == 0, said
    assert [len(registrar.admitted) for registrar in town.registrars.values()] == [4, 4]
    assert [registrar.given for registrar in town.registrars.values()] == [{}, {}]
    assert "issued" not in town.done("phone", "status")
