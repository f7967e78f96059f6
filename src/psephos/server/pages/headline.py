"""How a referendum stands, in a few sentences for its front page: the result, or what comes next."""

from __future__ import annotations

import json
from collections.abc import Iterator

from psephos.language.catalog import N_
from psephos.language.formats import local_time
from psephos.server.pages.decision import carried
from psephos.server.pages.outcome import certified
from psephos.server.pages.snapshot import RegionFigures, Snapshot
from psephos.server.pages.speaker import Content, Speaker
from psephos.server.pages.wordings import ContestWording, asked


def headline(snapshot: Snapshot, speaker: Speaker) -> Content:
    """Each question with what came of it, if it is known; whether that is certified; and what comes next."""
    results = json.loads(snapshot.totals)["contests"] if snapshot.totals else []
    questions = []
    for contest in snapshot.definition.contests:
        worded = asked(snapshot.definition, contest.index, speaker)
        said = _came(results[contest.index], worded, speaker) if results else []
        questions.append({"question": worded.question, "said": said})
    return {
        "questions": questions,
        "certified": certified(snapshot, speaker) if results else "",
        "next": [] if results else list(_next(snapshot, speaker)),
    }


def _came(contest: Content, worded: ContestWording, speaker: Speaker) -> list[str]:
    """What came of a contest: who has more votes, and what the rule makes of that."""
    said = [_votes(contest["total"]["votes"], worded.labels, speaker)]
    if "rule" in contest:
        said.append(carried(contest["rule"], worded.labels, speaker))
    return said


def _votes(votes: dict[str, int], labels: dict[str, str], speaker: Speaker) -> str:
    whole = sum(votes.values())
    if not whole:
        return speaker.gettext(N_("No vote for an answer was counted."))
    first, second, *rest = sorted(labels, key=lambda option: -votes[option])
    figures = {
        "first": labels[first],
        "second": labels[second],
        "share": speaker.percent(votes[first], whole),
        "other": speaker.percent(votes[second], whole),
    }
    if votes[first] == votes[second]:
        said = (
            N_("No single option has the most votes.")
            if rest
            else N_("Both answers have the same number of votes.")
        )
    elif rest:
        said = N_("“%(first)s” has the most votes, %(share)s; then “%(second)s”, %(other)s.")
    else:
        said = N_("“%(first)s” has more votes: %(share)s to %(other)s.")
    return speaker.gettext(said) % figures


def _next(snapshot: Snapshot, speaker: Speaker) -> Iterator[str]:
    """The next date of each region: once for all that have the same, by name where not all have."""
    dates: dict[tuple[str, int, int, str], list[str]] = {}
    if snapshot.phase not in ("ceremony", "enrolment", "voting"):
        return
    for figures in snapshot.regions:
        if date := _date(figures):
            dates.setdefault((*date, figures.region.timezone), []).append(speaker.text(figures.region.name))
    for (state, time, closes, zone), names in sorted(dates.items(), key=lambda figures: figures[0][1]):
        times = {"time": local_time(time, zone, speaker.language)}
        times["closes"] = local_time(closes, zone, speaker.language)
        said = speaker.gettext(_SENTENCES[state]) % times
        alone = len(names) == len(snapshot.regions)
        yield said if alone else f"{', '.join(names)}: {said}"


_SENTENCES = {
    "open": N_("Voting is open until %(time)s."),
    "planned": N_("Voting opens on %(time)s."),
    "enrolling": N_("Enrolment closes on %(closes)s. Voting opens on %(time)s."),
}


def _date(numbers: RegionFigures) -> tuple[str, int, int] | None:
    """What a region does until its next time, that time, and the close of enrolment that is to come, or 0.

    None after the last day.
    """
    for day in numbers.days:
        if day.state == "open":
            return day.state, day.seals, 0
        if day.state != "sealed" and not numbers.closed:
            return "enrolling", day.opens, numbers.region.closes
        if day.state != "sealed":
            return "planned", day.opens, 0
    return None
