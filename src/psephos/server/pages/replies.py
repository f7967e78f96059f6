"""Who says something, who answers it, how long that took, and for how long nobody has."""

from __future__ import annotations

from psephos.language.catalog import N_
from psephos.language.formats import duration
from psephos.protocol.correspondence import Author, Reply, Words
from psephos.server.pages.speaker import Content, Speaker
from psephos.server.pages.times import LocalTimeline

ROLES = {
    "organiser": N_("organiser"),
    "registrar": N_("registrar"),
    "board": N_("board"),
    "trustee": N_("trustee"),
    "witness": N_("witness"),
    "appeals": N_("hears appeals"),
    "observer": N_("observer"),
}
_MINUTE = 60


def reply(entry: Words, by: Reply, speaker: Speaker, when: LocalTimeline) -> Content:
    """Where and by whom something was answered, and how long that took."""
    delay = entry.took(by, when)
    least = duration(delay.least, speaker.language)
    most = "" if delay.most is None else duration(max(delay.most, _MINUTE), speaker.language, up=True)
    if not most:
        took = N_("Time it took: at least %(least)s") if delay.least >= _MINUTE else ""
    elif delay.least < _MINUTE:
        took = N_("Time it took: at most %(most)s")
    else:
        took = N_("Time it took: %(least)s to %(most)s") if least != most else N_("Time it took: %(most)s")
    said = speaker.gettext(took) % {"least": least, "most": most} if took else ""
    return {"index": by.index, "who": attribution(by.author, speaker), "own": by.own, "took": said}


def silent(entry: Words, speaker: Speaker, when: LocalTimeline) -> str:
    """For how long at least nobody has answered; empty while that is not a minute yet."""
    silence = entry.silence(when)
    return duration(silence, speaker.language) if silence is not None and silence >= _MINUTE else ""


def attribution(author: Author, speaker: Speaker) -> str:
    """Name and role."""
    role = speaker.gettext(ROLES[author.role]) if author.role in ROLES else author.role
    return ", ".join(filter(None, (author.name, role)))
