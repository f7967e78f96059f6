"""Taking groups in: each token admits one, each card comes once (`spec/messages.md#group`)."""

from __future__ import annotations

import hmac
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from psephos.crypto.token import token_outputs
from psephos.protocol.enrolment.admission import Fault, check_groups, decode_groups, group_of
from psephos.protocol.enrolment.group import commitments, pairs, width
from psephos.protocol.enrolment.token import rows
from psephos.protocol.entry import Entry, Group, GroupReceipt
from psephos.protocol.message import identity
from psephos.registrar.batches import Admitted, Batches
from psephos.registrar.office import Office


@dataclass
class _Spent:
    """What a token was spent on: body hash and commitment of the group, and the receipt for it."""

    body: bytes
    commitment: bytes = b""
    receipt: bytes = b""


def enrol(office: Office, batches: Batches, messages: Sequence[bytes]) -> list[bytes]:
    """A receipt or a signed refusal for each group, in order; on disk before it is returned."""
    groups, faults = decode_groups(office.definition, office.election, messages)
    with office.store.lock:  # until `known` is what is on disk
        spent = _take(office, batches, groups, faults)
    return [
        _refuse(office, message, faults[place], groups.get(place), spent)
        if place in faults
        else spent[groups[place].author].receipt
        for place, message in enumerate(messages)
    ]


def _take(
    office: Office, batches: Batches, groups: Mapping[int, Entry], faults: dict[int, Fault]
) -> dict[bytes, _Spent]:
    """Check groups and spend their tokens; what is wrong with others joins `faults`."""
    with office.store.write() as database:
        spent = _find_spent(office, groups.values())
        fresh = {place: one for place, one in groups.items() if not _is_spent_on(spent, one)}
        faults.update(_faults(office, fresh))
        admitted = _admit(office, batches, fresh, spent, faults)
        numbers = batches.add(database, list(admitted.values()))
        stored = []
        for place, number in zip(admitted, numbers, strict=True):
            token = groups[place].author
            one = spent[token]
            one.receipt = office.sign(GroupReceipt(admitted[place].region, one.body, one.commitment, number))
            stored.append((token, one.body, one.commitment, one.receipt))
        database.executemany("INSERT INTO spent VALUES (?, ?, ?, ?)", stored)
    batches.known.add(batches.keys(b"".join(group.cards for group in admitted.values())))
    return spent


def _refuse(
    office: Office, message: bytes, fault: Fault, entry: Entry | None, spent: Mapping[bytes, _Spent]
) -> bytes:
    if entry is None or fault.reason != "spent":
        return office.refuse(identity(message), fault)
    return office.refuse(entry.body_hash, fault, spent[entry.author].commitment)


def _find_spent(office: Office, entries: Iterable[Entry]) -> dict[bytes, _Spent]:
    """The tokens, of those that sign these groups, that were spent in earlier calls."""
    statement = "SELECT token, body, commitment, receipt FROM spent WHERE token IN (*)"
    found = office.store.read_in(statement, values={entry.author for entry in entries})
    return {token: _Spent(*row) for token, *row in found}


def _is_spent_on(spent: Mapping[bytes, _Spent], entry: Entry) -> bool:
    """Whether a group's token was spent, and on this group."""
    return entry.author in spent and spent[entry.author].body == entry.body_hash


def _faults(office: Office, groups: Mapping[int, Entry]) -> dict[int, Fault]:
    """What is wrong with groups, by position: by themselves, with their tokens, or with the time."""
    faults = check_groups(office.definition, office.election, office.key, groups)
    places: dict[tuple[int, int], dict[int, Group]] = {}
    for place, entry in groups.items():
        group = group_of(entry)
        places.setdefault((group.region, group.kind), {})[place] = group
    for (region, kind), some in places.items():
        if office.closed(region):
            faults |= dict.fromkeys(some, Fault("closed", f"enrolment of region {region} is over"))
            continue
        keys = b"".join(groups[place].author for place in some)
        outputs = rows(token_outputs(office.token_key(region, kind), keys), 64)
        for (place, group), output in zip(some.items(), outputs, strict=True):
            if not hmac.compare_digest(output, group.output):
                faults[place] = Fault("token", "not a token of this region and kind")
    return faults


def _admit(
    office: Office,
    batches: Batches,
    groups: Mapping[int, Entry],
    spent: dict[bytes, _Spent],
    faults: dict[int, Fault],
) -> dict[int, Admitted]:
    """Spend the tokens of faultless groups, the first first; what comes too late joins `faults`."""
    size = width(office.definition)
    records = {place: rows(group_of(entry).cards, size) for place, entry in groups.items()}
    enrolled = batches.enrolled(b"".join(record[:32] for some in records.values() for record in some))
    admitted: list[int] = []
    for place, entry in groups.items():
        if place in faults or _is_spent_on(spent, entry):
            continue
        keys = {record[:32] for record in records[place]}
        if entry.author in spent:
            faults[place] = Fault("spent", "the token was spent on another group")
        elif not enrolled.isdisjoint(keys):
            faults[place] = Fault("card", "a card is enrolled already")
        else:
            enrolled |= keys
            spent[entry.author] = _Spent(entry.body_hash)
            admitted.append(place)
    return _commit(office, {place: groups[place] for place in admitted}, records, spent)


def _commit(
    office: Office,
    groups: Mapping[int, Entry],
    records: Mapping[int, Sequence[bytes]],
    spent: Mapping[bytes, _Spent],
) -> dict[int, Admitted]:
    """What is kept of groups whose tokens are spent on them, their cards sorted; notes their commitments."""
    cards = {place: b"".join(sorted(records[place])) for place in groups}
    shown = [
        (group_of(entry).nonce, entry.author, pairs(office.definition, cards[place]))
        for place, entry in groups.items()
    ]
    admitted = {}
    for (place, entry), committed in zip(groups.items(), rows(commitments(shown), 32), strict=True):
        group = group_of(entry)
        spent[entry.author].commitment = committed
        admitted[place] = Admitted(group.region, group.kind, committed, group.randomness, cards[place])
    return admitted
