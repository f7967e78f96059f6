"""Incidents: what they say, and where they were, on a map with a list beside it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from markupsafe import Markup

from psephos.language.catalog import N_
from psephos.language.formats import local_span
from psephos.protocol import entries
from psephos.protocol.correspondence import Words
from psephos.protocol.sayings import NO_REGION, read_point
from psephos.server.pages.incident_map import drawing, framed, gathered
from psephos.server.pages.replies import silent
from psephos.server.pages.snapshot import Snapshot
from psephos.server.pages.speaker import Content, Speaker
from psephos.server.pages.times import LocalTimeline

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
DRAWN = 100
"""Incidents that a map has at most, the latest ones."""


def on_a_map(words: Sequence[Words], speaker: Speaker, when: LocalTimeline) -> Content | None:
    """The map, and for each of its numbers where it is and what was observed there; None without points."""
    located = [(entry, entry.payload) for entry in words if isinstance(entry.payload, entries.Incident)]
    pointed = [(entry, point) for entry, seen in located if (point := read_point(seen.point)) is not None]
    if not pointed:
        return None
    incidents, points = zip(*pointed[:DRAWN], strict=True)
    frame = framed(points)
    spots = gathered(points, frame)
    counts = {"incidents": speaker.number(len(points)), "points": speaker.number(len(spots))}
    title = speaker.gettext(N_("Map. Incidents: %(incidents)s, numbered points: %(points)s")) % counts
    return {
        "drawing": Markup(drawing(frame, spots, title)),  # noqa: S704  # numbers, and the title, escaped
        "spots": [
            (degrees(spot.point), [_located(incidents[entry], speaker, when) for entry in spot.members])
            for spot in spots
        ],
        "older": speaker.number(len(pointed) - DRAWN) if len(pointed) > DRAWN else "",
    }


def _located(entry: Words, speaker: Speaker, when: LocalTimeline) -> Content:
    return {
        "index": entry.index,
        "place": getattr(entry.payload, "place", ""),
        "language": entry.language,
        "kind": kind_of(getattr(entry.payload, "kind", ""), speaker),
        "silent": silent(entry, speaker, when),
    }


def kind_of(kind: str, speaker: Speaker) -> str:
    """A kind of incident in words, if pages have some for it."""
    return speaker.gettext(INCIDENTS[kind]) if kind in INCIDENTS else kind


def degrees(point: tuple[float, float]) -> str:
    """Latitude and longitude, as maps take them."""
    return "{:.6f}, {:.6f}".format(*point)


def incident_facts(
    incident: entries.Incident, snapshot: Snapshot, speaker: Speaker, when: LocalTimeline
) -> Iterator[str]:
    """What is data in an incident, a line each."""
    kind = kind_of(incident.kind, speaker)
    zone, region = when.zone, ""
    if incident.region != NO_REGION:
        known = snapshot.regions[incident.region].region
        zone, region = known.timezone, speaker.text(known.name)
    yield ", ".join(filter(None, (kind, region)))
    times = local_span(incident.observed_from, incident.observed_to, zone, speaker.language)
    yield speaker.gettext(N_("Observed: %(times)s")) % {"times": times}
    if (point := read_point(incident.point)) is not None:
        yield speaker.gettext(N_("Latitude and longitude: %(point)s")) % {"point": degrees(point)}
