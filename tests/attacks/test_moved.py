"""A board that logs again, in another order or too early what others signed: it alone is to blame."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from psephos.protocol import entries, multipart
from psephos.protocol.entries import Amend, CeremonyAnswer, CeremonyComplain, CeremonyConfirm
from psephos.protocol.setup.attempt import CONFIRM
from psephos.simulation.adversary import fork, of_type, refused
from psephos.simulation.definitions import HARBOUR, sample
from psephos.simulation.referendum import Referendum
from tests.attacks.scenes import DAYS, PIRAEUS, begun, enrolled, releasing
from tests.attacks.test_ceremony import published, says, until, write

(OPEN_1, SEAL_1), _ = DAYS
BOARD = [("1.6", "board")]


def amended_in_another_order() -> list[tuple[str, str]]:
    referendum = enrolled()
    first, second = (
        referendum.write(Amend(PIRAEUS, 1, OPEN_1, SEAL_1 + later, "rain"), referendum.keys.organiser)
        for later in (60, 600)
    )
    assert refused(referendum, second) == []
    return refused(referendum, first)


def amended_before_the_next_day_was() -> list[tuple[str, str]]:
    referendum = enrolled()
    (_, _), (opens, seals) = DAYS
    longer = referendum.write(Amend(PIRAEUS, 1, OPEN_1, opens + 60, "rain"), referendum.keys.organiser)
    later = referendum.write(Amend(PIRAEUS, 2, opens + 60, seals + 60, "rain"), referendum.keys.organiser)
    found = refused(referendum, longer)
    assert refused(referendum, later, longer) == []
    return found


def batch_before_its_parts() -> list[tuple[str, str]]:
    referendum = begun()
    referendum.roll(PIRAEUS, 3)
    referendum.shut(PIRAEUS)
    *parts, batch = referendum.batch(PIRAEUS, [[0, 1], [1, 0]])
    found = refused(referendum, batch)
    assert refused(referendum, *parts, batch) == []
    return found


def given_before_the_roll() -> list[tuple[str, str]]:
    referendum = begun()
    given = referendum.write(entries.Given(3, bytes(32)), referendum.keys.registrars[0])
    found = refused(referendum, given)
    assert refused(referendum, *rolled(referendum, 1), given) == []
    return found


@pytest.mark.parametrize(
    "moved",
    [
        amended_in_another_order,
        amended_before_the_next_day_was,
        batch_before_its_parts,
        given_before_the_roll,
    ],
)
def test_nothing_of_a_party_is_blamed_on_it_where_the_board_moves_it(
    moved: Callable[[], list[tuple[str, str]]],
) -> None:
    assert moved() == BOARD


def test_an_answer_that_is_logged_again_does_not_blame_who_gave_it() -> None:
    referendum = until(published(), CONFIRM)
    assert write(referendum, 1, CeremonyComplain(1, 2)) == []
    answer = next(one for one in says(referendum, 2) if isinstance(one, CeremonyAnswer))
    assert write(referendum, 2, answer) == []
    assert write(referendum, 2, answer) == [("3.1", "board")]
    assert write(referendum, 3, CeremonyAnswer(1, 1, bytes(32))) == [("3.1", "trustee 3")]


def test_a_bundle_that_is_not_whole_ends_nothing() -> None:
    """Roll, batch, issued hashes and shares: they may come again behind their parts."""
    referendum = begun()
    for step in (
        lambda: rolled(referendum, 1),
        lambda: rolled(referendum, 2),
        lambda: referendum.batch(PIRAEUS, [[0, 1], [1, 0]]),
        lambda: referendum.endorse(PIRAEUS, referendum.logged[of_type(referendum, entries.Batch)[-1]]),
        lambda: referendum.issue(PIRAEUS, referendum.roll_hashes(PIRAEUS, 3)[:64]),
    ):
        *parts, closing = step()
        if parts:
            assert refused(referendum, closing) == BOARD
        assert refused(referendum, *parts, closing) == []
        referendum.shut(PIRAEUS)
    assert referendum.record.rosters[PIRAEUS].issued_by(1) == 2
    late = releasing()
    *parts, shares = late.shares(1)
    assert refused(late, shares) == [("9.1", "board")]
    assert refused(late, *parts, shares) == []


def rolled(referendum: Referendum, registrar: int) -> list[bytes]:
    """The entries of a registrar's roll of Piraeus."""
    content = referendum.roll_hashes(PIRAEUS, 3, registrar)
    closing = entries.Roll(PIRAEUS, 3, multipart.digest(content))
    return referendum.bundle(content, closing, referendum.keys.registrars[registrar - 1])


def test_a_complaint_just_before_a_deadline_drops_nobody() -> None:
    """Not even where the board logs the deadline behind it, as it was signed."""
    referendum = until(published(), CONFIRM)
    referendum.checkpoint()
    earliest = referendum.record.ceremony.earliest_deadline()
    assert earliest is not None
    referendum.now = earliest
    referendum.checkpoint()
    deadline = referendum.write(entries.CeremonyDeadline(1, CONFIRM, earliest), referendum.keys.organiser)
    for trustee in (1, 3):
        assert write(referendum, trustee, CeremonyConfirm(1)) == []
    silent = fork(referendum)
    assert refused(silent, deadline) == []
    assert silent.record.ceremony.participants == (1, 3)
    framed = until(published(), CONFIRM)
    framed.checkpoint()
    framed.now = earliest
    assert write(framed, 1, CeremonyComplain(1, 2)) == []
    framed.checkpoint()
    assert refused(framed, deadline) == [("3.1", "board")]
    later = framed.record.ceremony.earliest_deadline()
    assert later == earliest + framed.definition.tolerance
    assert framed.record.ceremony.participants == (1, 2, 3)


@pytest.mark.parametrize(("tolerance", "seconds", "timeout"), [(0, 1, 60), (0, 600, 600), (900, 1, 900)])
def test_no_deadline_is_due_at_once(tolerance: int, seconds: int, timeout: int) -> None:
    document, keys = sample(regions=("athens",), questions=(HARBOUR,), tolerance=tolerance, seconds=seconds)
    referendum = Referendum(document, keys)
    referendum.publish()
    referendum.checkpoint()
    assert referendum.record.ceremony.earliest_deadline() == referendum.now + timeout


def test_the_earliest_that_saw_a_round_begin_counts() -> None:
    """A checkpoint that was witnessed before is logged behind a later one."""
    referendum = published()
    early = referendum.write(entries.CheckpointEntry(referendum.note()), referendum.keys.board)
    seen = referendum.now
    referendum.now += 5000
    referendum.checkpoint()
    referendum.log(early)
    assert referendum.record.ceremony.earliest_deadline() == seen + referendum.definition.tolerance
