"""A device's requests: each is kept until it is answered, and then forgotten."""

from __future__ import annotations

from psephos.errors import FormatError, PhaseError
from psephos.keystore.store import KeyStore
from psephos.post.channel import Channel
from psephos.post.envelope import Envelope
from psephos.protocol.enrolment.setting import Setting
from psephos.protocol.entries import Refusal
from psephos.voter.enrolling import SignedAnswer, VoterEnrolment
from psephos.voter.memory import BALLOT, Memory
from psephos.voter.promise import check_promise


class Device:
    """Each request is made once, and then sent until there is an answer; it outlives the process."""

    def __init__(self, setting: Setting, keys: KeyStore) -> None:
        self.memory = Memory(keys)
        self.enrolling = VoterEnrolment(setting, self.memory)
        self._setting = setting

    def begin_ballot(self, entry: bytes) -> None:
        """Send a signed ballot."""
        self.memory.keep_ballot(entry)

    def fetch_promise(self, post: Channel, seal: int, timeout: float) -> SignedAnswer | None:
        """The board's answer to the ballot; None while there is none. `seal` is the day's, as planned."""
        entry = self._ballot()
        answer = post.exchange(_request(entry), timeout)
        if answer is None:
            return None
        messages = Envelope.parse(answer).entries
        if len(messages) != 1:
            raise FormatError(f"board: expected one answer to a ballot, found {len(messages)}")
        definition, election = self._setting.definition, self._setting.election
        promise = check_promise(definition, election, entry, messages[0], seal)
        return SignedAnswer(messages[0], promise if isinstance(promise, Refusal) else None)

    def end_ballot(self, post: Channel) -> None:
        """Forget the ballot, once its answer has been taken."""
        name = post.send(_request(self._ballot()))
        self.memory.forget(BALLOT)
        post.withdraw(name)

    def _ballot(self) -> bytes:
        entry = self.memory.ballot
        if entry is None:
            raise PhaseError("no ballot is on its way: make one with psephos voter vote")
        return entry


def _request(ballot: bytes) -> bytes:
    """A ballot as the board's post takes it."""
    return Envelope((ballot,)).encode()
