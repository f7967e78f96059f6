"""Rules in words: every kind of condition, in every language, and the figures that it compares."""

from __future__ import annotations

from typing import Any

import pytest

from psephos.language.catalog import catalog
from psephos.language.languages import LANGUAGES
from psephos.protocol.setup.rules import MEMBERS, Condition, Electorate, Rule, Tally
from psephos.server.pages.decision import SENTENCES, ahead, decision, outcome
from psephos.server.pages.speaker import Speaker

LABELS = {"b": "Yes", "a": "No", "c": "Perhaps"}
"""Not in the order of their ids, as results have them."""
AREAS = {"north": {"a": 1, "b": 5, "c": 1}, "south": {"a": 2, "b": 2, "c": 0}}
TOTAL = {"voted": 12, "enrolled": 20, "roll": 40, "votes": {"a": 3, "b": 7, "c": 1}}


def speaker(language: str) -> Speaker:
    return Speaker(language, catalog(language).gettext, (language,))


def contest(rule: Rule) -> dict[str, Any]:
    """A result of it, with an area that is not counted."""
    counted = [{"counted": 1, "voted": sum(votes.values()), "votes": votes} for votes in AREAS.values()]
    tallies = [Tally(one["voted"], tuple(one["votes"][option] for option in LABELS)) for one in counted]
    total = Tally(TOTAL["voted"], tuple(TOTAL["votes"][option] for option in LABELS))
    met = rule.evaluate([*tallies, None], total, Electorate(TOTAL["roll"], TOTAL["enrolled"]))
    said = {"option": "b", "conditions": list(map(int, met)), "carried": int(all(met))}
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
        (Condition("absolute-majority", of="roll"), "on the roll", "7 of 40 (17.5\u00a0%)", "no"),
        (Condition("region-majority", (1, 3)), "more than 1/3 of all areas", "1 of 3 (33.3\u00a0%)", "no"),
        (Condition("turnout-quorum", (3, 5), "enrolled"), "60\u00a0%", "12 of 20 (60.0\u00a0%)", "yes"),
        (Condition("approval-quorum", (1, 3), "enrolled"), "1/3", "7 of 20 (35.0\u00a0%)", "yes"),
    ],
)
def test_a_condition_is_told_with_its_figures(
    condition: Condition, sentence: str, figures: str, met: str
) -> None:
    rule = Rule(0, (condition,))
    assert sentence in decision(rule, LABELS, speaker("en"))["conditions"][0]
    (told,) = outcome(rule, contest(rule), LABELS, speaker("en"))["conditions"]
    assert sentence in told["sentence"]
    assert (told["figures"], told["met"]) == (figures, met)


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_language_tells_option_and_share(language: str) -> None:
    conditions = tuple(Condition(kind, (2, 7), of) for kind, of in SENTENCES)  # type: ignore[arg-type]
    rule = Rule(0, conditions)
    told = decision(rule, LABELS, speaker(language))
    assert told["option"] == "Yes"
    assert len(set(told["conditions"])) == len(SENTENCES)
    for condition, sentence in zip(conditions, told["conditions"], strict=True):
        assert ("2/7" in sentence) == ("%(share)s" in SENTENCES[condition.kind, condition.of])
    assert "Yes" in outcome(rule, contest(rule), LABELS, speaker(language))["carried"]


def test_an_option_is_ahead_where_it_outvotes_all_others() -> None:
    north, south, small = contest(Rule(0, (Condition("plurality"),)))["areas"]
    assert ahead(north, "b")
    assert not ahead(south, "b")  # as many as the others
    assert not ahead(small, "b")
