"""When an option is carried, in words, and what came of it (`spec/definition.md#rules`)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction

from psephos.language.catalog import N_
from psephos.protocol.setup.rules import Condition, Rule
from psephos.server.pages.speaker import Content, Speaker

AREAS = "region-majority"
SENTENCES = {
    ("plurality", "voted"): N_("It has more votes than any other option."),
    ("simple-majority", "voted"): N_("It has more votes than all other options together."),
    ("absolute-majority", "roll"): N_("It has the votes of more than half of all voters on the roll."),
    ("absolute-majority", "enrolled"): N_("It has the votes of more than half of all enrolled voters."),
    ("absolute-majority", "voted"): N_(
        "It has the votes of more than half of all who voted, those who voted blank among them."
    ),
    (AREAS, "voted"): N_(
        "In more than %(share)s of all areas it has more votes than all other options together;"
        " an area that is not counted is none of these."
    ),
    ("turnout-quorum", "roll"): N_(
        "At least %(share)s of all voters on the roll have voted, those who voted blank among them."
    ),
    ("turnout-quorum", "enrolled"): N_(
        "At least %(share)s of all enrolled voters have voted, those who voted blank among them."
    ),
    ("approval-quorum", "roll"): N_("It has the votes of at least %(share)s of all voters on the roll."),
    ("approval-quorum", "enrolled"): N_("It has the votes of at least %(share)s of all enrolled voters."),
    ("approval-quorum", "voted"): N_(
        "It has the votes of at least %(share)s of all who voted, those who voted blank among them."
    ),
}
"""By kind and by what the share is of."""


def decision(rule: Rule, labels: Mapping[str, str], speaker: Speaker) -> Content:
    """What the rule asks; `labels` are the texts of all options by id, in order."""
    option = list(labels.values())[rule.option]
    return {"option": option, "conditions": [_sentence(one, speaker) for one in rule.conditions]}


def _sentence(condition: Condition, speaker: Speaker) -> str:
    sentence = speaker.gettext(SENTENCES[condition.kind, condition.of])
    return sentence % {"share": speaker.fraction(*condition.fraction)}


def outcome(rule: Rule, contest: Content, labels: Mapping[str, str], speaker: Speaker) -> Content:
    """What came of the rule, from the contest of a result document."""
    found = contest["rule"]
    return {
        "carried": carried(found, labels, speaker),
        "conditions": [
            {
                "sentence": _sentence(condition, speaker),
                "met": speaker.gettext(N_("yes") if met else N_("no")),
                "figures": _figures(condition, found["option"], contest, speaker),
            }
            for condition, met in zip(rule.conditions, found["conditions"], strict=True)
        ],
    }


def carried(found: Content, labels: Mapping[str, str], speaker: Speaker) -> str:
    """Whether the option of a result's rule is carried."""
    said = N_("“%s” has won.") if found["carried"] else N_("“%s” has not won.")
    return speaker.gettext(said) % labels[found["option"]]


@dataclass(frozen=True, order=True)
class Needed:
    """A share of all votes, which may be above 1; `more` where it is not enough to reach it."""

    share: Fraction
    more: bool


def needed(rule: Rule, total: Content) -> Needed | None:
    """What the rule's option needs in the total of a result's contest; None where the rule sets no share."""
    votes = sum(total["votes"].values())
    asked = [one for one in (_needed(one, total, votes) for one in rule.conditions) if one is not None]
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
        case _:
            return None


def _figures(condition: Condition, option: str, contest: Content, speaker: Speaker) -> str:
    """The numbers that a condition compares."""
    total, areas = contest["total"], contest["areas"]
    own, others = _votes(total, option)
    match condition.kind:
        case "plurality":
            return _against(own, max(others, default=0), speaker)
        case "simple-majority":
            return _against(own, sum(others), speaker)
        case "region-majority":
            return speaker.of(sum(ahead(area, option) for area in areas), len(areas))
        case "turnout-quorum":
            return speaker.of(total["voted"], total[condition.of])
        case _:
            return speaker.of(own, total[condition.of])


def _against(own: int, other: int, speaker: Speaker) -> str:
    figures = {"own": speaker.number(own), "other": speaker.number(other)}
    return speaker.gettext(N_("%(own)s against %(other)s")) % figures


def _votes(tally: Content, option: str) -> tuple[int, list[int]]:
    """Those of an option, and those of each other."""
    votes = tally["votes"]
    return votes[option], [votes[one] for one in votes if one != option]


def ahead(area: Content, option: str) -> bool:
    """Whether an option outvotes all others in an area of a result document, as majorities of areas ask."""
    if not area["counted"]:
        return False
    own, others = _votes(area, option)
    return own > sum(others)
