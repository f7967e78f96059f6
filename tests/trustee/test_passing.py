"""Requests for decoys that a trustee passes on: exactly as they are, for anybody, a limited number."""

from __future__ import annotations

from pathlib import Path

import pytest

from psephos.post.post import Post
from psephos.protocol.enrolment.response import read_response, tokens
from psephos.protocol.enrolment.token import PendingTokens, ask_more
from psephos.protocol.entries import (
    DecoyRequest,
    Refusal,
    TokenRequest,
    TokenResponse,
    decode,
    encode_body,
    seal,
)
from psephos.trustee.passing import Passing, serve
from tests.voter.enrolling import NOW, MortalStore, Stage


class Trustee(Stage):
    """A trustee with a post for such requests."""

    def __init__(self, directory: Path, most: int = 3) -> None:
        super().__init__(directory)
        self.most, self.now = most, NOW
        self.key = self.referendum.keys.trustees[0]

    @property
    def passing(self) -> Passing:
        """Of a new process."""
        store = MortalStore(self.directory / "keys", self.lock)
        return Passing(self.setting, self.key, self.posts, store, lambda: self.now, self.most)

    def wanted(self, registrar: int = 1) -> PendingTokens:
        return ask_more(self.setting, registrar, self.referendum.draft(2, None), self.referendum.seed())

    def answer(self, asked: PendingTokens) -> TokenResponse | Refusal:
        message = self.passing.answer(asked.message)
        assert message is not None
        return read_response(self.setting, asked, message)

    def reason(self, message: bytes) -> str:
        answer = self.passing.answer(message)
        refusal = decode(answer or b"", message=True)
        assert isinstance(refusal.payload, Refusal)
        assert refusal.author == self.key.public.raw
        return refusal.payload.reason


@pytest.fixture
def trustee(tmp_path: Path) -> Trustee:
    return Trustee(tmp_path)


def test_who_asks_gets_decoy_tokens_of_a_registrar_that_sees_a_trustee_ask(trustee: Trustee) -> None:
    asked = trustee.wanted(2)
    said = trustee.answer(asked)
    assert isinstance(said, TokenResponse)
    (given,) = tokens(trustee.setting, [asked], [said])
    assert set(given) == {0, 1}
    (seen,) = trustee.posts[2].seen
    entry, wanted = decode(seen, message=True), decode(asked.message, message=True).payload
    assert isinstance(entry.payload, TokenRequest)
    assert isinstance(wanted, DecoyRequest)
    assert (entry.author, entry.payload.decoys) == (trustee.key.public.raw, wanted.decoys)
    assert (entry.payload.voter, entry.payload.padding, any(entry.payload.salt)) == ("", b"", False)
    assert trustee.posts[1].seen == []


def test_only_so_many_of_a_region_are_passed_on_to_each_registrar(trustee: Trustee) -> None:
    first = [trustee.wanted() for _ in range(3)]
    assert all(isinstance(trustee.answer(one), TokenResponse) for one in first)
    refused = trustee.answer(trustee.wanted())
    assert isinstance(refused, Refusal)
    assert refused.reason == "limit"
    assert isinstance(trustee.answer(first[0]), TokenResponse), "the same request counts once"
    assert isinstance(trustee.answer(trustee.wanted(2)), TokenResponse)


def test_other_requests_are_refused(trustee: Trustee) -> None:
    good = decode(trustee.wanted().message, message=True)
    payload = good.payload
    assert isinstance(payload, DecoyRequest)

    def message(change: DecoyRequest, election: bytes = trustee.setting.election, author: bytes = bytes(32)):
        return seal(encode_body(change, election, author), bytes(64))

    for wrong in (
        message(DecoyRequest(0, 1, payload.decoys[32:])),
        message(DecoyRequest(0, 1, payload.decoys * 2)),
        message(DecoyRequest(0, 3, payload.decoys)),
        message(DecoyRequest(9, 1, payload.decoys)),
        message(payload, election=bytes(32)),
        message(payload, author=b"x" * 32),
        b"no message",
    ):
        assert trustee.reason(wrong) == "form"
    assert trustee.posts[1].seen == []
    trustee.now = trustee.setting.definition.regions[0].closes
    assert trustee.reason(message(payload)) == "closed"


def test_what_a_registrar_has_not_answered_waits(trustee: Trustee, tmp_path: Path) -> None:
    post, asked = Post(tmp_path / "post"), trustee.wanted()
    name = post.send(asked.message)
    trustee.posts[1].away = True
    assert serve(trustee.passing, post) == 0
    assert post.answered(name) is None
    trustee.posts[1].away = False
    assert serve(trustee.passing, post) == 1
    answer = post.answered(name)
    assert isinstance(read_response(trustee.setting, asked, answer or b""), TokenResponse)
    assert serve(trustee.passing, post) == 0
