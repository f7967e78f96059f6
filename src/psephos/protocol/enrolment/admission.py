"""What is right or wrong with a group by itself, before it is admitted (`spec/messages.md#group`)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

from psephos.crypto.card import RECORD, check_cards, check_sums
from psephos.crypto.column import columns
from psephos.crypto.schnorr import check_signatures
from psephos.errors import FormatError
from psephos.protocol.enrolment.group import PURPOSE, right_size, width
from psephos.protocol.enrolment.roster import UNWEIGHTED
from psephos.protocol.enrolment.token import VOTER, rows
from psephos.protocol.entry import Entry, Group, decode
from psephos.protocol.setup.definition import Definition


class Fault(NamedTuple):
    """Why something is refused: one word, and what is wrong."""

    reason: str
    detail: str
    evidence: bytes = b""


def decode_groups(
    definition: Definition, election: bytes, messages: Sequence[bytes]
) -> tuple[dict[int, Entry], dict[int, Fault]]:
    """Groups of this referendum by their position in `messages`, and what is wrong with all others."""
    groups: dict[int, Entry] = {}
    faults: dict[int, Fault] = {}
    for position, message in enumerate(messages):
        try:
            groups[position] = _decode(definition, election, message)
        except FormatError as error:
            faults[position] = Fault("form", str(error))
    return groups, faults


def _decode(definition: Definition, election: bytes, message: bytes) -> Entry:
    entry = decode(message, message=True)
    group = entry.payload
    if not isinstance(group, Group):
        raise FormatError(f"a {group.type_name()} is no group")
    if entry.referendum != election:
        raise FormatError("group: of another referendum")
    if group.region >= len(definition.regions):
        raise FormatError(f"group: there is no region {group.region}")
    records = rows(group.cards, width(definition))
    if group.kind > VOTER or not right_size(definition, group.kind, len(records)):
        raise FormatError(f"group: {len(records)} cards are not of kind {group.kind}")
    if len(records[-1]) < width(definition) or len({record[:32] for record in records}) < len(records):
        raise FormatError("group: a card is cut short, or stands in it twice")
    if not definition.coercion_resistant and group.randomness != UNWEIGHTED:
        raise FormatError("group: randomness without weights")
    return entry


def check_groups(
    definition: Definition, election: bytes, key: bytes, groups: Mapping[int, Entry]
) -> dict[int, Fault]:
    """What is wrong with decoded groups, by position: signature, records, sum of weights.

    All that a group shows by itself; whether its token is right and its cards are new, the registrar knows.
    """
    payloads = {position: group_of(entry) for position, entry in groups.items()}
    faults = {
        position: Fault("proof", "its cards do not weigh its kind")
        for position in _sums(definition, key, payloads)
    }
    for region in {group.region for group in payloads.values()}:
        some = {position: group.cards for position, group in payloads.items() if group.region == region}
        faults.update(_records(definition, election, key, region, some))
    keys = b"".join(entry.author for entry in groups.values())
    hashes = b"".join(entry.body_hash for entry in groups.values())
    signatures = b"".join(entry.signature for entry in groups.values())
    positions = list(groups)
    for row in check_signatures(PURPOSE, keys, hashes, signatures):
        faults[positions[row]] = Fault("token", "the token's signature does not hold")
    return faults


def group_of(entry: Entry) -> Group:
    """The payload of a decoded group."""
    if not isinstance(entry.payload, Group):
        raise TypeError(f"a {entry.payload.type_name()} is no group")
    return entry.payload


def _sums(definition: Definition, key: bytes, groups: Mapping[int, Group]) -> list[int]:
    """The positions of groups whose ciphertexts do not add up."""
    if not definition.coercion_resistant:
        return []
    weights = columns(b"".join(group.cards for group in groups.values()), RECORD, 32, 96)
    counts = [len(group.cards) // RECORD for group in groups.values()]
    randomness = b"".join(group.randomness for group in groups.values())
    bad = check_sums(key, weights, counts, randomness, [group.kind for group in groups.values()])
    positions = list(groups)
    return [positions[row] for row in bad]


def _records(
    definition: Definition, election: bytes, key: bytes, region: int, cards: Mapping[int, bytes]
) -> Iterator[tuple[int, Fault]]:
    """Check 4.3 of the cards of groups of a region, which go by the groups' positions."""
    records = b"".join(cards.values())
    bad = check_cards(election, region, key, records, not definition.coercion_resistant)
    if not bad:
        return
    size = width(definition)
    owner = [place for place, some in cards.items() for _ in range(len(some) // size)]
    for row, reason in bad:
        card = records[row * size :][:32].hex()
        yield owner[row], Fault("proof", f"card {card}: {reason}")
