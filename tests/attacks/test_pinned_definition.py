"""Another definition than the pinned one, and definitions that are made to deceive: checks 2.1 and 2.2."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from psephos.log.client import Client
from psephos.protocol import entries
from psephos.protocol.encoding import canonical_json
from psephos.protocol.setup.pin import Pin
from psephos.simulation.adversary import fatal
from psephos.simulation.definitions import sample
from psephos.simulation.referendum import Referendum
from psephos.verifier.run import verify
from tests.attacks.scenes import begun, voting


def stopped(directory: Path, pin: Pin) -> tuple[str, str, str]:
    report = verify(Client(directory / "record"), pin)
    assert report.stopped is not None
    assert report.result is None
    return report.stopped.check, report.stopped.status, report.stopped.culprit


def test_another_referendum_of_the_same_parties_is_refused(tmp_path: Path) -> None:
    """One word of the title: the whole referendum is valid in itself, and not the pinned one."""
    document = json.loads(begun().document)
    document["title"]["en"] = "Another referendum"
    other = Referendum(canonical_json.encode(document), begun().keys)
    other.publish()
    other.ceremony()
    own = other.export(tmp_path)
    assert verify(Client(tmp_path / "record"), own).stopped is None
    assert stopped(tmp_path, Pin.of(begun().definition)) == ("2.1", "failed", "organiser")


def test_a_pin_of_another_log_is_refused(tmp_path: Path) -> None:
    """The pinned board has signed and the pinned witnesses too, but the definition names another log key."""
    referendum = begun()
    document = json.loads(referendum.document)
    document["board"]["key"] = referendum.keys.registrars[0].public.raw.hex()
    document["registrars"][0]["key"] = referendum.keys.board.public.raw.hex()
    other = Referendum(canonical_json.encode(document), referendum.keys)
    other.publish()
    other.export(tmp_path)
    pin = replace(Pin.of(referendum.definition), definition=other.definition.hash)
    assert stopped(tmp_path, pin) == ("2.1", "failed", "organiser")


@pytest.mark.parametrize("party", ["board", "registrars"])
def test_a_definition_by_another_than_its_organiser_is_refused(party: str) -> None:
    document, keys = sample()
    referendum = Referendum(document, keys)
    key = keys.board if party == "board" else keys.registrars[0]
    data = referendum.write(entries.DefinitionEntry(document), key)
    assert fatal(referendum, data) == ("2.1", "organiser")


def test_a_definition_whose_entry_names_another_hash_is_refused() -> None:
    document, keys = sample()
    referendum = Referendum(document, keys)
    data = referendum.write(entries.DefinitionEntry(document), keys.organiser, referendum=bytes(32))
    assert fatal(referendum, data) == ("2.1", "organiser")


def test_a_log_that_does_not_begin_with_a_definition_is_refused() -> None:
    document, keys = sample()
    for payload in (entries.Open(0, 1), entries.Cancel("no"), entries.Statement("a", "en", "b", b"")):
        referendum = Referendum(document, keys)
        data = referendum.write(payload, keys.organiser)
        assert fatal(referendum, data) == ("2.1", "organiser")


Edit = Callable[[dict[str, Any]], Any]


def set_at(*path: Any, value: Any) -> Edit:
    def edit(document: dict[str, Any]) -> None:
        for name in path[:-1]:
            document = document[name]
        document[path[-1]] = value

    return edit


def copied(source: tuple[Any, ...], target: tuple[Any, ...]) -> Edit:
    def edit(document: dict[str, Any]) -> None:
        value: Any = document
        for name in source:
            value = value[name]
        set_at(*target, value=value)(document)

    return edit


def both(*edits: Edit) -> Edit:
    """Several edits."""

    def edit(document: dict[str, Any]) -> None:
        for one in edits:
            one(document)

    return edit


INVALID: dict[str, Edit] = {
    "a threshold of one": set_at("trustees", "threshold", value=1),
    "a threshold above n": set_at("trustees", "threshold", value=4),
    "a close below the threshold": set_at("trustees", "close", value=1),
    "quorums that need not meet": set_at("witnesses", "quorum", value=1),
    "as many faulty as a quorum": set_at("witnesses", "faulty", value=2),
    "one faulty too many for two quorums": set_at("witnesses", "faulty", value=1),
    "half of a quorum faulty": both(
        set_at("witnesses", "quorum", value=3), set_at("witnesses", "faulty", value=2)
    ),
    "two parties with one key": copied(("registrars", 0, "key"), ("board", "key")),
    "a trustee who is a witness": copied(
        ("witnesses", "members", 0, "key"), ("trustees", "members", 0, "key")
    ),
    "the same trustee twice": copied(("trustees", "members", 1, "key"), ("trustees", "members", 0, "key")),
    "two registrars with one key": copied(("registrars", 0, "key"), ("registrars", 1, "key")),
    "no registrar": set_at("registrars", value=[]),
    "enrolment that closes after the first opening": copied(
        ("regions", 0, "days", 0, 1), ("regions", 0, "closes")
    ),
    "a review that ends after the first opening": set_at("regions", 0, "review", value=10**6),
    "fewer decoys than hide a card": set_at("decoys", value=3),
    "days that overlap": set_at("regions", 0, "days", value=[[10, 30], [20, 40]]),
    "a region that merges into itself": set_at("regions", 0, "merge_into", value="piraeus"),
    "a merge between other contests": set_at("regions", 0, "merge_into", value="athens"),
    "an unknown member": set_at("note", value="vote yes"),
    "a fraction": set_at("min_region", value="1/2"),
    "a boolean": set_at("decoys", value="true"),
    "no decoys but cover": set_at("decoys", value=0),
    "version 2": set_at("version", value=2),
}


@pytest.mark.parametrize("name", INVALID)
def test_a_definition_that_is_not_valid_is_fatal(name: str) -> None:
    parent = begun()
    document = json.loads(parent.document)
    INVALID[name](document)
    data = parent.write(entries.DefinitionEntry(canonical_json.encode(document)), parent.keys.organiser)
    referendum = Referendum(parent.document, parent.keys)
    assert fatal(referendum, data) == ("2.2", "organiser")


@pytest.mark.parametrize(
    "change", [lambda d: d + b" ", lambda d: d.replace(b":", b": ", 1), lambda d: b"null"]
)
def test_a_definition_in_another_encoding_is_fatal(change: Callable[[bytes], bytes]) -> None:
    parent = begun()
    data = parent.write(entries.DefinitionEntry(change(parent.document)), parent.keys.organiser)
    assert fatal(Referendum(parent.document, parent.keys), data) == ("2.2", "organiser")


def test_two_wordings_are_two_referendums() -> None:
    """Whoever is shown another wording holds another definition hash, and so other proofs."""
    document = json.loads(begun().document)
    document["styles"][0]["contests"][0]["question"]["en"] += " Really?"
    other = Referendum(canonical_json.encode(document), begun().keys)
    assert other.definition.hash != begun().definition.hash
    assert other.definition.styles[0].wording_hash != begun().definition.styles[0].wording_hash
    other.publish()
    other.ceremony()
    assert other.record.election != voting().record.election
