"""What every role may write, at another time: void, through the board, which chose the place."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import pytest

from psephos.protocol import entries
from psephos.protocol.entries import Payload
from psephos.simulation.adversary import Refusal, fork, of_type, refused
from psephos.simulation.referendum import Referendum
from tests.attacks.scenes import begun, card, closable, counted, named, releasing, sealed, voting


def published() -> Referendum:
    """Nothing but the definition."""
    whole = counted()
    return fork(whole, whole.logged[:1])


def certified() -> Referendum:
    """The result is logged."""
    referendum = counted()
    referendum.certify()
    return referendum


PHASES: dict[str, Callable[[], Referendum]] = {
    "ceremony": published,
    "enrolment": begun,
    "voting": voting,
    "weighing": sealed,
    "close": closable,
    "release": releasing,
    "certification": certified,
}


class Rule(NamedTuple):
    """Who writes a type, which checks refuse it out of its time, and the phases in which it is in time."""

    author: str
    checks: str
    phases: str


CEREMONY = Rule("trustee 1", "1.6 3.1", "")
RULES: dict[type[Payload], Rule] = {
    entries.DefinitionEntry: Rule("organiser", "1.6", ""),
    entries.CeremonyCommit: CEREMONY._replace(phases="ceremony"),
    entries.CeremonyReveal: CEREMONY,
    entries.CeremonyDeal: CEREMONY,
    entries.CeremonyConfirm: CEREMONY,
    entries.CeremonySign: CEREMONY,
    entries.TokenKeys: Rule("registrar 1", "1.6", "ceremony"),
    entries.Roll: Rule("registrar 1", "1.6", "ceremony enrolment"),
    entries.Given: Rule("registrar 1", "1.6", "ceremony"),
    entries.Batch: Rule("registrar 1", "1.6", ""),
    entries.Endorse: Rule("registrar 2", "1.6", ""),
    entries.Issued: Rule("registrar 1", "1.6", ""),
    entries.Open: Rule("board", "1.6 5.1", ""),
    entries.Seal: Rule("board", "1.6 5.2", "voting"),
    entries.Ballot: Rule("card", "6.1 6.2 6.5", ""),
    entries.Weighing: Rule("trustee 1", "7.1", "weighing"),
    entries.Close: Rule("trustee 1", "8.1", "close"),
    entries.Shares: Rule("trustee 1", "9.1", ""),
    entries.Result: Rule("organiser", "1.6", "certification"),
}


def tried(referendum: Referendum, data: bytes) -> Refusal:
    """Check and culprit of what is void."""
    (refusal,) = refused(referendum, data)
    return refusal


@pytest.mark.parametrize("phase", PHASES)
@pytest.mark.parametrize("payload", RULES)
def test_what_a_role_writes_out_of_its_time_is_void_through_the_board(
    payload: type[Payload], phase: str
) -> None:
    """The entries are real ones: signed, proven, and right where they stood. Before there is a key, those of
    the election have no referendum yet (1.5)."""
    rule, whole = RULES[payload], certified()
    if phase in rule.phases.split():
        return
    referendum = PHASES[phase]()
    check, culprit = tried(referendum, whole.logged[of_type(whole, payload)[0]])
    if check == "1.5":
        assert (phase, payload.scope) == ("ceremony", "election")
        return
    assert check in rule.checks.split()
    voted = [named(card(whole, place)) for place in (0, 1)]
    if check == "6.1":
        assert culprit in voted
    elif payload is entries.Close and phase in ("enrolment", "voting", "weighing"):
        assert culprit == rule.author  # it names a checkpoint that the log does not have yet
    else:
        assert culprit == "board"


def test_every_type_has_its_time() -> None:
    """So that nothing above is refused for another reason than its time."""
    assert certified().record.void == []
    assert {type(entries.decode(data).payload) for data in certified().logged} == {
        *RULES,
        entries.Part,
        entries.CheckpointEntry,
    }
