"""Openings go from device to device in one encoding, and hold no token."""

from __future__ import annotations

from dataclasses import replace

import pytest

from psephos.errors import FormatError
from psephos.protocol.enrolment.audit import check_group_opening, open_group
from psephos.protocol.entry import LONGEST, encode
from psephos.protocol.voting import opening
from psephos.protocol.voting.vote import BallotOpening, check_ballot_opening, open_ballot
from psephos.voter.booth import Booth
from psephos.voter.card import save
from tests.protocol.enrolling import Referendum


@pytest.fixture
def referendum() -> Referendum:
    return Referendum()


@pytest.fixture
def draft(referendum, tmp_path):
    voters = referendum.openings(1)
    with referendum.registrar(tmp_path / "registrar", [voters]) as registrar:
        [[token]] = referendum.tokens(registrar, 0, voters)
    return referendum.drafts([token], cards=3)[0]


def test_an_opened_group_comes_back_and_holds_no_token(referendum, draft) -> None:
    definition, election, key = referendum.context
    opened = open_group(definition, draft)
    data = opening.write_group(election, opened)
    assert opening.read_group(definition, election, data) == opened
    assert draft.token.secret not in data
    assert draft.token.output not in data
    check_group_opening(definition, election, key, opened, draft.commitment, draft.counting)


def test_an_opened_ballot_comes_back(referendum, draft) -> None:
    cards = save(referendum.election, [draft])[0][:1]
    [ballot] = Booth(*referendum.context).prepare(cards, 1, [(1, None)], referendum.seed())
    opened = open_ballot(ballot)
    found = opening.read_ballot(referendum.election, opening.write_ballot(referendum.election, opened))
    assert found == BallotOpening(opened.body, (1, None), opened.randomness)
    check_ballot_opening(*referendum.context, found, ballot.hash)


def test_the_longest_ballot_fits_an_opening(referendum) -> None:
    long = BallotOpening(bytes(LONGEST), (None,) * 100, bytes(32 * 350))
    assert opening.read_ballot(referendum.election, opening.write_ballot(referendum.election, long)) == long


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
    bad = opening.write_group(election, replace(open_group(definition, draft), **change))
    with pytest.raises(FormatError, match="group-opening"):
        opening.read_group(definition, election, bad)


def test_openings_of_others_are_refused(referendum, draft) -> None:
    definition, election, _ = referendum.context
    opened, key = open_group(definition, draft), referendum.keys.board
    signed = encode(opened, election, key.public.raw, key.sign)
    for bad in (signed, opening.write_group(bytes(32), opened), signed[:-1]):
        with pytest.raises(FormatError):
            opening.read_group(definition, election, bad)
    with pytest.raises(FormatError, match="no ballot-opening"):
        opening.read_ballot(election, opening.write_group(election, opened))
    ballot = opening.write_ballot(election, BallotOpening(b"body", (0,), bytes(33)))
    with pytest.raises(FormatError, match="cut short"):
        opening.read_ballot(election, ballot)
