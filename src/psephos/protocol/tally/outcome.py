"""What comes of rules: carried, not carried, or undecided where areas are not counted.

Each condition is asked twice: in the worst case for its option, and in the best that voters of areas that
are not counted can make of it (`spec/definition.md#rules`, `#undecided`).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal, assert_never

from psephos.protocol.setup.rules import Condition, Preference, Rule
from psephos.protocol.setup.style import Contest
from psephos.protocol.tally.tally import ContestTally, Tally

Finding = Literal["holds", "fails", "undecided"]
Outcome = Literal["carried", "not carried", "undecided"]


@dataclass(frozen=True)
class Decision:
    """What a rule came to, and each of its conditions in order."""

    conditions: tuple[Finding, ...]
    outcome: Outcome


def decide(contests: Sequence[Contest], tallies: Sequence[ContestTally]) -> list[Decision | None]:
    """Of each contest of a definition what its rule comes to; None where it has no rule."""
    rules = _Rules(contests, tallies)
    return [rules.decide(contest.index) if contest.rule else None for contest in contests]


def outvotes(tally: Tally, option: int) -> bool:
    """Whether an option has more votes than all others together."""
    return 2 * tally.votes[option] > sum(tally.votes)


def find(condition: Condition, option: int, count: ContestTally) -> Finding:
    """What comes of a condition that asks one contest alone."""
    surely, possibly = _cases(condition, option, count)
    return "holds" if surely else "undecided" if possibly else "fails"


class _Rules:
    """Rules of contests, which may ask one another."""

    def __init__(self, contests: Sequence[Contest], tallies: Sequence[ContestTally]) -> None:
        self._contests, self._tallies = contests, tallies
        self._positions = {contest.id: contest.index for contest in contests}

    def decide(self, contest: int) -> Decision:
        rule = self._rule(contest)
        found = tuple(self._find(contest, condition) for condition in rule.conditions)
        return Decision(found, _outcome(found))

    def _rule(self, contest: int) -> Rule:
        rule = self._contests[contest].rule
        if rule is None:
            raise ValueError(f"contest {contest} has no rule")
        return rule

    def _find(self, contest: int, condition: Condition) -> Finding:
        if condition.preference is not None:
            return self._prefer(condition.preference)
        return find(condition, self._rule(contest).option, self._tallies[contest])

    def _prefer(self, preference: Preference) -> Finding:
        """The other proposal is not accepted, or this one is preferred to it."""
        accepted = _outcome(tuple(self._others(self._positions[preference.over])))
        by = self._positions[preference.by]
        option = self._contests[by].options.index(preference.choose)
        preferred = find(Condition("plurality"), option, self._tallies[by])
        if accepted == "not carried" or preferred == "holds":
            return "holds"
        return "fails" if accepted == "carried" and preferred == "fails" else "undecided"

    def _others(self, contest: int) -> Iterator[Finding]:
        """What comes of a rule's conditions without its preference."""
        for condition in self._rule(contest).conditions:
            if condition.preference is None:
                yield self._find(contest, condition)


def _outcome(found: tuple[Finding, ...]) -> Outcome:
    if "fails" in found:
        return "not carried"
    return "undecided" if "undecided" in found else "carried"


def _cases(condition: Condition, option: int, count: ContestTally) -> tuple[bool, bool]:
    """Whether a condition holds in the worst case, and in the best."""
    total, (a, b), more = count.total, condition.fraction, count.more
    votes, others = total.votes[option], [*total.votes[:option], *total.votes[option + 1 :]]
    against = more if others else 0
    known = {"roll": count.electorate.roll, "enrolled": count.electorate.enrolled, "voted": total.voted}
    of = known[condition.of]
    largest = of + more if condition.of == "voted" else of
    match condition.kind:
        case "plurality":
            first = max(others, default=0)
            return votes > 0 and votes > first + against, votes + more > first
        case "simple-majority":
            return votes > 0 and votes > sum(others) + against, votes + more > sum(others)
        case "absolute-majority":
            return 2 * votes > largest, 2 * (votes + more) > largest
        case "region-majority":
            won = sum(area is not None and outvotes(area, option) for area in count.areas)
            winnable = won + sum(voters > 0 for voters in count.unknown)
            return b * won > a * len(count.areas), b * winnable > a * len(count.areas)
        case "turnout-quorum":
            return of > 0 and b * total.voted >= a * of, of > 0 and b * (total.voted + more) >= a * of
        case "approval-quorum":
            return (
                of > 0 and b * votes >= a * largest,
                largest > 0 and b * (votes + more) >= a * largest,
            )
        case "preference":
            raise ValueError("a preference asks several contests")
        case _:
            assert_never(condition.kind)
