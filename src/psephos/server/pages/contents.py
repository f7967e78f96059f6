"""What an entry says, for people: its type in words, and its content where people can read that."""

from __future__ import annotations

from collections.abc import Iterator

from psephos.language.catalog import N_
from psephos.language.formats import local_time
from psephos.protocol import entries
from psephos.protocol.entries import Payload
from psephos.protocol.sayings import NO_REGION
from psephos.server.pages.incidents import INCIDENTS
from psephos.server.pages.snapshot import Snapshot
from psephos.server.pages.speaker import Speaker
from psephos.server.pages.statements import HEADINGS, KINDS

TYPES: dict[type[Payload], str] = {
    entries.DefinitionEntry: N_("The definition of the referendum"),
    entries.Part: N_("A part of a longer entry"),
    entries.CheckpointEntry: N_("What the witnesses have signed"),
    entries.Roll: N_("The roll of a region"),
    entries.CeremonyCommit: N_("A trustee begins to make the key"),
    entries.CeremonyReveal: N_("A trustee shows a part of the key"),
    entries.CeremonyDeal: N_("A trustee deals shares of the key"),
    entries.CeremonyConfirm: N_("A trustee confirms the shares"),
    entries.CeremonyComplain: N_("A trustee complains about a share"),
    entries.CeremonyAnswer: N_("A trustee answers a complaint"),
    entries.CeremonyDeadline: N_("A deadline for the trustees"),
    entries.CeremonySign: N_("A trustee signs the key"),
    entries.TokenKeys: N_("A registrar's keys"),
    entries.Given: N_("A registrar says how many voters it has given tokens to"),
    entries.Batch: N_("A batch of cards"),
    entries.Endorse: N_("A registrar endorses a batch of cards"),
    entries.Issued: N_("Who was given a token"),
    entries.Open: N_("A day of voting opens"),
    entries.Seal: N_("A day of voting is sealed"),
    entries.Ballot: N_("A ballot"),
    entries.Weighing: N_("Ballots are weighed"),
    entries.Close: N_("What counts is fixed"),
    entries.Shares: N_("A trustee's shares of the totals"),
    entries.Result: N_("The result"),
    entries.Statement: N_("A statement"),
    entries.Grant: HEADINGS["grant"],
    entries.Amend: HEADINGS["amend"],
    entries.Cancel: HEADINGS["cancel"],
    entries.BoothManifest: N_("The pages on which people vote"),
    entries.Declaration: KINDS["declaration"],
    entries.Incident: KINDS["incident"],
    entries.Objection: KINDS["objection"],
    entries.Answer: KINDS["answer"],
    entries.Annulment: KINDS["annulment"],
    entries.Request: KINDS["request"],
}
_LABELS = {
    "region": N_("Region"),
    "day": N_("Day"),
    "batch": N_("Batch"),
    "cards": N_("Cards"),
    "area": N_("Area"),
    "provision": N_("Provision"),
    "kind": N_("Kind"),
    "place": N_("Place"),
    "observed_from": N_("Observed from"),
    "observed_to": N_("Observed until"),
    "subject": N_("Subject"),
    "text": N_("Text"),
    "reason": N_("Reason"),
    "name": N_("Name"),
    "role": N_("Role"),
    "open": N_("Opens"),
    "seal": N_("Closes"),
}
"""What people can read of entries, by the name of the field."""
_TIMES = ("open", "seal", "observed_from", "observed_to")


def kind(payload: Payload, speaker: Speaker) -> str:
    """The type, in words."""
    return speaker.gettext(TYPES[type(payload)])


def content(payload: Payload, snapshot: Snapshot, speaker: Speaker) -> Iterator[tuple[str, str]]:
    """Label and value of each thing in it that people can read."""
    for name, label in _LABELS.items():
        value = getattr(payload, name, None)
        if isinstance(value, (int, str)) and value not in ("", NO_REGION):
            yield speaker.gettext(label), _value(name, value, payload, snapshot, speaker)
    if isinstance(payload, (entries.Roll, entries.Issued)):
        yield speaker.gettext(N_("Voters")), speaker.number(payload.size)
    if isinstance(payload, entries.Given):
        yield speaker.gettext(N_("Voters")), speaker.number(payload.count)


def _value(name: str, value: int | str, payload: Payload, snapshot: Snapshot, speaker: Speaker) -> str:
    if name == "kind" and value in INCIDENTS:
        return speaker.gettext(INCIDENTS[str(value)])
    if isinstance(value, str):
        return value
    region = getattr(payload, "area" if name == "area" else "region", None)
    known = (
        snapshot.regions[region].region
        if isinstance(region, int) and region < len(snapshot.regions)
        else None
    )
    if name in ("region", "area") and known is not None:
        return speaker.text(known.name)
    if name in _TIMES:
        return local_time(value, known.timezone if known else "UTC", speaker.language)
    return speaker.number(value)
