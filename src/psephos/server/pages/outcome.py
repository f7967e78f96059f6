"""The page of the result: totals, areas, charts, and what came of the rule."""

from __future__ import annotations

import json
from collections.abc import Mapping

from markupsafe import Markup

from psephos.language.catalog import N_
from psephos.server.pages.chart import bars
from psephos.server.pages.decision import AREAS, ahead, outcome
from psephos.server.pages.snapshot import Snapshot
from psephos.server.pages.speaker import Content, Speaker


def result(snapshot: Snapshot, speaker: Speaker) -> Content:
    """The certified result, in total and by area."""
    if snapshot.result is None:
        return {"cancelled": snapshot.phase == "cancelled", "contests": []}
    document = json.loads(snapshot.result)
    names = {one.region.id: speaker.text(one.region.name) for one in snapshot.regions}
    return {
        "cancelled": document["status"] == "cancelled",
        "contests": [_contest(one, snapshot, speaker, names) for one in document["contests"]],
    }


def _contest(contest: Content, snapshot: Snapshot, speaker: Speaker, names: Mapping[str, str]) -> Content:
    definition, total = snapshot.definition, contest["total"] | {"counted": 1}
    (asked,) = (one for one in definition.contests if one.id == contest["id"])
    style = definition.regions_of(asked.index)[0].style
    (worded,) = (one for one in style.contests if one.contest.index == asked.index)
    labels = dict(zip(asked.options, map(speaker.text, worded.options), strict=True))
    counted = [one for one in contest["areas"] if one["counted"]] if len(contest["areas"]) > 1 else []
    by_area = asked.rule is not None and AREAS in {one.kind for one in asked.rule.conditions}
    option = contest["rule"]["option"] if by_area else ""
    name = speaker.gettext(N_("Total"))
    return {
        "id": contest["id"],
        "question": speaker.text(worded.question),
        "options": list(labels.values()),
        "turnout": {what: speaker.of(total["voted"], total[what]) for what in ("enrolled", "roll")},
        "outcome": outcome(asked.rule, contest, labels, speaker) if asked.rule else None,
        "ahead": labels.get(option, ""),
        "chart": _chart(name, total, labels, speaker),
        "areas": [_row(_name(one, names), one, labels, speaker, option) for one in contest["areas"]],
        "total": _row(name, total, labels, speaker),
        "charts": [
            {"name": _name(one, names), "chart": _chart(_name(one, names), one, labels, speaker)}
            for one in counted
        ],
    }


def _name(area: Content, names: Mapping[str, str]) -> str:
    """The region where an area stands, then those that joined it."""
    joined = [one for one in area["regions"] if one != area["id"]]
    return ", ".join(names[one] for one in [area["id"], *joined])


def _row(name: str, tally: Content, labels: Mapping[str, str], speaker: Speaker, option: str = "") -> Content:
    """A line of the table; `option` is the one of which it says whether it is ahead, if any."""
    row: Content = {"name": name, "counted": tally["counted"]}
    row |= {what: speaker.number(tally[what]) for what in ("enrolled", "roll")}
    if option:
        row["ahead"] = speaker.gettext(N_("yes") if ahead(tally, option) else N_("no"))
    if tally["counted"]:
        row |= {what: speaker.number(tally[what]) for what in ("blank", "voted")}
        row["votes"] = [_share(tally["votes"][one], tally, speaker) for one in labels]
    return row


def _share(votes: int, tally: Content, speaker: Speaker) -> str:
    return f"{speaker.number(votes)} ({speaker.percent(votes, sum(tally['votes'].values()))})"


def _chart(title: str, tally: Content, labels: Mapping[str, str], speaker: Speaker) -> Markup:
    votes = tally["votes"]
    rows = [(label, votes[one], _share(votes[one], tally, speaker)) for one, label in labels.items()]
    blank = tally["blank"]
    rows.append((speaker.gettext(N_("Blank")), blank, speaker.number(blank)))
    return Markup(bars(rows, title, blank_last=True))  # noqa: S704  # what it draws is escaped there
