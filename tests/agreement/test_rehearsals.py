"""The two verifiers on records that the reference's own provers made, right and wrong in known ways."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from rehearsal import Rehearsal, played

from psephos.protocol.setup.pin import Pin
from tests.agreement.verdicts import essence, ours, theirs
from tests.reference import test_enrolment as enrolment
from tests.reference import test_records as known

Step = Callable[[Rehearsal], object]
WRONG = known.VOID | known.FATAL


def agree(rehearsal: Rehearsal, directory: Path) -> None:
    rehearsal.export(directory / "record")
    pin = Pin.parse((directory / "record" / "pin.json").read_bytes())
    assert essence(ours(directory, pin)) == essence(theirs(directory, pin))


def several(*steps: Step) -> Step:
    def run(rehearsal: Rehearsal) -> None:
        for step in steps:
            step(rehearsal)

    return run


def write(role: str, kind: str, *payload: object) -> Step:
    return lambda rehearsal: rehearsal.write(role, kind, *payload)


def lose(kind: str, before: int = 1) -> Step:
    """Take out the entry that stands so many places before the last of a type."""
    return lambda rehearsal: rehearsal.log_entries.__delitem__(known.last(rehearsal, kind) - before)


def until(kind: str) -> Step:
    """Forget everything from the last entry of a type on."""

    def cut(rehearsal: Rehearsal) -> None:
        del rehearsal.log_entries[known.last(rehearsal, kind) :]

    return cut


def again(role: str, kind: str, **changes: object) -> Step:
    return lambda rehearsal: known.resign(rehearsal, role, known.last(rehearsal, kind), **changes)


def complain(rehearsal: Rehearsal) -> None:
    """A complaint by trustee 1 of trustee 2, where both would have confirmed."""
    kinds = [known.entries.parse(data).type for data in rehearsal.log_entries]
    del rehearsal.log_entries[kinds.index("ceremony-confirm") :]
    rehearsal.write("trustee 1", "ceremony-complain", 1, 2)


def defined(*steps: Step) -> Step:
    return several(lambda rehearsal: rehearsal.write("organiser", "definition", rehearsal.document), *steps)


NOTHING = bytes(32)
MORE: dict[str, tuple[Callable[[], Rehearsal], Step]] = {
    "lost part of a batch": (known.enrolled, lose("batch")),
    "lost part of shares": (known.closed, several(lambda r: r.release(1, 1), lose("shares"))),
    "a batch again": (known.enrolled, again("registrar 1", "batch", batch=2)),
    "a batch after the close": (known.closed, again("registrar 1", "batch", batch=2)),
    "a roll after the close": (known.closed, again("registrar 2", "roll")),
    "a ballot after the close": (known.closed, lambda r: r.ballot(2, 1)),
    "an amend after the close": (
        known.closed,
        write("organiser", "amend", 0, 1, known.START, known.END + 5, "x"),
    ),
    "an amend": (known.voting, write("organiser", "amend", 0, 1, known.START, known.END + 5, "x")),
    "a weighing after the close": (known.closed, write("trustee 1", "weighing", 0, 1, 0, 3, NOTHING, b"")),
    "a third position": (known.weighed, write("trustee 1", "weighing", 0, 1, 0, 3, NOTHING, b"")),
    "an attachment of no hash": (known.begun, write("board", "statement", "a", "b", "c", b"xx")),
    "cancelled": (
        known.voting,
        several(
            write("organiser", "cancel", "why"),
            lambda r: r.ballot(2, 0),
            write("board", "seal", 0, 1),
            write("board", "booth-manifest", b""),
            write("organiser", "cancel", "again"),
            write("registrar 1", "roll", 0, 0, NOTHING),
        ),
    ),
    "opened too early": (
        known.enrolled,
        several(
            write("board", "open", 0, 1),
            lambda r: r.checkpoint(known.START - 601),
            write("board", "seal", 0, 1),
        ),
    ),
    "opened too late": (
        known.enrolled,
        several(
            lambda r: r.checkpoint(known.START + 601),
            write("board", "open", 0, 1),
            write("board", "seal", 0, 1),
        ),
    ),
    "a deadline of no round": (known.begun, write("organiser", "ceremony-deadline", 1, 0)),
    "a part beyond its count": (known.begun, write("board", "part", NOTHING, 5, 2, b"x")),
    "a part that is not its digest": (
        Rehearsal,
        defined(
            write("registrar 1", "part", NOTHING, 0, 0, b""), write("registrar 1", "roll", 0, 0, NOTHING)
        ),
    ),
    "a roll of no region": (
        Rehearsal,
        defined(lambda r: r.write("registrar 1", "roll", 9, 0, r.bundle("registrar 1", b""))),
    ),
    "an empty roll": (
        Rehearsal,
        defined(lambda r: r.write("registrar 1", "roll", 0, 0, r.bundle("registrar 1", b""))),
    ),
    "a complaint": (known.begun, complain),
    "a complaint past its deadline": (
        known.begun,
        several(complain, write("organiser", "ceremony-deadline", 1, 4)),
    ),
    "a wrong answer": (known.begun, several(complain, write("trustee 2", "ceremony-answer", 1, 1, NOTHING))),
    "an answer that is no scalar": (
        known.begun,
        several(complain, write("trustee 2", "ceremony-answer", 1, 1, b"\xff" * 32)),
    ),
    "a complaint of oneself": (known.begun, several(complain, write("trustee 1", "ceremony-complain", 1, 1))),
    "a complaint twice": (known.begun, several(complain, write("trustee 1", "ceremony-complain", 1, 2))),
    "a complaint after confirming": (
        known.begun,
        several(
            complain,
            write("trustee 2", "ceremony-confirm", 1),
            write("trustee 2", "ceremony-complain", 1, 1),
        ),
    ),
    "a short deal": (
        known.begun,
        several(until("ceremony-deal"), write("trustee 2", "ceremony-deal", 1, bytes(79))),
    ),
    "shares for nothing": (known.closed, write("trustee 1", "shares", 2, NOTHING)),
    "a third trustee's shares": (
        known.closed,
        several(lambda r: r.release(1, 1), lambda r: r.release(1, 2), again("trustee 1", "shares")),
    ),
    "a result twice": (known.sealed_voting, several(lambda r: r.finish(), again("organiser", "result"))),
    "serials in any order": (
        known.voting,
        several(
            lambda r: r.ballot(2, 0, 5),
            lambda r: r.ballot(2, 1, 5),
            lambda r: r.ballot(2, 2, 4),
            lambda r: r.seal(),
        ),
    ),
}


@pytest.mark.parametrize("name", WRONG)
def test_known_records(name: str, tmp_path: Path) -> None:
    start, step, *_ = WRONG[name]
    rehearsal = start()
    step(rehearsal)
    agree(rehearsal, tmp_path)


@pytest.mark.parametrize("name", MORE)
def test_further_records(name: str, tmp_path: Path) -> None:
    start, step = MORE[name]
    rehearsal = start()
    step(rehearsal)
    agree(rehearsal, tmp_path)


@pytest.mark.parametrize("name", enrolment.VOID)
def test_records_whose_enrolment_breaks_a_rule(name: str, tmp_path: Path) -> None:
    start, step, _ = enrolment.VOID[name]
    rehearsal = start()
    step(rehearsal)
    agree(rehearsal, tmp_path)


def let_out(rehearsal: Rehearsal) -> None:
    """One registrar issues, the other never does."""
    enrolment.issue("registrar 1")(rehearsal)
    rehearsal.checkpoint(known.END + 1)
    enrolment.issue("registrar 2")(rehearsal)


def list_too_few(rehearsal: Rehearsal) -> None:
    """The second registrar does not list one of those to whom it gave tokens."""
    enrolment.issue("registrar 1", 2)(rehearsal)
    enrolment.issue("registrar 2", 1)(rehearsal)
    rehearsal.checkpoint(enrolment.SEEN)
    rehearsal.checkpoint(enrolment.SEEN + enrolment.REVIEW)
    rehearsal.open()
    rehearsal.seal()
    rehearsal.close()
    for trustee in (1, 2):
        rehearsal.release(1, trustee)


@pytest.mark.parametrize("step", [let_out, list_too_few])
def test_registrars_that_stop_a_region_or_the_count(step: Step, tmp_path: Path) -> None:
    rehearsal = enrolment.complete()
    step(rehearsal)
    agree(rehearsal, tmp_path)


@pytest.mark.parametrize(
    "settings",
    [
        {"registrars": 1},
        {"registrars": 3},
        {"decoys": 0},
        {"decoys": 0, "unfinished": 1, "min_region": 2},
        {"unfinished": 1, "min_region": 2},
        {"idle": 1},
    ],
    ids=str,
)
def test_referendums_of_other_shapes(settings: dict[str, int], tmp_path: Path) -> None:
    rehearsal = Rehearsal(**({"voters": 2} | settings))
    rehearsal.begin()
    rehearsal.enrol()
    rehearsal.open()
    rehearsal.ballot(0, 0)
    rehearsal.seal()
    rehearsal.finish()
    agree(rehearsal, tmp_path)
    pin = Pin.parse((tmp_path / "record" / "pin.json").read_bytes())
    assert ours(tmp_path, pin)["verdict"].startswith("passed")


@pytest.mark.parametrize(("decoys", "votes"), [(4, known.VOTES), (0, [(0, 1, 1), (1, 2, 1)]), (4, [])])
def test_whole_records(decoys: int, votes: list[tuple[int, int, int]], tmp_path: Path) -> None:
    rehearsal = played(decoys, votes)
    agree(rehearsal, tmp_path)
    pin = Pin.parse((tmp_path / "record" / "pin.json").read_bytes())
    assert ours(tmp_path, pin)["verdict"] == "passed"


@pytest.mark.parametrize("seen", [enrolment.END - 3_600, enrolment.END - 3_599])
@pytest.mark.parametrize("act", ["roll", "batch", "last"])
def test_both_name_the_same_registrars_when_nobody_follows_the_lead(
    act: str, seen: int, tmp_path: Path
) -> None:
    same_words(enrolment.led(act, seen), tmp_path)


def test_both_name_the_lead_alone_without_a_roll_of_it(tmp_path: Path) -> None:
    rehearsal = enrolment.keyed()
    rehearsal.checkpoint(enrolment.END + 1)
    same_words(rehearsal, tmp_path)


def same_words(rehearsal: Rehearsal, directory: Path) -> None:
    rehearsal.export(directory / "record")
    pin = Pin.parse((directory / "record" / "pin.json").read_bytes())
    said = [[one["message"] for one in verifier(directory, pin)["notices"]] for verifier in (ours, theirs)]
    assert said[0] == said[1]
    assert len(said[0]) == 1
