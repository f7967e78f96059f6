"""A device's enrolment, from the request to the messages; it outlives the process between any two steps.

Asked: kept sealed, with all secrets, and the same requests are sent as often as need be. Made: all messages
at once, once all proofs of all responses hold; with that all is forgotten that tells which card counts.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TypeVar

from psephos.crypto.column import rows
from psephos.errors import FormatError, PhaseError
from psephos.post.channel import Channel
from psephos.protocol.enrolment.cards import CardsDraft
from psephos.protocol.enrolment.presentation import present
from psephos.protocol.enrolment.response import read_response, tokens
from psephos.protocol.enrolment.roll import RollOpening
from psephos.protocol.enrolment.setting import Setting
from psephos.protocol.enrolment.token import NOBODY, PendingTokens, ask, ask_more
from psephos.protocol.entries import Refusal, TokenRequest, TokenResponse, decode
from psephos.voter.card import Card
from psephos.voter.memory import ASKED, MADE, Asking, Made, Memory

Kept = TypeVar("Kept")
Random = Callable[[int], bytes]
"""So many random bytes, from the operating system."""
Posts = Mapping[int, Channel]
"""The way to each registrar, by number."""
Clock = Callable[[], float]
"""UTC seconds."""
LATER = "limit"
"""The word of a refusal after which the same may be asked again."""


@dataclass(frozen=True)
class SignedAnswer:
    """The signed message that came back, and what it refuses, if it does."""

    message: bytes
    refusal: Refusal | None


@dataclass
class Collected:
    """What registrars have answered, by number: signed messages, and what they hold."""

    responses: dict[int, TokenResponse] = field(default_factory=dict)
    messages: dict[int, bytes] = field(default_factory=dict)
    refused: dict[int, SignedAnswer] = field(default_factory=dict)
    waiting: list[int] = field(default_factory=list)
    silent: list[int] = field(default_factory=list)
    """Of those that are waited for, the ones that said they would have answered by now."""

    @property
    def complete(self) -> bool:
        """Whether every registrar has given tokens."""
        return not self.waiting and not self.refused


class VoterEnrolment:
    """One voter's enrolment at a time."""

    def __init__(self, setting: Setting, memory: Memory) -> None:
        self._setting, self._memory = setting, memory

    def begin(
        self,
        draft: CardsDraft,
        openings: Mapping[int, RollOpening],
        waits: Mapping[int, int],
        now: int,
        random: Random,
    ) -> None:
        """Take note of what is about to be asked of all registrars; nothing is sent yet.

        `waits`, seconds, are those of all registrars' `ready`: PhaseError where one is missing. `now` is in
        UTC seconds.
        """
        self._check_free()
        numbers = self._setting.registrars
        lacking = [number for number in numbers if number not in openings or number not in waits]
        if lacking:
            names = ", ".join(f"registrar {number}" for number in lacking)
            raise PhaseError(f"tokens are asked for once all registrars are ready: {names}")
        asked = [
            pending
            for number in numbers
            for pending in ask(self._setting, number, [draft], [openings[number]], random(32))
        ]
        self._memory.keep_asking(Asking(draft, tuple(asked), tuple(waits[n] for n in numbers), now))

    def begin_more(self, draft: CardsDraft, now: int, random: Random) -> None:
        """The same for decoys that a trustee asks for, of every registrar, in its own name."""
        self._check_free()
        asked = [ask_more(self._setting, number, draft, random(32)) for number in self._setting.registrars]
        self._memory.keep_asking(Asking(draft, tuple(asked), (0,) * len(asked), now))

    def _check_free(self) -> None:
        if self._memory.asking or self._memory.made:
            raise PhaseError("an enrolment is under way: psephos voter status")

    def collect(self, posts: Posts, timeout: float, clock: Clock) -> Collected:
        """Ask all registrars at once, and wait at most `timeout` seconds for each; nothing of it is used yet.

        VerificationError through a registrar whose answer does not fit the request.
        """
        asking, collected = _begun(self._memory.asking), Collected()
        for pending in asking.asked:
            posts[pending.registrar].send(pending.message)
        for pending, wait in zip(asking.asked, asking.waits, strict=True):
            message = posts[pending.registrar].exchange(pending.message, timeout)
            if message is None:
                collected.waiting.append(pending.registrar)
                collected.silent += [pending.registrar] if clock() > asking.at + wait else []
                continue
            said = read_response(self._setting, pending, message)
            collected.messages[pending.registrar] = message
            if isinstance(said, Refusal):
                collected.refused[pending.registrar] = SignedAnswer(message, said)
            else:
                collected.responses[pending.registrar] = said
        return collected

    def make(self, responses: Mapping[int, TokenResponse], random: Random) -> Made:
        """All messages of all cards, kept before any is sent; all that tells what weighs is forgotten.

        VerificationError `token`, which names the registrars, unless all proofs of all responses hold: then
        nothing is used of any, and nothing is forgotten.
        """
        asking = _begun(self._memory.asking)
        answers = [responses[pending.registrar] for pending in asking.asked]
        given = tokens(self._setting, asking.asked, answers)
        messages = [
            tuple(present(self._setting, pending.registrar, [asking.draft], [row], random(64))[0])
            for pending, row in zip(asking.asked, given, strict=True)
        ]
        blank = tuple((b"",) * len(row) for row in messages)
        made = Made(asking.draft.region, asking.draft.secrets, tuple(messages), blank)
        receipts = [*self._memory.receipts, *(answer.receipt for answer in answers if answer.receipt)]
        self._memory.keep_receipts(list(dict.fromkeys(receipts)))
        self._memory.keep_made(made)
        return made

    @property
    def cards(self) -> list[Card]:
        """The cards that are being enrolled, once their messages are made; ascending by K."""
        made = _begun(self._memory.made)
        return [Card.derive(self._setting.election, made.region, secret) for secret in rows(made.secrets, 16)]

    def ask_again(self, posts: Posts, registrar: int) -> None:
        """Take a registrar's refusal back, so that the same request is judged anew."""
        for pending in _begun(self._memory.asking).asked:
            if pending.registrar == registrar:
                posts[registrar].withdraw(posts[registrar].send(pending.message))

    def end(self) -> None:
        """Forget all of an enrolment but its token receipts: its cards are in the log, or lost."""
        self._memory.forget(ASKED)
        self._memory.forget(MADE)


def shows_use(setting: Setting, asked: PendingTokens, refusal: Refusal) -> bool:
    """Whether a refusal `issued` shows another request for the same voter's tokens.

    One that shows none proves no use: the invitation is kept as unused (`spec/messages.md#tokens`). The
    request that it shows need not be a thief's: it may be of a device of the voter's that was lost.
    """
    try:
        entry = decode(refusal.evidence, message=True)
    except FormatError:
        return False
    shown = entry.payload
    if not isinstance(shown, TokenRequest) or entry.author != NOBODY or entry.referendum != setting.election:
        return False
    name = RollOpening(shown.salt, shown.voter).hash(setting.definition.hash, asked.registrar, shown.region)
    return name == asked.hash and refusal.evidence != asked.message


def _begun(kept: Kept | None) -> Kept:
    if kept is None:
        raise PhaseError("no enrolment is under way: begin with psephos voter enrol")
    return kept
