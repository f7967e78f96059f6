"""The page of what is said in the log: by kind, with who it was, when, and what was answered."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from psephos.language.catalog import N_
from psephos.language.formats import local_span
from psephos.protocol import entry as entries
from psephos.protocol.sayings import NO_REGION, read_point
from psephos.protocol.setup.areas import counting_areas
from psephos.server.pages.snapshot import Snapshot
from psephos.server.pages.speaker import Content, Speaker
from psephos.server.pages.times import Times
from psephos.server.pages.wordings import asked
from psephos.server.pages.words import Author, Words

ROLES = {
    "organiser": N_("organiser"),
    "registrar": N_("registrar"),
    "board": N_("board"),
    "trustee": N_("trustee"),
    "witness": N_("witness"),
    "appeals": N_("hears appeals"),
    "observer": N_("observer"),
}
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
INCIDENTS = {
    "access": N_("access to voting"),
    "campaign": N_("campaign"),
    "conduct": N_("conduct of officials"),
    "count": N_("count"),
    "equipment": N_("equipment"),
    "intimidation": N_("intimidation"),
    "secrecy": N_("secrecy of the vote"),
    "violence": N_("violence"),
    "other": N_("other"),
}
SAID = 20
"""Entries that a page has at most: each may be as long as an entry."""
_WAITING = ("incident", "objection")
"""Kinds of which it is said when nobody has answered."""


def listed(one: Words) -> str:
    """The list that an entry is on."""
    return one.kind if one.kind in LISTS else "decision"


def statements(snapshot: Snapshot, speaker: Speaker, last: int | None, when: Times, only: str) -> Content:
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
        "all": speaker.number(len(snapshot.words)),
        "earlier": said[first + SAID].index if first + SAID < len(said) else None,
        "later": said[max(first - SAID, 0)].index if first else None,
    }


def _said(one: Words, snapshot: Snapshot, speaker: Speaker, when: Times) -> Content:
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
        "answers": one.answers,
        "granted": one.granted,
        "asked": one.kind == "request",
        "waiting": one.kind in _WAITING and not one.answers,
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
    return str(getattr(one.payload, "text", ""))


def facts(one: Words, snapshot: Snapshot, speaker: Speaker, when: Times) -> Iterator[str]:
    """What is data in an entry, a line each."""
    match one.payload:
        case entries.Incident() as incident:
            yield from _incident(incident, snapshot, speaker, when)
        case entries.Amend(region, day, opens, seals):
            known = snapshot.regions[region].region
            numbered = speaker.gettext(N_("day %(number)s")) % {"number": speaker.number(day)}
            times = local_span(opens, seals, known.timezone, speaker.language)
            yield f"{speaker.text(known.name)}, {numbered}: {times}"
        case entries.Request() if one.sponsor is not None:
            yield speaker.gettext(N_("Countersigned by %(who)s")) % {"who": who(one.sponsor, speaker)}


def _incident(incident: entries.Incident, snapshot: Snapshot, speaker: Speaker, when: Times) -> Iterator[str]:
    kind = speaker.gettext(INCIDENTS[incident.kind]) if incident.kind in INCIDENTS else incident.kind
    zone, region = when.zone, ""
    if incident.region != NO_REGION:
        known = snapshot.regions[incident.region].region
        zone, region = known.timezone, speaker.text(known.name)
    yield ", ".join(filter(None, (kind, region)))
    times = local_span(incident.observed_from, incident.observed_to, zone, speaker.language)
    yield speaker.gettext(N_("Observed: %(times)s")) % {"times": times}
    if (point := read_point(incident.point)) is not None:
        yield speaker.gettext(N_("Latitude and longitude: %(point)s")) % {
            "point": "{:.6f}, {:.6f}".format(*point)
        }


def who(author: Author, speaker: Speaker) -> str:
    """Name and role."""
    role = speaker.gettext(ROLES[author.role]) if author.role in ROLES else author.role
    return ", ".join(filter(None, (author.name, role)))
