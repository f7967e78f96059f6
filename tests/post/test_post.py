"""The post: whole files, one answer for the same bytes, nothing lost when a process ends in between."""

from __future__ import annotations

import threading
import time
from hashlib import sha256
from pathlib import Path

import pytest

from psephos.errors import FormatError
from psephos.post.post import LARGEST, Post


@pytest.fixture
def post(tmp_path: Path) -> Post:
    return Post(tmp_path)


def test_a_request_waits_until_it_is_answered(post: Post) -> None:
    name = post.send(b"question")
    assert name == sha256(b"question").hexdigest()
    assert list(post.waiting()) == [(name, b"question")]
    assert post.answered(name) is None
    post.answer(name, b"answer")
    assert list(post.waiting()) == []
    assert post.answered(name) == b"answer"


def test_the_same_bytes_are_answered_once(post: Post) -> None:
    name = post.send(b"question")
    assert post.send(b"question") == name
    post.answer(name, b"answer")
    assert post.send(b"question") == name
    assert list(post.waiting()) == []
    assert post.exchange(b"question") == b"answer"


def test_what_is_withdrawn_is_judged_anew(post: Post) -> None:
    name = post.send(b"question")
    post.answer(name, b"no")
    post.withdraw(name)
    assert post.answered(name) is None
    assert list(post.waiting()) == []
    post.send(b"question")
    assert list(post.waiting()) == [(name, b"question")]


def test_requests_come_in_the_order_of_their_ids(post: Post) -> None:
    names = sorted(post.send(bytes([one])) for one in range(20))
    assert [name for name, _ in post.waiting()] == names


def test_a_process_that_ends_between_answer_and_removal_answers_once(post: Post, tmp_path: Path) -> None:
    name = post.send(b"question")
    post.answer(name, b"answer")
    (tmp_path / "requests" / name).write_bytes(b"question")
    assert list(post.waiting()) == []
    assert not (tmp_path / "requests" / name).exists()


def test_other_files_are_passed_over(post: Post, tmp_path: Path) -> None:
    requests = tmp_path / "requests"
    (requests / ".0123.new").write_bytes(b"half")
    (requests / "README").write_bytes(b"hello")
    (requests / ("0" * 64)).write_bytes(b"bytes that do not hash to their name")
    (requests / sha256(b"long").hexdigest()).write_bytes(bytes(LARGEST + 1))
    assert list(post.waiting()) == []


@pytest.mark.parametrize("data", [b"", bytes(LARGEST + 1)])
def test_sizes_have_bounds(data: bytes, post: Post) -> None:
    with pytest.raises(FormatError, match="expected 1 to"):
        post.send(data)
    with pytest.raises(FormatError, match="expected 1 to"):
        post.answer("0" * 64, data)


def test_patience_waits_for_the_answer(post: Post) -> None:
    def answer() -> None:
        while not (found := list(post.waiting())):
            time.sleep(0.01)
        post.answer(found[0][0], b"answer")

    thread = threading.Thread(target=answer)
    thread.start()
    assert post.exchange(b"question", 10.0) == b"answer"
    thread.join()
    started = time.monotonic()
    assert post.exchange(b"another", 0.2) is None
    assert 0.2 <= time.monotonic() - started < 5
