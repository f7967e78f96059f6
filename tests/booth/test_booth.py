"""The browser's cryptography: its own tests pass, and Rust and it accept what the other made."""

from __future__ import annotations

import subprocess
from array import array
from dataclasses import replace
from hashlib import sha256

import pytest

from psephos.crypto.ballot import check_ballots, parse_ballots
from psephos.log.merkle import leaf_hash
from psephos.protocol.enrolment.audit import check_cards_opening, open_cards
from psephos.protocol.enrolment.invitation import Invitation
from psephos.protocol.entries import Promise, Ready, Refusal, TokenReceipt, decode, encode
from psephos.protocol.voting import opening, vote
from psephos.simulation.definitions import token_publics
from psephos.voter.booth import Booth
from psephos.voter.card import Card, save
from tests.booth.conftest import Refused
from tests.protocol.enrolling import Referendum

pytestmark = pytest.mark.needs("node")

SEAL = 1_900_036_000


class Home:
    """A voter of region 0 of two registrars whose device is the booth, before anything is asked."""

    def __init__(self, device, **shape) -> None:
        self.referendum = Referendum(**shape)
        self.device = device
        setting, keys = self.referendum.setting, self.referendum.keys
        self.definition, self.election = setting.definition, setting.election
        regions, decoys = len(self.definition.regions), self.definition.decoys
        tokens = [token_publics(keys, number, regions, decoys).hex() for number in setting.registrars]
        document = self.definition.document
        device("begin", document=document, election=self.election, joint=setting.key, tokens=tokens)
        self.invitations = [
            Invitation(self.definition.hash, number, self.definition.regions[0].id, one).encode("").decode()
            for number, one in self.referendum.openings().items()
        ]

    def answers(self, name: str, messages: list[str]) -> list[str]:
        """What each registrar says to a message."""
        registrars = self.referendum.registrars.values()
        return [
            getattr(registrar, name)(bytes.fromhex(message)).hex()
            for registrar, message in zip(registrars, messages, strict=True)
        ]

    def cards(self, cards: int = 2, counts: int = 0) -> dict:
        return self.device("cards", region=0, cards=cards, counts=counts)

    def ask(self) -> list[str]:
        """The token requests, once all registrars are ready."""
        messages = self.device("ready", invitations=self.invitations)["messages"]
        assert {len(message) for message in messages} == {2 * 2048}
        assert self.device("waits", answers=self.answers("ready", messages)) == [60, 60]
        messages = self.device("ask")["messages"]
        assert {len(message) for message in messages} == {2 * 2048}
        return messages

    def make(self) -> list[str]:
        """The admissions to all registrars, those to one after the other."""
        self.device("finish", responses=self.answers("give", self.ask()))
        return self.device("make")["messages"]

    def admit(self, messages: list[str]) -> list[str]:
        half = len(messages) // 2
        first, second = self.referendum.registrars.values()
        mine = [first.admit(bytes.fromhex(one)).hex() for one in messages[:half]]
        return mine + [second.admit(bytes.fromhex(one)).hex() for one in messages[half:]]


@pytest.fixture
def home(device):
    return Home(device)


@pytest.fixture
def plain(device):
    return Home(device, decoys=0)


def context(home) -> tuple:
    """Definition, election hash and joint key, as voting asks for them."""
    return home.definition, home.election, home.referendum.setting.key


def faults(referendum, entries) -> list[object]:
    """What the core finds wrong with ballots."""
    definition, election, key = (
        referendum.definition,
        referendum.setting.election,
        referendum.setting.key,
    )
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


@pytest.mark.parametrize(("cards", "counts"), [(1, 0), (2, 1), (5, 4)])
def test_all_registrars_admit_its_cards(home, cards, counts) -> None:
    home.cards(cards, counts)
    messages = home.make()
    assert len(messages) == 2 * cards
    assert len({len(message) for message in messages}) == 1
    keys = [decode(bytes.fromhex(message), message=True).author for message in messages]
    assert keys[:cards] == keys[cards:] == sorted(keys[:cards])  # whichever counts
    for number, (message, answer) in enumerate(zip(messages, home.admit(messages), strict=True)):
        home.device("receipt", registrar=1 + number // cards, message=message, answer=answer)


def test_the_order_of_what_it_asks_for_does_not_tell_its_cards(home) -> None:
    """Of as many elements as everybody sends none comes twice, at no registrar."""
    home.cards(3, 2)
    payloads = [decode(bytes.fromhex(one), message=True).payload for one in home.ask()]
    elements = [one.voter_blinded for one in payloads]
    for one in payloads:
        assert len(one.decoys) == 32 * home.definition.decoys
        elements += [one.decoys[at : at + 32] for at in range(0, len(one.decoys), 32)]
    assert len(set(elements)) == len(elements)


def test_what_was_made_is_forgotten(home) -> None:
    home.cards(3, 1)
    home.make()
    with pytest.raises(Refused, match="FormatError"):
        home.device("make")


@pytest.mark.parametrize("name", ["voter_evaluated", "decoys", "voter_proof", "decoy_proof", "receipt"])
def test_nothing_of_any_response_is_used_while_a_proof_fails(home, name) -> None:
    home.cards(2, 0)
    answers = home.answers("give", home.ask())
    right = decode(bytes.fromhex(answers[1]), message=True).payload
    registrar = home.referendum.registrars[2]
    changed = {
        "voter_evaluated": right.decoys[:32],
        "decoys": right.decoys[32:64] + right.decoys[:32] + right.decoys[64:],
        "voter_proof": right.decoy_proof,
        "decoy_proof": right.voter_proof,
        "receipt": registrar.write(TokenReceipt(0, bytes(32))),
    }
    wrong = registrar.write(replace(right, **{name: changed[name]})).hex()
    with pytest.raises(Refused, match="VerificationError"):
        home.device("finish", responses=[answers[0], wrong])
    with pytest.raises(Refused):
        home.device("make")
    home.device("finish", responses=answers)  # the same request has the same response
    assert len(home.device("make")["messages"]) == 4


def test_cards_that_were_audited_hold_what_was_said_and_are_never_enrolled(home) -> None:
    made = home.cards(3, 1)
    data = bytes.fromhex(home.device("audit")["opening"])
    shown = opening.read_cards(home.definition, home.election, data)
    named = Card.scan(made["cards"][1]["text"]).key
    check_cards_opening(home.referendum.setting, shown, bytes.fromhex(made["commitment"]), named)
    with pytest.raises(Refused, match="PhaseError"):
        home.ask()
    home.cards(2, 0)
    home.make()


def test_a_refusal_is_handed_on(home) -> None:
    registrar = home.referendum.registrars[1]
    home.cards(2, 0)
    messages = home.device("ready", invitations=home.invitations)["messages"]
    answers = home.answers("ready", messages)
    refusal = registrar.refuse(bytes.fromhex(messages[0]), "issued").hex()
    with pytest.raises(Refused, match="Refused"):
        home.device("waits", answers=[refusal, answers[1]])
    with pytest.raises(Refused, match="VerificationError"):
        home.device("waits", answers=[answers[1], answers[0]])
    ready = decode(bytes.fromhex(answers[0]), message=True).payload
    assert isinstance(ready, Ready)
    late = registrar.write(replace(ready, wait=601)).hex()
    with pytest.raises(Refused, match="would take 601 seconds"):
        home.device("waits", answers=[late, answers[1]])
    admissions = home.make()
    answer = registrar.refuse(bytes.fromhex(admissions[0]), "refused")
    assert isinstance(decode(answer, message=True).payload, Refusal)
    with pytest.raises(Refused, match="Refused"):
        home.device("receipt", registrar=1, message=admissions[0], answer=answer)
    other = home.admit(admissions)[1]
    with pytest.raises(Refused, match="VerificationError"):
        home.device("receipt", registrar=1, message=admissions[0], answer=other)


def test_without_decoys_a_voter_has_one_card(plain) -> None:
    [card] = plain.cards(1, 0)["cards"]
    messages = plain.make()
    for number, answer in enumerate(plain.admit(messages)):
        plain.device("receipt", registrar=1 + number, message=messages[number], answer=answer)
    plain.device("prepare", text=card["text"], day=1, serial=1, choices=[0, 2])
    assert not faults(plain.referendum, [bytes.fromhex(plain.device("cast")["entry"])])


def test_more_cards_than_anybody_may_have_are_not_made(home, plain) -> None:
    for one, cards in ((home, 6), (plain, 2)):
        with pytest.raises(Refused):
            one.cards(cards, 0)


def test_it_audits_the_cards_of_others(home) -> None:
    setting = home.referendum.setting
    draft = home.referendum.draft(cards=3)
    data = opening.write_cards(home.election, open_cards(setting, draft))
    names = {card.key: card.face.name for card in save(home.election, [draft])[0]}
    named = names[draft.counting]
    found = home.device("checkCards", opening=data, commitment=draft.commitment, named=named)
    assert sorted(found) == sorted([name, key == draft.counting] for key, name in names.items())
    other = next(name for key, name in names.items() if key != draft.counting)
    for inputs in (
        {"commitment": draft.commitment, "named": other},
        {"commitment": bytes(32), "named": named},
    ):
        with pytest.raises(Refused, match="VerificationError"):
            home.device("checkCards", opening=data, **inputs)


# Voting


@pytest.mark.parametrize("choices", [[0, None], [None, 2], [1, 0]], ids=str)
def test_the_core_accepts_its_ballots(home, choices) -> None:
    first, second = home.cards(2, 1)["cards"]
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
    [card, _] = home.cards(2, 1)["cards"]
    digest = home.device("prepare", text=card["text"], day=1, serial=1, choices=[1, None])["hash"]
    data = bytes.fromhex(home.device("challenge")["opening"])
    shown = opening.read_ballot(home.election, data)
    assert shown.choices == (1, None)
    vote.check_ballot_opening(*context(home), shown, bytes.fromhex(digest))
    with pytest.raises(Refused, match="PhaseError"):
        home.device("cast")


def test_it_checks_the_challenged_ballots_of_others(home) -> None:
    card = Card.derive(home.election, 0, bytes(16))
    [draft] = Booth(*context(home)).prepare([card], 1, [(1, None)], home.referendum.seed())
    honest = vote.open_ballot(draft)
    data = opening.write_ballot(home.election, honest)
    assert home.device("checkBallot", opening=data, hash=draft.hash) == [1, None]
    lying = opening.write_ballot(home.election, replace(honest, choices=(0, None)))
    for wrong, digest in ((lying, draft.hash), (data, bytes(32))):
        with pytest.raises(Refused, match="VerificationError"):
            home.device("checkBallot", opening=wrong, hash=digest)


def test_it_believes_the_boards_promise_and_no_other(home) -> None:
    [card, _] = home.cards(2, 1)["cards"]
    home.device("prepare", text=card["text"], day=1, serial=1, choices=[0, 0])
    entry = bytes.fromhex(home.device("cast")["entry"])
    digest = sha256(bytes([entry[0] - 1]) + entry[1:-66]).digest()
    right = Promise(digest, leaf_hash(entry), 0, 1, SEAL)
    keys, election = home.referendum.keys, home.election

    def signed(promise: Promise, by=keys.board) -> bytes:
        return encode(promise, election, by.public.raw, by.sign)

    assert home.device("promise", answer=signed(right), seal=SEAL) == SEAL
    wrong = [
        replace(right, **change)
        for change in ({"ballot": bytes(32)}, {"leaf": bytes(32)}, {"day": 2}, {"deadline": SEAL + 1})
    ]
    for answer in [*map(signed, wrong), signed(right, keys.registrars[0])]:
        with pytest.raises(Refused, match="VerificationError"):
            home.device("promise", answer=answer, seal=SEAL)
