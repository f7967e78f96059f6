"""Pages for everybody, in every language: what they say is what the record says, and nothing runs in them."""

from __future__ import annotations

import csv
import hashlib
import io
import json
import re
import subprocess
import urllib.error
import urllib.request
from collections.abc import Iterator
from dataclasses import replace
from html import unescape
from html.parser import HTMLParser
from importlib.metadata import version
from pathlib import Path
from urllib.parse import urlencode

import pytest

from psephos.crypto.signature import SigningKey
from psephos.language.formats import local_time
from psephos.language.languages import LANGUAGES, negotiate
from psephos.protocol import entries
from psephos.protocol.request import ask
from psephos.protocol.sayings import write_point
from psephos.server.config import ServerConfig
from psephos.server.pages.contents import TYPES
from psephos.server.pages.statements import LISTS, SAID
from psephos.server.pages.views import MENU
from psephos.simulation.definitions import sample
from psephos.simulation.referendum import Referendum, held
from tests.processes import Command
from tests.server.reading import counted, serving, site


class Words(HTMLParser):
    """The text of a page, and its elements."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.text, self.tags = "", list[str]()
        self.attributes: set[str] = set()
        self.feed(page)

    def handle_data(self, data: str) -> None:
        self.text += data

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.attributes |= {name for name, _ in attrs}


@pytest.fixture(scope="module")
def referendum() -> Referendum:
    return counted()


@pytest.fixture(scope="module")
def shown(referendum: Referendum, tmp_path_factory: pytest.TempPathFactory) -> ServerConfig:
    return site(referendum, tmp_path_factory.mktemp("pages"))


@pytest.fixture(scope="module")
def url(shown: ServerConfig) -> Iterator[str]:
    with serving(shown) as url:
        yield url


def test_a_record_is_shown_by_command(referendum: Referendum, tmp_path: Path) -> None:
    (tmp_path / "pin.json").write_bytes(referendum.export(tmp_path).encode())
    line = ["show", str(tmp_path / "record"), "--pin", str(tmp_path / "pin.json"), "--listen", "127.0.0.1:0"]
    with Command(line, stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        try:
            url = process.stdout.readline().decode().removeprefix("answers at ").strip()
            assert "“Yes” has won." in get(f"{url}/en/result")
            assert get(f"{url}/log/checkpoint").startswith(referendum.definition.board.origin)
        finally:
            process.terminate()
    assert process.returncode == 0


def get(url: str, **headers: str) -> str:
    with urllib.request.urlopen(urllib.request.Request(url, headers=headers)) as response:
        content: bytes = response.read()
        return content.decode()


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("page", MENU)
def test_pages_need_no_script_and_are_in_the_language(url: str, page: str, language: str) -> None:
    with urllib.request.urlopen(f"{url}/{language}/{page}") as response:
        policy, cookie = response.headers["Content-Security-Policy"], response.headers["Set-Cookie"]
        assert response.headers["Content-Type"] == "text/html; charset=utf-8"
        text = response.read().decode()
    found = Words(text)
    assert policy.startswith("default-src 'none'; style-src 'self'")
    assert cookie is None
    assert f'<html lang="{language}"' in text
    assert not {"script", "style", "iframe", "object"} & set(found.tags)
    assert not {name for name in found.attributes if name == "style" or name.startswith("on")}
    assert found.tags.count("h1") == 1
    assert "Harbour & <temple>" in found.text
    if language != "en":
        assert "Referendum, who" not in found.text
        assert Words(get(f"{url}/en/{page}")).text != found.text


@pytest.mark.parametrize(
    ("accepted", "language"),
    [("cy-GB, en;q=0.5", "cy"), ("de, fr;q=0.7, uk;q=0.9", "uk"), ("de", "en"), ("", "en"), (";q=x,,", "en")],
)
def test_the_front_page_leads_to_the_reader_s_language(url: str, accepted: str, language: str) -> None:
    assert negotiate(accepted) == language
    assert f'<html lang="{language}"' in get(f"{url}/", **{"Accept-Language": accepted})


def test_the_result_is_that_of_the_record(url: str, referendum: Referendum) -> None:
    result = json.loads(referendum.record.result or b"")
    assert json.loads(get(f"{url}/result.json")) == result
    page = Words(get(f"{url}/en/result"))
    for contest in result["contests"]:
        for area in contest["areas"]:
            assert f"{area['votes'][next(iter(area['votes']))]} (" in page.text
    assert page.tags.count("svg") == sum(1 + len(contest["areas"]) for contest in result["contests"])
    rows = list(csv.DictReader(io.StringIO(get(f"{url}/result.csv"))))
    total = {row["option"]: row for row in rows if (row["contest"], row["area"]) == ("harbour", "total")}
    assert int(total["yes"]["votes"]) == result["contests"][0]["total"]["votes"]["yes"] == 2


def test_rules_are_told_in_words_with_what_came_of_them(url: str) -> None:
    asked, found = (Words(get(f"{url}/en/{page}")).text for page in ("referendum", "result"))
    quorum = "At least 25\u00a0% of all enrolled voters have voted"
    for sentence in ("“Yes” wins if all of this is true", "It has more votes than all other", quorum):
        assert sentence in asked
    assert "An area with fewer than 3 enrolled voters" in asked
    for sentence in ("“Yes” has won.", "2 against 1", quorum, "3 of 6 (50.0\u00a0%)"):
        assert sentence in found


def test_ballots_of_each_day_are_told_with_what_they_do_not_mean(url: str, shown: ServerConfig) -> None:
    text = Words(get(f"{url}/en/progress")).text
    assert "Ballots are not turnout." in text
    assert shown.page_data.snapshot is not None
    assert [one.days[0].ballots for one in shown.page_data.snapshot.regions] == [2, 1]


def test_the_result_says_how_many_cards_count(url: str, referendum: Referendum) -> None:
    result = json.loads(referendum.record.result or b"")
    page = Words(get(f"{url}/en/result")).text
    assert "Cards that count" in page
    assert "even if they never finished" in page
    assert [area["weight"] for area in result["contests"][0]["areas"]] == [3, 3]


def test_pages_name_registrars_and_what_a_region_waits_for(tmp_path: Path) -> None:
    document, keys = sample(title={"en": "Harbour & <temple>", "de": "Hafen"}, registrars=2)
    two = Referendum(document, keys)
    two.publish()
    two.ceremony()
    two.roll(0, 3)
    two.give(2)
    two.shut(0)
    two.log(*two.batch(0, [[1, 0], [0, 1]]))
    with serving(site(two, tmp_path)) as url:
        asked, progress = (Words(get(f"{url}/en/{page}")).text for page in ("referendum", "progress"))
        assert "a voter needs an invitation from each" in asked
        assert "None: registrars can learn whose cards are whose" in asked
        for name in ("Register 1", "Register 2"):
            assert name in asked
        assert "Waits for: Register 2" in progress  # which has not endorsed the batch
        assert "Waits for: Register 1" in progress  # the other region has no roll of the lead
        assert "Voters who were given tokens" in progress
        assert "Voters enrolled" not in progress  # before a region opens nobody is
        assert TYPES[entries.Given] in Words(get(f"{url}/en/log?at=20")).text


def test_among_how_many_cards_hide_and_what_verifiers_note_is_told(tmp_path: Path) -> None:
    relays = [{"name": "Bar association", "address": "https://relay.example"}]
    document, keys = sample(title={"en": "Harbour & <temple>", "de": "Hafen"}, relays=relays, hold=86_400)
    mixed = Referendum(document, keys)
    mixed.now = mixed.definition.regions[0].closes - 3_600
    mixed.publish()
    mixed.ceremony()
    for region in (0, 1):
        mixed.roll(region, 3)
    mixed.checkpoint()
    mixed.give(4)
    mixed.checkpoint()
    with serving(site(mixed, tmp_path / "one")) as url:
        progress = Words(get(f"{url}/en/progress")).text
        assert "In the relays’ current period: 4." in progress
        assert "What verifiers note" not in progress
        assert "Bar association" in Words(get(f"{url}/en/referendum")).text
    mixed.now = mixed.definition.regions[0].days[0].seal + 1_000
    mixed.checkpoint()
    with serving(site(mixed, tmp_path / "two")) as url:
        progress = Words(get(f"{url}/en/progress")).text
        assert "This region does not vote" in progress
        assert "What verifiers note about enrolment" in progress
        assert "piraeus never opened; it waited for registrar 1" in progress


def test_who_is_the_only_registrar_is_told_for_what_it_is(url: str) -> None:
    text = Words(get(f"{url}/en/referendum")).text
    assert "It is the only one: it could have cards that count for people who never come." in text


def test_times_are_those_of_the_region(url: str) -> None:
    assert re.search(r"[0-9]{2}:[0-9]{2} \(\w+ time\)", Words(get(f"{url}/en/referendum")).text)


def look(url: str, find: str, language: str = "en") -> str:
    """What the log page answers to a search."""
    with urllib.request.urlopen(f"{url}/{language}/log", urlencode({"find": find}).encode()) as response:
        assert response.headers["Cache-Control"] == "no-store"
        assert response.geturl() == f"{url}/{language}/log"  # no address says what was sought
        content: bytes = response.read()
        return content.decode()


def test_entries_are_found_by_tracker_and_number(url: str, referendum: Referendum) -> None:
    trackers = [entries.decode(data).body_hash.hex() for data in referendum.logged]
    for tracker in trackers:
        index = trackers.index(tracker)
        for typed in (tracker, f" {tracker[:32].upper()}\n{tracker[32:]} "):
            page = Words(look(url, typed)).text
            assert f"Entry {index}:" in page
            assert tracker in page
        assert json.loads(get(f"{url}/trackers/{tracker}")) == {"index": index}
    assert "Entry 3:" in look(url, "3")
    for nothing in ("f" * 64, "999999", "<script>", "9" * 64):
        page = look(url, nothing)
        assert "No entry of the log" in page
        assert "<script" not in page
    with pytest.raises(urllib.error.HTTPError, match="413"):
        look(url, "x" * 2000)


def test_a_tracker_is_never_part_of_an_address(url: str) -> None:
    page = get(f"{url}/en/log")
    (form,) = re.findall(r"<form[^>]*>", page)
    assert 'method="post"' in form
    assert "The server learns which ballot you look for" in page
    assert get(f"{url}/en/log?find=3") == page


def test_the_log_is_listed_and_its_entries_are_opened(url: str, referendum: Referendum) -> None:
    listed = get(f"{url}/en/log?at=3")
    assert not re.search("[0-9a-f]{64}", listed)
    assert '<a href="/en/log/3">3</a>' in listed
    for index, data in enumerate(referendum.logged):
        entry = entries.decode(data)
        page = get(f"{url}/en/log/{index}")
        text = Words(page).text
        assert TYPES[type(entry.payload)] in text
        assert entry.body_hash.hex() in text
        for file in re.findall(r'href="(/log/tile/[^"]+)"', page):
            urllib.request.urlopen(url + file).close()
    assert "After" not in text
    refused(f"{url}/en/log/999999")


def test_every_type_of_entry_has_a_name() -> None:
    logged = {one for one in entries.Payload.__subclasses__() if one.number < entries.FIRST_MESSAGE}
    assert TYPES.keys() == logged


def test_the_commands_are_exact(url: str) -> None:
    text = Words(get(f"{url}/en/verify")).text
    assert "psephos verify https://vote.example/log --pin pin.json" in text
    assert get(f"{url}/pin.json") in text


def test_pages_repeat_no_address_that_an_asker_made_up(shown: ServerConfig) -> None:
    """They are kept by caches for everybody: without --url they name no address at all."""
    made_up = {"Host": "evil.example", "X-Forwarded-Host": "evil.example", "X-Forwarded-Proto": "https"}
    for proxied in (False, True):
        with serving(replace(shown, url="", proxied=proxied)) as url:
            for page in (*MENU, "nothing"):
                try:
                    text = get(f"{url}/en/{page}", **made_up)
                except urllib.error.HTTPError as error:
                    with error:
                        text = error.read().decode()
                assert "evil.example" not in text
                assert "http://" not in text.replace("http://www.w3.org/2000/svg", "")
            assert "psephos verify SITE/log" in get(f"{url}/en/verify")
            assert "In place of SITE" in get(f"{url}/en/verify")


def test_the_second_program_is_given_away_with_its_version(url: str, shown: ServerConfig) -> None:
    page = get(f"{url}/en/verify")
    assert f"version {version('psephos')}." in page
    assert hashlib.sha256(shown.verifier).hexdigest() in page
    assert get(f"{url}/verifier.pyz").encode() == shown.verifier
    assert "python3 verifier.pyz https://vote.example/log --pin pin.json" in Words(page).text
    with serving(replace(shown, verifier=b"")) as other:
        assert "/verifier.pyz" not in get(f"{other}/en/verify") + get(f"{other}/en/downloads")
        refused(f"{other}/verifier.pyz")


@pytest.mark.parametrize(
    "path", ["/result.json", "/result.csv", "/definition.json", "/pin.json", "/openapi.json", "/verifier.pyz"]
)
def test_pages_of_other_origins_may_read_what_is_public(url: str, path: str) -> None:
    with urllib.request.urlopen(url + path) as response:
        assert response.headers["Access-Control-Allow-Origin"] == "*"


def test_devices_load_the_definition_in_pieces_that_its_hash_names(url: str, referendum: Referendum) -> None:
    definition = referendum.definition
    head = get(f"{url}/definition/{definition.hash.hex()}").encode()
    assert hashlib.sha256(head).digest() == definition.hash
    told = json.loads(head)
    named = [item["sha256"] for item in told["regions"] + told["styles"]]
    named += list(told["whole"]["names"].values())
    assert named
    for digest in named:
        with urllib.request.urlopen(f"{url}/definition/{digest}") as response:
            assert hashlib.sha256(response.read()).hexdigest() == digest
            assert "immutable" in response.headers["Cache-Control"]
    for missing in ("0" * 64, "x" * 64, definition.hash.hex().upper()):
        refused(f"{url}/definition/{missing}")


def test_headings_are_texts_and_never_ids(url: str, referendum: Referendum) -> None:
    for page in ("referendum", "result", "progress"):
        text = get(f"{url}/en/{page}")
        headings = [unescape(one) for one in re.findall(r"<h[23][^>]*>(.*?)</h[23]>", text)]
        definition = referendum.definition
        ids = {*(one.id for one in definition.contests), *(one.id for one in definition.regions)}
        assert not ids & set(headings)
        assert not ids & set(re.findall(r'aria-label="([^"]*)"', text))


@pytest.mark.parametrize("path", ["/uk", "/uk/"])
def test_a_language_alone_leads_to_its_front_page(url: str, path: str) -> None:
    assert get(url + path) == get(f"{url}/uk/referendum")


def refused(url: str, **headers: str) -> tuple[str, str]:
    """The type and content of an answer that says that nothing is there."""
    with pytest.raises(urllib.error.HTTPError, match="404") as found:
        get(url, **headers)
    with found.value as answer:
        return answer.headers["Content-Type"], answer.read().decode()


@pytest.mark.parametrize(
    ("path", "headers", "language"),
    [
        ("/uk/nothing", {}, "uk"),
        ("/fr/%3Cb%3E/deeper", {}, "fr"),
        ("/de/referendum", {"Accept": "text/html,*/*;q=0.8", "Accept-Language": "cy"}, "cy"),
        ("/result.json/x", {"Accept": "text/html"}, "en"),
    ],
)
def test_what_is_not_there_is_said_to_people_in_their_language(
    url: str, path: str, headers: dict[str, str], language: str
) -> None:
    kind, text = refused(url + path, **headers)
    assert kind == "text/html; charset=utf-8"
    assert f'<html lang="{language}"' in text
    assert f'href="/{language}/referendum"' in text
    assert "Harbour &amp; &lt;temple&gt;</title>" in text
    assert "<b>" not in text


@pytest.mark.parametrize("path", ["/de", "/de/referendum", "/nothing", "/booth/nothing.js"])
def test_what_is_not_there_is_a_problem_document_for_programs(url: str, path: str) -> None:
    kind, text = refused(url + path)
    assert kind == "application/problem+json"
    assert json.loads(text)["instance"] == path


def test_what_was_said_and_decided_is_told_with_who_it_was(tmp_path: Path) -> None:
    document, keys = sample()
    referendum = Referendum(document, keys)
    referendum.publish()
    observer, stranger = keys.witnesses[:2]
    said = entries.Statement("Queue", "de", "Eine <lange>\nSchlange", b"a" * 32)
    (opens, seals) = referendum.record.windows[0].plans[-1]
    day = len(referendum.record.windows[0].plans)
    for payload, key in (
        (entries.Statement("Key", "en", "Mine is safe.", b""), keys.trustees[1]),
        (entries.Grant(observer.public.raw, "Watch", "observer of the <union>"), keys.organiser),
        (said, observer),
        (entries.Statement("Void", "en", "I am a stranger.", b""), stranger),
        (entries.Amend(0, day, opens + 60, seals + 60, "A storm is coming."), keys.organiser),
    ):
        referendum.log(referendum.write(payload, key))
    with serving(site(referendum, tmp_path)) as url:
        page = get(f"{url}/en/statements")
        for index in re.findall(r'href="/en/log/([0-9]+)"', page):
            opened = Words(get(f"{url}/en/log/{index}")).text
            assert re.search(r"[0-9]{2}:[0-9]{2}", opened)
        asked = Words(get(f"{url}/en/referendum")).text
    assert asked.count("instead of") == 1  # the day that is moved, with what was planned
    text = Words(page).text
    assert [
        text.index(one) for one in ("A storm", "Eine <lange>", "An observer may", "Mine is safe.")
    ] == sorted(text.index(one) for one in ("A storm", "Eine <lange>", "An observer may", "Mine is safe."))
    assert "Watch, observer of the <union>" in text
    assert f"{referendum.definition.trustees.members[1].name}, trustee" in text
    assert f'href="/log/blob/{(b"a" * 32).hex()}"' in page
    assert 'lang="de"' in page
    assert "stranger" not in text


APPEALS = SigningKey(bytes([5]) * 32)
AREOPAGUS = {"name": "The Areopagus", "address": "Athens", "days": 3, "key": APPEALS.public.raw.hex()}


def spoken() -> Referendum:
    """A referendum in which all kinds of things are said, asked, granted and answered."""
    document, keys = sample(appeals=AREOPAGUS, budgets={"work": 4})
    referendum = held(
        document, keys, {0: [[1, 0], [0, 1], [1, 0]], 1: [[1, 0], [0, 1], [1, 0]]}, [(0, 0, 1, 1, [0, 1])]
    )
    league, crowd = SigningKey(bytes([6]) * 32), SigningKey(bytes([7]) * 32)
    incident = entries.Incident(
        "intimidation", "School <4>", write_point(37.938, 23.639), 0, 1_900_000_100, 1_900_000_900,
        "en", "Armed men at the door.", b"a" * 32,
    )  # fmt: skip
    seen = referendum.write(incident, keys.registrars[0])
    about = entries.decode(seen).body_hash
    answer = entries.Answer(about, "en", "They are gone.", b"")
    quoted = f"At 7 {'0' * 64}: It misleads."
    asked = [
        entries.Request("The league", "observer", "en", "We watch.", b"", b"", bytes(8)),
        entries.Request("A crowd", "observers", "en", "Let us in.", b"", b"", bytes(8)),
    ]
    referendum.log(
        *(
            ask(referendum.definition.hash, key.public.raw, request, 4, key.sign)
            for key, request in zip((league, crowd), asked, strict=True)
        ),
        referendum.write(entries.Grant(league.public.raw, "The league", "observer"), keys.witnesses[0]),
        seen,
        referendum.write(entries.Answer(about, "en", "Still there.", b""), keys.registrars[0]),
        referendum.write(answer, keys.organiser),
        referendum.write(entries.Objection(b"", "The question", "en", quoted, b""), league),
        referendum.write(entries.Declaration("venice-2022/V37", "en", "All may watch.", b""), keys.organiser),
        referendum.write(entries.Annulment(0, 0, "en", "Voters were threatened.", b""), APPEALS),
    )
    referendum.checkpoint()
    referendum.now += 3 * 86_400 + 60
    referendum.checkpoint()
    return referendum


def test_what_is_said_is_listed_by_kind_and_what_nobody_answered_shows(tmp_path: Path) -> None:
    with serving(site(spoken(), tmp_path)) as url:
        pages = {kind: Words(get(f"{url}/en/statements?kind={kind}")).text for kind in (*LISTS, "none")}
        result = Words(get(f"{url}/en/result")).text
        for language in LANGUAGES:
            page = get(f"{url}/{language}/statements")
            assert page.count('<svg class="map"') == page.count("<circle") == 1
            assert f'<li><a href="/{language}/log/' in page, "each on the map is in the list beside it"
            assert "http:" not in page.replace("http://www.w3.org/2000/svg", ""), "nothing from elsewhere"
            for index in re.findall(rf'href="/{language}/log/([0-9]+)"', page):
                get(f"{url}/{language}/log/{index}")
    assert "Incidents on a map" not in pages["request"]
    incidents = pages["incident"]
    assert "Map. Incidents: 1, numbered points: 1" in incidents
    assert "Incident · Register 1, registrar" in incidents
    assert "intimidation, Piraeus" in incidents
    assert "37.938000, 23.639000" in incidents
    assert re.search(r"Answered in entry [0-9]+: [^.]*, organiser", incidents)
    assert "Its author added entry" in incidents, "what one says to oneself is no answer"
    assert "The question" not in incidents
    assert "Unanswered for at least 3 days" in pages["objection"]
    assert "Refers to the log when it had 7 entries" in pages["objection"]
    assert "0" * 64 not in pages["objection"], "the log that it quotes stands in the entry"
    assert "The league, observer" in pages["objection"]
    assert "venice-2022/V37" in pages["declaration"]
    requests = pages["request"]
    assert requests.index("Nobody has accredited them yet.") < requests.index("Accredited in entry")
    assert "Unanswered for at least 3 days" in requests
    assert re.search(
        r"Accredited in entry [0-9]+: witness-1.example, witness. Time it took: at most", requests
    )
    assert "witness-1.example, witness" in pages["grant"]
    assert "Annulled: Piraeus" in pages["annulment"]
    assert "The Areopagus has annulled this area: Piraeus" in result
    assert "The totals here are those that were counted." in result
    assert all(one in pages["none"] for one in ("School <4>", "A crowd", "The Areopagus")), "all of them"


def test_whoever_says_much_fills_pages_that_lead_to_one_another(tmp_path: Path) -> None:
    document, keys = sample()
    referendum = Referendum(document, keys)
    referendum.publish()
    for number in range(2 * SAID + 1):
        said = entries.Statement(f"No. {number}", "en", "Well.", b"")
        referendum.log(referendum.write(said, keys.trustees[0]))
    with serving(site(referendum, tmp_path)) as url:
        earlier = _turned(url, "Earlier", "statements")
        later = _turned(url, "Later", "statements?at=0")
    numbers = [f"No. {number}" for number in range(2 * SAID + 1)]
    assert earlier == numbers[::-1]
    assert set(later) == set(numbers)


def _turned(url: str, label: str, page: str) -> list[str]:
    """The headings of a page, and of those to which a link of this name leads, one after the other."""
    found: list[str] = []
    while page:
        text = get(f"{url}/en/{page}")
        found += (headings := re.findall(r"<h2[^>]*>(.*)</h2>", text))
        assert 0 < len(headings) <= SAID
        (page,) = re.findall(rf'<a href="/en/([^"]*)">{label}</a>', text) or [""]
    return found


def test_a_time_that_no_calendar_has_hides_nothing(tmp_path: Path) -> None:
    document, keys = sample()
    referendum = Referendum(document, keys)
    referendum.publish()
    plans, never = referendum.record.windows[0].plans, 2**53 - 1
    amend = entries.Amend(0, len(plans), plans[-1][0], never, "Later.")
    referendum.log(referendum.write(amend, keys.organiser))
    assert not referendum.record.void
    with serving(site(referendum, tmp_path)) as url:
        for page in ("referendum", "progress", "statements"):
            assert f"– @{never}" in Words(get(f"{url}/en/{page}")).text


def test_a_time_in_a_zone_that_is_unknown_here_is_told_by_utc() -> None:
    for zone in ("Nowhere/Land", "../etc/passwd", ""):
        assert local_time(0, zone, "en") == "Thu 1 Jan 1970, 00:00 (UTC)"


def test_before_the_definition_pages_say_so(tmp_path: Path) -> None:
    with serving(ServerConfig(tmp_path, b"{}", {})) as url:
        assert "Nothing is published yet" in get(f"{url}/en/log")
        refused(f"{url}/definition.json")


def test_pages_lead_to_where_people_sign_in(tmp_path: Path) -> None:
    for sign_in in ("https://register.example", ""):
        with serving(ServerConfig(tmp_path, b"{}", {}, sign_in=sign_in)) as url:
            page = get(f"{url}/en/log")
        assert ('<a href="https://register.example">Get your invitation</a>' in page) == bool(sign_in)


def test_a_referendum_with_single_cards_says_that_it_does_not_protect(tmp_path: Path) -> None:
    document, keys = sample(decoys=0)
    referendum = Referendum(document, keys)
    referendum.publish()
    with serving(site(referendum, tmp_path)) as url:
        for page in MENU:
            assert "Not coercion-resistant" in get(f"{url}/en/{page}")


def test_explanations_and_arguments_are_plain_text_and_what_is_not_there_is_said(tmp_path: Path) -> None:
    texts = {name: f"The {name} <b>text</b>\n\nof it." for name in ("whole", "yes", "lost", "changed")}
    digests = {name: hashlib.sha256(text.encode()).hexdigest() for name, text in texts.items()}
    document, keys = sample(
        texts=[
            {"files": dict.fromkeys(("en", "de"), digests["whole"])},
            {
                "contest": "harbour",
                "option": "yes",
                "by": {"en": "The <fishermen>", "de": "Die Fischer"},
                "files": {"en": digests["yes"], "de": digests["lost"]},
            },
            {"contest": "temple", "files": dict.fromkeys(("en", "de"), digests["changed"])},
        ],
        map={"geojson": "ab" * 32},
    )
    referendum = Referendum(document, keys)
    referendum.publish()
    shown = site(referendum, tmp_path)
    blobs = shown.public / "blob"
    blobs.mkdir()
    for name in ("whole", "yes"):
        (blobs / digests[name]).write_text(texts[name])
    (blobs / digests["changed"]).write_text("Something else.")
    with serving(shown) as url:
        page = get(f"{url}/en/referendum")
    assert "The whole &lt;b&gt;text&lt;/b&gt;\n\nof it." in page
    assert page.index("The whole") < page.index("The yes") < page.index(digests["changed"])
    assert "Argument for “Yes”" in page
    assert "By The &lt;fishermen&gt;" in page
    assert "Something else." not in page
    assert f"not shown: SHA-256 {digests['changed']}" in page
    assert f'href="/log/blob/{"ab" * 32}"' in page
    (blobs / digests["yes"]).unlink()
    with serving(shown) as url:
        page = get(f"{url}/en/referendum")
    assert f"This text is missing here. Its file has the SHA-256 {digests['yes']}." in page
