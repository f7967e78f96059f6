"""Who answers what, how long that took, and for how long nobody has."""

from __future__ import annotations

import pytest

from psephos.protocol import entries
from psephos.protocol.correspondence import Author, Delay, Reply, Words, quotation, unquoted, words
from psephos.protocol.witnessed import Span, Timeline, Witnessed
from psephos.simulation.definitions import HARBOUR, sample
from psephos.simulation.referendum import Referendum

HOUR = 3_600


def seen(index: int, size: int, time: int) -> Witnessed:
    return Witnessed(index, size, bytes(32), time, time)


def said(index: int, payload: entries.Payload, *answers: Reply, granted: Reply | None = None) -> Words:
    return Words(index, Author("A", "observer"), bytes(32), bytes(32), payload, None, answers, granted)


OBJECTION = entries.Objection(b"", "The question", "en", "It misleads.", b"")
REQUEST = entries.Request("A", "observer", "en", "We watch.", b"", b"", bytes(8))
STATEMENT = entries.Statement("s", "en", "t", b"")
TIMELINE = Timeline((seen(2, 2, HOUR), seen(6, 6, 3 * HOUR), seen(9, 9, 10 * HOUR)), seen(12, 12, 30 * HOUR))


def test_an_answer_took_between_two_times_that_witnesses_signed() -> None:
    assert TIMELINE.span(4) == Span(HOUR, 3 * HOUR)
    assert TIMELINE.span(10) == Span(10 * HOUR, 30 * HOUR)
    reply = Reply(10, Author("O", "organiser"))
    assert said(4, OBJECTION, reply).took(reply, TIMELINE) == Delay(7 * HOUR, 29 * HOUR)
    at_once = Reply(5, Author("O", "organiser"))
    assert said(4, OBJECTION, at_once).took(at_once, TIMELINE) == Delay(0, 2 * HOUR)
    unseen = Reply(13, Author("O", "organiser"))
    assert said(4, OBJECTION, unseen).took(unseen, TIMELINE) == Delay(7 * HOUR, None)
    first = Reply(1, Author("O", "organiser"))
    assert said(4, OBJECTION, first).took(first, TIMELINE).least == 0, "logged before what it answers"


@pytest.mark.parametrize("payload", [OBJECTION, REQUEST])
def test_silence_counts_from_when_witnesses_saw_it_to_the_latest_that_is_published(
    payload: entries.Payload,
) -> None:
    assert said(4, payload).silence(TIMELINE) == 27 * HOUR
    own = Reply(5, Author("A", "observer"), own=True)
    assert said(4, payload, own).silence(TIMELINE) == 27 * HOUR, "one's own word ends no silence"
    assert said(4, payload, Reply(5, Author("O", "organiser"))).silence(TIMELINE) is None
    assert said(4, payload, granted=Reply(5, Author("O", "organiser"))).silence(TIMELINE) is None
    assert said(13, payload).silence(TIMELINE) is None, "no witness has seen it"
    assert said(4, payload).silence(Timeline((), None)) is None
    assert said(4, STATEMENT).silence(TIMELINE) is None, "nobody waits for an answer to it"


def test_an_answer_whose_objection_the_board_held_back_answers_it_all_the_same() -> None:
    document, keys = sample(regions=("piraeus",), questions=(HARBOUR,))
    referendum = Referendum(document, keys)
    referendum.publish()
    objection = referendum.write(OBJECTION, keys.trustees[0])
    answer = entries.Answer(entries.decode(objection).body_hash, "en", "No.", b"")
    referendum.log(referendum.write(answer, keys.organiser), objection)
    objected, answered = words(referendum.record)
    assert [one.index for one in objected.answers] == [answered.index]
    assert answered.about == objected.index
    assert not objected.waiting


def test_a_quoted_log_is_told_from_what_is_said() -> None:
    text = f"At 276 {'5f' * 32}: It misleads."
    assert quotation(text) == (276, "5f" * 32)
    assert unquoted(text) == "It misleads."
    for other in ("It misleads.", f"at 276 {'5f' * 32}: x", f"At 276 {'5F' * 32}: x", f"x {text}"):
        assert quotation(other) is None
        assert unquoted(other) == other
