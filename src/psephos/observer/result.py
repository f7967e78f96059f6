"""A result document for people: every contest by area and in total (`spec/schemas/result.json`)."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from psephos.observer.text import plain

NO_RESISTANCE = (
    "Not coercion-resistant: each voter held a single card, so how one voted can be shown to others."
)
LEGEND = (
    "Shares of votes leave blank ones out; turnout is that of the enrolled, beside it that of the roll. "
    "Enrolled are those who were given tokens, also where they never finished; cards that count: of those "
    "who did, one each."
)


OUTCOMES = {
    "carried": "has won",
    "not carried": "has not won",
    "undecided": "is undecided: votes of areas that are not counted could change it",
}
UNANIMOUS = "All voted alike: of everybody who is known to have voted there, it is now known how."


def show_result(document: bytes) -> RenderableType:
    """Tables of the contests, then of the regions."""
    result = json.loads(document)
    return Group(*_parts(result))


def _parts(result: dict[str, Any]) -> Iterator[RenderableType]:
    yield Text(f"Referendum {result['definition']}", "bold")
    if "rehearsal" in result:
        yield Text("This is a rehearsal: nothing is decided by it.", "yellow")
    if result["status"] == "cancelled":
        yield Text("Cancelled: nothing was counted.", "yellow")
    for contest in result["contests"]:
        yield ""
        yield _contest(contest)
        if "levels" in contest:
            yield from ("", _levels(contest))
        if any(
            tally.get("unanimous")
            for tally in (*contest["areas"], *contest.get("levels", ()), contest["total"])
        ):
            yield Text(UNANIMOUS, "yellow")
        if contest["total"]["not_counted"]["areas"]:
            yield Text(_not_counted(contest["total"]["not_counted"]), "yellow")
        if "rule" in contest:
            yield _rule(contest["rule"])
    if result["regions"]:
        yield Text(LEGEND, "dim")
        yield ""
        yield _regions(result["regions"])
    if not result["coercion_resistant"]:
        yield Text(NO_RESISTANCE, "yellow")


def _contest(contest: dict[str, Any]) -> Table:
    total = contest["total"]
    table = _tallies(contest["id"], "area", total)
    table.add_column("cards that count", justify="right")
    for area in contest["areas"]:
        numbers = _numbers(area) if area["counted"] else ["–"] * (len(total["votes"]) + 4)
        weight = str(area.get("weight", "–"))
        table.add_row(_area_name(area), *numbers, weight, style="" if area["counted"] else "dim")
    table.add_section()
    table.add_row("total: all voted alike" if total["unanimous"] else "total", *_numbers(total), style="bold")
    return table


def _levels(contest: dict[str, Any]) -> Table:
    """What counted areas add up to for each division, and which regions are missing in it."""
    table = _tallies(f"{contest['id']}, added up", "division", contest["total"])
    table.add_column("missing")
    for level in contest["levels"]:
        name = f"{level['id']}: all voted alike" if level["unanimous"] else level["id"]
        table.add_row(plain(name), *_numbers(level), plain(", ".join(level["missing"]["regions"])))
    return table


def _tallies(title: str, what: str, total: dict[str, Any]) -> Table:
    table = Table(title=plain(title, "bold"), title_justify="left")
    table.add_column(what)
    for option in total["votes"]:
        table.add_column(plain(option), justify="right")
    for name in ("blank", "voted", "turnout", "of the roll"):
        table.add_column(name, justify="right")
    return table


def _area_name(area: dict[str, Any]) -> Text:
    merged = ", ".join(region for region in area["regions"] if region != area["id"])
    name = f"{area['id']} (with {merged})" if merged else area["id"]
    if "remainder" in area:
        name = f"{area['id']}, small regions together: {merged}"
    if not area["counted"]:
        few = "finished enrolling" if "weight" in area else "are enrolled"
        return plain(f"{name}: not counted, too few {few}")
    return plain(f"{name}: all voted alike" if area["unanimous"] else name)


def _not_counted(outside: dict[str, int]) -> str:
    return (
        f"Areas that are not counted: {outside['areas']}, with {outside['enrolled']} enrolled"
        f" and {outside['roll']} on the roll, who are part of the total's;"
        f" at most {outside['more']} of them can have voted."
    )


def _numbers(tally: dict[str, Any]) -> list[str]:
    votes = tally["votes"].values()
    voted = tally["voted"]
    return [
        *(f"{count} ({share(count, sum(votes))})" for count in votes),
        str(tally["blank"]),
        str(voted),
        f"{share(voted, tally['enrolled'])} of {tally['enrolled']}",
        f"{share(voted, tally['roll'])} of {tally['roll']}",
    ]


def _rule(rule: dict[str, Any]) -> Text:
    conditions = ", ".join(f"{number} {found}" for number, found in enumerate(rule["conditions"], 1))
    outcome = plain(rule["option"], "bold").append(f" {OUTCOMES[rule['outcome']]}")
    return outcome.append(f" (conditions: {conditions})", "dim")


def _regions(regions: list[dict[str, Any]]) -> Table:
    table = Table(title=Text("regions", "bold"), title_justify="left")
    table.add_column("region")
    for name in ("roll", "issued by each registrar", "enrolled", "cards", "ballots by day", "counting"):
        table.add_column(name, justify="right")
    for region in regions:
        days = " + ".join(map(str, region["ballots"]))
        issued = ", ".join(map(str, region["issued"]))
        numbers = str(region["roll"]), issued, str(region["enrolled"]), str(region["cards"])
        table.add_row(plain(region["id"]), *numbers, days, str(region["counting"]))
    return table


def share(part: int, whole: int) -> str:
    """A percentage with one decimal, rounded half up; a dash of nothing."""
    if whole == 0:
        return "–"
    tenths = (2000 * part + whole) // (2 * whole)
    return f"{tenths // 10}.{tenths % 10} %"
