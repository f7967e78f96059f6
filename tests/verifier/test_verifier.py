"""The verifier's runner: every way in which a record stops it, and the report it makes of that."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from psephos.errors import FormatError, LogError
from psephos.protocol import entries
from psephos.protocol.checks import CHECKS
from psephos.protocol.setup.document import parse
from psephos.protocol.setup.pin import Pin
from psephos.simulation.definitions import sample
from psephos.simulation.referendum import held
from psephos.verifier.receipt import verify_receipt
from psephos.verifier.report import Report
from psephos.verifier.run import verify
from tests.small_log import TIME, Published, SmallLog

SCHEMAS = Path(__file__).parents[2] / "spec/schemas"
TITLE = entries.Statement("title", "en", "text", b"")


@pytest.fixture
def log() -> SmallLog:
    return SmallLog.begin()


def status(report: Report, check: str) -> str:
    (found,) = [outcome.status for outcome in report.checks if outcome.check == check]
    return found


def stopped(report: Report) -> tuple[str, str, str]:
    assert report.stopped is not None
    assert report.result is None
    assert report.exit_code == 1
    return report.stopped.check, report.stopped.status, report.stopped.culprit


def test_a_definition_alone_is_open(log: SmallLog) -> None:
    report = verify(log.published(), log.pin)
    assert (report.verdict, report.exit_code, report.phase) == ("open", 3, "ceremony")
    assert report.stopped is None
    assert report.checkpoint is not None
    assert report.checkpoint.size == 1
    passed = {outcome.check: outcome.count for outcome in report.checks if outcome.status == "passed"}
    assert passed == dict.fromkeys(["1.1", "1.2", "1.3", "1.4", "2.1", "2.2"], 1)
    assert {outcome.status for outcome in report.checks} == {"passed", "not reached"}
    assert [outcome.check for outcome in report.checks] == list(CHECKS)


def test_an_empty_log_is_open(log: SmallLog) -> None:
    log.entries.clear()
    report = verify(log.published(), log.pin)
    assert (report.verdict, report.phase) == ("open", "log")
    assert status(report, "2.1") == "not reached"


def test_a_cancelled_referendum_passes(log: SmallLog) -> None:
    log.say(entries.Cancel("the harbour burned down"), log.keys.organiser)
    report = verify(log.published(), log.pin)
    assert (report.verdict, report.exit_code, report.phase) == ("passed", 0, "cancelled")
    assert report.result is not None
    assert json.loads(report.result)["status"] == "cancelled"


def test_progress_is_told(log: SmallLog) -> None:
    told: list[tuple[int, int]] = []
    verify(log.published(), log.pin, lambda *done: told.append(done))
    assert told == [(1, 1)]


def test_many_bundles_are_read_to_the_end(log: SmallLog) -> None:
    for number in range(600):
        log.say(replace(TITLE, text=str(number)), log.keys.registrars[0])
    report = verify(log.published(), log.pin)
    assert (report.verdict, report.checkpoint and report.checkpoint.size) == ("open", 601)
    assert next(outcome.count for outcome in report.checks if outcome.check == "1.4") == 601


def changed(published: Published, path: str, data: bytes) -> Published:
    assert path in published.files
    return Published(published.files | {path: data})


def test_a_checkpoint_that_is_none_fails_1_1(log: SmallLog) -> None:
    published = changed(log.published(), "checkpoint", b"nonsense\n")
    assert stopped(verify(published, log.pin)) == ("1.1", "failed", "board")


def test_a_tampered_checkpoint_fails_1_1(log: SmallLog) -> None:
    published = log.published()
    tampered = published.checkpoint().replace(b"\n1\n", b"\n2\n", 1)
    report = verify(changed(published, "checkpoint", tampered), log.pin)
    assert stopped(report) == ("1.1", "failed", "board")
    assert report.checkpoint is None
    assert status(report, "1.2") == "not reached"


def test_another_origin_fails_1_1(log: SmallLog) -> None:
    elsewhere = replace(log.definition, board=replace(log.definition.board, origin="elsewhere.example"))
    pin = replace(log.pin, policy=Pin.of(elsewhere).policy)
    assert stopped(verify(log.published(), pin)) == ("1.1", "failed", "board")


def test_no_checkpoint_is_missing(log: SmallLog) -> None:
    published = log.published()
    del published.files["checkpoint"]
    assert stopped(verify(published, log.pin)) == ("1.1", "missing", "")


def test_too_few_cosignatures_fail_1_2(log: SmallLog) -> None:
    assert verify(log.published(witnesses=2), log.pin).stopped is None
    report = verify(log.published(witnesses=1), log.pin)
    assert stopped(report) == ("1.2", "failed", "witnesses")
    assert status(report, "1.1") == "passed"


def test_a_wrong_cosignature_fails_1_2(log: SmallLog) -> None:
    published = log.published()
    note = bytearray(published.checkpoint())
    note[-40] = ord("B" if note[-40] == ord("A") else "A")
    report = verify(changed(published, "checkpoint", bytes(note)), log.pin)
    assert stopped(report) == ("1.2", "failed", "witnesses")


@pytest.mark.parametrize("path", ["tile/0/000.p/1", "tile/entries/000.p/1"])
@pytest.mark.parametrize("damage", [lambda data: data[:-1] + bytes([data[-1] ^ 1]), lambda data: data[:-1]])
def test_a_changed_tile_fails_1_3(log: SmallLog, path: str, damage: Callable[[bytes], bytes]) -> None:
    published = log.published()
    report = verify(changed(published, path, damage(published.files[path])), log.pin)
    assert stopped(report) == ("1.3", "failed", "board")


@pytest.mark.parametrize("path", ["tile/0/000.p/1", "tile/entries/000.p/1"])
def test_a_missing_tile_is_missing(log: SmallLog, path: str) -> None:
    published = log.published()
    del published.files[path]
    report = verify(published, log.pin)
    assert stopped(report) == ("1.3", "missing", "")
    assert report.verdict == "missing"


def test_logged_checkpoints_are_held_against_the_log(log: SmallLog) -> None:
    log.say(entries.CheckpointEntry(log.checkpoint()), log.keys.board)
    log.say(entries.CheckpointEntry(log.checkpoint(witnesses=1)), log.keys.board)
    report = verify(log.published(), log.pin)
    assert (status(report, "1.7"), status(report, "1.8")) == ("passed", "void")
    other = SmallLog.begin()
    other.say(TITLE, other.keys.registrars[0])
    log.say(entries.CheckpointEntry(other.checkpoint()), log.keys.board)
    assert stopped(verify(log.published(), log.pin)) == ("1.7", "failed", "board")


def test_an_unknown_type_fails_1_4(log: SmallLog) -> None:
    log.entries.append(log.entries[0].replace(b"\x86\x01\x01", b"\x86\x01\x18\x63", 1))
    report = verify(log.published(), log.pin)
    assert stopped(report) == ("1.4", "failed", "board")
    assert report.stopped is not None
    assert "99" in report.stopped.message
    assert status(report, "2.1") == "passed"


def test_another_definition_fails_2_1_and_nothing_after_it_is_folded(log: SmallLog) -> None:
    log.entries.append(b"no entry")  # would fail 1.4
    report = verify(log.published(), replace(log.pin, definition=bytes(32)))
    assert stopped(report) == ("2.1", "failed", "organiser")


def test_a_definition_of_another_log_fails_2_1(log: SmallLog) -> None:
    document, _ = sample(origin="elsewhere.example")
    other = SmallLog(parse(document), log.keys)
    other.say(entries.DefinitionEntry(document), log.keys.organiser)
    log.entries = other.entries
    report = verify(log.published(), replace(log.pin, definition=other.definition.hash))
    assert stopped(report) == ("2.1", "failed", "organiser")
    assert report.stopped is not None
    assert "log" in report.stopped.message


def test_a_definition_by_another_fails_2_1(log: SmallLog) -> None:
    log.entries.clear()
    log.say(entries.DefinitionEntry(log.definition.document), log.keys.registrars[0])
    assert stopped(verify(log.published(), log.pin)) == ("2.1", "failed", "organiser")


def test_void_entries_are_listed_and_do_not_stop(log: SmallLog) -> None:
    log.say(entries.Cancel("says who?"), log.keys.registrars[0])
    log.say(replace(TITLE, text=""), log.keys.registrars[0])
    report = verify(log.published(), log.pin)
    assert report.verdict == "open"
    assert [(void.entry, void.check, void.culprit) for void in report.void] == [
        (1, "1.5", "board"),
        (2, "1.9", "registrar 1"),
    ]
    assert (status(report, "1.5"), status(report, "1.9")) == ("void", "void")


def test_a_bundle_without_parts_is_void_through_the_board(log: SmallLog) -> None:
    log.say(entries.Roll(0, 1, bytes(32)), log.keys.registrars[0])
    report = verify(log.published(), log.pin)
    assert [(void.entry, void.check, void.culprit) for void in report.void] == [(1, "1.6", "board")]


@pytest.fixture(scope="module")
def whole() -> SmallLog:
    """A referendum from its definition to its result: in both regions four voters, two with decoys."""
    document, keys = sample()
    cards = [[1, 0], [1], [0, 1], [1]]
    choices = [(0, 0), (1, 1), (0, 2), (0, 1)]
    votes = [(0, card, 1, 1, chosen) for card, chosen in enumerate(choices)]
    referendum = held(document, keys, {0: cards, 1: cards}, votes)
    return SmallLog(referendum.definition, keys, referendum.logged)


def test_a_whole_referendum_passes(whole: SmallLog) -> None:
    report = verify(whole.published(), whole.pin)
    assert (report.verdict, report.phase, report.void, report.notices) == ("passed", "counted", (), ())
    passed = {outcome.check for outcome in report.checks if outcome.status == "passed"}
    assert CHECKS.keys() - passed == {"1.9", "2.3"}
    document = json.loads(report.encode())
    conforms(document, json.loads((SCHEMAS / "report.json").read_text()))
    first, *_ = document["result"]["contests"]
    assert first["total"]["votes"] == {"yes": 2, "no": 0}  # the second and the fourth ballot are decoys'


def test_a_referendum_under_way_is_open_in_each_phase(whole: SmallLog) -> None:
    phases = []
    for size in range(len(whole.entries)):
        report = verify(SmallLog(whole.definition, whole.keys, whole.entries[:size]).published(), whole.pin)
        phases.append(report.phase)
        assert report.stopped is None
        assert report.verdict == ("passed" if report.phase == "counted" else "open")
    order = ["log", "ceremony", "enrolment", "voting", "weighing", "closed", "releasing", "counted"]
    assert list(dict.fromkeys(phases)) == order


def test_shares_without_their_parts_count_for_nothing(whole: SmallLog) -> None:
    parts = [at for at, entry in enumerate(whole.entries) if entry.startswith(b"\x89\x01\x02")]
    kept = [entry for at, entry in enumerate(whole.entries) if at != parts[-1]]
    report = verify(SmallLog(whole.definition, whole.keys, kept).published(), whole.pin)
    assert [void.check for void in report.void] == ["9.1", "1.6"]  # the result, without totals
    assert stopped(report) == ("1.7", "failed", "board")  # for the log is another one now


def test_a_logged_result_that_does_not_follow_is_void(whole: SmallLog) -> None:
    log = SmallLog(whole.definition, whole.keys, list(whole.entries))
    election = next(entry for entry in map(entries.decode, log.entries) if entry.payload.scope == "election")
    key = log.keys.organiser
    false = entries.Result(b"{}")
    log.entries.append(entries.encode(false, election.referendum, key.public.raw, key.sign))
    report = verify(log.published(), log.pin)
    assert (report.verdict, report.result) == ("passed", verify(whole.published(), whole.pin).result)
    assert [(void.check, void.culprit) for void in report.void] == [("10.2", "organiser")]


@pytest.mark.parametrize("policy", ["", "quorum none\n", "log nonsense\nquorum none\n"])
def test_a_pin_without_a_usable_policy_is_refused(log: SmallLog, policy: str) -> None:
    with pytest.raises(FormatError):
        verify(log.published(), replace(log.pin, policy=policy))


def test_what_is_no_verdict_propagates(log: SmallLog) -> None:
    class Broken(Published):
        def fetch(self, path: str, limit: int) -> bytes:
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        verify(Broken({}), log.pin)


def conforms(value: Any, schema: dict[str, Any], path: str = "$") -> None:
    """Assert what the schemas here say, in the few words of JSON Schema that they use."""
    if "oneOf" in schema:  # null or something
        schema = schema["oneOf"][value is not None]
    if "$ref" in schema:
        schema = json.loads((SCHEMAS / schema["$ref"]).read_text())
    known = {"type", "required", "properties", "additionalProperties", "items", "enum", "const", "pattern"}
    assert schema.keys() <= known | {"$schema", "title", "description"}, path
    types = {"object": dict, "array": list, "string": str, "integer": int, "null": type(None)}
    assert isinstance(value, types.get(schema.get("type", ""), object)), path
    assert value in schema.get("enum", [value]), path
    assert value == schema.get("const", value), path
    assert not isinstance(value, str) or re.search(schema.get("pattern", ""), value), path
    if isinstance(value, dict):
        more = schema["additionalProperties"]
        assert set(schema.get("required", ())) <= value.keys(), path
        for name, member in value.items():
            inner = schema.get("properties", {}).get(name, more)
            assert inner is not False, f"{path}.{name}"
            conforms(member, inner, f"{path}.{name}")
    for index, item in enumerate(value if isinstance(value, list) else ()):
        conforms(item, schema["items"], f"{path}[{index}]")


@pytest.mark.parametrize("ending", ["open", "passed", "failed", "missing"])
def test_a_report_has_the_form_of_its_schema(log: SmallLog, ending: str) -> None:
    log.say(replace(TITLE, text=""), log.keys.registrars[0])
    if ending == "passed":
        log.say(entries.Cancel("called off"), log.keys.organiser)
    published = log.published(witnesses=0 if ending == "failed" else 3)
    if ending == "missing":
        del published.files["checkpoint"]
    report = verify(published, log.pin)
    document = json.loads(report.encode())
    conforms(document, json.loads((SCHEMAS / "report.json").read_text()))
    assert document["verdict"] == report.verdict == ending


def test_the_schema_test_bites() -> None:
    schema = json.loads((SCHEMAS / "report.json").read_text())
    for document in ({}, {"version": 2}, {"version": 1, "more": 1}, []):
        with pytest.raises(AssertionError):
            conforms(document, schema)


@pytest.mark.parametrize("extra", [True, False])
def test_a_receipt_proves_an_entry(log: SmallLog, extra: bool) -> None:
    log.say(TITLE, log.keys.registrars[0])
    found = verify_receipt(log.receipt(1, extra=extra), log.pin, None if extra else log.entries[1])
    assert (found.entry.payload, found.index, found.checkpoint.size) == (TITLE, 1, 2)
    assert found.cosigned == {party.name: TIME for party in log.definition.witnesses.members}


def test_receipts_that_prove_nothing_are_refused(log: SmallLog) -> None:
    log.say(TITLE, log.keys.registrars[0])
    with pytest.raises(FormatError, match="carries no entry"):
        verify_receipt(log.receipt(1, extra=False), log.pin)
    with pytest.raises(FormatError, match="another entry"):
        verify_receipt(log.receipt(1), log.pin, log.entries[0])
    with pytest.raises(LogError):
        verify_receipt(log.receipt(1, extra=False), log.pin, log.entries[0])
    with pytest.raises(LogError, match="quorum"):
        verify_receipt(log.receipt(1, witnesses=1), log.pin)
