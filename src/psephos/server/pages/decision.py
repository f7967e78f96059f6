"""When an option is carried, in words, and what came of it (`spec/definition.md#rules`)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import assert_never

from psephos.language.catalog import N_
from psephos.protocol.setup.rules import Condition, Denominator, Kind, Rule
from psephos.protocol.tally.outcome import Finding, Outcome
from psephos.server.pages.speaker import Content, Speaker
from psephos.server.pages.wordings import ContestWording

Questions = Mapping[str, ContestWording]
"""All contests as readers see them, by id."""

AREAS = "region-majority"
SENTENCES: dict[tuple[Kind, Denominator], str] = {
    ("plurality", "voted"): N_("It has more votes than any other option."),
    ("simple-majority", "voted"): N_("It has more votes than all other options together."),
    ("absolute-majority", "roll"): N_("It has the votes of more than half of all voters on the roll."),
    ("absolute-majority", "enrolled"): N_("It has the votes of more than half of all enrolled voters."),
    ("absolute-majority", "voted"): N_(
        "It has the votes of more than half of all who voted, including those who voted blank."
    ),
    ("region-majority", "voted"): N_(
        "In more than %(share)s of all areas it has more votes than all other options together."
        " Areas that are not counted are not among these."
    ),
    ("turnout-quorum", "roll"): N_(
        "At least %(share)s of all voters on the roll have voted, including those who voted blank."
    ),
    ("turnout-quorum", "enrolled"): N_(
        "At least %(share)s of all enrolled voters have voted, including those who voted blank."
    ),
    ("approval-quorum", "roll"): N_("It has the votes of at least %(share)s of all voters on the roll."),
    ("approval-quorum", "enrolled"): N_("It has the votes of at least %(share)s of all enrolled voters."),
    ("approval-quorum", "voted"): N_(
        "It has the votes of at least %(share)s of all who voted, including those who voted blank."
    ),
    ("preference", "voted"): N_(
        "If the proposal “%(other)s” meets its own conditions too,"
        " “%(choice)s” has more votes than any other answer to “%(deciding)s”."
    ),
}
"""By kind and by what the share is of."""


CARRIED: dict[Outcome, str] = {
    "carried": N_("“%s” has won."),
    "not carried": N_("“%s” has not won."),
    "undecided": N_(
        "Whether “%s” has won is undecided: votes of areas that are not counted could change it."
    ),
}
MET: dict[Finding, str] = {"holds": N_("yes"), "fails": N_("no"), "undecided": N_("undecided")}


def decision(rule: Rule, labels: Mapping[str, str], questions: Questions, speaker: Speaker) -> Content:
    """What the rule asks; `labels` are the texts of all options by id, in order."""
    option = list(labels.values())[rule.option]
    sentences = [_sentence(condition, questions, speaker) for condition in rule.conditions]
    return {"option": option, "conditions": sentences}


def _sentence(condition: Condition, questions: Questions, speaker: Speaker) -> str:
    sentence = speaker.gettext(SENTENCES[condition.kind, condition.of])
    if condition.preference is None:
        return sentence % {"share": speaker.fraction(*condition.fraction)}
    over, by = questions[condition.preference.over], questions[condition.preference.by]
    choice = by.labels[condition.preference.choose]
    return sentence % {"other": over.question, "deciding": by.question, "choice": choice}


def outcome(
    rule: Rule, contest: Content, labels: Mapping[str, str], questions: Questions, speaker: Speaker
) -> Content:
    """What came of the rule, from the contest of a result document."""
    decided = contest["rule"]
    return {
        "carried": carried(decided, labels, speaker),
        "conditions": [
            {
                "sentence": _sentence(condition, questions, speaker),
                "met": speaker.gettext(MET[finding]),
                "figures": _figures(condition, decided["option"], contest, speaker),
            }
            for condition, finding in zip(rule.conditions, decided["conditions"], strict=True)
        ],
    }


def carried(rule: Content, labels: Mapping[str, str], speaker: Speaker) -> str:
    """Whether the option of a result's rule is carried."""
    decided: Outcome = rule["outcome"]
    return speaker.gettext(CARRIED[decided]) % labels[rule["option"]]


@dataclass(frozen=True, order=True)
class Needed:
    """A share of all votes, which may be above 1; `more` where it is not enough to reach it."""

    share: Fraction
    more: bool


def needed(rule: Rule, total: Content) -> Needed | None:
    """What the rule's option needs in the total of a result's contest; None where the rule sets no share."""
    votes = sum(total["votes"].values())
    asked = [
        condition
        for condition in (_needed(condition, total, votes) for condition in rule.conditions)
        if condition is not None
    ]
    return max(asked) if asked and votes else None


def _needed(condition: Condition, total: Content, votes: int) -> Needed | None:
    match condition.kind:
        case "simple-majority":
            return Needed(Fraction(1, 2), more=True)
        case "absolute-majority":
            return Needed(Fraction(total[condition.of], 2 * max(votes, 1)), more=True)
        case "approval-quorum":
            of_votes = Fraction(total[condition.of], max(votes, 1))
            return Needed(Fraction(*condition.fraction) * of_votes, more=False)
        case "plurality" | "region-majority" | "turnout-quorum" | "preference":
            return None
        case _:
            assert_never(condition.kind)


def _figures(condition: Condition, option: str, contest: Content, speaker: Speaker) -> str:
    """The numbers that a condition compares."""
    total, areas = contest["total"], contest["areas"]
    votes, rivals = _votes(total, option)
    match condition.kind:
        case "plurality":
            return _against(votes, max(rivals, default=0), speaker)
        case "simple-majority":
            return _against(votes, sum(rivals), speaker)
        case "region-majority":
            return share_of(sum(ahead(area, option) for area in areas), len(areas), speaker)
        case "turnout-quorum":
            return of_voters(total["voted"], condition.of, total, speaker)
        case "absolute-majority" | "approval-quorum":
            return of_voters(votes, condition.of, total, speaker)
        case "preference":
            return ""
        case _:
            assert_never(condition.kind)


def of_voters(part: int, of: Denominator, total: Content, speaker: Speaker) -> str:
    """A part of voters; how many of these are where no votes are counted is said with it."""
    said = share_of(part, total[of], speaker)
    outside = 0 if of == "voted" else total["not_counted"][of]
    if not outside:
        return said
    warning = N_("of these %(whole)s, %(number)s are in areas whose votes are not counted")
    figures = {"whole": speaker.number(total[of]), "number": speaker.number(outside)}
    return f"{said}; {speaker.gettext(warning) % figures}"


def share_of(part: int, whole: int, speaker: Speaker) -> str:
    return speaker.of(part, whole) if whole else speaker.gettext(N_("no share, because the whole is zero"))


def _against(votes: int, rival: int, speaker: Speaker) -> str:
    figures = {"own": speaker.number(votes), "other": speaker.number(rival)}
    return speaker.gettext(N_("%(own)s against %(other)s")) % figures


def _votes(tally: Content, option: str) -> tuple[int, list[int]]:
    """Those of an option, and those of each other."""
    votes = tally["votes"]
    return votes[option], [votes[rival] for rival in votes if rival != option]


def ahead(area: Content, option: str) -> bool:
    """Whether an option outvotes all others in an area of a result document, as majorities of areas ask."""
    if not area["counted"]:
        return False
    votes, rivals = _votes(area, option)
    return votes > sum(rivals)
