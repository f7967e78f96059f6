"""What a definition says, and everything that makes it none (`spec/definition.md`)."""

from __future__ import annotations

import hashlib
import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from psephos.errors import FormatError, VerificationError
from psephos.log.policy import Policy
from psephos.protocol.encoding import canonical_json
from psephos.protocol.setup.definition import Window
from psephos.protocol.setup.document import parse
from psephos.protocol.setup.pin import Pin
from psephos.simulation.definitions import HARBOUR, TEMPLE, Question, sample

DOCUMENT, KEYS = sample(regions=("piraeus", "athens", "sounion"), ballots={"sounion": ["temple"]})
GONE = object()


def changed(path: str, value: object, document: bytes = DOCUMENT) -> bytes:
    """The document with another value, or nothing (GONE), at a path like `regions.0.id`."""
    whole = json.loads(document)
    *way, last = (int(step) if step.isdigit() else step for step in path.split("."))
    at = whole
    for step in way:
        at = at[step]
    if value is GONE:
        del at[last]
    else:
        at[last] = value
    return canonical_json.encode(whole)


def at(path: str) -> Any:
    """What the sample has at a path."""
    value = json.loads(DOCUMENT)
    for step in path.split("."):
        value = value[int(step) if step.isdigit() else step]
    return value


def refused(document: bytes, complaint: str) -> None:
    with pytest.raises(VerificationError, match=complaint) as caught:
        parse(document)
    assert (caught.value.check, caught.value.culprit) == ("2.2", "organiser")


def check_that_fails(document: bytes) -> str | None:
    """The check that refuses a document, if one does; nothing but a VerificationError may do so."""
    try:
        parse(document)
    except VerificationError as error:
        return error.check
    return None


def test_a_definition_says_what_its_document_does() -> None:
    definition = parse(DOCUMENT)
    assert definition.hash == hashlib.sha256(definition.head.encoded).digest()
    assert definition.document == DOCUMENT
    assert definition.organiser.key == KEYS.organiser.public.raw
    assert definition.board.origin == "log.psephos.example/sample"
    assert (definition.trustees.threshold, definition.trustees.close, definition.decoys) == (2, 2, 4)
    assert definition.trustees.index(KEYS.trustees[2].public.raw) == 3
    assert definition.trustees.index(KEYS.board.public.raw) is None
    assert definition.cover is not None
    assert definition.cover.epsilon == (1, 1)
    assert [region.index for region in definition.regions] == [0, 1, 2]
    assert definition.regions[0].days == (Window(1_900_000_000, 1_900_036_000),)
    assert [region.id for region in definition.regions_of(0)] == ["piraeus", "athens"]
    assert definition.contests[0].options == ("yes", "no")


def test_a_style_knows_its_sizes() -> None:
    both, temple = parse(DOCUMENT).styles
    assert both.shape == [(0, 2, 1), (1, 3, 1)]
    assert (both.width, temple.width) == (6, 4)
    assert both.votes_length == (2 * 64 + 3 * 128 - 32) + (3 * 64 + 4 * 128 - 32)
    assert (both.row_bytes, both.chunk_rows) == (6 * 64 + 224, 65_279 // 608)
    assert both.wording_hash == hashlib.sha256(canonical_json.encode(at("styles.0"))).digest()


def test_without_decoys_there_is_no_cover() -> None:
    definition = parse(sample(decoys=0, trustees=1, threshold=1)[0])
    assert definition.cover is None
    assert not definition.coercion_resistant


def test_the_largest_referendums_that_may_be() -> None:
    options = {f"o{i}": {"en": "x", "de": "x"} for i in range(100)}
    parse(sample(questions=[Question("one", HARBOUR.question, options)], trustees=64, threshold=64)[0])


BAD_FORM = [
    ("version", 2, r"\$\.version: not an integer from 1 to 1"),
    ("title", GONE, r"\$: member title is missing"),
    ("titel", "x", r"\$: member titel is not known"),
    ("title", {"en": "x"}, r"\$\.title: member de is missing"),
    ("title.fr", "x", r"\$\.title: member fr is not known"),
    ("title.en", "", r"\$\.title\.en: not a text"),
    ("title.en", "x" * 4001, r"\$\.title\.en: not a text"),
    ("languages", [], r"\$\.languages: 0 items"),
    ("languages", ["en", "en"], r"\$\.languages\[1\]: stands here for the second time"),
    ("languages", ["EN", "de"], r"\$\.languages\[0\]: not a language tag"),
    ("organiser.key", "AB" * 32, r"\$\.organiser\.key: not a key"),
    ("organiser.key", "ab" * 31, r"\$\.organiser\.key: not a key"),
    ("registrars.0.mail", "x", r"\$\.registrars\[0\]: member mail is not known"),
    ("registrars", [], r"\$\.registrars: 0 items"),
    ("relays", [{"name": "One", "address": "ftp://one.example"}], r"\$\.relays\[0\]\.address: not an http"),
    ("hold", 3600, r"\$\.hold: not an integer from 0 to 0"),
    ("board.origin", "a log", r"\$\.board\.origin: not printable ASCII"),
    ("board.origin", "a+b", r"\$\.board\.origin: not printable ASCII"),
    ("witnesses.members.0.name", "", r"\$\.witnesses\.members\[0\]\.name: not printable ASCII"),
    ("witnesses.members.1.name", "witness-1.example", r"members\[1\]\.name: stands here for the second"),
    ("witnesses.quorum", 4, r"\$\.witnesses\.quorum: not an integer from 1 to 3"),
    ("witnesses.quorum", 0, r"\$\.witnesses\.quorum"),
    ("witnesses.quorum", 1, r"\$\.witnesses\.quorum: two quorums need not share"),
    ("witnesses.faulty", 1, r"\$\.witnesses\.faulty: half of a quorum could be faulty"),
    ("witnesses.faulty", 2, r"\$\.witnesses\.faulty: half of a quorum could be faulty"),
    ("trustees.members", [], r"\$\.trustees\.members: 0 items"),
    ("trustees.threshold", 1, r"\$\.trustees\.threshold: not an integer from 2 to 3"),
    ("trustees.threshold", 4, r"\$\.trustees\.threshold"),
    ("trustees.close", 1, r"\$\.trustees\.close: not an integer from 2 to 3"),
    ("trustees.close", 4, r"\$\.trustees\.close"),
    ("decoys", 17, r"\$\.decoys: not an integer from 0 to 16"),
    ("decoys", 3, r"\$\.decoys: fewer than 4 decoys"),
    ("decoys", 0, r"\$: cover belongs to decoys"),
    ("cover", GONE, r"\$: cover belongs to decoys"),
    ("cover.delta", 0, r"\$\.cover\.delta"),
    ("cover.epsilon", [1, 1001], r"\$\.cover\.epsilon\[1\]"),
    ("min_batch", 0, r"\$\.min_batch"),
    ("min_region", 1_000_001, r"\$\.min_region"),
    ("tolerance", 86_401, r"\$\.tolerance"),
    ("round", 0, r"\$\.round"),
    ("regions", [], r"\$\.regions: 0 items"),
    ("regions.1.id", "piraeus", r"\$\.regions\[1\]\.id: stands here for the second time"),
    ("regions.1.id", "Athens", r"\$\.regions\[1\]\.id: not an identifier"),
    ("regions.1.id", "a" * 33, r"\$\.regions\[1\]\.id: not an identifier"),
    ("regions.0.style", "none", r"\$\.regions\[0\]\.style: 'none' names nothing"),
    ("regions.0.timezone", 1, r"\$\.regions\[0\]\.timezone: not a text"),
    ("regions.0.days", [], r"\$\.regions\[0\]\.days: 0 items"),
    ("regions.0.days", [[2, 2]], r"\$\.regions\[0\]\.days\[0\]: sealed before it opens"),
    ("regions.0.days", [[1, 3], [2, 4]], r"\$\.regions\[0\]\.days\[1\]: opens before the day before"),
    ("regions.0.days", [[1, 2, 3]], r"\$\.regions\[0\]\.days\[0\]: 3 items"),
    ("regions.0.days", [[i, i + 1] for i in range(61)], r"\$\.regions\[0\]\.days: 61 items"),
    ("regions.0.closes", 1_900_000_000, r"\$\.regions\[0\]\.closes: the first day opens before"),
    ("tolerance", 3_001, r"\$\.regions\[0\]\.closes: the first day opens before"),
    ("regions.0.review", 3_301, r"\$\.regions\[0\]\.closes: the first day opens before"),
    ("regions.0.merge_into", "nowhere", r"\$\.regions\[0\]\.merge_into: 'nowhere' names nothing"),
    ("contests.0.id", 7, r"\$\.contests\[0\]\.id: not an identifier"),
    ("contests.0.options", ["yes", "yes"], r"\$\.contests\[0\]\.options\[1\]: stands here"),
    ("contests.0.options", [{"id": "yes"}], r"\$\.contests\[0\]\.options\[0\]: not an identifier"),
    ("contests.0.blank", 2, r"\$\.contests\[0\]\.blank"),
    ("contests.0.rule.option", "maybe", r"\$\.contests\[0\]\.rule\.option: 'maybe' names nothing"),
    ("contests.0.rule.conditions", [], r"\$\.contests\[0\]\.rule\.conditions: 0 items"),
    ("contests.0.rule.conditions.0.kind", "taste", r"conditions\[0\]: not a condition of a known kind"),
    ("contests.0.rule.conditions.0.of", "roll", r"conditions\[0\]: member of is not known"),
    ("contests.0.rule.conditions.1.of", "voted", r"conditions\[1\]\.of: not a denominator"),
    ("contests.0.rule.conditions.1.at_least", [2, 1], r"conditions\[1\]\.at_least\[0\]"),
    ("contests.0.rule.conditions.1.at_least", [0, 0], r"conditions\[1\]\.at_least\[1\]"),
    ("styles.0.contests", [], r"\$\.styles\[0\]\.contests: 0 items"),
    ("styles.0.contests.0.contest", "temple", r"\$\.styles\[0\]\.contests\[0\]\.options: 2 items"),
    ("styles.0.contests.0.question.de", GONE, r"\$\.styles\[0\]\.contests\[0\]\.question: member de"),
    ("styles.0.contests.0.options", [{"en": "Yes", "de": "Ja"}], r"contests\[0\]\.options: 1 items"),
    ("styles.0.languages", ["grc"], r"\$\.styles\[0\]\.contests\[0\]\..*: member grc is missing"),
]


@pytest.mark.parametrize(("path", "value", "complaint"), BAD_FORM)
def test_a_definition_of_another_form_is_refused_by_path(path: str, value: object, complaint: str) -> None:
    refused(changed(path, value), complaint)


INVALID = [
    ("registrars.0.key", "organiser.key", r"\$\.registrars\[0\]\.key: the same key as \$\.organiser\.key"),
    ("trustees.members.1.key", "witnesses.members.0.key", r"\$\.trustees\.members\[1\]\.key: the same"),
    ("styles.0.contests.1", "styles.0.contests.0", r"\$\.styles\[0\]\.contests: a contest stands here twice"),
]


@pytest.mark.parametrize(("path", "other", "complaint"), INVALID)
def test_nothing_that_must_be_distinct_stands_twice(path: str, other: str, complaint: str) -> None:
    refused(changed(path, at(other)), complaint)


def test_merging_leads_to_other_regions_with_the_same_contests_and_not_back() -> None:
    parse(changed("regions.0.merge_into", "athens"))
    refused(changed("regions.0.merge_into", "piraeus"), r"\$\.regions\[0\]\.merge_into: leads back")
    refused(changed("regions.0.merge_into", "sounion"), r"\$\.regions\[0\]\.merge_into: .* other contests")
    one = changed("regions.0.merge_into", "athens")
    refused(changed("regions.1.merge_into", "piraeus", one), r"merge_into: leads back")


def test_every_style_and_contest_is_used() -> None:
    refused(changed("regions.2.style", "style-1"), r"\$\.styles\[1\]: style-2 is not used")
    unused = [*at("contests"), {"id": "spare", "options": ["a", "b"], "blank": 0}]
    refused(changed("contests", unused), r"\$\.contests\[2\]: spare is not used")


def test_a_contest_leaves_a_choice() -> None:
    only = Question("only", HARBOUR.question, {"yes": {"en": "Yes", "de": "Ja"}}, blank=1)
    document = sample(questions=[only])[0]
    parse(document)
    refused(changed("contests.0.blank", 0, document), r"\$\.contests\[0\]\.options: leave no choice")


def test_ballots_and_rows_fit_entries() -> None:
    options = {f"o{i}": {"en": "x"} for i in range(100)}
    questions = [Question(f"q{i}", {"en": "x"}, options) for i in range(4)]
    document = sample(questions=questions, languages=["en"])[0]
    refused(document, r"\$\.styles\[0\]: a ballot of 77184 bytes does not fit an entry")
    parse(sample(questions=questions[:3], languages=["en"])[0])


def test_a_style_may_have_its_own_languages() -> None:
    document = changed("styles.1.languages", ["grc"])
    for path, value in (("question", {"grc": "τίνος;"}), ("options", [{"grc": "θεοῦ"}] * 3)):
        document = changed(f"styles.1.contests.0.{path}", value, document)
    assert parse(document).styles[1].languages == ("grc",)


def test_a_definition_has_a_length() -> None:
    refused(b"", "0 bytes")
    refused(changed("title.en", "x" * 4000, changed("title.de", "y" * 4000)) + b" " * 2**24, "bytes instead")


@given(st.integers(0, len(DOCUMENT) - 1), st.binary(max_size=3))
def test_mutated_bytes_are_refused_or_another_definition(place: int, replacement: bytes) -> None:
    mutated = DOCUMENT[:place] + replacement + DOCUMENT[place + 1 :]
    check = check_that_fails(mutated)
    assert check == "2.2" or canonical_json.encode(json.loads(mutated)) == mutated


VALUES = st.sampled_from(["", "x", 0, -1, 2**53 - 1, [], {}, [[]], [{}], {"id": "x"}, [1, 2]])


@given(st.data(), VALUES)
def test_wrong_values_anywhere_are_refused_or_another_definition(data: st.DataObject, value: object) -> None:
    whole = json.loads(DOCUMENT)
    inner, way = whole, []
    while isinstance(inner, dict | list) and inner and (not way or data.draw(st.integers(0, 3))):
        way.append(
            data.draw(st.sampled_from(sorted(inner) if isinstance(inner, dict) else range(len(inner))))
        )
        inner = inner[way[-1]]
    assert check_that_fails(changed(".".join(map(str, way)), value)) in ("2.2", None)


def test_a_pin_names_definition_log_and_witnesses() -> None:
    definition = parse(DOCUMENT)
    pin = Pin.parse(Pin.of(definition).encode())
    assert pin == Pin.of(definition)
    assert pin.definition == definition.hash
    policy = Policy.parse(pin.policy.encode())
    assert policy.logs[definition.board.origin].public == KEYS.board.public
    assert [key.public for key in policy.witnesses.values()] == [key.public for key in KEYS.witnesses]
    assert [key.name for key in policy.witnesses.values()] == [f"witness-{i}.example" for i in (1, 2, 3)]
    assert policy.satisfied({"w1", "w3"})
    assert not policy.satisfied({"w1"})


@pytest.mark.parametrize(
    "document", [b"{}", b"[]", b'{"definition":"00","policy":"","version":1}', b'{"version":1} ']
)
def test_anything_else_is_no_pin(document: bytes) -> None:
    with pytest.raises(FormatError):
        Pin.parse(document)


def test_samples_are_the_same_for_the_same_arguments() -> None:
    assert sample()[0] == sample()[0] != sample(seed=b"x")[0]
    assert parse(sample(questions=[TEMPLE])[0]).contests[0].id == "temple"
    assert "key" not in repr(KEYS).lower().replace("keys", "")
