"""Rules in words: every kind of condition, in every language, and the figures that it compares."""

from __future__ import annotations

from typing import Any, get_args

import pytest

from psephos.language.catalog import catalog
from psephos.language.languages import LANGUAGES
from psephos.protocol.setup.document import parse
from psephos.protocol.setup.rules import MEMBERS, Condition, Preference, Rule
from psephos.protocol.tally.outcome import Outcome, find
from psephos.protocol.tally.tally import ContestTally, Electorate, Tally
from psephos.server.pages.decision import SENTENCES, ahead, decision, outcome
from psephos.server.pages.speaker import Speaker
from psephos.server.pages.wordings import questions
from psephos.simulation.definitions import proposals, sample

LABELS = {"b": "Yes", "a": "No", "c": "Perhaps"}
"""Not in the order of their ids, as results have them."""
AREAS = {"north": {"a": 1, "b": 5, "c": 1}, "south": {"a": 2, "b": 2, "c": 0}}
CLOSED = "are in areas whose votes are not counted"
OUTSIDE = {"areas": 1, "roll": 4, "enrolled": 2, "more": 0}
TOTAL = {
    "voted": 12, "enrolled": 20, "roll": 40, "votes": {"a": 3, "b": 7, "c": 1}, "not_counted": OUTSIDE,
}  # fmt: skip


QUESTIONS = questions(parse(sample(languages=("en",), questions=proposals())[0]), Speaker("en", str, ("en",)))
PREFERENCE = Preference("walls", "deciding", "ships")


def speaker(language: str) -> Speaker:
    return Speaker(language, catalog(language).gettext, (language,))


def contest(rule: Rule) -> dict[str, Any]:
    """A result of it, with an area that is not counted."""
    counted = [{"counted": 1, "voted": sum(votes.values()), "votes": votes} for votes in AREAS.values()]
    tallies = [Tally(one["voted"], tuple(one["votes"][option] for option in LABELS)) for one in counted]
    total = Tally(TOTAL["voted"], tuple(TOTAL["votes"][option] for option in LABELS))
    count = ContestTally([*tallies, None], total, Electorate(TOTAL["roll"], TOTAL["enrolled"]), [0])
    kinds = [one for one in rule.conditions if one.preference is None]
    found = [find(condition, 0, count) for condition in kinds] + ["holds"] * len(rule.preferences)
    said = {"option": "b", "conditions": found, "outcome": "carried"}
    return {"areas": [*counted, {"counted": 0}], "total": TOTAL, "rule": said}


def test_there_is_a_sentence_for_every_condition_that_a_definition_may_have() -> None:
    assert {kind for kind, _ in SENTENCES} == set(MEMBERS)
    for kind, members in MEMBERS.items():
        shares = {"roll", "enrolled", "voted"} if "of" in members.split() else {"voted"}
        shares -= {"voted"} if kind == "turnout-quorum" else set()
        assert {of for one, of in SENTENCES if one == kind} == shares


@pytest.mark.parametrize(
    ("condition", "sentence", "figures", "met"),
    [
        (Condition("plurality"), "any other option", "7 against 3", "yes"),
        (Condition("simple-majority"), "all other options together", "7 against 4", "yes"),
        (Condition("absolute-majority", of="voted"), "of all who voted", "7 of 12 (58.3\u00a0%)", "yes"),
        (
            Condition("absolute-majority", of="roll"),
            "on the roll",
            f"7 of 40 (17.5\u00a0%); of these 40, 4 {CLOSED}",
            "no",
        ),
        (Condition("region-majority", (1, 3)), "more than 1/3 of all areas", "1 of 3 (33.3\u00a0%)", "no"),
        (
            Condition("turnout-quorum", (3, 5), "enrolled"),
            "60\u00a0%",
            f"12 of 20 (60.0\u00a0%); of these 20, 2 {CLOSED}",
            "yes",
        ),
        (
            Condition("approval-quorum", (1, 3), "enrolled"),
            "1/3",
            f"7 of 20 (35.0\u00a0%); of these 20, 2 {CLOSED}",
            "yes",
        ),
    ],
)
def test_a_condition_is_told_with_its_figures(
    condition: Condition, sentence: str, figures: str, met: str
) -> None:
    rule = Rule(0, (condition,))
    assert sentence in decision(rule, LABELS, QUESTIONS, speaker("en"))["conditions"][0]
    (told,) = outcome(rule, contest(rule), LABELS, QUESTIONS, speaker("en"))["conditions"]
    assert sentence in told["sentence"]
    assert (told["figures"], told["met"]) == (figures, met)


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_language_tells_option_and_share(language: str) -> None:
    conditions = tuple(
        Condition(kind, (2, 7), of, PREFERENCE if kind == "preference" else None) for kind, of in SENTENCES
    )
    rule = Rule(0, conditions)
    told = decision(rule, LABELS, QUESTIONS, speaker(language))
    assert told["option"] == "Yes"
    assert len(set(told["conditions"])) == len(SENTENCES)
    for condition, sentence in zip(conditions, told["conditions"], strict=True):
        assert ("2/7" in sentence) == ("%(share)s" in SENTENCES[condition.kind, condition.of])
    found = contest(rule)
    for decided in get_args(Outcome):
        found["rule"]["outcome"] = decided
        assert "Yes" in outcome(rule, found, LABELS, QUESTIONS, speaker(language))["carried"]


def test_a_preference_is_told_with_both_questions_and_the_answer_that_it_asks_for() -> None:
    rule = Rule(0, (Condition("plurality"), Condition("preference", preference=PREFERENCE)))
    told = decision(rule, LABELS, QUESTIONS, speaker("en"))["conditions"][1]
    assert told == (
        "If the proposal “Shall we build walls?” meets its own conditions too,"
        " “Ships” has more votes than any other answer to “Which, if both are accepted?”."
    )
    _, found = outcome(rule, contest(rule), LABELS, QUESTIONS, speaker("en"))["conditions"]
    assert (found["figures"], found["met"]) == ("", "yes")


def test_what_areas_that_are_not_counted_could_change_is_undecided() -> None:
    rule = Rule(0, (Condition("plurality"),))
    found = contest(rule)
    found["rule"] |= {"conditions": ["undecided"], "outcome": "undecided"}
    told = outcome(rule, found, LABELS, QUESTIONS, speaker("en"))
    assert told["conditions"][0]["met"] == "undecided"
    assert told["carried"].startswith("Whether “Yes” has won is undecided")


def test_an_option_is_ahead_where_it_outvotes_all_others() -> None:
    north, south, small = contest(Rule(0, (Condition("plurality"),)))["areas"]
    assert ahead(north, "b")
    assert not ahead(south, "b")  # as many as the others
    assert not ahead(small, "b")


def test_a_share_of_nothing_is_said_to_be_none() -> None:
    rule = Rule(0, (Condition("absolute-majority", of="voted"), Condition("region-majority", (1, 2))))
    found = contest(rule)
    found["areas"], found["total"] = [], TOTAL | {"voted": 0, "votes": dict.fromkeys("abc", 0)}
    for told in outcome(rule, found, LABELS, QUESTIONS, speaker("en"))["conditions"]:
        assert told["figures"] == "no share, because the whole is zero"
