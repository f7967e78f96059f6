"""The page of what is said in the log: by kind, with who it was, when, and what was answered."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from psephos.language.catalog import N_
from psephos.language.formats import local_span
from psephos.protocol import entries
from psephos.protocol.correspondence import Words, quotation, unquoted
from psephos.protocol.setup.areas import counting_areas
from psephos.server.pages.incidents import incident_facts, on_a_map
from psephos.server.pages.replies import attribution, reply, silent
from psephos.server.pages.snapshot import Snapshot
from psephos.server.pages.speaker import Content, Speaker
from psephos.server.pages.times import LocalTimeline
from psephos.server.pages.wordings import asked

KINDS = {
    "statement": N_("Statement"),
    "declaration": N_("Declaration"),
    "incident": N_("Incident"),
    "objection": N_("Objection"),
    "answer": N_("Answer"),
    "annulment": N_("Annulment"),
    "request": N_("Request for accreditation"),
    "grant": N_("Accreditation"),
    "amend": N_("Decision"),
    "cancel": N_("Decision"),
}
LISTS = {
    "statement": N_("Free statements"),
    "declaration": N_("Declarations"),
    "incident": N_("Incidents"),
    "objection": N_("Objections"),
    "answer": N_("Answers"),
    "annulment": N_("Annulments"),
    "request": N_("Requests"),
    "grant": N_("Accreditations"),
    "decision": N_("Decisions"),
}
"""What readers may ask for alone, by the name in the address."""
HEADINGS = {
    "amend": N_("A voting day has been moved"),
    "cancel": N_("The referendum is called off"),
    "grant": N_("An observer may make statements"),
}
SAID = 20
"""Entries that a page has at most: each may be as long as an entry."""


def listed(entry: Words) -> str:
    """The list that an entry is on."""
    return entry.kind if entry.kind in LISTS else "decision"


def statements(
    snapshot: Snapshot, speaker: Speaker, last: int | None, when: LocalTimeline, only: str
) -> Content:
    """What was said up to entry `last`, the latest first, and where the pages beside it start.

    `only` is the list that is asked for; all of them, where it is none.
    """
    counts = Counter(map(listed, snapshot.words))
    only = only if only in counts else ""
    said = [entry for entry in snapshot.words if not only or listed(entry) == only]
    after = 0 if last is None else sum(entry.index > last for entry in said)
    first = min(after, max(len(said) - 1, 0))
    return {
        "statements": [_said(entry, snapshot, speaker, when) for entry in said[first : first + SAID]],
        "lists": [
            {"name": name, "label": speaker.gettext(label), "count": speaker.number(counts[name])}
            for name, label in LISTS.items()
            if counts[name]
        ],
        "only": only,
        "map": on_a_map(said, speaker, when) if only in ("", "incident") and not first else None,
        "all": speaker.number(len(snapshot.words)),
        "earlier": said[first + SAID].index if first + SAID < len(said) else None,
        "later": said[max(first - SAID, 0)].index if first else None,
    }


def _said(entry: Words, snapshot: Snapshot, speaker: Speaker, when: LocalTimeline) -> Content:
    return {
        "index": entry.index,
        "kind": speaker.gettext(KINDS[entry.kind]),
        "who": attribution(entry.author, speaker),
        "when": when.logged_at(entry.index, speaker),
        "language": entry.language,
        "subject": getattr(entry.payload, "subject", "") or getattr(entry.payload, "place", ""),
        "heading": heading(entry, snapshot, speaker),
        "text": _text(entry),
        "attachment": entry.attachment,
        "facts": list(facts(entry, snapshot, speaker, when)),
        "about": entry.about,
        "answers": [reply(entry, by, speaker, when) for by in entry.answers],
        "granted": reply(entry, entry.granted, speaker, when) if entry.granted else None,
        "asked": entry.kind == "request" and not entry.granted,
        "waiting": entry.waiting,
        "silent": silent(entry, speaker, when),
    }


def heading(entry: Words, snapshot: Snapshot, speaker: Speaker) -> str:
    """What stands over an entry whose author gave it no subject."""
    match entry.payload:
        case entries.Declaration(provision=provision):
            return provision
        case entries.Request(name=name):
            return name
        case entries.Annulment():
            return speaker.gettext(N_("Annulled: %(area)s")) % {
                "area": annulled(entry.payload, snapshot, speaker)
            }
    return speaker.gettext(HEADINGS.get(entry.kind, KINDS[entry.kind]))


def annulled(payload: entries.Annulment, snapshot: Snapshot, speaker: Speaker) -> str:
    """The area that is annulled, and the question that it was asked."""
    definition, voters = snapshot.definition, [figures.enrolled for figures in snapshot.regions]
    areas = counting_areas(definition, payload.contest, voters)
    area = next(area for area in areas if area.region == payload.area)
    question = asked(snapshot.definition, payload.contest, speaker).question
    stands = definition.regions[area.region]
    if area.division is None:
        return f"{speaker.text(stands.name)}. {question}"
    names = ", ".join(speaker.text(definition.regions[region].name) for region in area.regions)
    return f"{speaker.text(definition.divisions[area.division].name)}: {names}. {question}"


def _text(entry: Words) -> str:
    match entry.payload:
        case entries.Grant(name=name, role=role):
            return f"{name} ({role})"
        case entries.Amend(reason=reason) | entries.Cancel(reason=reason):
            return reason
    return unquoted(str(getattr(entry.payload, "text", "")))


def facts(entry: Words, snapshot: Snapshot, speaker: Speaker, when: LocalTimeline) -> Iterator[str]:
    """What is data in an entry, a line each."""
    if (quoted := quotation(getattr(entry.payload, "text", ""))) is not None:
        size = speaker.number(quoted[0])
        yield speaker.gettext(N_("Refers to the log when it had %(size)s entries")) % {"size": size}
    match entry.payload:
        case entries.Incident() as incident:
            yield from incident_facts(incident, snapshot, speaker, when)
        case entries.Amend(region, day, opens, seals):
            known = snapshot.regions[region].region
            numbered = speaker.gettext(N_("day %(number)s")) % {"number": speaker.number(day)}
            times = local_span(opens, seals, known.timezone, speaker.language)
            yield f"{speaker.text(known.name)}, {numbered}: {times}"
        case entries.Request() if entry.sponsor is not None:
            yield speaker.gettext(N_("Countersigned by %(who)s")) % {
                "who": attribution(entry.sponsor, speaker)
            }
