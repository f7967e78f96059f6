"""The page of the result: totals, areas, charts, and what came of the rule."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from fractions import Fraction

from markupsafe import Markup

from psephos.language.catalog import N_
from psephos.protocol.entries import Annulment
from psephos.server.pages.chart import Bar, bars
from psephos.server.pages.decision import AREAS, Needed, Questions, ahead, needed, outcome, share_of
from psephos.server.pages.snapshot import Snapshot
from psephos.server.pages.speaker import Content, Speaker
from psephos.server.pages.statements import annulled
from psephos.server.pages.wordings import ContestWording, questions

_FEW_ENROLLED = N_("not counted: too few are enrolled")
_FEW_FINISHED = N_("not counted: too few finished enrolling")


def result(snapshot: Snapshot, speaker: Speaker) -> Content:
    """The result, in total and by area, and whether it is certified."""
    if snapshot.totals is None:
        return {"cancelled": snapshot.phase == "cancelled", "contests": [], "certified": "", "annulled": []}
    document = json.loads(snapshot.totals)
    definition = snapshot.definition
    names = {region.id: speaker.text(region.name) for region in definition.regions}
    names |= {division.id: speaker.text(division.name) for division in definition.divisions}
    everything = questions(definition, speaker)
    contests = [
        _contest(contest, everything[contest["id"]], everything, speaker, names)
        for contest in document["contests"]
    ]
    return {
        "cancelled": document["status"] == "cancelled",
        "contests": contests,
        "certified": certified(snapshot, speaker),
        "annulled": list(_annulled(snapshot, speaker)),
    }


def _annulled(snapshot: Snapshot, speaker: Speaker) -> Iterator[Content]:
    """Areas that the body that hears appeals has annulled, the first annulment of each."""
    areas: dict[str, Content] = {}
    for entry in snapshot.words:
        if isinstance(entry.payload, Annulment):
            area = annulled(entry.payload, snapshot, speaker)
            areas[area] = {"area": area, "who": entry.author.name, "index": entry.index}
    yield from reversed(areas.values())


def certified(snapshot: Snapshot, speaker: Speaker) -> str:
    """Whether the organiser has signed the result."""
    if snapshot.result is not None:
        return speaker.gettext(N_("The organiser has certified this result."))
    return speaker.gettext(N_("The organiser has not certified this result yet."))


def _contest(
    contest: Content,
    worded: ContestWording,
    everything: Questions,
    speaker: Speaker,
    names: Mapping[str, str],
) -> Content:
    total, labels, rule = contest["total"] | {"counted": 1}, worded.labels, worded.contest.rule
    levels = [level | {"counted": 1} for level in contest.get("levels", ())]
    shown = levels or [area for area in contest["areas"] if area["counted"]]
    charts = shown if len(contest["areas"]) > 1 else []
    by_area = rule is not None and AREAS in {condition.kind for condition in rule.conditions}
    option = contest["rule"]["option"] if by_area else ""
    in_total = needed(rule, total) if rule else None
    name, outside = speaker.gettext(N_("Total")), total["not_counted"]["enrolled"]
    return {
        "question": worded.question,
        "options": list(labels.values()),
        "turnout": {
            "enrolled": share_of(total["voted"], total["enrolled"], speaker),
            "roll": share_of(total["voted"], total["roll"], speaker),
            "outside": speaker.number(outside) if outside else "",
        },
        "outcome": outcome(rule, contest, labels, everything, speaker) if rule else None,
        "ahead": labels.get(option, ""),
        "chart": _chart(name, total, labels, speaker, _line(contest, in_total)),
        "lines": list(_lines(contest, labels, in_total, by_area, speaker)),
        "areas": [
            _row(_name(area, names, speaker), area, labels, speaker, option) for area in contest["areas"]
        ],
        "levels": [_level(level, names, labels, speaker) for level in levels],
        "weights": int(any("weight" in area for area in contest["areas"])),
        "unanimous": any(row["counted"] and row["unanimous"] for row in [*contest["areas"], *levels, total]),
        "empty": list(_without_voters(contest, worded, speaker)),
        "total": _row(name, total, labels, speaker),
        "charts": [
            {
                "name": area_name,
                "chart": _chart(
                    area_name,
                    area,
                    labels,
                    speaker,
                    {option: Fraction(1, 2)} if by_area and not levels else {},
                ),
            }
            for area in charts
            for area_name in [_name(area, names, speaker)]
        ],
    }


def _line(contest: Content, asked: Needed | None) -> dict[str, Fraction]:
    """Where the line is, for the rule's option."""
    return {} if asked is None else {contest["rule"]["option"]: asked.share}


def _lines(
    contest: Content, labels: Mapping[str, str], asked: Needed | None, by_area: bool, speaker: Speaker
) -> Iterator[str]:
    """What the lines in the charts mean."""
    if asked is not None:
        option, share = labels[contest["rule"]["option"]], asked.share
        figures = {"option": option, "share": speaker.percent(share.numerator, share.denominator)}
        if share > 1:
            said = N_("“%(option)s” needs more votes than were cast (%(share)s): there is no line.")
        elif asked.more:
            said = N_("The line: “%(option)s” needs more than %(share)s.")
        else:
            said = N_("The line: “%(option)s” needs at least %(share)s.")
        yield speaker.gettext(said) % figures
    if by_area:
        option = labels[contest["rule"]["option"]]
        said = N_("In each area, the line shows where “%(option)s” begins to be ahead.")
        yield speaker.gettext(said) % {"option": option}


def _without_voters(contest: Content, worded: ContestWording, speaker: Speaker) -> Iterator[str]:
    """The regions that no area has, because nobody is enrolled there."""
    counted = {region for area in contest["areas"] for region in area["regions"]}
    for region in worded.regions:
        if region.id not in counted:
            yield speaker.text(region.name)


def _name(area: Content, names: Mapping[str, str], speaker: Speaker) -> str:
    """A level's, or the region where an area stands, then those that joined it; all of a remainder."""
    joined = [names[region] for region in area.get("regions", ()) if region != area["id"]]
    if area.get("remainder"):
        said = speaker.gettext(N_("%(division)s, small regions together: %(regions)s"))
        return said % {"division": names[area["id"]], "regions": ", ".join(joined)}
    return ", ".join([names[area["id"]], *joined])


def _level(level: Content, names: Mapping[str, str], labels: Mapping[str, str], speaker: Speaker) -> Content:
    """A line of the table of divisions; `missing` are regions whose votes are not in its sums."""
    missing = [names[region] for region in level["missing"]["regions"]]
    return _row(names[level["id"]], level, labels, speaker) | {"missing": ", ".join(missing)}


def _row(name: str, tally: Content, labels: Mapping[str, str], speaker: Speaker, option: str = "") -> Content:
    """A line of the table; `option` is the one of which it says whether it is ahead, if any."""
    row: Content = {"name": name, "counted": tally["counted"], "unanimous": 0}
    row |= {figure: speaker.number(tally[figure]) for figure in ("enrolled", "roll")}
    row["weight"] = speaker.number(tally["weight"]) if "weight" in tally else ""
    if option:
        row["ahead"] = speaker.gettext(N_("yes") if ahead(tally, option) else N_("no"))
    if tally["counted"]:
        row |= {figure: speaker.number(tally[figure]) for figure in ("blank", "voted")}
        row["unanimous"] = tally["unanimous"]
        row["votes"] = [_share(tally["votes"][option_id], tally, speaker) for option_id in labels]
    else:
        known = "weight" in tally  # of an area of enough enrolled
        few = _FEW_FINISHED if known else _FEW_ENROLLED
        row["why"] = speaker.gettext(few)
    return row


def _share(votes: int, tally: Content, speaker: Speaker) -> str:
    return f"{speaker.number(votes)} ({speaker.percent(votes, sum(tally['votes'].values()))})"


def _chart(
    title: str, tally: Content, labels: Mapping[str, str], speaker: Speaker, lines: Mapping[str, Fraction]
) -> Markup:
    votes = tally["votes"]
    whole = sum(votes.values()) or 1
    rows = [
        Bar(label, Fraction(votes[option], whole), _share(votes[option], tally, speaker), lines.get(option))
        for option, label in labels.items()
    ]
    return Markup(bars(rows, title))  # noqa: S704  # what it draws is escaped there
