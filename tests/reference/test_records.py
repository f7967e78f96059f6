"""Whole records, played with the reference's provers: what is right passes, what is wrong is named."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path

import cbor
import closing
import entries
import log
import provers
import pytest
import release
import verify
from entries import MissingError, NotThereError
from group import decode, encode, multiply
from rehearsal import END, START, Rehearsal, played

from tests.judged_once import each_judged_once  # noqa: F401
from tests.reference.judging import last, once, report, resign

VOTES = [(0, 0, 1), (1, 1, 1), (2, 1, 1), (3, 0, 1), (4, 0, 2), (4, 1, 1)]
Step = Callable[[Rehearsal], object]


@once
def begun() -> Rehearsal:
    """A referendum after its ceremony."""
    rehearsal = Rehearsal()
    rehearsal.begin()
    return rehearsal


@once
def enrolled() -> Rehearsal:
    """A referendum whose cards are in the log, reviewed."""
    rehearsal = begun()
    rehearsal.enrol()
    return rehearsal


@once
def voting() -> Rehearsal:
    """A referendum whose day is open, with a few ballots."""
    rehearsal = enrolled()
    rehearsal.open()
    rehearsal.ballot(0, 0)
    rehearsal.ballot(1, 1)
    return rehearsal


@once
def weighed() -> Rehearsal:
    """A referendum whose only chunk is weighed."""
    rehearsal = voting()
    rehearsal.seal()
    rehearsal.weigh(1)
    rehearsal.weigh(2)
    return rehearsal


@once
def closed() -> Rehearsal:
    """A referendum that waits for shares."""
    rehearsal = weighed()
    rehearsal.close()
    return rehearsal


def test_a_referendum_passes_and_counts_only_cards_that_weigh() -> None:
    found = report(played(4, VOTES))
    assert (found["verdict"], found["phase"], found["void"], found["notices"]) == (
        "passed",
        "counted",
        [],
        [],
    )
    (contest,) = found["result"]["contests"]
    assert contest["total"]["votes"] == {"yes": 2, "no": 1}
    assert contest["rule"] == {"option": "yes", "conditions": ["holds"], "outcome": "carried"}
    assert {check["status"] for check in found["checks"]} == {"passed", "not reached"}


def test_a_referendum_without_decoys_passes() -> None:
    found = report(played(0, [(0, 1, 1), (1, 2, 1)]))
    assert (found["verdict"], found["result"]["coercion_resistant"]) == ("passed", 0)
    (contest,) = found["result"]["contests"]
    assert (contest["total"]["votes"], contest["total"]["blank"]) == ({"yes": 0, "no": 1}, 1)


def test_a_referendum_without_ballots_passes() -> None:
    rehearsal = enrolled()
    rehearsal.open()
    rehearsal.seal()
    rehearsal.close()
    for stage in (1, 2):
        for trustee in (1, 2):
            rehearsal.release(stage, trustee)
    assert report(rehearsal)["result"]["contests"][0]["total"]["voted"] == 0


def test_every_prefix_of_a_record_is_open_and_names_its_phase() -> None:
    whole = played(4, VOTES)
    every, phases = whole.log_entries, []
    for size in range(1, len(every)):
        whole.log_entries = every[:size]
        found = report(whole)
        assert found["verdict"] in (("open",) if size < len(every) - 1 else ("passed",))
        phases.append(found["phase"])
    order = ["ceremony", "enrolment", "voting", "weighing", "closed", "releasing", "counted"]
    assert list(dict.fromkeys(phases)) == order


def tampered(rehearsal: Rehearsal, at: int, position: int) -> None:
    """Append an entry again with one byte changed."""
    entry = bytearray(rehearsal.log_entries[at])
    entry[position] ^= 1
    rehearsal.log_entries.append(bytes(entry))


def say(party: str, text: str) -> Step:
    return lambda r: r.write(party, "statement", "subject", "en", text, b"")


def other_shares(rehearsal: Rehearsal) -> None:
    """Shares with a secret that is not the trustee's."""
    right = rehearsal.shares[1]
    rehearsal.shares[1] = right + 1
    rehearsal.release(1, 1)
    rehearsal.shares[1] = right


def cast_with_unknown_card(rehearsal: Rehearsal) -> None:
    rehearsal.card_secrets.append(provers.Stream("unknown").scalar())
    rehearsal.ballot(len(rehearsal.card_secrets) - 1, 0)


def bare_checkpoint(rehearsal: Rehearsal) -> None:
    """A checkpoint without its witness's line."""
    note = rehearsal.signed_checkpoint(START + 20)
    rehearsal.write("board", "checkpoint", note[: note.rindex("—".encode())])


def seal_weigh_with(change: dict[str, cbor.Item]) -> Step:
    def step(rehearsal: Rehearsal) -> None:
        rehearsal.seal()
        rehearsal.weigh(1)
        wrong = entries.parse(rehearsal.log_entries.pop()).payload | change
        rehearsal.write("trustee 1", "weighing", *wrong.values())

    return step


def weigh_wrongly(rehearsal: Rehearsal) -> None:
    """A weighed row that was re-encrypted with one ciphertext doubled."""
    rehearsal.seal()
    rehearsal.weigh(1)
    entry = entries.parse(rehearsal.log_entries.pop())
    rows = entry["rows"]
    rows = encode(multiply(2, decode(rows[:32]))) + rows[32:]
    rehearsal.write("trustee 1", "weighing", *(entry.payload | {"rows": rows}).values())


def weigh_twice(rehearsal: Rehearsal) -> None:
    rehearsal.seal()
    rehearsal.weigh(1)
    rehearsal.weigh(1)


def late_ballot(rehearsal: Rehearsal) -> None:
    rehearsal.seal()
    rehearsal.ballot(2, 0)


def other_result(rehearsal: Rehearsal) -> None:
    rehearsal.finish()
    document = entries.parse(rehearsal.log_entries.pop())["document"]
    rehearsal.write("organiser", "result", document.replace(b'"yes":1', b'"yes":0'))


@once
def sealed_voting() -> Rehearsal:
    rehearsal = voting()
    rehearsal.seal()
    return rehearsal


def open_early(rehearsal: Rehearsal) -> None:
    rehearsal.checkpoint(START - 601)
    rehearsal.write("board", "open", 0, 1)


def seal_early(rehearsal: Rehearsal) -> None:
    rehearsal.checkpoint(END - 601)
    rehearsal.write("board", "seal", 0, 1)


VOID: dict[str, tuple[Callable[[], Rehearsal], Step, str, str]] = {
    "statement with a wrong signature": (
        begun,
        lambda r: (say("board", "hello")(r), tampered(r, -1, -1), r.log_entries.pop(-2)),
        "1.5",
        "board",
    ),
    "statement by a stranger": (begun, say("witness", "hello"), "1.5", "board"),
    "batch before the ceremony's end": (
        Rehearsal,
        lambda r: (
            r.write("organiser", "definition", r.document),
            setattr(r, "election", bytes(32)),
            r.write("board", "open", 0, 1),
        ),
        "1.5",
        "board",
    ),
    "empty statement": (begun, say("trustee 1", ""), "1.9", "trustee 1"),
    "second definition": (begun, lambda r: resign(r, "organiser", 0), "1.6", "board"),
    "accredited party": (
        begun,
        lambda r: r.write("organiser", "grant", r.keys["board"], "x", "y"),
        "1.9",
        "organiser",
    ),
    "result too early": (begun, lambda r: r.write("organiser", "result", b"{}"), "1.6", "board"),
    "checkpoint without witnesses": (begun, bare_checkpoint, "1.8", "board"),
    "amend to an earlier time": (
        begun,
        lambda r: r.write("organiser", "amend", 0, 1, START - 1, END, "why"),
        "2.3",
        "organiser",
    ),
    "amend of a day that is not": (
        begun,
        lambda r: r.write("organiser", "amend", 0, 2, START, END, "why"),
        "2.3",
        "organiser",
    ),
    "amend of an open day's opening": (
        voting,
        lambda r: r.write("organiser", "amend", 0, 1, START + 1, END, "why"),
        "1.6",
        "board",
    ),
    "ceremony after its end": (
        begun,
        lambda r: r.write("trustee 2", "ceremony-confirm", 1),
        "3.1",
        "board",
    ),
    "deadline after the end": (
        begun,
        lambda r: r.write("organiser", "ceremony-deadline", 1, 5, START),
        "3.1",
        "board",
    ),
    "serial 21": (voting, lambda r: r.ballot(2, 0, 21), "6.1", "card"),
    "ballot after the seal": (voting, late_ballot, "6.2", "board"),
    "ballot by an unknown card": (voting, cast_with_unknown_card, "6.3", "card"),
    "ballot with a wrong signature": (
        voting,
        lambda r: (r.ballot(2, 0), tampered(r, -1, -1), r.log_entries.pop(-2)),
        "6.4",
        "card",
    ),
    "ballot with a wrong proof": (
        voting,
        lambda r: (r.ballot(2, 0), tampered(r, -1, 300), r.log_entries.pop(-2)),
        "6.4",
        "card",
    ),
    "ballot logged twice": (voting, lambda r: r.log_entries.append(r.log_entries[-1]), "6.5", "board"),
    "weighing with another previous": (
        voting,
        seal_weigh_with({"previous": bytes(32)}),
        "7.1",
        "trustee 1",
    ),
    "weighing at position 2": (voting, seal_weigh_with({"position": 2}), "7.1", "board"),
    "weighing of no chunk": (voting, seal_weigh_with({"chunk": 1}), "7.1", "board"),
    "weighing twice": (voting, weigh_twice, "7.1", "board"),
    "weighing wrongly": (voting, weigh_wrongly, "7.2", "trustee 1"),
    "a wrong close": (
        weighed,
        lambda r: (r.checkpoint(END + 60), r.write("trustee 1", "close", 3, bytes(32), bytes(32))),
        "8.1",
        "trustee 1",
    ),
    "close twice": (closed, lambda r: resign(r, "trustee 1", last(r, "close") - 1), "8.1", "board"),
    "cancel after the close": (closed, lambda r: r.write("organiser", "cancel", "why"), "1.6", "board"),
    "stage 2 before stage 1": (
        closed,
        lambda r: r.write("trustee 1", "shares", 2, bytes(32)),
        "9.1",
        "board",
    ),
    "shares twice": (
        closed,
        lambda r: (r.release(1, 1), resign(r, "trustee 1", len(r.log_entries) - 1)),
        "9.1",
        "board",
    ),
    "shares of a wrong length": (
        closed,
        lambda r: r.write("trustee 1", "shares", 1, r.bundle("trustee 1", b"short")),
        "9.1",
        "trustee 1",
    ),
    "wrong shares": (closed, other_shares, "9.2", "trustee 1"),
    "second roll": (begun, lambda r: resign(r, "registrar 2", last(r, "roll")), "1.6", "board"),
    "open twice": (voting, lambda r: r.write("board", "open", 0, 2), "5.1", "board"),
    "open of another region": (voting, lambda r: r.write("board", "open", 1, 1), "5.1", "board"),
    "open before its time": (enrolled, open_early, "5.1", "board"),
    "seal before its time": (voting, seal_early, "5.2", "board"),
    "seal twice": (sealed_voting, lambda r: r.write("board", "seal", 0, 1), "5.2", "board"),
    "a close before the close checkpoint": (
        weighed,
        lambda r: r.write("trustee 1", "close", 3, r.tree.root(3), bytes(32)),
        "8.1",
        "board",
    ),
    "another result": (sealed_voting, other_result, "10.2", "organiser"),
}


@pytest.mark.parametrize("name", sorted(VOID))
def test_void(name: str) -> None:
    start, step, check, culprit = VOID[name]
    rehearsal = start()
    step(rehearsal)
    found = report(rehearsal)
    listed = [(v["check"], re.sub("^card .*", "card", v["culprit"])) for v in found["void"]]
    assert listed == [(check, culprit)]
    assert found["verdict"] in ("open", "passed")
    assert next(c for c in found["checks"] if c["check"] == check)["status"] == "void"


def other_root(rehearsal: Rehearsal) -> None:
    """A checkpoint of entries that are not in the log."""
    rehearsal.log_entries.append(b"x")
    note = rehearsal.signed_checkpoint(START)
    rehearsal.log_entries.pop()
    say("board", "one more")(rehearsal)
    rehearsal.write("board", "checkpoint", note)


def wrong_reveal(rehearsal: Rehearsal) -> None:
    """Only two trustees are there and both are needed, so one who is out ends the referendum."""
    at = last(rehearsal, "ceremony-reveal")
    entry = entries.parse(rehearsal.log_entries[at])
    del rehearsal.log_entries[at:]
    swapped = entry["points"][32:] + entry["points"][:32]
    rehearsal.write("trustee 2", "ceremony-reveal", 1, swapped, entry["proof"])


def late_trustee(rehearsal: Rehearsal) -> None:
    del rehearsal.log_entries[last(rehearsal, "ceremony-deal") :]
    rehearsal.checkpoint(START - 10_000)
    rehearsal.checkpoint(START - 9_400)
    rehearsal.write("organiser", "ceremony-deadline", 1, 3, START - 9_400)


def both_sign_wrongly(rehearsal: Rehearsal) -> None:
    rehearsal.checkpoint(END + 60)
    for trustee in (1, 2):
        rehearsal.write(f"trustee {trustee}", "close", 3, bytes(32), bytes(32))


FATAL: dict[str, tuple[Callable[[], Rehearsal], Step, str, str]] = {
    "unknown type": (begun, lambda r: r.log_entries.append(cbor.encode([1, 43, b""])), "1.4", "board"),
    "empty array": (begun, lambda r: r.log_entries.append(b"\x80"), "1.4", "board"),
    "another root": (begun, other_root, "1.7", "board"),
    "no note": (begun, lambda r: r.write("board", "checkpoint", b"hello"), "1.7", "board"),
    "no definition": (Rehearsal, lambda r: r.write("board", "booth-manifest", b""), "2.1", "organiser"),
    "definition signed by another": (
        Rehearsal,
        lambda r: r.write("board", "definition", r.document),
        "2.1",
        "organiser",
    ),
    "wrong reveal": (begun, wrong_reveal, "3.4", "trustees"),
    "late trustee": (begun, late_trustee, "3.4", "organiser"),
    "a wrong close by all": (weighed, both_sign_wrongly, "8.2", "trustees"),
}


@pytest.mark.parametrize("name", sorted(FATAL))
def test_fatal(name: str) -> None:
    start, step, check, culprit = FATAL[name]
    rehearsal = start()
    step(rehearsal)
    found = report(rehearsal)
    failed = [(c["check"], c["culprit"]) for c in found["checks"] if c["status"] == "failed"]
    assert (found["verdict"], failed) == ("failed", [(check, culprit)])


def test_the_log_itself_is_checked() -> None:
    rehearsal = begun()
    files = rehearsal.files()
    bundle = next(path for path in files if path.startswith("tile/entries"))
    tile = next(path for path in files if path.startswith("tile/0"))

    def verdict(**changes: bytes) -> tuple[str, list[str]]:
        found = report(rehearsal, files | changes)
        return found["verdict"], [c["check"] for c in found["checks"] if c["status"] in ("failed", "missing")]

    assert verdict() == ("open", [])
    assert verdict(**{bundle: files[bundle][:-1] + b"x"}) == ("failed", ["1.3"])
    assert verdict(**{tile: bytes(len(files[tile]))}) == ("failed", ["1.3"])
    lines = files["checkpoint"].split(b"\n")
    assert verdict(checkpoint=b"\n".join([b"other.example", *lines[1:]])) == ("failed", ["1.1"])
    assert verdict(checkpoint=b"\n".join([*lines[:5], b""])) == ("failed", ["1.2"])
    del files[tile]
    assert verdict() == ("missing", ["1.3"])


def test_what_is_due_is_found_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """However often trustees close and give shares."""
    hashed, gathered = [], []
    counting_hash, opened = closing.counting_hash, release._weights_and_signs
    monkeypatch.setattr(closing, "counting_hash", lambda s: (hashed.append(1), counting_hash(s))[1])
    monkeypatch.setattr(release, "_weights_and_signs", lambda s: (gathered.append(1), opened(s))[1])
    rehearsal = played(4, VOTES)
    hashed.clear()
    gathered.clear()
    assert report(rehearsal)["verdict"] == "passed"
    assert (len(hashed), len(gathered)) == (1, 1)


def test_a_cancelled_referendum_passes_and_takes_no_more() -> None:
    rehearsal = voting()
    rehearsal.write("organiser", "cancel", "why")
    rehearsal.ballot(2, 0)
    rehearsal.write("board", "seal", 0, 1)
    say("trustee 1", "a pity")(rehearsal)
    found = report(rehearsal)
    assert (found["verdict"], found["phase"], found["result"]["status"]) == (
        "passed",
        "cancelled",
        "cancelled",
    )
    assert [v["check"] for v in found["void"]] == ["6.2", "1.6"]


def test_times_behind_the_plan_are_noticed() -> None:
    rehearsal = enrolled()
    rehearsal.checkpoint(START + 601)
    rehearsal.write("board", "open", 0, 1)
    (notice,) = report(rehearsal)["notices"]
    assert (notice["check"], notice["message"]) == (
        "5.3",
        "open of day 1 in north came at least 601 s after its plan",
    )


def test_a_passed_record_with_notices_says_so() -> None:
    rehearsal = enrolled()
    rehearsal.checkpoint(START + 601)
    rehearsal.open()
    rehearsal.seal()
    rehearsal.finish()
    assert report(rehearsal)["verdict"] == "passed-with-notices"


def test_the_command_reads_directories(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    begun().export(tmp_path)
    pin = str(tmp_path / "pin.json")
    assert verify.main([str(tmp_path), "--pin", pin, "--json", "--workers", "1"]) == 3
    assert json.loads(capsys.readouterr().out)["phase"] == "enrolment"
    assert verify.main([str(tmp_path), "--pin", pin, "--workers", "1"]) == 3
    assert capsys.readouterr().out.endswith("OPEN (enrolment)\n")
    (tmp_path / "checkpoint").unlink()
    assert verify.main([str(tmp_path), "--pin", pin, "--workers", "1"]) == 1
    assert verify.main([str(tmp_path), "--pin", str(tmp_path / "none"), "--workers", "1"]) == 2


def test_paths_of_tiles_are_those_of_the_specification() -> None:
    assert log.tile_path("entries", 67, 256) == "tile/entries/067"
    assert log.tile_path("0", 1234067, 8) == "tile/0/x001/x234/067.p/8"


@pytest.mark.parametrize(
    ("none", "asked"), [(NotThereError, ["tile/0/000.p/7", "tile/0/000"]), (MissingError, ["tile/0/000.p/7"])]
)
def test_the_full_tile_is_asked_for_only_where_there_is_no_partial_one(
    none: type[MissingError], asked: list[str]
) -> None:
    said: list[str] = []

    def read(path: str) -> bytes:
        said.append(path)
        raise none(path)

    with pytest.raises(MissingError, match=r"tile/0/000\.p/7"):
        log.read_tile(read, "0", 0, 7)
    assert said == asked
