"""How a registrar answers what comes by post, and makes its roll (`spec/messages.md#post`)."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import islice

from psephos.errors import FormatError
from psephos.post.post import Requests
from psephos.protocol.enrolment.invitation import normal_name
from psephos.protocol.enrolment.roll import RollOpening
from psephos.protocol.enrolment.sealed import is_sealed
from psephos.protocol.entries import BatchQuery, Payload, ReadyRequest, TokenRequest
from psephos.registrar.registrar import Registrar

_AT_ONCE = 256
_SALT = 16

Random = Callable[[int], bytes]
"""So many fresh random bytes."""


def serve(registrar: Registrar, post: Requests, random: Random) -> int:
    """Answer what can be answered now of all that waits; returns how many that were.

    A request for tokens that is granted waits on until the log counts it.
    """
    waiting, served = post.waiting(), 0
    while requests := list(islice(waiting, _AT_ONCE)):
        answers = reply(registrar, [data for _, data in requests], random(32))
        for (name, _), answer in zip(requests, answers, strict=True):
            if answer is not None:
                post.answer(name, answer)
                served += 1
    return served


def reply(registrar: Registrar, messages: Sequence[bytes], seed: bytes) -> list[bytes | None]:
    """An answer to each message, each kind together; None for what waits for the log."""
    kinds: dict[Answering, list[int]] = {}
    for place, message in enumerate(messages):
        kinds.setdefault(_kind(message), []).append(place)
    answers: list[bytes | None] = [None] * len(messages)
    for kind, places in kinds.items():
        said = kind(registrar, [messages[place] for place in places], seed)
        for place, answer in zip(places, said, strict=True):
            answers[place] = answer
    return answers


Answering = Callable[[Registrar, Sequence[bytes], bytes], Sequence[bytes | None]]


def _kind(message: bytes) -> Answering:
    """What answers a message that begins so; all that is nothing else is refused as an admission."""
    if is_sealed(message):
        return _open
    return _KINDS.get(message[1:4], _admit)


def _give(registrar: Registrar, messages: Sequence[bytes], seed: bytes) -> Sequence[bytes | None]:
    return registrar.give(messages, seed)


def _admit(registrar: Registrar, messages: Sequence[bytes], _seed: bytes) -> Sequence[bytes | None]:
    return registrar.admit(messages)


def _open(registrar: Registrar, messages: Sequence[bytes], _seed: bytes) -> Sequence[bytes | None]:
    return registrar.open_sealed(messages)


def _say(registrar: Registrar, messages: Sequence[bytes], _seed: bytes) -> Sequence[bytes | None]:
    return [registrar.answer_query(message) for message in messages]


def _head(kind: type[Payload]) -> bytes:
    """How a message of a type begins, behind the byte that says how many elements it has."""
    return b"\x01\x18" + bytes([kind.number])


_KINDS = {_head(TokenRequest): _give, _head(ReadyRequest): _give, _head(BatchQuery): _say}


def enter(registrar: Registrar, region: int, voters: Sequence[str], random: Random) -> list[RollOpening]:
    """The openings of these voters, in their order; they are the region's roll, from the first call on.

    Their names become normal. FormatError when a voter stands there twice, or the roll has others.
    """
    names = [normal_name(voter) for voter in voters]
    known = {normal_name(opening.voter): opening for opening in registrar.openings(region)}
    if not known:
        made = [RollOpening(random(_SALT), name) for name in names]
        registrar.enter(region, made)
        return made
    if known.keys() != set(names) or len(known) < len(names):
        raise FormatError("the roll has been made, of other voters")
    return [known[name] for name in names]
