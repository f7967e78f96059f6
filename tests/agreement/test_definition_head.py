"""What a voter's device loads of a definition: both implementations hash it alike, and bound it alike."""

from __future__ import annotations

import json
from collections.abc import Callable
from hashlib import sha256
from typing import Any

import definition as reference
import pytest
from group import FormatError

from psephos.errors import VerificationError
from psephos.protocol.encoding import canonical_json
from psephos.protocol.setup.definition import parse
from psephos.protocol.setup.head import LARGEST
from psephos.testing.definitions import HARBOUR, sample

DAYS = tuple((1_900_000_000 + 86_400 * day, 1_900_036_000 + 86_400 * day) for day in range(5))
COMMUNES = tuple(f"commune-{number}" for number in range(1_000))
COUNTRY = sample(regions=COMMUNES, questions=(HARBOUR,), windows=DAYS)[0]


def loaded(document: bytes, language: str = "en") -> list[int]:
    """The bytes of head, names, region and style, for each region."""
    definition = parse(document)
    named = {digest.hex(): excerpt for digest, excerpt in definition.head.excerpts.items()}
    head = json.loads(named[definition.hash.hex()])
    styles = {style["id"]: len(named[style["sha256"]]) for style in head["styles"]}
    common = len(named[definition.hash.hex()]) + len(named[head["whole"]["names"][language]])
    regions = [named[region["sha256"]] for region in head["regions"]]
    return [common + len(region) + styles[json.loads(region)["style"]] for region in regions]


def test_a_country_of_a_thousand_regions_fits_a_phone() -> None:
    assert reference.parse(COUNTRY).hash == parse(COUNTRY).hash
    assert len(COUNTRY) > LARGEST
    assert max(loaded(COUNTRY)) < LARGEST / 2


def test_the_head_says_what_devices_need_of_all_regions() -> None:
    document = json.loads(COUNTRY)
    document["regions"][7]["closes"] -= 60
    document["divisions"] = [{"id": "country", "name": {"en": "Attica", "de": "Attika"}}]
    document["regions"][0]["parent"] = "country"
    encoded = canonical_json.encode(document)
    head = json.loads(parse(encoded).head.encoded)
    closes = document["regions"][0]["closes"]
    assert head["whole"]["closes"] == [closes - 60, closes]
    assert head["whole"]["bytes"] == len(encoded)
    assert head["divisions"] == sha256(canonical_json.encode(document["divisions"])).hexdigest()
    assert head["regions"][7]["id"] == "commune-7"
    same = {name for name in document if name not in ("regions", "styles", "divisions")}
    assert {name: head[name] for name in same} == {name: document[name] for name in same}


def test_each_byte_of_a_definition_counts() -> None:
    document = json.loads(COUNTRY)
    hashes = {parse(COUNTRY).hash}
    edits: list[Callable[[Any], None]] = [
        lambda whole: whole["title"].update(en="Another"),
        lambda whole: whole["regions"][999].update(timezone="Europe/Paris"),
        lambda whole: whole["regions"][3]["name"].update(de="Anderswo"),
        lambda whole: whole["styles"][0]["contests"][0]["options"][1].update(en="Never"),
        lambda whole: whole["regions"].reverse(),
        lambda whole: whole["contests"][0].update(blank=0),
    ]
    for edit in edits:
        changed = json.loads(COUNTRY)
        edit(changed)
        assert changed != document
        hashes.add(parse(canonical_json.encode(changed)).hash)
    assert len(hashes) == 1 + len(edits)


@pytest.mark.parametrize("over", [0, 1])
def test_both_bound_what_one_voter_loads(over: int) -> None:
    document = json.loads(COUNTRY)
    room = LARGEST + over - max(loaded(COUNTRY))
    contest = document["styles"][0]["contests"][0]
    contest["question"]["en"] += "x" * 3_000
    channels = [{"de": "y" * 4_000, "en": "y" * 4_000} for _ in range((room - 3_100) // 8_019)]
    document["channels"] = channels
    short = room - (max(loaded(canonical_json.encode(document))) - max(loaded(COUNTRY)))
    document["contact"] = {"de": "z", "en": "z"}
    rest = short - (len(b'"contact":{"de":"z","en":"z"},'))
    document["contact"] = {"de": "z" * (1 + rest // 2), "en": "z" * (1 + rest - rest // 2)}
    encoded = canonical_json.encode(document)
    if not over:
        assert max(loaded(encoded)) == LARGEST
        assert reference.parse(encoded).hash == parse(encoded).hash
        return
    with pytest.raises(
        VerificationError, match=r"\$\.regions\[\d+\]: head, names, region and style have 262145"
    ):
        parse(encoded)
    with pytest.raises(FormatError, match="for one voter to load"):
        reference.parse(encoded)
