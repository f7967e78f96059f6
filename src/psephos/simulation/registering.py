"""The registrars of a rehearsal at work: what is due of each, and how they reach one another."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence

from psephos.errors import PsephosError
from psephos.protocol.enrolment.roster import LEAD
from psephos.protocol.enrolment.token import PendingTokens
from psephos.registrar.attempts import PendingQuery
from psephos.simulation.parties import Simulation

IDLE = 2
"""Passes in which nobody did anything, after which nobody will: questions wait a pass for an answer."""


def settle(simulation: Simulation) -> None:
    """Let all registrars do what is due, until nothing is."""
    idle = 0
    while idle < IDLE:
        simulation.publish()
        busy = [_turn(simulation, number) for number in simulation.registrars]
        idle = 0 if any(busy) else idle + 1
        if not simulation.registrars[LEAD].questions():
            idle = idle and IDLE


def _turn(simulation: Simulation, number: int) -> bool:
    """One registrar reads the record and writes what it lacks; the first asks the others. Whether it did."""
    registrar, record = simulation.registrars[number], simulation.seen_by(f"registrar {number}")
    registrar.follow(record)
    entries = registrar.due(record, simulation.address(number))
    simulation.board.submit(entries)
    answered = [_ask(simulation, question) for question in registrar.questions()]
    return any(answered) or bool(entries)


def _ask(simulation: Simulation, question: PendingQuery) -> bool:
    """Whether another registrar has answered: not before it has read what the question is about."""
    answer = simulation.registrars[question.registrar].answer_query(question.message)
    return answer is not None and simulation.registrars[LEAD].take(question, answer)


def give(simulation: Simulation, asked: Sequence[PendingTokens]) -> list[bytes]:
    """The answer to each request: tokens leave once the log counts them."""
    by_registrar = {
        number: [request.message for request in asked if request.registrar == number]
        for number in simulation.registrars
    }
    seed = os.urandom(32)
    waiting = {
        number: simulation.registrars[number].give(messages, seed)
        for number, messages in by_registrar.items()
    }
    if any(None in answers for answers in waiting.values()):
        settle(simulation)
        waiting = {
            number: simulation.registrars[number].give(messages, seed)
            for number, messages in by_registrar.items()
        }
    return _in_order(asked, waiting)


def _in_order(asked: Sequence[PendingTokens], answers: Mapping[int, Sequence[bytes | None]]) -> list[bytes]:
    left = {number: iter(given) for number, given in answers.items()}
    ordered = [next(left[request.registrar]) for request in asked]
    given = [answer for answer in ordered if answer is not None]
    if len(given) < len(ordered):
        raise PsephosError("a registrar keeps tokens back that the log counts")
    return given


def shut(simulation: Simulation) -> None:
    """Let enrolment close everywhere: the last batches, who got tokens, and the review of that."""
    regions = simulation.definition.regions
    simulation.wait_until(max(map(simulation.definition.shut, regions)))
    settle(simulation)
    simulation.wait_until(simulation.clock())
    simulation.wait_until(simulation.clock() + max(region.review for region in regions))
    simulation.publish()
