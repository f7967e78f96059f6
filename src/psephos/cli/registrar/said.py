"""What a registrar did, or is waiting for, in a line each."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from psephos.protocol import entries
from psephos.protocol.entries import Payload, decode
from psephos.protocol.record import Record
from psephos.protocol.setup.definition import Definition
from psephos.registrar.registrar import Registrar


def logged(definition: Definition, data: Iterable[bytes]) -> Iterator[str]:
    """What entries say that are sent to the board."""
    for each in data:
        if text := _said(definition, decode(each).payload):
            yield text


def _said(definition: Definition, payload: Payload) -> str:
    if isinstance(payload, entries.TokenKeys):
        return "sent the token keys"
    if isinstance(payload, entries.Given):
        return f"sent the count of those who got tokens: {payload.count}"
    if isinstance(payload, entries.Batch):
        last = ", the last" if payload.last else ""
        name = definition.regions[payload.region].id
        return f"sent batch {payload.batch} of {name}: {payload.cards} cards{last}"
    if isinstance(payload, entries.Endorse):
        return f"endorsed batch {payload.batch} of {definition.regions[payload.region].id}"
    if isinstance(payload, entries.Objection):
        return f"objected to {payload.subject}: {payload.text}"
    if isinstance(payload, entries.Issued):
        return f"sent who got tokens in {definition.regions[payload.region].id}: {payload.size}"
    return ""


def waits(registrar: Registrar, record: Record) -> Iterator[str]:
    """What keeps this registrar's enrolment from going on, as far as it can be seen from here."""
    if not record.ceremony.complete:
        yield "waits for the trustees: the ceremony is not complete"
        return
    for roster, region in zip(record.rosters, record.definition.regions, strict=True):
        if registrar.number not in roster.rolls and roster.enrolling:
            yield f"{region.id} has no roll yet: psephos registrar roll FILE --region {region.id}"
        elif roster.enrolling and roster.standing is not None:
            batch = f"batch {roster.standing.batch.batch} of {region.id}"
            for number in roster.waited_for():
                if number != registrar.number:
                    yield f"waits for registrar {number}: it endorses {batch}"
    for number in sorted({question.registrar for question in registrar.questions()}):
        yield f"waits for registrar {number}: it says which cards it has admitted"
    for index, why in sorted(registrar.objections(record).items()):
        yield f"{record.definition.regions[index].id}: not endorsed: {why}"
