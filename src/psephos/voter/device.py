"""A device's errands: what it asked for is kept until it is answered, and then forgotten."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeVar

from psephos.errors import FormatError, PhaseError
from psephos.keystore.store import KeyStore
from psephos.post.bundle import Bundle
from psephos.post.channel import Channel
from psephos.protocol.enrolment.admission import group_of
from psephos.protocol.enrolment.group import GroupDraft, sign_groups
from psephos.protocol.enrolment.token import Opening, Token, ask, finish, rows
from psephos.protocol.entry import Refusal, decode
from psephos.protocol.setup.definition import Definition
from psephos.voter.card import Card
from psephos.voter.enrolment import check_receipt
from psephos.voter.memory import BALLOT, GROUP, REQUEST, Memory
from psephos.voter.promise import check_promise

Kept = TypeVar("Kept")


@dataclass(frozen=True)
class Answer:
    """The signed message that came back, and what it refuses, if it does."""

    message: bytes
    refusal: Refusal | None


class Device:
    """Each errand is begun once, and then run until there is an answer; it outlives the process."""

    def __init__(self, definition: Definition, election: bytes, keys: KeyStore) -> None:
        self.memory = Memory(keys)
        self._definition = definition
        self._election = election

    # -- tokens

    def begin_tokens(self, region: int, opening: Opening, decoys: int, seed: bytes) -> None:
        """Ask for a voter token, and so many decoy tokens. `seed` is 32 random bytes."""
        [request] = ask(self._definition, self._election, region, [opening], [decoys], seed)
        self.memory.keep_request(request)

    def fetch_tokens(self, post: Channel, patience: float) -> Answer | None:
        """The registrar's answer, whose tokens are kept; None while there is none."""
        request = _begun(self.memory.request)
        message = post.exchange(request.message, patience)
        if message is None:
            return None
        [found] = finish(self._definition, self._election, [request], [message])
        if isinstance(found, Refusal):
            return Answer(message, found)
        kept = {token.key: token for token in [*self.memory.tokens, *found]}
        self.memory.keep_tokens(list(kept.values()))
        return Answer(message, None)

    def end_tokens(self, post: Channel) -> None:
        """Forget the request, once its answer has been taken."""
        name = post.send(_begun(self.memory.request).message)
        self.memory.forget(REQUEST)
        post.withdraw(name)

    def token(self, kind: int) -> Token | None:
        """A token of a kind that is not spent."""
        return next((token for token in self.memory.tokens if token.kind == kind), None)

    # -- groups

    def begin_group(self, draft: GroupDraft, seed: bytes) -> None:
        """Enrol a group. `seed` is 32 random bytes."""
        [message] = sign_groups([draft], seed)
        self.memory.keep_group(message, draft.secrets)

    @property
    def cards(self) -> list[Card]:
        """The cards of the group that has no receipt yet, ascending by K."""
        if self.memory.group is None:
            return []
        message, secrets = self.memory.group
        region = group_of(decode(message, message=True)).region
        return [Card.derive(self._election, region, secret) for secret in rows(secrets, 16)]

    def fetch_receipt(self, post: Channel, patience: float) -> Answer | None:
        """The registrar's answer to the group; None while there is none."""
        group, _ = _begun(self.memory.group)
        message = post.exchange(group, patience)
        if message is None:
            return None
        found = check_receipt(self._definition, self._election, group, message)
        return Answer(message, found if isinstance(found, Refusal) else None)

    def end_group(self, post: Channel, spent: bool) -> None:
        """Forget all of the group, and its token if that is spent: the answer has been taken."""
        group, _ = _begun(self.memory.group)
        if spent:
            key = decode(group, message=True).author
            self.memory.keep_tokens([token for token in self.memory.tokens if token.key != key])
        name = post.send(group)
        self.memory.forget(GROUP)
        post.withdraw(name)

    # -- ballots

    def begin_ballot(self, entry: bytes) -> None:
        """Send a signed ballot."""
        self.memory.keep_ballot(entry)

    def fetch_promise(self, post: Channel, seal: int, patience: float) -> Answer | None:
        """The board's answer to the ballot; None while there is none. `seal` is the day's, as planned."""
        entry = _begun(self.memory.ballot)
        found = post.exchange(_request(entry), patience)
        if found is None:
            return None
        messages = Bundle.parse(found).entries
        if len(messages) != 1:
            raise FormatError(f"board: {len(messages)} answers to a ballot")
        promise = check_promise(self._definition, self._election, entry, messages[0], seal)
        return Answer(messages[0], promise if isinstance(promise, Refusal) else None)

    def end_ballot(self, post: Channel) -> None:
        """Forget the ballot, once its answer has been taken."""
        name = post.send(_request(_begun(self.memory.ballot)))
        self.memory.forget(BALLOT)
        post.withdraw(name)


def _request(ballot: bytes) -> bytes:
    """A ballot as the board's post takes it."""
    return Bundle((ballot,)).encode()


def _begun(kept: Kept | None) -> Kept:
    if kept is None:
        raise PhaseError("nothing of the kind is under way")
    return kept
