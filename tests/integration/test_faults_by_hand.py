"""What goes wrong in a referendum by hand, and what each party is told: the rows of the guides."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from unittest.mock import patch

import pytest

from psephos.protocol.setup import dealing
from tests.integration.by_hand import DAY_1, DAY_2, WAITING, Town
from tests.integration.test_roles_by_hand import TWO_TO_ONE, counting, enrolment, verified, voting

# The ceremony


@contextmanager
def dealing_badly(to: int) -> Iterator[None]:
    """A dealer that seals one other nothing."""
    honest = dealing.Dealer._sealed

    def sealed(dealer: dealing.Dealer, receiver: int) -> bytes:
        return bytes(80) if receiver == to else honest(dealer, receiver)

    with patch.object(dealing.Dealer, "_sealed", sealed):
        yield


@contextmanager
def answering_badly() -> Iterator[None]:
    """A dealer that answers with another share than it committed to."""
    with patch.object(dealing.Dealer, "_share_of", lambda *_: b"\1" + bytes(31)):
        yield


class Ceremony(Town):
    """Four trustees, the third of which deals the first nothing; what each says is kept."""

    def __init__(self, directory: Path) -> None:
        super().__init__(directory)
        self.create(trustees=4, witnesses=2)
        self.sent("organiser", "publish")
        self.publish()
        self.said: dict[int, str] = {}

    def turn(self, third: Sequence[str] = ()) -> None:
        """Each does what is next, and the board publishes."""
        faults = {"deals": dealing_badly(1), "answers": answering_badly()}
        for trustee in (1, 2, 3, 4):
            with ExitStack() as faulty:
                for fault in third if trustee == 3 else ():
                    faulty.enter_context(faults[fault])
                _, self.said[trustee] = self.run(f"trustee-{trustee}", "ceremony", "--timeout", "0")
            self.publish()


def complained_of(tmp_path: Path) -> Ceremony:
    town = Ceremony(tmp_path)
    for third in ([], [], ["deals"], []):
        assert town.record().ceremony.attempt == 1
        town.turn(third)
    assert "round 4: complains that the share of trustee 3 (T3) is wrong" in town.said[1]
    assert "round 4: done" in town.said[2]
    return town


def test_a_complaint_is_answered_and_the_ceremony_goes_on(tmp_path: Path) -> None:
    town = complained_of(tmp_path)
    assert "answers trustee 1 (T1) with its share in the clear; done" in town.said[3]
    town.turn()
    assert "round 4: done" in town.said[1]
    # Nothing is signed before registrars' keys for tokens are there; a roll is not waited for.
    code, said = town.run("trustee-2", "ceremony", "--timeout", "0")
    assert (code, "logs its token keys" in said, "trustee" in said) == (WAITING, True, False)
    for name in town.registrars:
        town.sent(name, "round")
    town.publish()
    town.turn()
    assert town.done("trustee-1", "ceremony") == "the ceremony is complete\n"
    assert town.record().joint_key.participants == (1, 2, 3, 4)
    assert town.record().void == []


def test_who_answers_wrongly_is_out_and_everybody_is_told_why(tmp_path: Path) -> None:
    town = Ceremony(tmp_path)
    for third in ([], [], ["deals"], ["answers"]):
        town.turn(third)
    assert town.record().ceremony.attempt == 2
    why = "without trustee 3 (T3): the share that answers 1 is wrong"
    for home in ("organiser", "trustee-1", "trustee-3"):
        assert why in town.done(home, "status")
    code, said = town.run("trustee-3", "ceremony", "--timeout", "0")
    assert (code, f"no participant of the ceremony's attempt 2: it began {why}" in said) == (1, True)
    town.ceremony((1, 2, 4))
    assert town.record().joint_key.participants == (1, 2, 4)
    for command in ("weigh", "close", "release"):
        assert "there is nothing to do" in town.done("trustee-3", command)


# Weighing


def test_of_two_who_stand_in_at_once_the_board_takes_one(tmp_path: Path) -> None:
    town = Town(tmp_path)
    town.create(witnesses=2)
    town.sent("organiser", "publish")
    town.publish()
    town.ceremony((1, 2, 3))
    enrolment(town)
    voting(town, DAY_2)
    for number in (1, 2):
        said = town.waits(f"trustee-{number}", "weigh", "--stand-in", "--timeout", "0")
        assert "weighed 2 chunks; waits for the board" in said
    town.publish(DAY_2[1] + 1)
    outcomes = [town.run(f"trustee-{number}", "weigh", "--timeout", "0")[1] for number in (1, 2)]
    assert sum("rejected: the board refuses: 7.1" in said for said in outcomes) == 1
    town.publish(DAY_2[1] + 1)
    counting(town, (1, 2, 3), stand_in=True)
    assert verified(town) == TWO_TO_ONE  # nothing is void


# Deadlines and windows


def test_an_accused_who_is_silent_is_out_at_the_deadline(tmp_path: Path) -> None:
    town = Ceremony(tmp_path)
    for third in ([], [], ["deals"]):
        town.turn(third)
    for trustee in (1, 2, 4):
        town.sent(f"trustee-{trustee}", "ceremony")
        town.publish()
    status = town.done("organiser", "status")
    assert "trustee 3 (T3): round 4 of the ceremony's attempt 1" in status
    town.publish(int(time.time()) + 400)  # which logs a checkpoint of when the deadline may come
    town.sent("organiser", "deadline", "4")
    town.publish()
    assert "without trustee 3 (T3): its part was missing at a deadline" in town.done("trustee-1", "status")
    town.ceremony((1, 2, 4))
    assert town.record().joint_key.participants == (1, 2, 4)


@pytest.fixture
def enrolled(tmp_path: Path) -> Town:
    """Enrolment is over, and no day is open."""
    town = Town(tmp_path)
    town.create(witnesses=2)
    town.sent("organiser", "publish")
    town.publish()
    town.ceremony((1, 2, 3))
    enrolment(town, covering=())
    return town


MISSED = "waits for the organiser to amend, or for `board open`: region north, day 1 opens at"


def test_a_day_that_was_missed_is_given_another_plan(enrolled: Town) -> None:
    town, late = enrolled, str(DAY_1[1])
    assert MISSED in town.confirmed("round", "--at", late)
    assert "was not opened before its planned seal" in town.done("board", "status", "--at", late)
    times = ("--opens", str(DAY_1[1]), "--seals", str(DAY_1[1] + 50), "--reason", "The board was away")
    town.sent("organiser", "amend", "north", "1", *times)
    town.publish(DAY_1[1])
    assert town.record().windows[0].open_day == 1
    # While it is open it may be sealed later, and not be opened later.
    longer = ("--opens", str(DAY_1[1]), "--seals", str(DAY_1[1] + 90), "--reason", "Queues")
    town.sent("organiser", "amend", "north", "1", *longer)
    town.publish(DAY_1[1])
    town.publish(DAY_1[1] + 89)
    assert town.record().windows[0].open_day == 1
    town.publish(DAY_1[1] + 90)
    assert town.record().windows[0].open_day is None


def test_a_day_that_was_missed_is_opened_late(enrolled: Town) -> None:
    town, late = enrolled, str(DAY_1[1])
    town.confirmed("open", "north", "1", "--at", late)
    town.publish(DAY_1[1])  # which seals it too
    assert "sealed" in town.done("board", "seal", "north", "1", "--at", late)
    assert len(town.record().windows[0].sealed) == 1
