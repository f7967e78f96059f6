"""Admissions on their way to registrars' posts, where there are no relays.

Registrars can then learn whose cards are whose: not what they weigh (`spec/messages.md#sealed-messages`).
"""

from __future__ import annotations

from dataclasses import replace

from psephos.protocol.enrolment.presentation import read_receipt
from psephos.protocol.enrolment.setting import Setting
from psephos.protocol.entries import Refusal
from psephos.voter.enrolling import Posts, SignedAnswer
from psephos.voter.memory import Made, Memory


def send(setting: Setting, memory: Memory, posts: Posts, timeout: float) -> Made | None:
    """Send what has no answer yet; wait at most `timeout` seconds for each answer; None without an enrolment.

    Every answer is kept at once; what it was an answer to is then taken back at the post. VerificationError
    through a registrar that answers with another card's receipt.
    """
    made = memory.made
    if made is None:
        return None
    for number, card in unanswered(made):
        posts[number].send(made.messages[number - 1][card])
    for number, card in unanswered(made):
        message = made.messages[number - 1][card]
        answer = posts[number].exchange(message, timeout)
        if answer is None:
            continue
        read_receipt(setting, message, answer)
        made = with_answer(made, number, card, answer)
        memory.keep_made(made)
        posts[number].withdraw(posts[number].send(message))
    return made


def unanswered(made: Made) -> list[tuple[int, int]]:
    """Registrar and card of each message that has no answer."""
    return [
        (number, card)
        for number, row in enumerate(made.answers, 1)
        for card, answer in enumerate(row)
        if not answer
    ]


def refused(setting: Setting, made: Made, registrar: int, card: int) -> SignedAnswer | None:
    """A registrar's refusal of a card, which is signed and kept."""
    answer = made.answers[registrar - 1][card]
    if not answer:
        return None
    said = read_receipt(setting, made.messages[registrar - 1][card], answer)
    return SignedAnswer(answer, said) if isinstance(said, Refusal) else None


def with_answer(made: Made, registrar: int, card: int, answer: bytes) -> Made:
    """The same with a registrar's answer about a card."""
    rows = [list(row) for row in made.answers]
    rows[registrar - 1][card] = answer
    return replace(made, answers=tuple(map(tuple, rows)))
