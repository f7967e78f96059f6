"""Witnesses asked by post: late ones, stale answers, refusals."""

from __future__ import annotations

from pathlib import Path

import pytest

from psephos.errors import LogError, PhaseError
from psephos.log.submission import Conflict, Inconsistent, Submission, UnknownLog, Unsigned
from psephos.post.post import Post
from psephos.post.witnessing import WitnessPost, reply

NOTE = b"log.example\n1\nAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=\n\n\xe2\x80\x94 log.example AAAA\n"
FIRST, SECOND = Submission(0, (), NOTE), Submission(3, (bytes(32),), NOTE)


@pytest.fixture
def post(tmp_path: Path) -> Post:
    return Post(tmp_path)


def asked(witness_post: WitnessPost, submission: Submission, post: Post, answer: object) -> bytes:
    """Ask, let the witness give an answer or raise one, and ask again."""
    with pytest.raises(PhaseError, match="not answered"):
        witness_post.ask(submission)

    def decide(_: Submission) -> bytes:
        if isinstance(answer, bytes):
            return answer
        assert isinstance(answer, Exception)
        raise answer

    reply(post, decide)
    return witness_post.ask(submission)


def test_signature_lines_come_back(post: Post) -> None:
    witness_post = WitnessPost(post, 0.0)
    assert asked(witness_post, FIRST, post, b"\xe2\x80\x94 w AAAA\n") == b"\xe2\x80\x94 w AAAA\n"
    witness_post.forget()
    with pytest.raises(PhaseError, match="not answered"):
        witness_post.ask(FIRST)


def test_a_conflict_is_remembered_until_the_second_try_has_its_answer(post: Post) -> None:
    witness_post = WitnessPost(post, 0.0)
    with pytest.raises(Conflict) as conflict:
        asked(witness_post, FIRST, post, Conflict(3))
    assert conflict.value.size == 3
    with pytest.raises(PhaseError, match="not answered"):
        witness_post.ask(SECOND)
    with pytest.raises(Conflict):
        witness_post.ask(FIRST)
    reply(post, lambda _: b"lines\n")
    assert witness_post.ask(SECOND) == b"lines\n"


def test_two_conflicts_begin_anew(post: Post) -> None:
    witness_post = WitnessPost(post, 0.0)
    with pytest.raises(Conflict):
        asked(witness_post, FIRST, post, Conflict(3))
    with pytest.raises(Conflict):
        asked(witness_post, SECOND, post, Conflict(4))
    with pytest.raises(PhaseError, match="not answered"):
        witness_post.ask(FIRST)


@pytest.mark.parametrize(
    ("refusal", "status"),
    [
        (Unsigned("who signed this"), 403),
        (UnknownLog("which log"), 404),
        (Inconsistent("a fork"), 422),
        (LogError("the clock ran back"), 400),
    ],
)
def test_refusals_have_a_status_and_may_change(refusal: LogError, status: int, post: Post) -> None:
    witness_post = WitnessPost(post, 0.0)
    with pytest.raises(LogError, match=f"answers {status}: {refusal}"):
        asked(witness_post, FIRST, post, refusal)
    assert asked(witness_post, FIRST, post, b"lines\n") == b"lines\n"


def test_one_request_waits_for_a_witness_that_is_away(post: Post) -> None:
    witness_post = WitnessPost(post, 0.0)
    for submission in (FIRST, SECOND, FIRST, SECOND):
        with pytest.raises(PhaseError, match="not answered"):
            witness_post.ask(submission)
    assert [data for _, data in post.waiting()] == [SECOND.encode()]
    patient = WitnessPost(post, 60.0)  # but not for one who has left a request unanswered
    with pytest.raises(PhaseError, match="not answered"):
        patient.ask(FIRST)


def test_what_is_no_submission_is_answered(post: Post) -> None:
    name = post.send(b"hello")
    assert reply(post, lambda _: b"lines\n") == 0
    assert (post.answered(name) or b"").startswith(b"400\n")
