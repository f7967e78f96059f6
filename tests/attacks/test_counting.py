"""Windows, close, shares, result: what is early, late, twice or wrong has no effect or is fatal."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any
from unittest.mock import patch

import pytest

from psephos.crypto.group import base_multiples, random_scalars
from psephos.crypto.threshold import make_shares
from psephos.errors import PhaseError, VerificationError
from psephos.executor.execution import LOCAL
from psephos.executor.release import release
from psephos.keystore.lock import Lock
from psephos.keystore.store import KeyStore
from psephos.log import checkpoints
from psephos.protocol import entries, multipart
from psephos.protocol.entries import (
    Amend,
    Cancel,
    CheckpointEntry,
    Close,
    Open,
    Payload,
    Result,
    Seal,
    Shares,
    Statement,
)
from psephos.protocol.multipart import Multiparts
from psephos.protocol.proofs import Proofs
from psephos.protocol.setup.areas import Area
from psephos.simulation.adversary import Refusal, fatal, fork, of_type, refused
from psephos.simulation.referendum import Referendum
from psephos.trustee.trustee import Trustee
from tests.attacks.scenes import (
    ATHENS,
    DAYS,
    PIRAEUS,
    YES,
    begun,
    card,
    closable,
    closed,
    counted,
    enrolled,
    over,
    releasing,
    sealed,
    voting,
)

(OPEN_1, SEAL_1), (OPEN_2, SEAL_2) = DAYS


def by(referendum: Referendum, payload: Payload, party: str) -> bytes:
    """An entry by `organiser`, `board`, `registrar 1`, .. or `trustee 1`, .."""
    keys, (role, *index) = referendum.keys, party.split()
    key = getattr(keys, f"{role}s")[int(index[0]) - 1] if index else getattr(keys, role)
    return referendum.write(payload, key)


# -- windows


@pytest.mark.parametrize("scene", [begun, enrolled, voting, sealed, over, closable, closed, counted])
@pytest.mark.parametrize(("payload", "check"), [(Open, "5.1"), (Seal, "5.2")])
@pytest.mark.parametrize("day", [0, 3, 65_537])
@pytest.mark.parametrize("region", [PIRAEUS, ATHENS, 2])
def test_days_that_do_not_exist_are_neither_opened_nor_sealed(
    scene: Callable[[], Referendum], payload: type[Open | Seal], check: str, day: int, region: int
) -> None:
    referendum = scene()
    over = ("1.6", "board") if referendum.record.closed else (check, "board")
    assert refused(referendum, by(referendum, payload(region, day), "board")) == [over]


MISPLACED: dict[str, tuple[Callable[[], Referendum], Payload, Refusal]] = {
    "open before the enrolment": (begun, Open(PIRAEUS, 1), ("5.1", "board")),
    "open twice": (voting, Open(PIRAEUS, 1), ("5.1", "board")),
    "open day 2 while day 1 is open": (voting, Open(PIRAEUS, 2), ("5.1", "board")),
    "open day 2 first": (enrolled, Open(PIRAEUS, 2), ("5.1", "board")),
    "open again what is sealed": (sealed, Open(PIRAEUS, 1), ("5.1", "board")),
    "open after the close": (closed, Open(PIRAEUS, 2), ("1.6", "board")),
    "seal after the close": (closed, Seal(PIRAEUS, 2), ("1.6", "board")),
    "open after the totals": (counted, Open(PIRAEUS, 1), ("1.6", "board")),
    "seal what is not open": (enrolled, Seal(PIRAEUS, 1), ("5.2", "board")),
    "seal twice": (sealed, Seal(PIRAEUS, 1), ("5.2", "board")),
    "seal another day": (voting, Seal(PIRAEUS, 2), ("5.2", "board")),
}


@pytest.mark.parametrize("name", MISPLACED)
def test_a_board_that_opens_or_seals_at_the_wrong_place_changes_nothing(name: str) -> None:
    scene, payload, refusal = MISPLACED[name]
    referendum = scene()
    phase = referendum.record.phase
    assert refused(referendum, by(referendum, payload, "board")) == [refusal]
    assert referendum.record.phase == phase


def certified() -> Referendum:
    """A result that stands."""
    referendum = counted()
    referendum.certify()
    return referendum


def test_nothing_unmakes_a_result_that_stands() -> None:
    """Board, organiser, registrar and trustees together, with everything that ever was fatal."""
    wrong = Close(3, bytes(32), bytes(32))
    whole = certified()
    for entry in (
        b"\x80",
        b"\x89\x01\x11" + bytes(60),
        b"\x8b\x01\x12",
        by(whole, CheckpointEntry(b"no note"), "board"),
        by(whole, CheckpointEntry(whole.cosigned(checkpoints.TreeHead("x.example", 1, bytes(32)))), "board"),
        by(whole, Open(PIRAEUS, 1), "board"),
        by(whole, Result(b"{}"), "organiser"),
        by(whole, Cancel("the wrong side won"), "organiser"),
        whole.logged[of_type(whole, entries.Roll)[0]],
        whole.logged[of_type(whole, entries.Batch)[0]],
        by(whole, wrong, "trustee 1"),
    ):
        referendum = certified()
        referendum.log(entry, by(referendum, wrong, "trustee 2"), entry)
        assert referendum.record.phase == "counted"
        assert referendum.record.result_document() == whole.record.result_document()
        assert referendum.record.void or referendum.record.afterwards


def test_before_the_result_stands_the_board_can_still_end_its_log() -> None:
    """Until a witnessed checkpoint stands behind the totals the board has not finished: a printed limit."""
    referendum = counted()
    assert fatal(referendum, b"\x80") == ("1.4", "board")


def test_opening_far_from_the_plan_is_noticed() -> None:
    referendum = enrolled()
    referendum.now = OPEN_1 + referendum.definition.tolerance + 100
    referendum.checkpoint()
    referendum.open(PIRAEUS, 1)
    (notice,) = referendum.record.notices
    assert (notice.check, "400 s after its plan" in notice.message) == ("5.3", True)


def test_no_day_is_opened_or_sealed_before_its_plan_whatever_the_board_logs() -> None:
    """Not even where it logs no checkpoint until the plan has come, or cancels what it opened."""
    referendum = enrolled()
    early = by(referendum, Open(PIRAEUS, 1), "board")
    assert refused(referendum, early) == [("5.1", "board")]
    referendum.now = OPEN_1 - referendum.definition.tolerance - 1
    referendum.checkpoint()
    assert refused(referendum, early) == [("5.1", "board")]
    referendum.now += 1
    referendum.checkpoint()
    assert refused(referendum, early) == []
    seal = by(referendum, Seal(PIRAEUS, 1), "board")
    assert refused(referendum, seal) == [("5.2", "board")]
    referendum.now = SEAL_1
    referendum.checkpoint()
    assert referendum.record.windows[PIRAEUS].open_day == 1, "a later checkpoint seals nothing"
    assert refused(referendum, seal) == []
    assert not referendum.record.notices


def test_a_late_seal_is_noticed_behind_an_older_checkpoint() -> None:
    """The latest time counts, not the last checkpoint."""
    referendum = enrolled()
    for region in (PIRAEUS, ATHENS):
        referendum.open(region, 1)
    referendum.now = SEAL_1
    old = referendum.note()
    referendum.now += referendum.definition.tolerance + 1
    referendum.checkpoint()
    referendum.log(referendum.write(CheckpointEntry(old), referendum.keys.board))
    referendum.log(by(referendum, Seal(PIRAEUS, 1), "board"))
    assert [notice.check for notice in referendum.record.notices] == ["5.3"]


# -- amend and cancel: 2.3


def amend(**changes: Any) -> Amend:
    return replace(Amend(PIRAEUS, 2, OPEN_2, SEAL_2, "rain"), **changes)


AMENDS: dict[str, tuple[Callable[[], Referendum], Amend]] = {
    "opens earlier": (voting, amend(open=OPEN_2 - 1)),
    "seals earlier": (voting, amend(seal=SEAL_2 - 1)),
    "shrinks from both ends": (voting, amend(open=OPEN_2 + 10, seal=SEAL_2 - 10)),
    "seals before it opens": (voting, amend(open=SEAL_2 + 1)),
    "overlaps the next day": (voting, amend(day=1, open=OPEN_1, seal=OPEN_2 + 1)),
    "opens later though open": (voting, amend(day=1, open=OPEN_1 + 1, seal=SEAL_1)),
    "day 0": (voting, amend(day=0)),
    "no such day": (voting, amend(day=3)),
    "no such region": (voting, amend(region=2)),
    "a sealed day": (sealed, amend(day=1, open=OPEN_1, seal=SEAL_1 + 1)),
    "after the last seal": (over, amend(seal=SEAL_2 + 1)),
    "after the close": (closed, amend(seal=SEAL_2 + 1)),
}


@pytest.mark.parametrize("name", AMENDS)
def test_an_amend_beyond_its_rules_is_void(name: str) -> None:
    scene, payload = AMENDS[name]
    referendum = scene()
    plans = [list(windows.plans) for windows in referendum.record.windows]
    moved = scene is not voting or name in ("overlaps the next day", "opens later though open")
    refusal = ("1.6", "board") if moved else ("2.3", "organiser")
    assert refused(referendum, by(referendum, payload, "organiser")) == [refusal]
    assert [list(windows.plans) for windows in referendum.record.windows] == plans


@pytest.mark.parametrize(
    "payload",
    [amend(seal=SEAL_2 + 9), amend(open=OPEN_2 + 9, seal=SEAL_2 + 9), amend(day=1, open=OPEN_1, seal=OPEN_2)],
)
def test_windows_may_be_extended_and_postponed(payload: Amend) -> None:
    referendum = voting()
    assert refused(referendum, by(referendum, payload, "organiser")) == []
    assert referendum.record.windows[PIRAEUS].plans[payload.day - 1] == (payload.open, payload.seal)


@pytest.mark.parametrize("party", ["board", "registrar 1", "trustee 1"])
@pytest.mark.parametrize("payload", [amend(seal=SEAL_2 + 9), Cancel("we do not like it")])
def test_nobody_but_the_organiser_amends_or_cancels(party: str, payload: Payload) -> None:
    referendum = voting()
    assert refused(referendum, by(referendum, payload, party)) == [("1.5", "board")]
    assert referendum.record.cancelled is None


@pytest.mark.parametrize("scene", [closed, releasing, counted])
def test_a_referendum_is_not_cancelled_once_it_is_closed(scene: Callable[[], Referendum]) -> None:
    """Least of all when its organiser has seen the result."""
    referendum = scene()
    assert refused(referendum, by(referendum, Cancel("the wrong side won"), "organiser")) == [
        ("1.6", "board")
    ]
    assert referendum.record.cancelled is None


def test_nothing_goes_on_after_a_cancel() -> None:
    referendum = sealed()
    referendum.log(by(referendum, Cancel("fire"), "organiser"))
    payload = Cancel("again")
    assert refused(referendum, by(referendum, payload, "organiser")) == [("1.6", "board")]
    assert refused(referendum, by(referendum, Open(PIRAEUS, 2), "board")) == [("1.6", "board")]
    assert refused(referendum, by(referendum, amend(seal=SEAL_2 + 1), "organiser")) == [("1.6", "board")]
    assert refused(referendum, *referendum.weighings(1)) == [("7.1", "board")] * 2
    assert refused(referendum, by(referendum, Statement("why", "en", "rain", b""), "registrar 1")) == []
    assert referendum.record.phase == "cancelled"


# -- close: 8.1 and 8.2


def right(referendum: Referendum) -> Close:
    found = referendum.closing.right
    assert found is not None
    return found


WRONG_CLOSES: dict[str, dict[str, Any]] = {
    "another size": {"size": 3},
    "another root": {"root": bytes(32)},
    "another counting set": {"counting": bytes(32)},
}


@pytest.mark.parametrize("name", WRONG_CLOSES)
def test_a_wrong_close_is_void_and_by_enough_trustees_fatal(name: str) -> None:
    referendum = closable()
    wrong = replace(right(referendum), **WRONG_CLOSES[name])
    assert refused(referendum, by(referendum, wrong, "trustee 1")) == [("8.1", "trustee 1")]
    assert refused(referendum, by(referendum, wrong, "trustee 1")) == [("8.1", "trustee 1")]
    assert not referendum.record.closed
    assert fatal(referendum, by(referendum, wrong, "trustee 2")) == ("8.2", "trustees")


def test_different_wrong_closes_do_not_add_up() -> None:
    referendum = closable()
    for trustee, size in ((1, 3), (2, 4)):
        wrong = replace(right(referendum), size=size)
        assert refused(referendum, by(referendum, wrong, f"trustee {trustee}")) == [
            ("8.1", f"trustee {trustee}")
        ]
    assert not referendum.record.closed


def test_a_wrong_close_stays_fatal_for_whoever_completes_it() -> None:
    """A board that kept out the second signature, which was fatal, keeps out the third too."""
    referendum = closable()
    wrong = replace(right(referendum), counting=bytes(32))
    assert refused(referendum, by(referendum, wrong, "trustee 1")) == [("8.1", "trustee 1")]
    for trustee in (2, 3, 2):
        with pytest.raises(VerificationError) as refusal:
            referendum.record.admit(entries.decode(by(referendum, wrong, f"trustee {trustee}")))
        assert (refusal.value.check, refusal.value.culprit) == ("8.2", "trustees")


def test_one_trustee_does_not_close_twice() -> None:
    referendum = closable()
    close = by(referendum, right(referendum), "trustee 1")
    assert refused(referendum, close, close) == [("8.1", "board")]
    assert not referendum.record.closed
    assert refused(referendum, by(referendum, right(referendum), "trustee 2")) == []
    assert referendum.record.closed
    assert refused(referendum, close) == [("8.1", "board")]


@pytest.mark.parametrize("party", ["organiser", "registrar 1", "board"])
def test_only_trustees_close(party: str) -> None:
    referendum = closable()
    assert refused(referendum, by(referendum, right(referendum), party)) == [("1.5", "board")]


@pytest.mark.parametrize("scene", [voting, sealed, over])
def test_nobody_closes_before_the_close_checkpoint_is_logged(scene: Callable[[], Referendum]) -> None:
    """With the bytes that will be right later: early, and the board's fault, in the same log."""
    later, referendum = closable(), scene()
    culprit = "board" if right(later).size <= len(referendum.logged) else "trustee 1"
    assert refused(referendum, by(referendum, right(later), "trustee 1")) == [("8.1", culprit)]


@pytest.mark.parametrize("scene", [closed, releasing, counted])
def test_the_close_ends_voting_and_weighing(scene: Callable[[], Referendum]) -> None:
    referendum = scene()
    ballot = referendum.ballot(card(referendum), (YES, 1), day=2)
    weighing = referendum.logged[of_type(referendum, entries.Weighing)[0]]
    assert refused(referendum, ballot, weighing) == [("6.2", "board"), ("7.1", "board")]


def test_an_unwitnessed_checkpoint_is_no_close_checkpoint() -> None:
    """One witness of three is no quorum: the entry is void and the close has to wait."""
    referendum = over()
    note = referendum.note(witnesses=(0,))
    assert refused(referendum, by(referendum, entries.CheckpointEntry(note), "board")) == [("1.8", "board")]
    assert referendum.closing.right is None


# -- shares: 9.1 and 9.2


def content_of(referendum: Referendum, trustee: int) -> bytes:
    """What a trustee would release in the referendum that is closed, witnessed or not."""
    assert referendum.record.count is not None
    return release(LOCAL, referendum.record.count, trustee, referendum.secrets[trustee].share, bytes)[1]


def shares(referendum: Referendum, content: bytes, author: int, stage: int = 1) -> list[bytes]:
    closing = Shares(stage, multipart.digest(content))
    return referendum.bundle(content, closing, referendum.keys.trustees[author - 1])


@pytest.mark.parametrize("scene", [sealed, over, closable, closed])
def test_shares_before_a_witnessed_close_are_void(scene: Callable[[], Referendum]) -> None:
    """The right shares, had their trustee only waited for witnesses to see the close."""
    content, referendum = content_of(releasing(), 1), scene()
    assert refused(referendum, *shares(referendum, content, 1)) == [("9.1", "board")]
    assert referendum.record.count is None or referendum.record.count.shares[1] == {}


def test_a_checkpoint_before_the_close_does_not_release() -> None:
    """A witnessed checkpoint whose size does not reach the last close, logged after it."""
    referendum = closed()
    assert referendum.closing.closed is not None
    note = referendum.note(size=referendum.closing.closed)
    assert refused(referendum, by(referendum, entries.CheckpointEntry(note), "board")) == []
    found = refused(referendum, *shares(referendum, content_of(referendum, 1), 1))
    assert found == [("9.1", "board")]


def foreign(referendum: Referendum, trustee: int) -> bytes:
    """Valid shares of this trustee for another ciphertext: a single ballot's first option."""
    count = referendum.record.count
    assert count is not None
    assert count.stage is not None
    assert referendum.record.box is not None
    due = next(count.due(count.stage, trustee))
    ballot = referendum.record.box.days[PIRAEUS, 1].ciphertexts.read(0, 1)[:32]
    first = make_shares(
        referendum.record.joint_key.election_hash,
        due.places,
        due.counts,
        ballot + due.inputs[32:],
        referendum.secrets[trustee].share,
        bytes(32),
    )
    return first + content_of(referendum, trustee)[due.size :]


def wrong_share(referendum: Referendum, trustee: int) -> bytes:
    content = content_of(referendum, trustee)
    return base_multiples(random_scalars(bytes(32), 1)) + content[32:]


def by_another_secret(referendum: Referendum, trustee: int) -> bytes:
    assert referendum.record.count is not None
    return release(LOCAL, referendum.record.count, trustee, random_scalars(bytes(32), 1), bytes)[1]


WRONG_SHARES: dict[str, tuple[str, Callable[[Referendum, int], bytes]]] = {
    "of a foreign ciphertext": ("9.2", foreign),
    "a wrong share": ("9.2", wrong_share),
    "with another secret": ("9.2", by_another_secret),
    "another trustee's": ("9.2", lambda r, trustee: content_of(r, 3 - trustee)),
    "not canonical": ("9.2", lambda r, trustee: b"\xff" * 32 + content_of(r, trustee)[32:]),
    "zero": ("9.2", lambda r, trustee: bytes(len(content_of(r, trustee)))),
    "too short": ("9.1", lambda r, trustee: content_of(r, trustee)[:-32]),
    "too long": ("9.1", lambda r, trustee: content_of(r, trustee) + bytes(32)),
    "empty": ("9.1", lambda r, trustee: b""),
}


@pytest.mark.parametrize("name", WRONG_SHARES)
@pytest.mark.parametrize("stage", [1, 2])
def test_wrong_shares_are_void_and_the_count_goes_on(name: str, stage: int) -> None:
    check, make = WRONG_SHARES[name]
    referendum = releasing()
    if stage == 2:
        for trustee in (1, 2):
            referendum.log(*referendum.shares(trustee))
    content = make(referendum, 1)
    assert refused(referendum, *shares(referendum, content, 1, stage)) == [(check, "trustee 1")]
    referendum.release((2, 3))
    assert referendum.record.phase == "counted"
    assert referendum.record.result_document() == counted().record.result_document()


def test_shares_come_once_in_their_stage_and_from_t_trustees() -> None:
    referendum = releasing()
    first = shares(referendum, content_of(referendum, 1), 1)
    early = shares(referendum, content_of(referendum, 1), 1, stage=2)
    assert refused(referendum, *early) == [("9.1", "board")]
    assert refused(referendum, *first, first[-1]) == [("9.1", "board")]
    assert refused(referendum, *shares(referendum, content_of(referendum, 1), 1)) == [("9.1", "board")]
    late = shares(referendum, content_of(referendum, 3), 3)
    referendum.log(*shares(referendum, content_of(referendum, 2), 2))
    assert referendum.record.count is not None
    assert referendum.record.count.stage == 2
    assert refused(referendum, *late) == [("9.1", "board")]
    assert refused(referendum, *shares(referendum, b"", 3, stage=3)) == [("9.1", "board")]


def test_shares_that_failed_are_not_looked_at_again() -> None:
    """Else one entry of two hundred bytes would have everybody check one large bundle again and again."""
    referendum = releasing()
    wrong = shares(referendum, content_of(referendum, 2), 1)
    assert refused(referendum, *wrong) == [("9.2", "trustee 1")]
    with patch.object(Proofs, "check_shares") as checked:
        assert refused(referendum, *[wrong[-1]] * 9) == [("9.1", "board")] * 9
    checked.assert_not_called()
    assert refused(referendum, *shares(referendum, content_of(referendum, 1), 1)) == []


def test_malformed_shares_are_not_looked_at_again() -> None:
    """Their pieces are joined and hashed once, and who repeats them is the board."""
    referendum = releasing()
    name = multipart.digest(b"another")
    junk = by(referendum, entries.Part(name, 0, 1, b"this"), "trustee 1")
    naming = by(referendum, entries.Shares(1, name), "trustee 1")
    with patch.object(Multiparts, "read", autospec=True, side_effect=Multiparts.read) as read:
        assert refused(referendum, junk, *[naming] * 9) == [("9.1", "trustee 1")] + [("9.1", "board")] * 8
    assert read.call_count == 1


def test_shares_whose_parts_are_missing_are_void_and_hold_nobody_up() -> None:
    referendum = releasing()
    *_, closing = shares(referendum, content_of(referendum, 1), 1)
    assert refused(referendum, closing) == [("9.1", "board")]
    referendum.release((2, 3))
    assert referendum.record.phase == "counted"


def test_parts_by_another_are_not_ones_own() -> None:
    """The board cannot complete, and nobody can occupy, another's bundle."""
    referendum = releasing()
    content = content_of(referendum, 1)
    parts = [by(referendum, part, "trustee 2") for part in multipart.cut(content)]
    junk = by(referendum, entries.Part(multipart.digest(content), 0, 1, b"junk"), "trustee 3")
    *_, closing = shares(referendum, content, 1)
    assert refused(referendum, *parts, junk, closing) == [("9.1", "board")]
    assert refused(referendum, *shares(referendum, content, 1)) == []


# -- what an honest trustee's program does


def trustee(referendum: Referendum, index: int, directory: Path) -> Trustee:
    """A trustee's program with its part of the ceremony's secrets on disk."""
    store = KeyStore(directory, Lock.draw())
    store.write("ceremony", referendum.secrets[index].encode())
    return Trustee(store, referendum.keys.trustees[index - 1], secrets.token_bytes)


def test_an_honest_trustee_gives_no_share_before_its_time(tmp_path: Path) -> None:
    honest = trustee(begun(), 1, tmp_path)
    for scene in (voting, sealed, over, closable, closed):
        assert honest.release(scene().record) == []


def test_an_honest_trustee_signs_one_close_and_releases_for_that_one_alone(tmp_path: Path) -> None:
    """The board shows it another record after it has closed: a fork, in which one ballot is missing."""
    first, other = closable(), without_a_ballot()
    honest = trustee(first, 1, tmp_path)
    (close,) = honest.close(first.record)
    assert entries.decode(close).payload == right(first)
    assert honest.close(first.record) == [close]
    assert right(other) != right(first)
    with pytest.raises(PhaseError, match="another close was signed before"):
        honest.close(other.record)
    other.log(*(by(other, right(other), f"trustee {index}") for index in (2, 3)))
    other.checkpoint()
    with pytest.raises(PhaseError, match="another close was signed before"):
        honest.release(other.record)


def without_a_ballot() -> Referendum:
    """The same referendum up to the close checkpoint, but for Piraeus' second ballot."""
    whole = voting()
    last = of_type(whole, entries.Ballot)[0]
    told = fork(whole, whole.logged[: last + 1])
    for region in (PIRAEUS, ATHENS):
        told.seal(region, 1)
        told.weigh((1, 2))
        told.open(region, 2)
        told.seal(region, 2)
    told.checkpoint()
    return told


# -- result: 10.2


def test_a_result_that_does_not_follow_is_void() -> None:
    """It follows from the record; what the organiser says of it changes nothing."""
    document = counted().record.result_document()
    for wrong in (document.replace(b'"voted":2', b'"voted":3', 1), b"{}", b"", document + b" "):
        assert wrong != document
        referendum = counted()
        assert refused(referendum, by(referendum, Result(wrong), "organiser")) == [("10.2", "organiser")]
        assert referendum.record.result_document() == document


@pytest.mark.parametrize("scene", [begun, voting, closed, releasing])
def test_a_result_before_the_totals_are_known_is_void(scene: Callable[[], Referendum]) -> None:
    referendum, document = scene(), counted().record.result_document()
    data = referendum.write(Result(document), referendum.keys.organiser)
    assert refused(referendum, data) == [("1.6", "board")]
    assert referendum.record.result is None


@pytest.mark.parametrize("party", ["board", "registrar 1", "trustee 1"])
def test_nobody_but_the_organiser_certifies(party: str) -> None:
    referendum = counted()
    data = by(referendum, Result(referendum.record.result_document()), party)
    assert refused(referendum, data) == [("1.5", "board")]


def test_totals_that_nobody_can_have_cast_are_fatal() -> None:
    """Only `t` trustees with proofs of wrong shares could bring them about: the check stands by itself."""
    referendum = releasing()
    count = referendum.record.count
    assert count is not None
    area = Area(PIRAEUS, (PIRAEUS,), 3, True)
    for sums, voted, limit in (
        ([4, 0], 1, 2),
        ([3, 0], 2, 2),
        ([-1, 0], 1, 2),
        ([2, 2], 3, 2),
        ([0, 0], -1, 2),
    ):
        with pytest.raises(VerificationError) as refusal:
            count._total(0, area, sums, voted, limit)
        assert (refusal.value.check, refusal.value.culprit) == ("10.1", "trustees")
    with pytest.raises(VerificationError, match=r"10\.1"):
        count._total(1, area, [2, 0, 0], 2, 2)  # a blank vote where none is allowed
