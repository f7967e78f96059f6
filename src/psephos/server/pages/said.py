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
from psephos.server.pages.replies import reply, silent, who
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


def listed(one: Words) -> str:
    """The list that an entry is on."""
    return one.kind if one.kind in LISTS else "decision"


def statements(
    snapshot: Snapshot, speaker: Speaker, last: int | None, when: LocalTimeline, only: str
) -> Content:
    """What was said up to entry `last`, the latest first, and where the pages beside it start.

    `only` is the list that is asked for; all of them, where it is none.
    """
    counts = Counter(map(listed, snapshot.words))
    only = only if only in counts else ""
    said = [one for one in snapshot.words if not only or listed(one) == only]
    after = 0 if last is None else sum(one.index > last for one in said)
    first = min(after, max(len(said) - 1, 0))
    return {
        "statements": [_said(one, snapshot, speaker, when) for one in said[first : first + SAID]],
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


def _said(one: Words, snapshot: Snapshot, speaker: Speaker, when: LocalTimeline) -> Content:
    return {
        "index": one.index,
        "kind": speaker.gettext(KINDS[one.kind]),
        "who": who(one.author, speaker),
        "when": when.told(one.index, speaker),
        "language": one.language,
        "subject": getattr(one.payload, "subject", "") or getattr(one.payload, "place", ""),
        "heading": heading(one, snapshot, speaker),
        "text": _text(one),
        "attachment": one.attachment,
        "facts": list(facts(one, snapshot, speaker, when)),
        "about": one.about,
        "answers": [reply(one, by, speaker, when) for by in one.answers],
        "granted": reply(one, one.granted, speaker, when) if one.granted else None,
        "asked": one.kind == "request" and not one.granted,
        "waiting": one.waiting,
        "silent": silent(one, speaker, when),
    }


def heading(one: Words, snapshot: Snapshot, speaker: Speaker) -> str:
    """What stands over an entry whose author gave it no subject."""
    match one.payload:
        case entries.Declaration(provision=provision):
            return provision
        case entries.Request(name=name):
            return name
        case entries.Annulment():
            return speaker.gettext(N_("Annulled: %(area)s")) % {
                "area": annulled(one.payload, snapshot, speaker)
            }
    return speaker.gettext(HEADINGS.get(one.kind, KINDS[one.kind]))


def annulled(payload: entries.Annulment, snapshot: Snapshot, speaker: Speaker) -> str:
    """The area that is annulled, and the question that it was asked."""
    definition, voters = snapshot.definition, [one.enrolled for one in snapshot.regions]
    areas = counting_areas(definition, payload.contest, voters)
    area = next(area for area in areas if area.region == payload.area)
    question = asked(snapshot.definition, payload.contest, speaker).question
    stands = definition.regions[area.region]
    if area.division is None:
        return f"{speaker.text(stands.name)}. {question}"
    names = ", ".join(speaker.text(definition.regions[region].name) for region in area.regions)
    return f"{speaker.text(definition.divisions[area.division].name)}: {names}. {question}"


def _text(one: Words) -> str:
    match one.payload:
        case entries.Grant(name=name, role=role):
            return f"{name} ({role})"
        case entries.Amend(reason=reason) | entries.Cancel(reason=reason):
            return reason
    return unquoted(str(getattr(one.payload, "text", "")))


def facts(one: Words, snapshot: Snapshot, speaker: Speaker, when: LocalTimeline) -> Iterator[str]:
    """What is data in an entry, a line each."""
    if (quoted := quotation(getattr(one.payload, "text", ""))) is not None:
        size = speaker.number(quoted[0])
        yield speaker.gettext(N_("Speaks of the log as it was with %(size)s entries")) % {"size": size}
    match one.payload:
        case entries.Incident() as incident:
            yield from incident_facts(incident, snapshot, speaker, when)
        case entries.Amend(region, day, opens, seals):
            known = snapshot.regions[region].region
            numbered = speaker.gettext(N_("day %(number)s")) % {"number": speaker.number(day)}
            times = local_span(opens, seals, known.timezone, speaker.language)
            yield f"{speaker.text(known.name)}, {numbered}: {times}"
        case entries.Request() if one.sponsor is not None:
            yield speaker.gettext(N_("Countersigned by %(who)s")) % {"who": who(one.sponsor, speaker)}
