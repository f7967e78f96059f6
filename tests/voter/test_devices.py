"""A voter's devices: cards kept apart, receipts and promises checked, ballots challenged or cast."""

from __future__ import annotations

import random
from array import array
from dataclasses import replace
from hashlib import sha256
from types import SimpleNamespace

import pytest

from psephos.crypto.ballot import check_ballots, parse_ballots
from psephos.crypto.column import rows
from psephos.errors import FormatError, PhaseError, VerificationError
from psephos.log.merkle import leaf_hash
from psephos.protocol.enrolment.audit import open_cards
from psephos.protocol.enrolment.card_face import face
from psephos.protocol.entries import Ballot, Promise, Refusal, decode, encode
from psephos.protocol.voting import vote
from psephos.protocol.voting.vote import check_ballot_opening, open_ballot
from psephos.voter.booth import Booth
from psephos.voter.card import Card, save
from psephos.voter.companion import Companion, EnrolledKeys
from psephos.voter.enrolment import plan, propose
from psephos.voter.promise import check_promise
from tests.protocol.enrolling import ELECTION, Referendum

SEAL = 1_900_036_000


class Home:
    """Two voters of region 0 and their cards."""

    def __init__(self) -> None:
        self.referendum = Referendum()
        self.drafts = [self.referendum.draft(3) for _ in range(2)]

    def cards(self) -> list[list[Card]]:
        return save(ELECTION, self.drafts)


@pytest.fixture
def home() -> Home:
    return Home()


@pytest.fixture
def booth(home) -> Booth:
    return Booth(*home.referendum.context)


def valid(home, entries) -> bool:
    """Whether ballots are well formed, signed and proven."""
    definition, election, key = home.referendum.context
    styles = [region.style.shape for region in definition.regions]
    lengths = array("I", map(len, entries)).tobytes()
    status, *_ = parse_ballots(b"".join(entries), lengths, election, styles)
    return not any(status) and not check_ballots(b"".join(entries), lengths, election, key, styles)


# Cards and the second device


def companion(home, draft, named=None) -> Companion:
    return Companion(home.referendum.setting, draft.commitment, named or face(draft.counting).name)


def test_an_audit_by_name_and_then_other_cards(home) -> None:
    draft, other = home.drafts
    companion(home, draft).audit(open_cards(home.referendum.setting, draft))
    keys = rows(other.keys, 32)
    enrolled = companion(home, other, other.counting.hex()).enrol(keys)
    enrolled.check_cards(home.cards()[1])
    assert enrolled == EnrolledKeys(tuple(keys))
    assert not any("named" in name for name in vars(enrolled))


def test_a_list_of_keys_that_no_device_shows_is_refused(home) -> None:
    [draft, other] = home.drafts
    keys = rows(draft.keys, 32)
    for wrong in (keys[::-1], [keys[0], keys[0]], keys + keys, []):
        with pytest.raises(FormatError):
            companion(home, draft).enrol(wrong)
    with pytest.raises(VerificationError, match="0 cards are called"):
        companion(home, draft).enrol(rows(other.keys, 32))


def test_cards_are_separate_and_show_neither_secret_nor_weight(home) -> None:
    cards = home.cards()
    assert [len(some) for some in cards] == [3, 3]
    for some, draft in zip(cards, home.drafts, strict=True):
        assert b"".join(card.key for card in some) == draft.keys
        assert not any(name in vars(some[0]) for name in ("weight", "counts"))
        for card in some:
            assert repr(card.secret) not in repr(card)


def test_a_card_with_anothers_secret_or_a_missing_one_is_found(home) -> None:
    [[first, second, third], _] = home.cards()
    enrolled = EnrolledKeys(tuple(card.key for card in (first, second, third)))
    with pytest.raises(VerificationError, match="another's"):
        enrolled.check_cards([first, replace(second, secret=first.secret), third])
    for saved in ([first, second], [first, second, third, home.cards()[1][0]]):
        with pytest.raises(VerificationError, match="other cards were saved"):
            enrolled.check_cards(saved)


def test_a_twin_of_the_same_name_is_not_the_card_that_was_shown(home, monkeypatch) -> None:
    """Names are for people, and short: whoever tries long enough has a card of any. Keys decide."""
    draft, (shown, *others), twin = home.drafts[0], home.cards()[0], home.cards()[1][0]
    monkeypatch.setattr("psephos.voter.companion.face", lambda _: SimpleNamespace(name="calm blue heron"))
    with pytest.raises(VerificationError, match="3 cards are called"):
        companion(home, draft, "calm blue heron").enrol(rows(draft.keys, 32))
    enrolled = companion(home, draft, draft.counting.hex()).enrol(rows(draft.keys, 32))
    with pytest.raises(VerificationError, match="other cards were saved"):
        enrolled.check_cards([twin, *others])
    enrolled.check_cards([shown, *others])


def test_a_device_that_names_the_wrong_card_is_found(home) -> None:
    draft = home.drafts[0]
    wrong = next(card.face.name for card in home.cards()[0] if card.key != draft.counting)
    with pytest.raises(VerificationError, match="not exactly the named card"):
        companion(home, draft, wrong).audit(open_cards(home.referendum.setting, draft))


def test_a_device_proposes_from_three_cards_to_as_many_as_decoys(home) -> None:
    definition, rng = home.referendum.definition, random.Random(3)
    assert {propose(definition, rng) for _ in range(200)} == {3, 4}
    assert {propose(Referendum(decoys=9).definition, rng) for _ in range(400)} == set(range(3, 10))
    assert propose(Referendum(decoys=0).definition, rng) == 1
    counting = {plan(home.referendum.setting, 0, rng, 5).counts for _ in range(200)}
    assert counting == set(range(5))
    with pytest.raises(FormatError):
        plan(home.referendum.setting, 0, rng, 3, 3)


# Ballots


def test_every_card_votes_alike_and_votes_again(home, booth) -> None:
    cards = [card for some in home.cards() for card in some]
    choices = [(at % 2, at % 3) for at in range(6)]
    first = booth.cast(
        booth.prepare(cards, 1, choices, home.referendum.seed()), cards, home.referendum.seed()
    )
    again = booth.prepare(cards[:2], 1, [(None, None)] * 2, home.referendum.seed())
    second = booth.cast(again, cards[:2], home.referendum.seed())
    other_day = booth.prepare(cards[:1], 2, [(0, 0)], home.referendum.seed())
    third = booth.cast(other_day, cards[:1], home.referendum.seed())
    assert valid(home, first + second + third)
    found = [decode(entry) for entry in first + second + third]
    assert [(one.payload.day, one.payload.serial) for one in found] == [(1, 1)] * 6 + [(1, 2)] * 2 + [(2, 1)]
    assert [one.author for one in found[:6]] == [card.key for card in cards]
    assert len({len(entry) for entry in first}) == 1


def test_a_card_votes_twenty_times_a_day(home, booth) -> None:
    cards = home.cards()[0][:1]
    booth.note_used(cards[0].key, 1, 19)
    booth.note_used(cards[0].key, 1, 3)
    drafts = booth.prepare(cards, 1, [(0, 0)], home.referendum.seed())
    assert drafts[0].serial == 20
    booth.cast(drafts, cards, home.referendum.seed())
    with pytest.raises(PhaseError, match="20 times"):
        booth.prepare(cards, 1, [(0, 0)], home.referendum.seed())


def test_one_serial_is_never_signed_twice(home, booth) -> None:
    cards = home.cards()[0][:1]
    one, other = (booth.prepare(cards, 1, [(at, at)], home.referendum.seed()) for at in (0, 1))
    booth.cast(one, cards, home.referendum.seed())
    with pytest.raises(PhaseError, match="prepare the ballot again"):
        booth.cast(other, cards, home.referendum.seed())


@pytest.mark.parametrize("choices", [(2, 0), (0, 3), (0,), (0, 0, 0)], ids=str)
def test_choices_that_a_style_does_not_have_are_refused(home, booth, choices) -> None:
    with pytest.raises(FormatError):
        booth.prepare(home.cards()[0][:1], 1, [choices], home.referendum.seed())


def test_ballots_are_prepared_for_different_cards_of_one_region(home, booth) -> None:
    card = home.cards()[0][0]
    for cards in ([card, card], [card, replace(card, key=bytes(32), region=1)], []):
        with pytest.raises(FormatError):
            booth.prepare(cards, 1, [(0, 0)] * len(cards), home.referendum.seed())


def test_a_card_signs_its_own_ballot_alone(home, booth) -> None:
    first, second, _ = home.cards()[0]
    drafts = booth.prepare([first], 1, [(0, 0)], home.referendum.seed())
    with pytest.raises(FormatError):
        booth.cast(drafts, [second], home.referendum.seed())


# Challenges


def test_a_challenged_ballot_shows_its_choices(home, booth) -> None:
    cards = home.cards()[0][:1]
    [draft] = booth.prepare(cards, 1, [(1, None)], home.referendum.seed())
    shown = draft.hash
    opening = open_ballot(draft)
    found = check_ballot_opening(*home.referendum.context, opening, shown)
    assert isinstance(found, Ballot)
    assert (found.region, found.day, found.serial) == (0, 1, 1)
    assert opening.choices == (1, None)


def test_an_opened_ballot_is_never_signed_and_a_signed_one_never_opened(home, booth) -> None:
    cards, seed = home.cards()[0][:2], home.referendum.seed()
    opened, other = booth.prepare(cards, 1, [(0, 0)] * 2, seed)
    open_ballot(opened)
    with pytest.raises(PhaseError, match="opened"):
        booth.cast([other, opened], cards[::-1], seed)
    with pytest.raises(PhaseError, match="opened"):
        vote.sign(ELECTION, [opened], cards[0].secret, seed)
    assert open_ballot(opened).body == opened.body
    [entry] = booth.cast([other], cards[1:], seed)
    with pytest.raises(PhaseError, match="signed"):
        open_ballot(other)
    assert valid(home, [entry])
    # The card itself goes on: its next ballot is another one, under the same serial.
    after = booth.prepare(cards[:1], 1, [(0, 0)], home.referendum.seed())
    assert (after[0].serial, after[0].body != opened.body) == (1, True)
    assert valid(home, booth.cast(after, cards[:1], home.referendum.seed()))


def test_a_challenge_finds_a_device_that_lies(home, booth) -> None:
    cards = home.cards()[0][:2]
    draft, other = booth.prepare(cards, 1, [(0, 0), (1, 0)], home.referendum.seed())
    shown, opening, another = draft.hash, open_ballot(draft), open_ballot(other)
    fewer = opening.body[:5]
    lies = [
        (another, shown),
        (replace(opening, choices=(1, 0)), shown),
        (replace(opening, choices=(None, 0)), shown),
        (replace(opening, choices=(0,)), shown),
        (replace(opening, choices=(0, 70_000)), shown),
        (replace(opening, choices=(-1, 0)), shown),
        (replace(opening, randomness=another.randomness), shown),
        (replace(opening, randomness=opening.randomness[:-32]), shown),
        (replace(opening, body=fewer), sha256(fewer).digest()),
    ]
    for lie, recorded in lies:
        with pytest.raises(VerificationError) as refused:
            check_ballot_opening(*home.referendum.context, lie, recorded)
        assert (refused.value.check, refused.value.culprit) == ("challenge", "device")
    definition, _, key = home.referendum.context
    with pytest.raises(VerificationError, match="referendum"):
        check_ballot_opening(definition, bytes(32), key, opening, shown)


# Promises


def test_promises_are_believed_when_they_are_the_boards_and_in_time(home, booth) -> None:
    cards = home.cards()[0][:2]
    drafts = booth.prepare(cards, 1, [(0, 0)] * 2, home.referendum.seed())
    ballot, other = booth.cast(drafts, cards, home.referendum.seed())
    board, election = home.referendum.keys.board, ELECTION
    promise = Promise(decode(ballot).body_hash, leaf_hash(ballot), 0, 1, SEAL)

    def check(payload, by=board, of=ballot):
        message = encode(payload, election, by.public.raw, by.sign)
        return check_promise(home.referendum.definition, election, of, message, SEAL)

    assert check(promise) == promise
    refusal = Refusal(promise.ballot, "serial", "highest used: 3", b"")
    assert check(refusal) == refusal
    wrong = [
        replace(promise, ballot=bytes(32)),
        replace(promise, leaf=bytes(32)),
        replace(promise, region=1),
        replace(promise, day=2),
        replace(promise, deadline=SEAL + 1),
        replace(refusal, request=bytes(32)),
    ]
    for payload in wrong:
        with pytest.raises(VerificationError):
            check(payload)
    with pytest.raises(VerificationError):
        check(promise, by=home.referendum.keys.registrars[0])
    with pytest.raises(VerificationError):
        check(promise, of=other)
