"""Audit or enrol: what was committed to is opened and thrown away, or enrolled and never opened."""

from __future__ import annotations

import copy
import pickle
from dataclasses import replace

import pytest

from psephos.crypto.column import rows
from psephos.errors import FormatError, VerificationError
from psephos.protocol.enrolment.audit import check_cards_opening, open_cards
from psephos.protocol.enrolment.cards import GroupPlan, commitment, make_drafts
from tests.protocol.enrolling import Referendum


@pytest.fixture
def referendum() -> Referendum:
    return Referendum()


def test_the_chosen_card_counts_whatever_its_key(referendum) -> None:
    for counts in range(5):
        draft = referendum.draft(5, counts)
        opening = open_cards(referendum.setting, draft)
        check_cards_opening(referendum.setting, opening, draft.commitment, draft.counting)
        assert (sum(draft.weights), len(draft.weights)) == (1, 5)
        assert rows(draft.keys, 32) == sorted(rows(draft.keys, 32))


def test_the_commitment_is_to_nonce_and_sorted_pairs(referendum) -> None:
    draft = referendum.draft()
    pairs = b"".join(record[:96] for record in rows(draft.records, 384))
    assert draft.commitment == commitment(draft.nonce, pairs) != commitment(bytes(32), pairs)
    plain = Referendum(decoys=0)
    [one] = [plain.draft(1)]
    assert one.commitment == commitment(one.nonce, one.records[:32])
    check_cards_opening(plain.setting, open_cards(plain.setting, one), one.commitment, one.counting)


@pytest.mark.parametrize(("cards", "counts"), [(0, 0), (6, 0), (3, 3), (0, None)])
def test_cards_for_which_nobody_gets_tokens_are_not_made(referendum, cards, counts) -> None:
    with pytest.raises(FormatError):
        referendum.draft(cards, counts)


def test_cards_are_made_for_one_region_that_there_is(referendum) -> None:
    plans = [GroupPlan(region, referendum.seed(16), 0, referendum.seed()) for region in (0, 1, 2)]
    for wrong in (plans[:2], plans[2:], []):
        with pytest.raises(FormatError):
            make_drafts(referendum.setting, wrong, referendum.seed())


def test_an_audit_finds_a_device_that_lies(referendum) -> None:
    draft, other = referendum.draft(), referendum.draft()
    opening, another = open_cards(referendum.setting, draft), open_cards(referendum.setting, other)
    decoy = next(key for key in rows(draft.keys, 32) if key != draft.counting)
    lies = [
        (another, draft.counting),
        (replace(opening, nonce=bytes(32)), draft.counting),
        (replace(opening, secrets=another.secrets), draft.counting),
        (replace(opening, weights=bytes(3)), draft.counting),
        (replace(opening, weights=opening.weights[1:] + opening.weights[:1]), draft.counting),
        (replace(opening, randomness=another.randomness), draft.counting),
        (replace(opening, randomness=b"\xff" * 96), draft.counting),
        (opening, decoy),
        (opening, bytes(32)),
    ]
    for lie, named in lies:
        with pytest.raises(VerificationError) as refused:
            check_cards_opening(referendum.setting, lie, draft.commitment, named)
        assert (refused.value.check, refused.value.culprit) == ("audit", "device")


def test_a_device_that_makes_two_cards_count_is_found(referendum) -> None:
    plan = GroupPlan(0, referendum.seed(32), 0, referendum.seed())
    [draft] = make_drafts(referendum.setting, [plan], referendum.seed())
    [both] = [replace(open_cards(referendum.setting, draft), weights=b"\1\1")]
    with pytest.raises(VerificationError, match="does not weigh"):
        check_cards_opening(referendum.setting, both, draft.commitment, draft.counting)


def test_a_draft_is_not_copied(referendum) -> None:
    draft = referendum.draft()
    for copied in (copy.copy, copy.deepcopy, pickle.dumps):
        with pytest.raises(TypeError, match="cannot be copied"):
            copied(draft)
    assert repr(draft.secrets) not in repr(draft)
