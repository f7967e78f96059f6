"""What each page says, from a snapshot, in the reader's language."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from markupsafe import Markup

from psephos.protocol.setup.definition import Definition
from psephos.server.chart import bars
from psephos.server.language import local_time, number, percent
from psephos.server.snapshot import Numbers, Snapshot
from psephos.server.words import Words

Content = dict[str, Any]


def N_(message: str) -> str:
    """Mark a message for the catalogs; it is translated where it is shown."""
    return message


MENU = {
    "referendum": N_("Referendum"),
    "progress": N_("Progress"),
    "statements": N_("Statements"),
    "log": N_("Log"),
    "result": N_("Result"),
    "verify": N_("Verify it yourself"),
    "downloads": N_("Downloads"),
}
PHASES = {
    "ceremony": N_("The trustees are making their key."),
    "enrolment": N_("Voters are enrolling."),
    "voting": N_("Voting is going on."),
    "weighing": N_("Voting is over; ballots are being weighed."),
    "closed": N_("What counts is fixed; the totals are not open yet."),
    "releasing": N_("The trustees are opening the totals."),
    "counted": N_("The totals are known."),
    "cancelled": N_("The referendum is cancelled."),
}
ROLES = {
    "organiser": N_("organiser"),
    "registrar": N_("registrar"),
    "board": N_("board"),
    "trustee": N_("trustee"),
}
KINDS = {
    "amend": N_("A day of voting gets other times"),
    "cancel": N_("The referendum is called off"),
    "accreditation": N_("An observer may make statements"),
}
STATES = {"planned": N_("planned"), "open": N_("open"), "sealed": N_("sealed")}


@dataclass(frozen=True)
class Speaker:
    """Says things in a language of the pages; wordings in one of the definition's."""

    language: str
    gettext: Callable[[str], str]
    languages: tuple[str, ...]

    @property
    def wording(self) -> str:
        """The language of the definition's texts: the reader's where it has that."""
        return self.language if self.language in self.languages else self.languages[0]

    def text(self, texts: Mapping[str, str]) -> str:
        """A text of the definition; a style may lack the reader's language."""
        return texts.get(self.wording) or next(iter(texts.values()))

    def number(self, value: int) -> str:
        """A number as the language writes it."""
        return number(value, self.language)

    def phase(self, snapshot: Snapshot) -> str:
        """How far the referendum is."""
        return self.gettext(PHASES[snapshot.phase])


def referendum(snapshot: Snapshot, speaker: Speaker) -> Content:
    """What is asked where, when, by whom."""
    definition = snapshot.definition
    contests = [_contest(definition, index, speaker) for index in range(len(definition.contests))]
    wordings = [one for contest in contests for one in contest["wordings"]]
    return {
        "contests": contests,
        "marked": any(one["question_differs"] or any(one["options_differ"]) for one in wordings),
        "regions": [_region(one, speaker) for one in snapshot.regions],
        "organiser": definition.organiser.name,
        "registrar": definition.registrar.name,
        "board": definition.board.name,
        "trustees": [one.name for one in definition.trustees.members],
        "threshold": speaker.number(definition.trustees.threshold),
        "witnesses": [one.name for one in definition.witnesses.members],
        "quorum": speaker.number(definition.witnesses.quorum),
    }


def _contest(definition: Definition, index: int, speaker: Speaker) -> Content:
    """A contest with a column for each of its wordings, the first one's first."""
    columns: dict[tuple[str, ...], list[str]] = {}
    for region in definition.regions_of(index):
        asked = next(one for one in region.style.contests if one.contest.index == index)
        texts = speaker.text(asked.question), *map(speaker.text, asked.options)
        columns.setdefault(texts, []).append(speaker.text(region.name))
    first = next(iter(columns))
    return {
        "id": definition.contests[index].id,
        "options": definition.contests[index].options,
        "wordings": [
            {
                "regions": regions,
                "question": texts[0],
                "question_differs": texts[0] != first[0],
                "options": texts[1:],
                "options_differ": [one != other for one, other in zip(texts[1:], first[1:], strict=True)],
            }
            for texts, regions in columns.items()
        ],
    }


def progress(snapshot: Snapshot, speaker: Speaker) -> Content:
    """How far each region is, day by day."""
    return {"regions": [_region(one, speaker) for one in snapshot.regions]}


def _region(numbers: Numbers, speaker: Speaker) -> Content:
    zone = numbers.region.timezone
    return {
        "name": speaker.text(numbers.region.name),
        "zone": zone,
        "roll": speaker.number(numbers.roll),
        "enrolled": speaker.number(numbers.enrolled),
        "cards": speaker.number(numbers.cards),
        "days": [
            {
                "number": day.number,
                "opens": local_time(day.opens, zone, speaker.language),
                "seals": local_time(day.seals, zone, speaker.language),
                "state": speaker.gettext(STATES[day.state]),
                "ballots": speaker.number(day.ballots),
            }
            for day in numbers.days
        ],
    }


def statements(snapshot: Snapshot, speaker: Speaker) -> Content:
    """What was said and decided, the latest first."""
    return {"statements": [_said(one, snapshot, speaker) for one in snapshot.words]}


def _said(one: Words, snapshot: Snapshot, speaker: Speaker) -> Content:
    role = speaker.gettext(ROLES[one.author.role]) if one.author.role in ROLES else one.author.role
    said = {
        "index": one.index,
        "who": f"{one.author.name}, {role}",
        "language": one.language,
        "subject": one.subject or speaker.gettext(KINDS[one.kind]),
        "text": one.text,
        "attachment": one.attachment,
        "day": "",
    }
    if one.day is not None:
        index, day, opens, seals = one.day
        region = snapshot.regions[index].region
        times = (local_time(time, region.timezone, speaker.language) for time in (opens, seals))
        said["day"] = f"{speaker.text(region.name)}, {speaker.number(day)}: {' – '.join(times)}"
    return said


def result(snapshot: Snapshot, speaker: Speaker) -> Content:
    """The certified result, in total and by area."""
    if snapshot.result is None:
        return {"cancelled": snapshot.phase == "cancelled", "contests": []}
    document = json.loads(snapshot.result)
    names = {one.region.id: speaker.text(one.region.name) for one in snapshot.regions}
    return {
        "cancelled": document["status"] == "cancelled",
        "contests": [_outcome(one, snapshot, speaker, names) for one in document["contests"]],
    }


def _outcome(contest: Content, snapshot: Snapshot, speaker: Speaker, names: Mapping[str, str]) -> Content:
    definition, total = snapshot.definition, contest["total"]
    (index,) = (one.index for one in definition.contests if one.id == contest["id"])
    region = definition.regions_of(index)[0]
    asked = next(one for one in region.style.contests if one.contest.index == index)
    labels = dict(zip(definition.contests[index].options, map(speaker.text, asked.options), strict=True))
    areas = list(_areas(contest, labels, speaker, names))
    counted = [one for one in contest["areas"] if one["counted"]] if len(areas) > 1 else []
    named = total | {"id": contest["id"], "name": speaker.gettext(N_("Total")), "counted": 1}
    return {
        "id": contest["id"],
        "question": speaker.text(asked.question),
        "options": list(labels.values()),
        "outcome": _rule(contest, labels, speaker),
        "chart": _chart(named["name"], total, labels, speaker),
        "areas": [*areas, _row(named["name"], named, labels, speaker, is_total=True)],
        "charts": [
            {"name": names[one["id"]], "chart": _chart(names[one["id"]], one, labels, speaker)}
            for one in counted
        ],
    }


def _rule(contest: Content, labels: Mapping[str, str], speaker: Speaker) -> str:
    if "rule" not in contest:
        return ""
    carried = N_("“%s” is carried.") if contest["rule"]["carried"] else N_("“%s” is not carried.")
    return speaker.gettext(carried) % labels[contest["rule"]["option"]]


def _areas(
    contest: Content, labels: Mapping[str, str], speaker: Speaker, names: Mapping[str, str]
) -> Iterator[Content]:
    for area in contest["areas"]:
        name = ", ".join(names[one] for one in [area["id"], *(set(area["regions"]) - {area["id"]})])
        yield _row(name, area, labels, speaker)


def _row(
    name: str, tally: Content, labels: Mapping[str, str], speaker: Speaker, is_total: bool = False
) -> Content:
    row: Content = {"name": name, "counted": tally["counted"], "total": is_total}
    row |= {what: speaker.number(tally[what]) for what in ("enrolled", "roll")}
    if tally["counted"]:
        row |= {what: speaker.number(tally[what]) for what in ("blank", "voted")}
        row["votes"] = [_share(tally["votes"][option], tally, speaker) for option in labels]
    return row


def _share(votes: int, tally: Content, speaker: Speaker) -> str:
    share = percent(votes, sum(tally["votes"].values()), speaker.language)
    return f"{speaker.number(votes)} ({share})"


def _chart(title: str, tally: Content, labels: Mapping[str, str], speaker: Speaker) -> Markup:
    votes = tally["votes"]
    rows = [(label, votes[one], _share(votes[one], tally, speaker)) for one, label in labels.items()]
    blank = tally["blank"]
    rows.append((speaker.gettext(N_("Blank")), blank, speaker.number(blank)))
    return Markup(bars(rows, title, blank_last=True))  # noqa: S704  # what it draws is escaped there


def nothing(_snapshot: Snapshot, _speaker: Speaker) -> Content:
    """A page that tells nothing of the snapshot."""
    return {}


PAGES: dict[str, Callable[[Snapshot, Speaker], Content]] = {
    "referendum": referendum,
    "progress": progress,
    "statements": statements,
    "log": nothing,
    "result": result,
    "verify": nothing,
    "downloads": nothing,
}
