"""The organiser: what its entries do to the record, and which of them the record does not take."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from psephos.errors import PhaseError, VerificationError
from psephos.log.client import Client
from psephos.organiser.organiser import Organiser
from psephos.protocol import entries
from psephos.simulation.definitions import sample
from psephos.simulation.referendum import Referendum, held
from psephos.verifier.report import Report
from psephos.verifier.run import verify
from tests.board.station import DAYS, enrolled

(OPENS, SEALS), (OPENS_2, SEALS_2) = DAYS


@pytest.fixture
def referendum() -> Referendum:
    return enrolled()


def organiser_of(referendum: Referendum) -> Organiser:
    return Organiser(referendum.definition, referendum.keys.organiser)


def voids(referendum: Referendum) -> list[tuple[str, str]]:
    return [(void.check, void.culprit) for void in referendum.record.void]


def report_on(referendum: Referendum, directory: Path) -> Report:
    pin = referendum.export(directory)
    with Client(directory / "record") as client:
        return verify(client, pin)


def test_the_definition_is_entry_0() -> None:
    document, keys = sample()
    referendum = Referendum(document, keys)
    referendum.log(*organiser_of(referendum).publish())
    assert referendum.record.definition == referendum.definition
    assert referendum.record.phase == "ceremony"


def test_a_deadline_ends_a_round_without_who_is_missing() -> None:
    document, keys = sample()
    referendum = Referendum(document, keys)
    organiser = organiser_of(referendum)
    referendum.log(*organiser.publish(), organiser.deadline(1, 2, 0), organiser.deadline(2, 1, 0))
    assert voids(referendum) == [("3.1", "board")] * 2  # not this round, not this attempt
    referendum.ceremony([1, 3])  # which makes its deadline with the same key
    assert referendum.record.joint_key.participants == (1, 3)
    referendum.log(organiser.deadline(2, 5, 0))
    assert voids(referendum) == [("3.1", "board")] * 3


def test_below_the_threshold_the_ceremony_fails() -> None:
    document, keys = sample()
    referendum = Referendum(document, keys)
    organiser = organiser_of(referendum)
    referendum.log(*organiser.publish())
    with pytest.raises(VerificationError, match="fewer than 2") as refused:
        referendum.deadline()
    assert (refused.value.check, refused.value.culprit) == ("3.4", "organiser")


# -- observers


def test_an_accredited_observer_may_make_statements_and_a_stranger_may_not(referendum: Referendum) -> None:
    observer, stranger = referendum.keys.witnesses[:2]
    statement = entries.Statement("Piraeus", "en", "all is calm", b"")
    organiser = organiser_of(referendum)
    referendum.log(referendum.write(statement, observer))  # too early
    referendum.log(organiser.accredit(observer.public.raw, "Thucydides", "historian"))
    heard = len(referendum.logged)
    referendum.log(referendum.write(statement, observer), referendum.write(statement, stranger))
    assert [(at, entry.author) for at, entry in referendum.record.statements] == [
        (heard, observer.public.raw)
    ]
    assert voids(referendum) == [("1.5", "board"), ("1.5", "board")]
    assert referendum.record.void[1].entry == heard + 1
    assert "witness 2 may not" in referendum.record.void[1].message


def test_nobody_is_accredited_twice_or_without_a_name(referendum: Referendum) -> None:
    organiser, (one, two, _) = organiser_of(referendum), referendum.keys.witnesses
    referendum.log(
        organiser.accredit(one.public.raw, "One", "observer"),
        organiser.accredit(one.public.raw, "Another", "observer"),
        organiser.accredit(referendum.keys.board.public.raw, "The board", "observer"),
        organiser.accredit(two.public.raw, "", "observer"),
        organiser.accredit(two.public.raw, "Two", ""),
    )
    assert voids(referendum) == [("1.9", "board")] + [("1.9", "organiser")] * 3


# -- windows


WRONG, PLACED = ("2.3", "organiser"), ("1.6", "board")


def windows(referendum: Referendum) -> list[tuple[int, int]]:
    return [tuple(plan) for plan in referendum.record.windows[0].plans]


def test_a_window_can_be_extended_before_and_while_it_is_open(referendum: Referendum) -> None:
    organiser = organiser_of(referendum)
    referendum.log(organiser.amend(0, 1, OPENS + 60, SEALS + 60, "the ink is late"))
    referendum.open(0, 1)
    referendum.log(organiser.amend(0, 1, OPENS + 60, SEALS + 3600, "long queues"))
    referendum.log(organiser.amend(0, 2, OPENS_2, SEALS_2 + 3600, "long queues"))
    assert windows(referendum) == [(OPENS + 60, SEALS + 3600), (OPENS_2, SEALS_2 + 3600)]
    assert windows(referendum) != [tuple(plan) for plan in referendum.record.windows[1].plans]
    assert referendum.record.void == []


@pytest.mark.parametrize(
    ("region", "day", "opens", "seals", "refusal"),
    [
        (2, 1, OPENS, SEALS + 60, WRONG),  # no such region
        (0, 0, OPENS, SEALS + 60, WRONG),  # no such day
        (0, 3, OPENS_2, SEALS_2 + 60, WRONG),
        (0, 1, OPENS, SEALS - 1, WRONG),  # earlier seal
        (0, 1, OPENS - 1, SEALS, WRONG),  # earlier opening
        (0, 1, OPENS + 60, SEALS, PLACED),  # it is open already
        (0, 1, OPENS, OPENS_2 + 1, PLACED),  # overlaps the next day
        (0, 2, SEALS_2, SEALS_2, WRONG),  # no time left
    ],
)
def test_a_window_cannot_be_shortened_or_overlap(
    referendum: Referendum, region: int, day: int, opens: int, seals: int, refusal: tuple[str, str]
) -> None:
    referendum.open(0, 1)
    referendum.log(organiser_of(referendum).amend(region, day, opens, seals, "why not"))
    assert voids(referendum) == [refusal]
    assert windows(referendum) == [(OPENS, SEALS), (OPENS_2, SEALS_2)]


def test_a_sealed_day_and_a_region_that_is_done_keep_their_windows(referendum: Referendum) -> None:
    organiser = organiser_of(referendum)
    referendum.open(0, 1)
    referendum.seal(0, 1)
    referendum.log(organiser.amend(0, 1, OPENS, SEALS + 60, "too late"))
    referendum.open(0, 2)
    referendum.seal(0, 2)
    referendum.log(organiser.amend(0, 2, OPENS_2, SEALS_2 + 60, "too late"))
    assert voids(referendum) == [("1.6", "board")] * 2


def test_an_extension_is_what_times_are_compared_with(referendum: Referendum) -> None:
    late = SEALS + 3600
    referendum.open(0, 1)
    referendum.now = late
    unannounced = enrolled()
    unannounced.open(0, 1)
    unannounced.now = late
    referendum.log(organiser_of(referendum).amend(0, 1, OPENS, late, "long queues"))
    for one in (referendum, unannounced):
        one.checkpoint()
        one.seal(0, 1)
    late_by = "after its plan"
    assert not [notice for notice in referendum.record.notices if late_by in notice.message]
    assert len([notice for notice in unannounced.record.notices if late_by in notice.message]) == 1


# -- the end


def test_a_cancelled_referendum_ends_there_and_passes(referendum: Referendum, tmp_path: Path) -> None:
    organiser, keys = organiser_of(referendum), referendum.keys
    referendum.open(0, 1)
    counted = referendum.ballot(referendum.cards[0][0], (0, 0))
    referendum.log(counted, organiser.cancel("plague"))
    statement = entries.Statement("plague", "en", "see you next year", b"")
    referendum.log(referendum.write(statement, keys.registrars[0]))
    end = len(referendum.logged)
    referendum.log(
        referendum.ballot(referendum.cards[0][2], (1, 1)),
        organiser.amend(0, 1, OPENS, SEALS + 60, "after all"),
        organiser.cancel("again"),
        referendum.write(entries.Open(1, 1), keys.board),
    )
    assert [(void.entry, void.check) for void in referendum.record.void] == [
        (end, "6.2"),
        (end + 1, "1.6"),
        (end + 2, "1.6"),
        (end + 3, "1.6"),
    ]
    assert referendum.record.phase == "cancelled"
    assert len(referendum.record.statements) == 1
    result = json.loads(referendum.record.result_document())
    assert result["status"] == "cancelled"
    report = report_on(referendum, tmp_path)
    assert (report.verdict, report.exit_code, report.phase) == ("passed", 0, "cancelled")
    assert json.loads(report.encode())["result"] == result


def counted() -> Referendum:
    """A whole referendum up to the totals, without a certified result."""
    document, keys = sample(regions=("athens",))
    groups = [[1, 0], [1], [0, 1]]
    whole = held(
        document, keys, {0: groups}, [(0, 0, 1, 1, (0, 0)), (0, 1, 1, 1, (0, 0)), (0, 2, 1, 1, (1, 1))]
    )
    before = Referendum(document, keys)
    before.log(*whole.logged[:-2])
    assert before.record.phase == "counted"
    assert before.record.result is None
    return before


def test_the_result_that_follows_is_certified(tmp_path: Path) -> None:
    referendum = counted()
    referendum.log(organiser_of(referendum).certify(referendum.record))
    assert referendum.record.result == referendum.record.result_document()
    referendum.checkpoint()
    report = report_on(referendum, tmp_path)
    assert (report.verdict, report.void) == ("passed", ())


def test_a_result_that_does_not_follow_is_void(tmp_path: Path) -> None:
    referendum = counted()
    false = referendum.record.result_document().replace(b'"yes":1', b'"yes":2', 1)
    assert false != referendum.record.result_document()
    data = referendum.write(entries.Result(false), referendum.keys.organiser)
    referendum.log(data)
    report = report_on(referendum, tmp_path)
    assert (report.verdict, report.result) == ("passed", referendum.record.result_document())
    assert [(void.check, void.culprit) for void in report.void] == [("10.2", "organiser")]


def test_nothing_is_certified_or_cancelled_out_of_time(referendum: Referendum) -> None:
    with pytest.raises(PhaseError, match="totals are not known"):
        organiser_of(referendum).certify(referendum.record)
    after = counted()
    after.log(organiser_of(after).cancel("we lost"))
    assert voids(after) == [("1.6", "board")]
    assert after.record.phase == "counted"
