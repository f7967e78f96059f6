"""What pages say at first sight: the result in a sentence, or what comes next; bars of one scale."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from fractions import Fraction

import pytest

from psephos.language.catalog import catalog
from psephos.language.languages import LANGUAGES
from psephos.protocol.setup.rules import Condition, Rule
from psephos.protocol.witnessed import Witnessed
from psephos.server.pages.chart import Bar, bars
from psephos.server.pages.decision import Needed, needed
from psephos.server.pages.headline import headline
from psephos.server.pages.outcome import result
from psephos.server.pages.snapshot import Snapshot, take
from psephos.server.pages.speaker import Speaker
from psephos.server.pages.times import LocalTimeline
from psephos.server.pages.views import due, phase
from psephos.simulation.definitions import sample
from psephos.simulation.referendum import Referendum
from tests.server.reading import counted


def speaker(language: str = "en") -> Speaker:
    return Speaker(language, catalog(language).gettext, ("en",))


def shown(referendum: Referendum) -> Snapshot:
    snapshot = take(referendum.record)
    assert snapshot is not None
    return snapshot


@pytest.fixture(scope="module")
def over() -> Snapshot:
    return shown(counted())


def test_the_result_is_said_in_a_sentence(over: Snapshot) -> None:
    said = headline(over, speaker())
    first = said["questions"][0]
    assert first["said"] == ["“Yes” has more votes: 66.7\u00a0% to 33.3\u00a0%.", "“Yes” has won."]
    assert said["certified"] == "The organiser has certified this result."
    assert said["next"] == []
    for language in LANGUAGES:
        assert "66" in headline(over, speaker(language))["questions"][0]["said"][0]


def votes(over: Snapshot, **given: int) -> str:
    """The sentence, had these been the votes of the first question."""
    document = json.loads(over.totals or b"")
    document["contests"][0]["total"]["votes"] = given
    changed = Snapshot(**{**vars(over), "totals": json.dumps(document).encode()})
    return headline(changed, speaker())["questions"][0]["said"][0]


def test_no_votes_are_no_draw(over: Snapshot) -> None:
    assert votes(over, yes=0, no=0) == "No vote for an answer was counted."


def test_a_draw_is_called_one(over: Snapshot) -> None:
    assert votes(over, yes=2, no=2) == "Both answers have the same number of votes."
    assert votes(over, yes=1, no=3) == "“No” has more votes: 75.0\u00a0% to 25.0\u00a0%."


def test_a_result_that_is_not_certified_is_shown_as_such(over: Snapshot) -> None:
    counted = Snapshot(**{**vars(over), "result": None})
    for said in (headline(counted, speaker()), result(counted, speaker())):
        assert said["certified"] == "The organiser has not certified this result yet."
    assert result(counted, speaker())["contests"]


def test_a_running_vote_says_what_comes_next() -> None:
    document, keys = sample(regions=["athens"])
    referendum = Referendum(document, keys)
    referendum.publish()
    said = headline(shown(referendum), speaker())
    assert said["questions"][0]["said"] == []
    opens = r"Voting opens on .*, [0-9]{2}:[0-9]{2} \(.*\)"
    assert re.fullmatch(rf"Enrolment closes on .*\. {opens}\.", said["next"][0])
    assert due(shown(referendum), speaker(), True, "") is None  # nobody can enrol before there is a key
    referendum.ceremony()
    assert due(shown(referendum), speaker(), True, "") == ("Enrol", "/booth/enrol.html#en")
    referendum.enrol(0, [[1, 0]] * 3)
    assert re.fullmatch(f"{opens}\\.", headline(shown(referendum), speaker())["next"][0])
    assert due(shown(referendum), speaker(), True, "") is None
    assert phase(shown(referendum), speaker()) == "Enrolment is over. Voting has not begun yet."
    referendum.open(0, 1)
    assert headline(shown(referendum), speaker())["next"][0].startswith("Voting is open until ")


def test_what_is_due_has_a_button(over: Snapshot) -> None:
    assert due(over, speaker("fr"), True, "") == ("Voir le résultat", "/fr/result")
    regions = tuple(replace(one, closed=False) for one in over.regions)
    stages = {"enrolment": "/booth/enrol.html#en", "voting": "/booth/vote.html#en", "weighing": None}
    for stage, where in stages.items():
        running = replace(over, phase=stage, regions=regions, totals=None, result=None)
        button = due(running, speaker(), True, "")
        assert (button[1] if button else None) == where
        assert due(running, speaker(), False, "") is None
    enrolling = Snapshot(**{**vars(over), "phase": "enrolment", "totals": None, "result": None})
    assert due(enrolling, speaker(), True, "https://id.example/") == (
        "Get your invitation",
        "https://id.example/",
    )


def widths(svg: str) -> list[int]:
    return [int(one) for one in re.findall(r'<rect x="0" y="\d+" width="(\d+)"', svg)]


def test_bars_have_one_scale() -> None:
    """Half of the votes is as long in every chart, whatever is the largest there."""
    close = bars([Bar("a", Fraction(1, 2), "5"), Bar("b", Fraction(1, 2), "5")], "north")
    clear = bars([Bar("a", Fraction(9, 10), "9"), Bar("b", Fraction(1, 10), "1")], "south")
    assert widths(close) == [200, 200]
    assert widths(clear) == [360, 40]
    assert close.count("100\u00a0%") == clear.count("100\u00a0%") == 1


def test_a_line_shows_what_the_rule_asks() -> None:
    total = {"votes": {"a": 6, "b": 2}, "voted": 10, "enrolled": 20, "roll": 40}
    for condition, asked in (
        (Condition("simple-majority"), Needed(Fraction(1, 2), more=True)),
        (Condition("absolute-majority", of="voted"), Needed(Fraction(5, 8), more=True)),
        (Condition("absolute-majority", of="roll"), Needed(Fraction(20, 8), more=True)),
        (Condition("approval-quorum", (1, 4), "enrolled"), Needed(Fraction(5, 8), more=False)),
        (Condition("plurality"), None),
        (Condition("turnout-quorum", (1, 4), "enrolled"), None),
    ):
        assert needed(Rule(0, (condition,)), total) == asked
    both = Rule(0, (Condition("simple-majority"), Condition("absolute-majority", of="voted")))
    assert needed(both, total) == Needed(Fraction(5, 8), more=True)
    assert needed(both, {**total, "votes": {"a": 0, "b": 0}}) is None
    line = bars([Bar("a", Fraction(3, 4), "6", Fraction(5, 8))], "x")
    assert 'class="needed" x1="250" x2="250"' in line
    assert "needed" not in bars([Bar("a", Fraction(3, 4), "6", Fraction(20, 8))], "x")


def test_a_region_where_nobody_is_enrolled_is_named(over: Snapshot) -> None:
    document = json.loads(over.totals or b"")
    contest = document["contests"][0]
    gone = contest["areas"].pop()
    changed = Snapshot(**{**vars(over), "totals": json.dumps(document).encode()})
    (named,) = result(changed, speaker())["contests"][0]["empty"]
    (name,) = (one.region.name["en"] for one in over.regions if one.region.id == gone["id"])
    assert named == name
    assert result(over, speaker())["contests"][0]["empty"] == []


def checkpoint(index: int, size: int, time: int) -> Witnessed:
    return Witnessed(index, size, bytes(32), time, time)


def test_the_time_of_an_entry_is_between_what_witnesses_saw() -> None:
    hour = 3600
    logged = (checkpoint(5, 5, hour), checkpoint(9, 9, 2 * hour))
    times = LocalTimeline(logged, checkpoint(12, 12, 50 * hour), "UTC")
    assert times.logged_at(3, speaker()) == "before Thu 1 Jan 1970, 01:00 (UTC)"
    assert times.logged_at(6, speaker()) == "Thu 1 Jan 1970, 01:00 – 02:00 (UTC)"
    assert times.logged_at(10, speaker()) == "Thu 1 Jan 1970, 02:00 – Sat 3 Jan 1970, 02:00 (UTC)"
    short = LocalTimeline((checkpoint(5, 5, 1),), checkpoint(9, 9, 50), "UTC")
    assert short.logged_at(7, speaker()) == "Thu 1 Jan 1970, 00:00 (UTC)"
    assert times.logged_at(12, speaker()) == "after Thu 1 Jan 1970, 02:00 (UTC)"
    assert LocalTimeline((), None, "UTC").logged_at(0, speaker()) == ""
