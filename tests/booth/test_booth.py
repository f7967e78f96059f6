"""The browser's cryptography: its own tests pass, and Rust and it accept what the other made."""

from __future__ import annotations

import subprocess
from array import array
from dataclasses import replace
from hashlib import sha256

import pytest

from psephos.crypto.ballot import check_ballots, parse_ballots
from psephos.log.merkle import leaf_hash
from psephos.protocol.enrolment.audit import check_group_opening, open_group
from psephos.protocol.enrolment.invitation import Invitation
from psephos.protocol.entry import Promise, decode, encode
from psephos.protocol.voting import opening, vote
from psephos.voter.booth import Booth
from psephos.voter.card import Card, save
from tests.booth.conftest import Refused
from tests.protocol.enrolling import Referendum, reasons

pytestmark = pytest.mark.needs("node")

SEAL = 1_900_036_000


class Home:
    """A voter of region 0 whose device is the booth, before anything is asked."""

    def __init__(self, device, path, **shape) -> None:
        self.referendum = Referendum(**shape)
        self.voters = self.referendum.openings(2)
        self.registrar = self.referendum.registrar(path, [self.voters])
        self.device = device
        definition, election, key = self.referendum.context
        device("begin", document=definition.document, election=election, joint=key)
        region = definition.regions[0].id
        self.invitation = Invitation(definition.hash, region, self.voters[0]).encode("Keep it.").decode()

    def tokens(self, decoys: int = 0) -> list[str]:
        request = self.device("ask", invitation=self.invitation, region=0, decoys=decoys)["message"]
        [response] = self.registrar.issue([bytes.fromhex(request)], self.referendum.seed())
        return self.device("finish", response=response)["kinds"]

    def enrol(self) -> int:
        [answer] = self.registrar.enrol([bytes.fromhex(self.device("enrol")["message"])])
        return self.device("receipt", answer=answer)


@pytest.fixture
def home(device, tmp_path):
    made = Home(device, tmp_path / "registrar")
    yield made
    made.registrar.close()


@pytest.fixture
def plain(device, tmp_path):
    made = Home(device, tmp_path / "registrar", cards=1)
    yield made
    made.registrar.close()


def faults(referendum, entries) -> list[object]:
    """What the core finds wrong with ballots."""
    definition, election, key = referendum.context
    styles = [region.style.shape for region in definition.regions]
    lengths = array("I", map(len, entries)).tobytes()
    status, *_ = parse_ballots(b"".join(entries), lengths, election, styles)
    return [one for one in status if one] or check_ballots(b"".join(entries), lengths, election, key, styles)


def test_its_own_tests_pass(booth) -> None:
    done = subprocess.run(["npm", "--silent", "test"], cwd=booth, capture_output=True, text=True, timeout=600)
    assert done.returncode == 0, done.stdout[-5000:] + done.stderr[-5000:]


def test_its_types_fit(booth) -> None:
    subprocess.run(["npm", "--silent", "run", "check"], cwd=booth, check=True, timeout=600)


# Enrolling


def test_the_registrar_enrols_its_groups(home) -> None:
    assert home.tokens(decoys=2) == ["voter", "decoy", "decoy"]
    for token, cards, counts in ((0, 4, 2), (1, 1, None), (2, 3, None)):
        home.device("group", region=0, token=token, cards=cards, counts=counts)
        assert home.enrol() == 1


def test_a_group_that_was_audited_holds_what_was_said_and_is_never_enrolled(home) -> None:
    home.tokens()
    made = home.device("group", region=0, token=0, cards=3, counts=1)
    data = bytes.fromhex(home.device("audit")["opening"])
    shown = opening.read_group(home.referendum.definition, home.referendum.election, data)
    named = Card.scan(made["cards"][1]["text"]).key
    check_group_opening(*home.referendum.context, shown, bytes.fromhex(made["commitment"]), named)
    with pytest.raises(Refused, match="PhaseError"):
        home.device("enrol")
    home.device("group", region=0, token=0, cards=2, counts=0)
    assert home.enrol() == 1


def test_a_refusal_is_handed_on(home) -> None:
    home.tokens()
    home.device("group", region=0, token=0, cards=2, counts=0)
    assert home.enrol() == 1
    home.device("group", region=0, token=0, cards=2, counts=0)
    message = bytes.fromhex(home.device("enrol")["message"])
    answers = home.registrar.enrol([message])
    assert reasons(answers) == ["spent"]
    with pytest.raises(Refused, match="Refused"):
        home.device("receipt", answer=answers[0])


def test_without_decoys_a_voter_has_one_card(plain) -> None:
    assert plain.tokens() == ["voter"]
    [card] = plain.device("group", region=0, token=0, cards=1, counts=0)["cards"]
    assert plain.enrol() == 1
    plain.device("prepare", text=card["text"], day=1, serial=1, choices=[0, 2])
    assert not faults(plain.referendum, [bytes.fromhex(plain.device("cast")["entry"])])


@pytest.mark.parametrize(("cards", "counts"), [(1, 0), (5, 0), (2, None)])
def test_groups_of_other_sizes_are_not_made(home, cards, counts) -> None:
    home.tokens()
    with pytest.raises(Refused, match="FormatError"):
        home.device("group", region=0, token=0, cards=cards, counts=counts)


def test_it_audits_the_groups_of_others(home) -> None:
    [[token]] = home.referendum.tokens(home.registrar, 0, home.voters[:1])
    [draft] = home.referendum.drafts([token], cards=3)
    data = opening.write_group(home.referendum.election, open_group(home.referendum.definition, draft))
    names = {card.key: card.face.name for card in save(home.referendum.election, [draft])[0]}
    named = names[draft.counting]
    found = home.device("checkGroup", opening=data, commitment=draft.commitment, named=named)
    assert sorted(found) == sorted([name, key == draft.counting] for key, name in names.items())
    other = next(name for key, name in names.items() if key != draft.counting)
    for inputs in (
        {"commitment": draft.commitment, "named": other},
        {"commitment": draft.commitment, "named": None},
        {"commitment": bytes(32), "named": named},
    ):
        with pytest.raises(Refused, match="VerificationError"):
            home.device("checkGroup", opening=data, **inputs)


# Voting


@pytest.mark.parametrize("choices", [[0, None], [None, 2], [1, 0]], ids=str)
def test_the_core_accepts_its_ballots(home, choices) -> None:
    home.tokens()
    first, second = home.device("group", region=0, token=0, cards=2, counts=1)["cards"]
    home.device("prepare", text=first["text"], day=1, serial=1, choices=choices)
    entries = [bytes.fromhex(home.device("cast")["entry"])]
    home.device("prepare", words=second["words"], region=0, day=2, serial=20, choices=choices)
    entries.append(bytes.fromhex(home.device("cast")["entry"]))
    assert not faults(home.referendum, entries)
    assert len({len(entry) for entry in entries}) == 1
    found = [(decode(entry).payload.day, decode(entry).payload.serial) for entry in entries]
    assert found == [(1, 1), (2, 20)]
    spoiled = entries[0][:-80] + bytes([entries[0][-80] ^ 1]) + entries[0][-79:]
    assert faults(home.referendum, [spoiled])


def test_a_challenged_ballot_holds_what_was_chosen_and_is_never_cast(home) -> None:
    home.tokens()
    [card, _] = home.device("group", region=0, token=0, cards=2, counts=1)["cards"]
    digest = home.device("prepare", text=card["text"], day=1, serial=1, choices=[1, None])["hash"]
    data = bytes.fromhex(home.device("challenge")["opening"])
    shown = opening.read_ballot(home.referendum.election, data)
    assert shown.choices == (1, None)
    vote.check_ballot_opening(*home.referendum.context, shown, bytes.fromhex(digest))
    with pytest.raises(Refused, match="PhaseError"):
        home.device("cast")


def test_it_checks_the_challenged_ballots_of_others(home) -> None:
    card = Card.derive(home.referendum.election, 0, bytes(16))
    [draft] = Booth(*home.referendum.context).prepare([card], 1, [(1, None)], home.referendum.seed())
    honest = vote.open_ballot(draft)
    data = opening.write_ballot(home.referendum.election, honest)
    assert home.device("checkBallot", opening=data, hash=draft.hash) == [1, None]
    lying = opening.write_ballot(home.referendum.election, replace(honest, choices=(0, None)))
    for wrong, digest in ((lying, draft.hash), (data, bytes(32))):
        with pytest.raises(Refused, match="VerificationError"):
            home.device("checkBallot", opening=wrong, hash=digest)


def test_it_believes_the_boards_promise_and_no_other(home) -> None:
    home.tokens()
    [card, _] = home.device("group", region=0, token=0, cards=2, counts=1)["cards"]
    home.device("prepare", text=card["text"], day=1, serial=1, choices=[0, 0])
    entry = bytes.fromhex(home.device("cast")["entry"])
    digest = sha256(bytes([entry[0] - 1]) + entry[1:-66]).digest()
    right = Promise(digest, leaf_hash(entry), 0, 1, SEAL)
    keys, election = home.referendum.keys, home.referendum.election

    def signed(promise: Promise, by=keys.board) -> bytes:
        return encode(promise, election, by.public.raw, by.sign)

    assert home.device("promise", answer=signed(right), seal=SEAL) == SEAL
    wrong = [
        replace(right, **change)
        for change in ({"ballot": bytes(32)}, {"leaf": bytes(32)}, {"day": 2}, {"deadline": SEAL + 1})
    ]
    for answer in [*map(signed, wrong), signed(right, keys.registrar)]:
        with pytest.raises(Refused, match="VerificationError"):
            home.device("promise", answer=answer, seal=SEAL)
