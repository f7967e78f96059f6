"""Rules: their form, and what comes of them. spec/definition.md#rules, #undecided"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from form import LIMIT, Form
from group import FormatError

CONDITIONS = {
    "plurality": "",
    "simple-majority": "",
    "absolute-majority": "of",
    "region-majority": "more_than",
    "turnout-quorum": "at_least of",
    "approval-quorum": "at_least of",
    "preference": "over by choose",
}
Bounds = tuple[bool, bool]  # whether a condition holds in the worst case, and in the best


def check(rule: Any, options: list[str], path: str) -> None:
    """The form of a contest's rule."""
    form = Form(rule, path, "option conditions")
    form.one_of("option", options)
    for value in form.array("conditions", 1, LIMIT):
        kind = Form(value, path, "kind", "of more_than at_least over by choose").one_of("kind", CONDITIONS)
        condition = Form(value, path, "kind " + CONDITIONS[kind])
        if "of" in value:
            condition.one_of("of", ["roll", "enrolled", *(["voted"] if kind != "turnout-quorum" else [])])
        for name in {"more_than", "at_least"} & value.keys():
            share = condition.array(name, 2, 2)
            if not all(isinstance(x, int) for x in share) or not (
                0 <= share[0] <= share[1] and 1 <= share[1] <= 1000
            ):
                condition.refuse(f"has a wrong {name}")


def preference(rule: dict[str, Any] | None) -> dict[str, Any] | None:
    """The preference among a rule's conditions."""
    conditions = rule["conditions"] if rule else []
    return next((condition for condition in conditions if condition["kind"] == "preference"), None)


def check_preferences(
    contests: dict[str, tuple[list[str], dict[str, Any] | None]], styles: list[set[str]]
) -> None:
    """That they come in pairs: rule 7 of spec/definition.md#validity. Options and rule of contests by id."""
    for name, (_, rule) in contests.items():
        preferred = preference(rule)
        if rule is None or preferred is None:
            continue
        kinds = [condition["kind"] for condition in rule["conditions"]]
        three = {name, preferred["over"], preferred["by"]}
        if kinds.count("preference") > 1 or len(kinds) == 1 or len(three) < 3 or not three <= contests.keys():
            raise FormatError(f"{name}: a preference stands alone, twice, or names no other contests")
        back = preference(contests[preferred["over"]][1])
        if preferred["choose"] not in contests[preferred["by"]][0]:
            raise FormatError(f"{name}: a preference for an unknown option")
        if (
            back is None
            or (back["over"], back["by"]) != (name, preferred["by"])
            or back["choose"] == preferred["choose"]
        ):
            raise FormatError(f"{name}: a preference that is not returned")
        if any(0 < len(three & style) < 3 for style in styles):
            raise FormatError(f"{name}: a style has not all contests of a preference")


@dataclass(frozen=True)
class Known:
    """What is known of a contest: numbers of counted areas, and how many may be added to them."""

    rule: dict[str, Any] | None
    options: list[str]
    votes: list[int]
    voted: int
    electorate: dict[str, int]  # roll, enrolled
    areas: list[list[int] | None]  # votes of each, None where it is not counted
    unknown: list[int]  # of each that is not counted, how many may have voted

    @property
    def more(self) -> int:
        """How many voters may be added in all."""
        return sum(self.unknown)

    def denominator(self, of: str) -> tuple[int, int]:
        """As it is known, and as large as it may be."""
        if of == "voted":
            return self.voted, self.voted + self.more
        return self.electorate[of], self.electorate[of]


def _leads(votes: int, rest: int, alternatives: int, more: int) -> Bounds:
    """More votes than the rest, which voters may join if there is another option."""
    return votes > 0 and votes > rest + (more if alternatives else 0), votes + more > rest


def _plurality(condition: dict[str, Any], known: Known, option: int) -> Bounds:
    rival_votes = known.votes[:option] + known.votes[option + 1 :]
    return _leads(known.votes[option], max(rival_votes, default=0), len(rival_votes), known.more)


def _simple(condition: dict[str, Any], known: Known, option: int) -> Bounds:
    rest = sum(known.votes) - known.votes[option]
    return _leads(known.votes[option], rest, len(known.votes) - 1, known.more)


def _absolute(condition: dict[str, Any], known: Known, option: int) -> Bounds:
    _, most = known.denominator(condition["of"])
    return 2 * known.votes[option] > most, 2 * (known.votes[option] + known.more) > most


def _regions(condition: dict[str, Any], known: Known, option: int) -> Bounds:
    a, b = condition["more_than"]
    won = sum(votes is not None and 2 * votes[option] > sum(votes) for votes in known.areas)
    open_ = sum(1 for voters in known.unknown if voters)
    return b * won > a * len(known.areas), b * (won + open_) > a * len(known.areas)


def _turnout(condition: dict[str, Any], known: Known, option: int) -> Bounds:
    (a, b), (whole, _) = condition["at_least"], known.denominator(condition["of"])
    return whole > 0 and b * known.voted >= a * whole, whole > 0 and b * (
        known.voted + known.more
    ) >= a * whole


def _approval(condition: dict[str, Any], known: Known, option: int) -> Bounds:
    (a, b), (whole, most) = condition["at_least"], known.denominator(condition["of"])
    votes = known.votes[option]
    return whole > 0 and b * votes >= a * most, most > 0 and b * (votes + known.more) >= a * most


BOUNDS: dict[str, Callable[[dict[str, Any], Known, int], Bounds]] = {
    "plurality": _plurality,
    "simple-majority": _simple,
    "absolute-majority": _absolute,
    "region-majority": _regions,
    "turnout-quorum": _turnout,
    "approval-quorum": _approval,
}  # all but preference, which asks several contests


def decide(contests: dict[str, Known], name: str) -> dict[str, Any]:
    """The `rule` of a contest in the result document."""
    rule = contests[name].rule or {}
    findings = [_find(contests, name, condition) for condition in rule["conditions"]]
    return {"option": rule["option"], "conditions": findings, "outcome": _outcome(findings)}


def _outcome(findings: list[str]) -> str:
    if "fails" in findings:
        return "not carried"
    return "undecided" if "undecided" in findings else "carried"


def _find(contests: dict[str, Known], name: str, condition: dict[str, Any]) -> str:
    known = contests[name]
    if condition["kind"] == "preference":
        return _preferred(contests, condition)
    option = known.options.index((known.rule or {})["option"])
    return _finding(BOUNDS[condition["kind"]](condition, known, option))


def _finding(bounds: Bounds) -> str:
    worst, best = bounds
    return "holds" if worst else "undecided" if best else "fails"


def _preferred(contests: dict[str, Known], condition: dict[str, Any]) -> str:
    over, by = condition["over"], contests[condition["by"]]
    conditions = [
        rival_condition
        for rival_condition in (contests[over].rule or {})["conditions"]
        if rival_condition["kind"] != "preference"
    ]
    accepted = _outcome([_find(contests, over, rival_condition) for rival_condition in conditions])
    chosen = _finding(_plurality(condition, by, by.options.index(condition["choose"])))
    if accepted == "not carried" or chosen == "holds":
        return "holds"
    return "fails" if accepted == "carried" and chosen == "fails" else "undecided"
