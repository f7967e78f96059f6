"""Openings go from device to device in one encoding."""

from __future__ import annotations

from dataclasses import replace

import pytest

from psephos.errors import FormatError
from psephos.protocol.enrolment.audit import check_cards_opening, open_cards
from psephos.protocol.entries import LONGEST, encode
from psephos.protocol.voting import opening
from psephos.protocol.voting.vote import ChallengedBallot, check_ballot_opening, open_ballot
from psephos.voter.booth import Booth
from psephos.voter.card import save
from tests.protocol.enrolling import ELECTION, Referendum


@pytest.fixture
def referendum() -> Referendum:
    return Referendum()


@pytest.fixture
def draft(referendum):
    return referendum.draft(3)


def test_opened_cards_come_back(referendum, draft) -> None:
    definition, election, _ = referendum.context
    opened = open_cards(referendum.setting, draft)
    data = opening.write_cards(election, opened)
    assert opening.read_cards(definition, election, data) == opened
    check_cards_opening(referendum.setting, opened, draft.commitment, draft.counting)


def test_an_opened_ballot_comes_back(referendum, draft) -> None:
    cards = save(ELECTION, [draft])[0][:1]
    [ballot] = Booth(*referendum.context).prepare(cards, 1, [(1, None)], referendum.seed())
    opened = open_ballot(ballot)
    found = opening.read_ballot(ELECTION, opening.write_ballot(ELECTION, opened))
    assert found == ChallengedBallot(opened.body, (1, None), opened.randomness)
    check_ballot_opening(*referendum.context, found, ballot.hash)


def test_the_longest_ballot_fits_an_opening(referendum) -> None:
    long = ChallengedBallot(bytes(LONGEST), (None,) * 100, bytes(32 * 350))
    assert opening.read_ballot(ELECTION, opening.write_ballot(ELECTION, long)) == long


@pytest.mark.parametrize(
    "change",
    [
        {"weights": b""},
        {"weights": b"\0\0"},
        {"weights": b"\0\1\2"},
        {"secrets": bytes(16)},
        {"randomness": bytes(97)},
        {"pairs": bytes(96)},
    ],
    ids=str,
)
def test_columns_of_other_lengths_are_refused(referendum, draft, change) -> None:
    definition, election, _ = referendum.context
    bad = opening.write_cards(election, replace(open_cards(referendum.setting, draft), **change))
    with pytest.raises(FormatError, match="cards-opening"):
        opening.read_cards(definition, election, bad)


def test_openings_of_others_are_refused(referendum, draft) -> None:
    definition, election, _ = referendum.context
    opened, key = open_cards(referendum.setting, draft), referendum.keys.board
    signed = encode(opened, election, key.public.raw, key.sign)
    for bad in (signed, opening.write_cards(bytes(32), opened), signed[:-1]):
        with pytest.raises(FormatError):
            opening.read_cards(definition, election, bad)
    with pytest.raises(FormatError, match="no ballot-opening"):
        opening.read_ballot(election, opening.write_cards(election, opened))
    ballot = opening.write_ballot(election, ChallengedBallot(b"body", (0,), bytes(33)))
    with pytest.raises(FormatError, match="cut short"):
        opening.read_ballot(election, ballot)
