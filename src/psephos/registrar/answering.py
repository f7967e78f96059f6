"""How a registrar answers what comes by post, and makes its roll (`spec/messages.md#post`)."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import islice

from psephos.errors import FormatError
from psephos.post.post import Requests
from psephos.protocol.enrolment.invitation import normal_name
from psephos.protocol.enrolment.roll import Opening
from psephos.protocol.entry import BatchQuery, Payload, ReadyRequest, TokenRequest
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
    """An answer to each message, each kind together; None for tokens that wait for the log."""
    asking = [place for place, data in enumerate(messages) if _is(data, TokenRequest, ReadyRequest)]
    queries = [place for place, data in enumerate(messages) if _is(data, BatchQuery)]
    others = sorted(set(range(len(messages))) - {*asking, *queries})
    answers: list[bytes | None] = [None] * len(messages)
    given = registrar.give([messages[place] for place in asking], seed)
    admitted = registrar.admit([messages[place] for place in others])
    for place, answer in (*zip(asking, given, strict=True), *zip(others, admitted, strict=True)):
        answers[place] = answer
    for place in queries:
        answers[place] = registrar.answer_query(messages[place])
    return answers


def _is(data: bytes, *types: type[Payload]) -> bool:
    """Whether a message begins as one of these types does."""
    return data[1:4] in [b"\x01\x18" + bytes([kind.number]) for kind in types]


def enter(registrar: Registrar, region: int, voters: Sequence[str], random: Random) -> list[Opening]:
    """The openings of these voters, in their order; they are the region's roll, from the first call on.

    Their names become normal. FormatError when a voter stands there twice, or the roll has others.
    """
    names = [normal_name(voter) for voter in voters]
    known = {normal_name(opening.voter): opening for opening in registrar.openings(region)}
    if not known:
        made = [Opening(random(_SALT), name) for name in names]
        registrar.enter(region, made)
        return made
    if known.keys() != set(names) or len(known) < len(names):
        raise FormatError("the roll has been made, of other voters")
    return [known[name] for name in names]
