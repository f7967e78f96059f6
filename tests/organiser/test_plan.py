"""Plans: all mistakes at once, each where it stands with a line that would do; and what is left out."""

from __future__ import annotations

import tomllib
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path
from zoneinfo import available_timezones

import pytest

from psephos.organiser.plan.define import PartyFile, define
from psephos.organiser.plan.example import example_plan
from psephos.organiser.plan.explanations import in_files
from psephos.organiser.plan.lines import inline, written
from psephos.organiser.plan.mistakes import BadPlan, Mistake
from psephos.organiser.plan.places import LineIndex
from psephos.organiser.plan.reading import read_plan
from psephos.organiser.plan.trial import check_by_trial, registrar_names, trustee_names, witness_count
from psephos.protocol.setup.definition import Definition, Map
from psephos.protocol.setup.document import parse
from psephos.simulation.definitions import draw

ROOT = Path(__file__).parents[2]
NOW = datetime(2030, 1, 1, tzinfo=UTC).timestamp()
SHORT = """
languages = ["en"]
[title]
en = "Shall we?"
[organiser]
name = "The club"
[[regions]]
id = "club"
name = { en = "Members" }
timezone = "Europe/Kyiv"
days = [[2030-01-31T08:00:00+02:00, 2030-01-31T20:00:00+02:00]]
[[contests]]
id = "harbour"
question = { en = "Shall we?" }
options = { yes = { en = "Yes" }, no = { en = "No" } }
"""
BAD = """languages = ["en", "uk"]
decoys = "four"
quorum = 3
min_batch = 0
title = "Shall we?"

[organisr]
name = "The assembly"

[[regions]]
id = "North West"
name = { en = "North" }
timezone = "Europe/Londn"
days = ["2030-01-01T08:00", 2030-01-01T20:00:00]

[[regions]]
id = "south"
timezone = "Europe/Kyiv"
merge_into = "souht"
days = [[2030-01-01T20:00:00Z, 2030-01-01T08:00:00Z], [2030-01-02T08:00:00, 7]]
[regions.name]
en = "South"
uk = "Пів\u202eдень"

[[contests]]
id = "harbour"
options = [
    "yes",
    "no",
]
rule = { option = "yess", conditions = [{ kind = "simple-majorty" }] }

[[styles]]
id = "all"
[[styles.contests]]
contest = "harbor"
question = { en = "?", uk = "?" }
options = [{ en = "Yes" }]
"""


def mistakes_of(text: str | bytes) -> list[Mistake]:
    with pytest.raises(BadPlan) as bad:
        check_by_trial(read_plan(text if isinstance(text, bytes) else text.encode()))
    return list(bad.value.mistakes)


def cards_for(witnesses: int = 3, trustees: int = 3, registrars: int = 1) -> list[PartyFile]:
    """Cards of parties with these numbers."""
    keys = draw(bytes(32), 1, trustees, witnesses, registrars)

    def party(name: str, key: bytes) -> dict[str, str]:
        return {"name": name, "key": key.hex()}

    return [
        PartyFile("board", party("Board", keys.board.public.raw) | {"origin": "log.example/1"}),
        *[PartyFile("registrar", party(f"R{n}", one.public.raw)) for n, one in enumerate(keys.registrars)],
        *[PartyFile("witness", party(f"w{n}", one.public.raw)) for n, one in enumerate(keys.witnesses)],
        *[PartyFile("trustee", party(f"T{n}", one.public.raw)) for n, one in enumerate(keys.trustees)],
    ]


def defined(text: str, witnesses: int = 3, trustees: int = 3, registrars: int = 1) -> Definition:
    plan = read_plan(text.encode())
    organiser = draw(b"\x01" * 32, 1, 1, 1).organiser.public.raw
    return parse(define(plan, organiser, cards_for(witnesses, trustees, registrars)))


# -- mistakes


def test_all_mistakes_are_told_at_once_each_with_its_line_and_one_that_would_do() -> None:
    told = {(one.line, one.where): one.write for one in mistakes_of(BAD)}
    assert told == {
        (0, "organiser"): 'organiser = { name = "City assembly" }',
        (2, "decoys"): "decoys = 4",
        (3, "quorum"): "",  # said: it belongs below [witnesses]
        (4, "min_batch"): "min_batch = 5",
        (5, "title"): 'title = { en = "Shall we?", uk = "Shall we?" }',
        (7, "organisr"): 'organiser = { name = "City assembly" }',
        (11, "regions #1, id"): 'id = "north-west"',
        (12, "regions #1, name"): 'name = { en = "North", uk = ".." }',
        (13, "regions #1, timezone"): 'timezone = "Europe/London"',
        (14, "regions #1, days"): "days = [[2030-01-01T08:00:00+00:00, 2030-01-01T20:00:00+00:00]]",
        (19, "regions #2, merge_into"): 'merge_into = "North West"',
        (20, "regions #2, days #2 #1"): "2030-01-02T08:00:00+02:00",
        (23, "regions #2, name.uk"): 'uk = "Південь"',
        (31, "contests #1, rule.option"): 'option = "yes"',
        (31, "contests #1, rule.conditions #1"): 'conditions = [{ kind = "simple-majority" }]',
        (36, "styles #1, contests #1, contest"): 'contest = "harbour"',
        (38, "styles #1, contests #1, options #1"): '{ en = "Yes", uk = ".." }',
    }


@pytest.mark.parametrize(
    "key", ["title", "organiser", "regions", "contests", "id", "name", "timezone", "days"]
)
def test_what_is_missing_is_told_with_a_line_that_would_do(key: str) -> None:
    plan = tomllib.loads(SHORT)
    del (plan if key in plan else plan["regions"][0])[key]
    mistakes = [one for one in mistakes_of(written(plan)) if one.what == "is missing"]
    assert [one.where.rpartition(", ")[2] for one in mistakes] == [key]
    assert key in mistakes[0].write


def test_lines_that_would_do_do() -> None:
    """Whatever is written in the place of what was wrong is not wrong itself."""
    plan = tomllib.loads(SHORT)
    for key, value in (
        ("timezone", "Kyiv"),
        ("id", "The Club!"),
        ("name", "Members"),
        ("days", [["8", "9"]]),
    ):
        spoilt = {**plan, "regions": [{**plan["regions"][0], key: value}]}
        region = dict(plan["regions"][0])
        for one in mistakes_of(written(spoilt)):
            if " = " in one.write:
                region |= tomllib.loads(one.write)
        check_by_trial(read_plan(written({**plan, "regions": [region]}).encode()))


@pytest.mark.parametrize(
    ("zone", "nearest"),
    [
        ("Europe/Londn", "Europe/London"),
        ("Kyiv", "Europe/Kyiv"),
        ("europe/paris", "Europe/Paris"),
        ("../../etc/passwd", "UTC"),
        ("localtime", ""),
        ("Europe", ""),
        ("+02:00", ""),
        ("America/New York", "America/New_York"),
    ],
)
def test_time_zones_that_are_none_are_refused_and_the_nearest_is_suggested(zone: str, nearest: str) -> None:
    (mistake,) = mistakes_of(SHORT.replace("Europe/Kyiv", zone))
    assert (mistake.line, mistake.where) == (10, "regions #1, timezone")
    assert zone in mistake.what
    suggested = tomllib.loads(mistake.write)["timezone"]
    assert suggested == nearest if nearest else suggested in available_timezones()


@pytest.mark.parametrize(
    "char", ["\u202e", "\u2066", "\u200b", "\u200f", "\u00ad", "\ufeff", "\u3164", "\x1b"]
)
@pytest.mark.parametrize("place", ["Shall we?", "The club", "Members", "Yes"])
def test_characters_that_do_not_show_are_refused_with_what_and_where(char: str, place: str) -> None:
    number = f"\\u{ord(char):04x}"
    told = mistakes_of(SHORT.replace(place, place[:2] + number + place[2:]))
    for one in told:
        assert f"U+{ord(char):04X} at character 3" in one.what
        assert one.line
        assert char not in str(one)


def test_joiners_of_scripts_that_need_them_are_no_mistake() -> None:
    for text in ("می\u200cخواهم", "क्\u200dष", "first\nsecond", "prix\u00a0: 5\u202f€"):
        assert defined(SHORT.replace('"Members"', inline(text))).regions[0].name["en"] == text


def test_names_of_parties_must_show_too() -> None:
    plan = read_plan(SHORT.encode())
    cards = cards_for()
    cards[-1] = PartyFile("trustee", {**cards[-1].party, "name": "Ada\u202e"})
    with pytest.raises(BadPlan, match=r"card of trustee.name: U\+202E at character 4"):
        define(plan, draw(b"\x01" * 32, 1, 1, 1).organiser.public.raw, cards)


# -- files as editors write them


def test_a_byte_order_mark_and_carriage_returns_are_allowed() -> None:
    told = mistakes_of(BAD.replace("\n", "\r\n"))
    assert told == mistakes_of(BAD)
    plan = read_plan(b"\xef\xbb\xbf" + SHORT.replace("\n", "\r\n").encode())
    assert plan.members == read_plan(SHORT.encode()).members


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-16-be"])
def test_utf_16_is_said(encoding: str) -> None:
    assert [str(one) for one in mistakes_of(SHORT.encode(encoding))] == [
        "the file is in UTF-16: save it as UTF-8"
    ]


def test_what_is_no_text_and_no_toml_is_said_with_its_line() -> None:
    (latin,) = mistakes_of(SHORT.replace("Members", "Vären").encode("latin-1"))
    assert (latin.line, latin.what) == (9, "not UTF-8: save the file as UTF-8")
    (open_ended,) = mistakes_of('languages = ["en"]\ntitle = "Shall\n')
    assert open_ended.line == 2
    assert open_ended.what.startswith("not TOML: ")
    (end,) = mistakes_of('languages = ["en"]\ntitle =')
    assert end.line == 2


def test_lines_of_tables_and_keys_are_found() -> None:
    places = LineIndex(BAD)
    for path, line in (
        ("plan.regions[1].name.uk", 23),
        ("plan.regions[1].name.fr", 21),
        ("plan.contests[0].options[1]", 27),
        ("plan.styles[0].contests[0].question.en", 37),
        ("plan.nothing", 0),
    ):
        assert places.line(path) == line, path


# -- what is left out


def test_a_short_plan_has_everything_that_it_leaves_out() -> None:
    definition = defined(SHORT)
    assert (definition.decoys, definition.min_batch, definition.min_region) == (4, 5, 5)
    assert (definition.tolerance, definition.round) == (600, 10)
    assert definition.cover is not None
    assert definition.contests[0].blank == 1
    assert [(one.id, one.style.id) for one in definition.regions] == [("club", "all")]
    assert definition.styles[0].contests[0].options == ({"en": "Yes"}, {"en": "No"})
    assert (definition.witnesses.quorum, definition.trustees.threshold, definition.trustees.close) == (
        2,
        2,
        2,
    )


@pytest.mark.parametrize("witnesses", range(1, 8))
@pytest.mark.parametrize("trustees", range(2, 6))
def test_quorum_and_threshold_fit_any_number_of_parties(witnesses: int, trustees: int) -> None:
    definition = defined(SHORT, witnesses, trustees)
    assert 2 * definition.witnesses.quorum - witnesses > definition.witnesses.faulty
    assert definition.trustees.threshold == max(2, trustees // 2 + 1)


def test_without_decoys_there_is_no_cover() -> None:
    definition = defined("decoys = 0\n" + SHORT)
    assert definition.cover is None
    assert not definition.coercion_resistant
    assert [one.where for one in mistakes_of("decoys = 0\n" + SHORT + "[cover]\ndelta = 2\n")] == ["cover"]


@pytest.mark.parametrize("name", ["tutorial.toml", "local.toml"])
def test_the_examples_are_plans(name: str) -> None:
    check_by_trial(read_plan((ROOT / "examples" / name).read_bytes()))


def test_the_printed_example_works_as_it_is_and_its_times_are_to_come() -> None:
    text = example_plan(NOW)
    check_by_trial(plan := read_plan(text.encode()))
    assert plan.members["regions"][0]["days"] == [
        [int(NOW) + 14 * 86400 + 8 * 3600, int(NOW) + 14 * 86400 + 20 * 3600]
    ]
    assert defined(text).title == {"en": "A new boathouse?"}


# -- parties


def test_who_is_missing_among_the_parties_is_told_at_once() -> None:
    plan = read_plan(SHORT.encode())
    with pytest.raises(BadPlan) as bad:
        define(plan, draw(b"\x01" * 32, 1, 1, 1).organiser.public.raw, [])
    told = " ".join(one.what for one in bad.value.mistakes)
    assert all(role in told for role in ("board", "registrar", "witness", "trustee"))


def test_a_plan_without_registrars_takes_those_whose_cards_are_given() -> None:
    assert [one.name for one in defined(SHORT).registrars] == ["R0"]
    assert [one.name for one in defined(SHORT, registrars=2).registrars] == ["R0", "R1"]
    with pytest.raises(BadPlan, match="9 cards of registrars were given"):
        defined(SHORT, registrars=9)


def test_registrars_stand_as_the_plan_names_them_and_no_others_do() -> None:
    named = 'registrars = ["R1", "R0"]\n' + SHORT
    assert [one.name for one in defined(named, registrars=2).registrars] == ["R1", "R0"]
    assert registrar_names(read_plan(named.encode())) == ["R1", "R0"]
    with pytest.raises(BadPlan) as bad:
        defined(named)
    assert [(one.where, one.write) for one in bad.value.mistakes] == [("registrars", 'registrars = ["R0"]')]
    (twice,) = mistakes_of('registrars = ["R1", "R1"]\n' + SHORT)
    assert (twice.line, twice.where) == (1, "registrars #2")


def test_trustees_stand_as_the_plan_names_them_and_no_others_do() -> None:
    named = SHORT + '[trustees]\nnames = ["T2", "T0", "T1"]\n'
    assert [one.name for one in defined(named).trustees.members] == ["T2", "T0", "T1"]
    with pytest.raises(BadPlan) as bad:
        defined(named.replace("T1", "Ada, lawyer"))
    assert [one.write for one in bad.value.mistakes] == ['names = ["T0", "T1", "T2"]']


def test_numbers_that_do_not_fit_the_cards_are_told_in_the_plans_terms() -> None:
    with pytest.raises(BadPlan) as bad:
        defined(SHORT + "[trustees]\nthreshold = 4\n[witnesses]\nquorum = 1\nfaulty = 1\n")
    assert [(one.line, one.where, one.write) for one in bad.value.mistakes] == [
        (17, "trustees.threshold", "trustees = { threshold = 2, close = 2 }"),
        (20, "witnesses.faulty", "witnesses = { quorum = 2, faulty = 0 }"),
    ]


@pytest.mark.parametrize(
    ("table", "witnesses", "trustees"),
    [
        ("", 3, 3),
        ("[witnesses]\nquorum = 2\nfaulty = 0\n", 3, 3),
        ("[witnesses]\nquorum = 3\nfaulty = 1\n", 4, 3),
        ("[witnesses]\nfaulty = 2\n", 5, 3),
        ("[trustees]\nthreshold = 4\n", 3, 4),
        ('[trustees]\nnames = ["Ada", "Ben"]\n', 3, 2),
    ],
)
def test_a_trial_has_as_many_parties_as_the_plan_needs(table: str, witnesses: int, trustees: int) -> None:
    plan = read_plan((SHORT + table).encode())
    assert (witness_count(plan), len(trustee_names(plan))) == (witnesses, trustees)
    check_by_trial(plan)


# -- what is said of the vote, and divisions

ABOUT_LINES = """rehearsal = 1
contact = { en = "555-123" }
channels = [{ en = "On paper" }]
effect = { kind = "consultative", text = { en = "The board will think about it." } }
"""


def test_a_plan_says_what_people_must_know_of_the_vote() -> None:
    about = defined(ABOUT_LINES + SHORT).about
    assert (about.rehearsal, about.contact) == (True, {"en": "555-123"})
    assert about.channels == ({"en": "On paper"},)
    assert about.effect is not None
    assert about.effect.kind == "consultative"
    wrong = ABOUT_LINES.replace("consultative", "advice").replace("rehearsal = 1", "rehearsal = 2")
    found = {mistake.where: mistake.write for mistake in mistakes_of(wrong + SHORT)}
    assert found["rehearsal"] == "rehearsal = 1"
    assert found["effect.kind"].startswith("effect = { kind = ")


def test_a_plan_has_divisions() -> None:
    inside = SHORT.replace("[[contests]]", 'parent = "town"\n[[contests]]', 1)
    divisions = '[[divisions]]\nid = "town"\nname = { en = "Town" }\n'
    definition = defined(inside + divisions)
    assert definition.divisions[definition.regions[0].parent or 0].name == {"en": "Town"}
    (mistake,) = mistakes_of(inside.replace('"town"', '"twon"') + divisions)
    assert (mistake.where, mistake.write) == ("regions #1, parent", 'parent = "town"')


# -- enrolment


def test_decoys_are_none_or_at_least_four() -> None:
    (mistake,) = mistakes_of("decoys = 3\n" + SHORT)
    assert (mistake.line, mistake.where, mistake.write) == (1, "decoys", "decoys = 4")


def test_enrolment_closes_in_time_for_tolerance_and_review() -> None:
    region = defined(SHORT).regions[0]
    assert (region.days[0].open - region.closes, region.review) == (86_400 + 600 + 3_600, 86_400)
    short = "review = 60\n" + SHORT
    region = defined(short).regions[0]
    assert (region.days[0].open - region.closes, region.review) == (60 + 600 + 3_600, 60)


def test_a_region_says_when_its_enrolment_closes() -> None:
    closes = SHORT.replace("[[contests]]", "closes = 2030-01-30T20:00:00+02:00\n[[contests]]", 1)
    region = defined(closes).regions[0]
    assert (region.days[0].open - region.closes, region.review) == (12 * 3_600, 12 * 3_600 - 600 - 3_600)
    for key in (
        "review = 50_000\n" + closes,
        closes.replace("[[contests]]", "review = 50_000\n[[contests]]", 1),
    ):
        (mistake,) = mistakes_of(key)
        assert mistake.where == "regions #1, closes"
        assert mistake.write == "closes = 2030-01-30T17:56:40+02:00"
    assert defined(closes.replace("2030-01-30T20:00:00+02:00", mistake.write.removeprefix("closes = ")))


def test_relays_have_a_period_and_a_period_has_relays() -> None:
    relays = SHORT + '[[relays]]\nname = "Bar association"\naddress = "https://relay.example"\n'
    definition = defined(relays)
    assert [one.address for one in definition.relays] == ["https://relay.example"]
    assert definition.hold == 86_400
    assert defined("hold = 3_600\n" + relays).hold == 3_600
    assert (defined(SHORT).relays, defined(SHORT).hold) == ((), 0)
    (alone,) = mistakes_of("hold = 3_600\n" + SHORT)
    assert (alone.where, alone.write) == ("hold", "[[relays]], then name and address below it")
    (slash,) = mistakes_of(relays.replace("relay.example", "relay.example/"))
    assert slash.where == "relays #1, address"
    (port,) = mistakes_of(relays.replace("relay.example", "relay.example:99999"))
    assert (port.where, port.what) == (
        "relays #1, address",
        "invalid port: a port is a number of at most 65535",
    )
    twice = relays + relays.partition("[[relays]]")[1] + relays.partition("[[relays]]")[2]
    assert [one.where for one in mistakes_of(twice)] == ["relays #2, address"]


# -- texts and map: files beside the plan

FILES = {
    "why.txt": b"It is old.",
    "yes.txt": b"It brings ships.",
    "bad.txt": b"a\tb",
    "land.geojson": b'{"type":"FeatureCollection","features":[{"type":"Feature","id":"club"},{"id":1}]}',
    "sea.geojson": b'{"type":"FeatureCollection","features":[]}',
}
EXPLAINED = """
[[texts]]
files = { en = "why.txt" }
[[texts]]
contest = "harbour"
option = "yes"
by = { en = "The fishermen" }
files = { en = "yes.txt" }
"""


def from_files(name: str) -> bytes:
    if name not in FILES:
        raise FileNotFoundError(2, "No such file or directory")
    return FILES[name]


def test_a_plan_names_explanations_arguments_and_a_map() -> None:
    text = SHORT.replace('id = "club"', 'id = "club"\ntile = [3, 4]')
    plan = read_plan(('map = "land.geojson"\n' + text + EXPLAINED).encode(), from_files)
    organiser = draw(b"\x01" * 32, 1, 1, 1).organiser.public.raw
    definition = parse(define(plan, organiser, cards_for()))
    why, yes, land = (sha256(FILES[name]) for name in ("why.txt", "yes.txt", "land.geojson"))
    assert [(one.contest, one.option, one.files["en"]) for one in definition.texts] == [
        (None, None, why.digest()),
        (0, 0, yes.digest()),
    ]
    assert definition.texts[1].by == {"en": "The fishermen"}
    assert definition.map == Map(land.digest(), ((3, 4),))
    assert definition.blobs == {bytes.fromhex(name) for name in plan.blobs}
    again = in_files(plan.members, "kept")
    assert again["map"] == f"kept/{land.hexdigest()}"
    assert again["regions"][0]["tile"] == [3, 4]
    assert again["texts"][1]["files"] == {"en": f"kept/{yes.hexdigest()}"}


@pytest.mark.parametrize(
    ("old", "new", "where", "what"),
    [
        ("why.txt", "gone.txt", "texts #1, files.en", "gone.txt: No such file or directory"),
        ("why.txt", "bad.txt", "texts #1, files.en", "bad.txt: a control character other than newline"),
        ('"yes.txt"', "7", "texts #2, files.en", "not the name of a file"),
        ('option = "yes"', 'option = "yess"', "texts #2, option", "'yess' is none of yes, no"),
        ('contest = "harbour"', "", "texts #2, option", "an argument is about a contest: name it"),
        ("land.geojson", "sea.geojson", "map", "sea.geojson: no feature has the id club"),
        ("land.geojson", "why.txt", "map", "why.txt: not JSON"),
    ],
)
def test_what_is_wrong_with_files_is_said_where_they_are_named(
    old: str, new: str, where: str, what: str
) -> None:
    text = 'map = "land.geojson"\n' + SHORT + EXPLAINED
    with pytest.raises(BadPlan) as bad:
        read_plan(text.replace(old, new).encode(), from_files)
    [mistake] = bad.value.mistakes
    assert (mistake.where, mistake.what) == (where, what)
    assert mistake.line > 0
