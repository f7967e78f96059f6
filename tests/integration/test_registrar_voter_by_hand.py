"""Registrar and voters from the command line: enrolled, audited, coerced, interrupted, forgotten."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from hashlib import sha256
from pathlib import Path

import pytest

from psephos.cli.main import main
from psephos.crypto.signature import SigningKey
from psephos.keystore.lock import Lock
from psephos.keystore.store import KeyStore
from psephos.log.merkle import leaf_hash
from psephos.post.post import Post
from psephos.protocol.entries import Promise, encode
from psephos.protocol.voting import opening
from psephos.voter.card import Card
from psephos.voter.memory import Memory
from tests.integration.by_hand import DAY_1, DAY_2, Town

NAMES = ("Ada", "Blaise", "Carl", "Dora", "Euler, Leonhard", "Franziska")


class Voters(Town):
    """A town with two registrars whose voters have devices."""

    def __init__(self, directory: Path) -> None:
        super().__init__(directory, registrars=2)

    @property
    def out(self) -> Path:
        return self.directory / "out"

    def begin(self) -> None:
        """Up to the rolls."""
        self.create(trustees=2, witnesses=2)
        self.publish()
        self.sent("organiser", "publish")
        self.publish()
        self.ceremony((1, 2))
        (self.directory / "north.csv").write_text("".join(f'"{name}"\n' for name in NAMES))
        code, text = self.roll_again(expect=None)
        assert (
            code,
            "6 voters, nothing was logged: look at what is shown, then run it again with --expect 6" in text,
        ) == (2, True)
        assert not (self.home("registrar-1") / "invitations").exists()
        for name in self.registrars:
            assert self.roll_again(name=name)[0] == 3  # the board has not answered yet
            self.publish()

    def roll_again(
        self, file: str = "north.csv", expect: int | None = len(NAMES), name: str = "registrar-1"
    ) -> tuple[int, str]:
        path = str(self.directory / file)
        number = [] if expect is None else ["--expect", str(expect)]
        return self.run(name, "roll", path, "--region", "north", "--timeout", "0", *number)

    def device(self, name: str) -> str:
        posts = [f"--registrar={self.home(one) / 'post'}" for one in self.registrars]
        places = ["--log", str(self.home("record")), "--board", str(self.home("board/post")), *posts]
        for _ in range(2):
            self.done(name, "init", *places, "--pin", str(self.home("organiser") / "pin.json"))
        return name

    def invitations(self, voter: str) -> list[str]:
        number = NAMES.index(voter) + 1
        files = [self.home(one) / f"invitations/north/{number}.txt" for one in self.registrars]
        return [f"--invitation={file}" for file in files]

    def line(self, name: str, voter: str, cards: int = 2, then: str = "enrol") -> tuple[str, ...]:
        out = str(self.out / name)
        made = ("enrol", "--out", out, "--cards", str(cards), "--then", then, "--timeout", "0")
        return (*made, *self.invitations(voter))

    def enrolled(self, name: str, voter: str, cards: int = 2, counts: int = 1) -> str:
        """A device with cards that all registrars have admitted; what it said last."""
        self.device(name)
        line = self.line(name, voter, cards)
        assert "does not say whether it is ready" in self.waits(name, *line)
        self.rounds(times=1)
        assert "tokens are asked for" in self.waits(name, *line, answers=f"{counts}\n")
        self.rounds(times=2)
        assert "the cards are saved, and not admitted yet" in self.waits(name, *line)
        self.rounds(times=1)
        return self.done(name, *line)

    def vote(self, name: str, card: Path, choice: str, then: str = "cast") -> tuple[int, str]:
        flags = ("--choice", f"harbour={choice}", "--then", then, "--out", str(self.out), "--timeout", "0")
        return self.run(name, "vote", "--card", str(card), *flags)

    def keys(self, name: str) -> KeyStore:
        lock = Lock.parse((self.directory / f"{name}.identity").read_text())
        return KeyStore(self.home(name) / "keys", lock)

    def remembers(self, name: str) -> bytes:
        """Every byte of a device's home, what is sealed both sealed and open, but for the identity."""
        files = [path for path in self.home(name).rglob("*") if path.is_file()]
        sealed = [path.stem for path in files if path.suffix == ".age"]
        opened = [self.keys(name).read(one) or b"" for one in sealed]
        return b"".join([path.read_bytes() for path in files] + opened)


@pytest.fixture(scope="module")
def town(tmp_path_factory: pytest.TempPathFactory) -> Voters:
    """Where enrolment goes on."""
    one = Voters(tmp_path_factory.mktemp("town"))
    one.begin()
    return one


def cards_in(folder: Path) -> list[Card]:
    return [Card.scan(path.read_text().split("\n")[0]) for path in sorted(folder.glob("*.txt"))]


def said(text: str, word: str) -> str:
    """What a command has said about something."""
    (line,) = [line for line in text.splitlines() if line.startswith(f"{word} ")]
    return line.split(maxsplit=1)[1]


# The roll


def test_the_roll_is_made_once_and_invites_everybody(town: Voters) -> None:
    invitations = town.home("registrar-1") / "invitations/north"
    before = {path.name: path.read_bytes() for path in invitations.iterdir()}
    assert sorted(before) == [f"{number}.txt" for number in range(1, len(NAMES) + 1)]
    assert all(path.stat().st_mode & 0o777 == 0o600 for path in invitations.iterdir())
    assert b"voter Euler, Leonhard\n" in before["5.txt"]
    (invitations / "2.txt").unlink()  # as if the first run had ended there
    code, text = town.roll_again()
    assert (code, "6 voters" in text) == (0, True)
    assert {path.name: path.read_bytes() for path in invitations.iterdir()} == before
    assert town.record().rosters[0].listed_by(2) == len(NAMES)


@pytest.mark.parametrize(
    ("content", "about"),
    [
        ("Ada\nBlaise\n", "of other voters"),
        ("Ada\nBlaise\nAda\n", "line 3: Ada is the name of line 1 again"),
        ("Ada,1815\n", "line 1: 2 columns, and no heading"),
        ("voter\nAda\n", "1 voter instead of the 2 expected"),
        ('"Ada\nLovelace"\n', r"line 1: Ada\nLovelace: the control character U+000A"),
        ("", "no voters"),
    ],
    ids=range(6),
)
def test_other_rolls_are_refused(town: Voters, content: str, about: str) -> None:
    (town.directory / "other.csv").write_text(content)
    code, text = town.roll_again("other.csv", expect=2)
    assert (code, about in text) == (1 if "other" in about else 2, True), text


# Invitations


def test_invitations_of_others_are_refused(town: Voters) -> None:
    town.device("voter-lost")
    first = town.invitations("Blaise")[0].removeprefix("--invitation=")
    good, record = Path(first).read_text(), town.record()
    bad = {
        good.replace(record.definition.hash.hex(), "00" * 32): "another referendum",
        good.replace("region north", "region south"): "no region south",
        good.replace("registrar 1", "registrar 3"): "registrar 3, where there are 2",
        good.replace("salt ", "sa1t "): "not all of it",
        "A tracker: " + "00" * 32: "this is a tracker",
    }
    path = town.directory / "invitation"
    for content, about in bad.items():
        path.write_text(content)
        code, text = town.run("voter-lost", *town.line("lost", "Ada")[:-2], "--invitation", str(path))
        assert (code in (1, 2), about in text) == (True, True), text
        assert "Blaise" not in text


@pytest.mark.parametrize(
    "change",
    [
        lambda text: text.split("\n\n")[0],
        lambda text: text.replace("\n", "\r\n"),
        lambda text: "\ufeff" + text,
        lambda text: "Dear Franziska,\n\n" + "".join(f"> {line}\n" for line in text.split("\n")),
    ],
    ids=["six-lines", "crlf", "mark", "quoted"],
)
def test_an_invitation_is_read_as_people_save_it(town: Voters, change: Callable[[str], str]) -> None:
    """Up to the roll, which must not have the other name: nothing is sent."""
    town.device("voter-copying")
    path = town.directory / "copied"
    first = town.invitations("Franziska")[0].removeprefix("--invitation=")
    path.write_bytes(change(Path(first).read_text()).encode())
    path.write_text(path.read_text().replace("voter Franziska", "voter Frantisek"))
    line = (*town.line("copying", "Ada")[:-2], "--invitation", str(path))
    code, text = town.run("voter-copying", *line)
    assert (code, "the roll of registrar 1 has no such voter" in text) == (1, True), text


# Cards


def test_a_device_that_cheats_is_caught(town: Voters) -> None:
    name, second = town.device("voter-dora"), town.device("voter-second")
    keys, definition = town.record().joint_key, town.record().definition
    line = (*town.line("cheat", "Dora", then="audit")[:-2], "--region", "north")

    def audited(named: str | None, change: dict[str, bytes] | None = None) -> tuple[int, str]:
        text = town.done(name, *line, answers="1\n")
        (file,) = (town.out / "cheat").iterdir()
        opened = opening.read_cards(definition, keys.election_hash, file.read_bytes())
        shown = [line.split(maxsplit=1)[1] for line in text.splitlines() if line.startswith(("  1", "  2"))]
        other = next(one for one in shown if one != said(text, "counts"))
        if named is not None:
            other = next(
                f"{named} {animal}" for animal in ("owl", "newt") if f"{named} {animal}" not in shown
            )
        answers = f"agile owl\n{' '.join(other.upper().split())} \n"  # a slip is asked again
        assert "three words" in town.done(
            second, "audit", "record", said(text, "commitment"), answers=answers
        )
        file.write_bytes(opening.write_cards(keys.election_hash, replace(opened, **change or {})))
        result = town.run(second, "audit", "check", str(file))
        file.unlink()
        return result

    # Another card weighs one than the device says, openly, then behind a wrong opening; or a third card.
    assert "not exactly the named card" in audited(None)[1]
    for weights in (b"\0\1", b"\1\0", b"\1\1", b"\0\0"):
        code, text = audited(None, {"weights": weights})
        assert (code, "audit failed through device" in text) == (1, True)
    assert "commitment is to other cards" in audited(None, {"nonce": bytes(32)})[1]
    assert "0 cards are called" in audited("agile azure")[1]
    assert Memory(town.keys(name)).asking is None  # no token was asked for


def test_a_device_forgets_what_it_has_enrolled(town: Voters) -> None:
    name = town.device("voter-blaise")
    line = town.line(name, "Blaise", cards=4)
    late = town.device("voter-dora")
    lost = town.line(late, "Dora")
    for device, args in ((name, line), (late, lost)):
        town.waits(device, *args)
    town.rounds(times=1)
    town.waits(late, *lost, answers="1\n")
    town.waits(name, *line, answers="3\n")
    asking = Memory(town.keys(name)).asking
    assert asking is not None
    draft = asking.draft
    secret = [draft.nonce, draft.randomness[:32], *(one.blinds[:32] for one in asking.asked)]
    assert all(one in town.remembers(name) for one in secret)  # until all responses are in
    town.rounds(times=2)
    town.waits(name, *line)
    assert not [one for one in secret if one in town.remembers(name)]
    town.waits(late, *lost)
    for message in Memory(town.keys(late)).made.messages[1]:
        Post(town.home("registrar-2") / "post").withdraw(sha256(message).hexdigest())  # its disk loses them
    town.rounds(times=1)
    text = town.done(name, *line)
    assert "0 of 4 cards are in the log" in text
    cards = cards_in(town.out / name)
    assert all(card.secret in town.remembers(name) for card in cards)  # until the log has them
    assert len({len(path.read_bytes()) for path in (town.out / name).rglob("receipt-*")}) == 1
    town.enrolled("voter-carl", "Carl")
    town.shut()
    assert "all cards are in the log" in town.done(name, *line)
    kept = town.remembers(name)
    assert not [one for card in cards for one in (card.secret, card.key, card.words.encode()) if one in kept]
    assert "enrolment in this region is over" in town.run(name, *line)[1]
    code, text = town.run(late, *lost)
    assert (code, "closed at" in text, "; registrar 2 (" in text) == (1, True, True), text
    assert "A card that is not in the log cannot vote." in text


# Ballots


@pytest.fixture(scope="module")
def voting(tmp_path_factory: pytest.TempPathFactory) -> Voters:
    """Three voters with their cards. The first day is open."""
    one = Voters(tmp_path_factory.mktemp("voting"))
    one.begin()
    for name, voter in (("voter-ada", "Ada"), ("voter-blaise", "Blaise"), ("voter-carl", "Carl")):
        one.enrolled(name, voter)
    code, text = one.vote("voter-ada", counting(one, "voter-ada"), "yes")
    assert (code, "registrar" in text) == (3, True), text
    one.shut()
    code, text = one.vote("voter-ada", counting(one, "voter-ada"), "yes")
    assert (code, "waits for the board: day 1 of north opens" in text) == (3, True)
    one.publish(DAY_1[0])
    return one


def counting(town: Voters, name: str, place: int = 0) -> Path:
    """The file of a card of a voter, in the order shown: the first counts."""
    cards = {Card.scan(p.read_text().split("\n")[0]).key: p for p in (town.out / name).glob("*.txt")}
    return cards[sorted(cards)[place]]


def test_ballots_are_challenged_then_cast(voting: Voters) -> None:
    name, second = "voter-ada", voting.device("voter-second")
    card = counting(voting, name)
    code, text = voting.vote(name, card, "yes", "challenge")
    tracker = said(text, "tracker")
    assert (code, said(text, "choice")) == (0, "Shall the city build the harbour? Yes")
    assert (
        "this is the code of a commitment"
        in voting.run(second, "challenge", "record", f"PSEPHOS-C-{tracker.upper()}")[1]
    )
    voting.done(second, "challenge", "record", f" psephos-b-{tracker} ")
    file = voting.out / f"opening-{tracker[:16]}"
    text = voting.done(second, "challenge", "check", str(file))
    assert said(text, "choice") == "Shall the city build the harbour? Yes"
    assert "nothing is noted" in voting.run(second, "challenge", "check", str(file))[1]

    # A device that opens other choices than it has encrypted.
    election = voting.record().joint_key.election_hash
    lie = replace(opening.read_ballot(election, file.read_bytes()), choices=(1,))
    file.write_bytes(opening.write_ballot(election, lie))
    voting.done(second, "challenge", "record", tracker)
    code, text = voting.run(second, "challenge", "check", str(file))
    assert (code, "does not hold the choices shown" in text) == (1, True)

    for _ in range(2):
        code, text = voting.vote(name, card, "yes")
        assert (code, "waits for the board" in text) == (3, True)
    voting.publish(DAY_1[0] + 1)
    code, text = voting.vote(name, card, "yes")
    assert code == 0
    promise = Path(said(text, "promise").split(":")[0])
    assert tracker not in promise.name
    receipt = voting.out / "receipt"
    line = ("check", "--promise", str(promise), "--receipt", str(receipt))
    for _ in range(2):
        text = voting.done(name, *line)
    assert "seen by 2 witnesses" in text
    assert said(text, "promise") == "kept"
    pin = str(voting.home("organiser") / "pin.json")
    assert main(["receipt", "verify", str(receipt), "--pin", pin]) == 0

    # The promise is lost: the tracker is enough.
    promise.unlink()
    shown = said(text, "tracker").upper()
    again = ("check", "--tracker", f"{shown[:32]} {shown[32:]}", "--receipt", str(receipt))
    assert "recorded" in voting.done(name, *again)
    assert "no such ballot" in voting.run(name, "check", "--tracker", tracker)[1]


def test_a_coerced_voter_hands_cards_over(voting: Voters) -> None:
    # The coercer votes with a decoy from an own device, by the words alone, and sees it recorded.
    coercer = voting.device("voter-coercer")
    decoy = counting(voting, "voter-ada", 1)
    words = voting.directory / "words"
    words.write_text(decoy.read_text().split("\n")[1] + "\n")
    voting.vote(coercer, words, "no")
    voting.publish(DAY_1[0] + 2)
    code, text = voting.vote(coercer, words, "no")
    assert code == 0
    promise = said(text, "promise").split(":")[0]
    kept = voting.done(coercer, "check", "--promise", promise, "--receipt", str(voting.out / "coerced"))
    assert "seen by 2 witnesses" in kept
    spelt = words.read_text().split()
    words.write_text(" ".join(["zoology", *spelt[1:]]))
    code, text = voting.vote(coercer, words, "no")
    assert (code, "not in the list of words: 1 of 12" in text, "zoo" in text) == (2, True, False)
    words.write_text(" ".join(spelt[:11]))
    assert "these are 11" in voting.vote(coercer, words, "no")[1]
    typed = f"{' '.join(spelt[:6])}\n{', '.join(spelt[6:])}.\n"  # as it stands on a card, in two lines
    flags = ("--choice", "harbour=no", "--then", "challenge", "--out", str(voting.out))
    text = voting.done(coercer, "vote", *flags, answers=typed)
    assert "give it to the second device" in text


def test_a_serial_that_another_device_used_gives_the_next(voting: Voters) -> None:
    first, other = "voter-blaise", voting.device("voter-tablet")
    card = counting(voting, first)
    for name in (first, other):
        assert voting.vote(name, card, "no")[0] == 3
    voting.publish(DAY_1[0] + 3)
    outcomes = {name: voting.vote(name, card, "no") for name in (first, other)}
    assert sorted(code for code, _ in outcomes.values()) == [0, 3]
    (late,) = [name for name, (code, _) in outcomes.items() if code == 3]
    assert "serial 1 of this card was used already, up to 1" in outcomes[late][1]
    assert "serial 2" in outcomes[late][1]
    voting.publish(DAY_1[0] + 4)
    assert voting.vote(late, card, "no")[0] == 0

    # To vote again is to vote: the log is asked for the serials used today.
    code, text = voting.vote(first, card, "blank")
    assert (code, "serial 3" in text, said(text, "choice").endswith(" blank")) == (3, True, True)
    voting.publish(DAY_1[0] + 5)
    assert voting.vote(first, card, "blank")[0] == 0


def test_interrupted_devices_go_on(voting: Voters) -> None:
    card = counting(voting, "voter-carl")
    voting.kills = 1
    try:
        voting.vote("voter-carl", card, "no")
        voting.publish(DAY_1[0] + 6)
        code, _ = voting.vote("voter-carl", card, "no")
    finally:
        voting.kills = 0
    assert code in (0, 3)
    voting.publish(DAY_1[0] + 7)
    if code:
        assert voting.vote("voter-carl", card, "no")[0] == 0
    assert voting.record().void == []


def test_choices_and_cards_that_are_none_are_refused(voting: Voters) -> None:
    card = counting(voting, "voter-ada", 1)
    for choice, about in (("maybe", "are yes, no"), ("", "are yes, no")):
        code, text = voting.vote("voter-ada", card, choice)
        assert (code, about in text) == (2, True)
    bad = voting.directory / "bad"
    text = card.read_text()
    others = counting(voting, "voter-ada").read_text().split("\n")[1]
    bad.write_text(text.split("\n")[0] + f"\n{others}\n")  # the code of one card with the words of another
    code, said_ = voting.vote("voter-ada", bad, "yes")
    assert (code, others in said_) == (2, False)


def test_a_broken_promise_is_found(voting: Voters) -> None:
    record = voting.record()
    seed = voting.keys("board").read("signing")
    assert seed
    key = SigningKey(seed)

    def promise(deadline: int, by: SigningKey = key) -> Path:
        payload = Promise(bytes(32), leaf_hash(b"never logged"), 0, 1, deadline)
        path = voting.directory / "promised"
        path.write_bytes(encode(payload, record.joint_key.election_hash, by.public.raw, by.sign))
        return path

    line = ("check", "--promise")
    assert "waits for the board" in voting.waits("voter-ada", *line, str(promise(DAY_1[1])))
    code, text = voting.run("voter-ada", *line, str(promise(1_000_000_000)))
    assert (code, "promise broken" in text) == (1, True)
    assert voting.run("voter-ada", *line, str(promise(DAY_1[1], SigningKey(bytes(32)))))[0] == 2


def test_what_counts_is_what_the_counting_cards_say(voting: Voters) -> None:
    """Last, as it ends the vote: Ada yes, Blaise blank, Carl no; not what the coercer saw recorded."""
    for at in (DAY_1[1], DAY_2[0], DAY_2[1]):
        voting.publish(at)
    assert "voting in north is over" in voting.vote("voter-ada", counting(voting, "voter-ada"), "no")[1]
    for command in ("weigh", "weigh", "close", "release", "release"):
        for trustee in ("trustee-1", "trustee-2"):
            voting.run(trustee, command, "--timeout", "0")
            voting.publish(DAY_2[1] + 1)
    record = voting.record()
    assert record.phase == "counted"
    assert b'"votes":{"no":1,"yes":1}' in record.result_document()
    assert b'"blank":1' in record.result_document()


def test_devices_leave_nothing_at_the_posts(voting: Voters) -> None:
    for party in ("registrar-1", "registrar-2", "board"):
        assert list(Post(voting.home(party) / "post").waiting()) == []
