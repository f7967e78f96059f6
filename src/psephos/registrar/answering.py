"""How the registrar answers what comes by post, and what it sends to a board that lacks it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import islice

from psephos.errors import FormatError
from psephos.post.post import Post
from psephos.protocol.enrolment.invitation import normal_name
from psephos.protocol.enrolment.roster import Roster
from psephos.protocol.enrolment.token import Opening
from psephos.registrar.registrar import Registrar

TOKEN_REQUEST_HEAD = b"\x8a\x01\x18\x40"  # how every token-request begins: ten elements, version 1, type 64
_AT_ONCE = 256
_SALT = 16

Random = Callable[[int], bytes]
"""So many fresh random bytes."""


def serve(registrar: Registrar, post: Post, random: Random) -> int:
    """Answer every token-request and group that waits; returns how many there were."""
    waiting, served = post.waiting(), 0
    while requests := dict(islice(waiting, _AT_ONCE)):
        asking = {name: data for name, data in requests.items() if data[:4] == TOKEN_REQUEST_HEAD}
        groups = {name: data for name, data in requests.items() if name not in asking}
        answers = registrar.issue(list(asking.values()), random(32)) + registrar.enrol(list(groups.values()))
        for name, answer in zip([*asking, *groups], answers, strict=True):
            post.answer(name, answer)
        served += len(requests)
    return served


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


def lacking(registrar: Registrar, roster: Roster) -> list[bytes]:
    """The entries that the board lacks of a region: batches that are due or signed, then issued hashes.

    `roster` is the region as the log has it, with everything that was sent before.
    """
    entries: list[bytes] = []
    number = len(roster.batches)
    while batch := registrar.batch_entries(roster.region, number + 1) or registrar.cut(roster.region):
        entries += batch
        number += 1
    if number and roster.issued is None and registrar.closed(roster.region):
        entries += registrar.issued_entries(roster.region)
    return entries
