"""What a voter's device loads of a definition: both implementations hash it alike, and bound it alike."""

from __future__ import annotations

import json
from collections.abc import Callable
from contextlib import nullcontext
from hashlib import sha256
from typing import Any

import definition as reference
import head
import jcs
import pytest
from group import FormatError

from psephos.errors import PsephosError, VerificationError
from psephos.protocol.encoding import canonical_json
from psephos.protocol.setup.document import parse
from psephos.protocol.setup.head import LARGEST, hash_of
from psephos.simulation.definitions import HARBOUR, sample

DAYS = tuple((1_900_000_000 + 86_400 * day, 1_900_036_000 + 86_400 * day) for day in range(5))
COMMUNES = tuple(f"commune-{number}" for number in range(1_000))
COUNTRY = sample(regions=COMMUNES, questions=(HARBOUR,), windows=DAYS)[0]


def loaded(document: bytes, language: str = "en") -> list[int]:
    """The bytes of head, names, region and style, for each region."""
    definition = parse(document)
    named = {digest.hex(): excerpt for digest, excerpt in definition.head.excerpts.items()}
    told = json.loads(named[definition.hash.hex()])
    styles = {style["id"]: len(named[style["sha256"]]) for style in told["styles"]}
    common = len(named[definition.hash.hex()]) + len(named[told["whole"]["names"][language]])
    regions = [named[region["sha256"]] for region in told["regions"]]
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
    told = json.loads(parse(encoded).head.encoded)
    closes = document["regions"][0]["closes"]
    assert told["whole"]["closes"] == [closes - 60, closes]
    assert told["whole"]["bytes"] == len(encoded)
    assert told["divisions"] == sha256(canonical_json.encode(document["divisions"])).hexdigest()
    assert told["regions"][7]["id"] == "commune-7"
    same = {name for name in document if name not in ("regions", "styles", "divisions")}
    assert {name: told[name] for name in same} == {name: document[name] for name in same}


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


def test_both_read_as_many_levels() -> None:
    for levels, refused in ((32, False), (33, True), (900, True), (100_000, True)):
        nested = b"[" * levels + b"]" * levels
        for decode, error in ((canonical_json.decode, PsephosError), (jcs.decode, FormatError)):
            with pytest.raises(error) if refused else nullcontext():
                decode(nested)


def test_a_hash_takes_no_time_that_grows_faster_than_its_document() -> None:
    """Languages that stand there again and again would be looked up in every region."""
    regions = [{"id": "r", "closes": 1, "name": {"en": "x"}}] * 600
    document = canonical_json.encode({"languages": ["en"] * 3_000, "regions": regions, "styles": []})
    assert hash_of(document) is None
    assert head.definition_hash(document) is None


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
