"""Enrolment in whole records: what breaks a rule is void and named, and the region waits, or is out."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from hashlib import sha256
from unittest.mock import patch

import entries
import provers
import pytest
from evidence import Answer, false_refusal, left_out
from group import scalar_bytes
from registrar import Receipt, Registrar
from rehearsal import CLOSES, END, REVIEW, START, TOLERANCE, Rehearsal, addressed

from tests.judged_once import each_judged_once  # noqa: F401
from tests.reference.judging import last, once, report, resign

Step = Callable[[Rehearsal], object]
SEEN = CLOSES + 2 * TOLERANCE


@once
def defined() -> Rehearsal:
    """A log with its definition alone."""
    rehearsal = Rehearsal(voters=2)
    rehearsal.write("organiser", "definition", rehearsal.document)
    return rehearsal


@once
def begun() -> Rehearsal:
    """Enrolment may begin."""
    rehearsal = Rehearsal(voters=2)
    rehearsal.begin()
    return rehearsal


@once
def keyed() -> Rehearsal:
    """The ceremony is complete, and nobody has logged a roll."""
    rehearsal = Rehearsal(voters=2)
    rehearsal.write("organiser", "definition", rehearsal.document)
    for name in rehearsal.authorities:
        rehearsal.token_keys(name)
    rehearsal.ceremony()
    return rehearsal


@once
def admitted() -> Rehearsal:
    """All cards are admitted, one batch is in effect, enrolment was seen to close."""
    rehearsal = begun()
    rehearsal.admit_all()
    rehearsal.checkpoint(CLOSES + TOLERANCE)
    return rehearsal


@once
def complete() -> Rehearsal:
    """The last batch is in effect."""
    rehearsal = admitted()
    rehearsal.cut(2, rehearsal.records[2:], last=1)
    return rehearsal


@once
def issued() -> Rehearsal:
    """All have issued, and the review is not over."""
    rehearsal = complete()
    rehearsal.issue()
    rehearsal.log_entries.pop()
    return rehearsal


def void(rehearsal: Rehearsal) -> list[tuple[str, str]]:
    """Check and culprit of what is void; nothing has failed."""
    found = report(rehearsal)
    assert found["verdict"] == "open"
    return [(v["check"], v["culprit"]) for v in found["void"]]


def keys(rehearsal: Rehearsal, party: str, points: bytes, address: str = "") -> None:
    rehearsal.write(party, "token-keys", bytes(32), address, rehearsal.bundle(party, points))


def publics(rehearsal: Rehearsal, number: int) -> bytes:
    return rehearsal.registrar[number].public(0)


def roll(party: str, *hashes: bytes) -> Step:
    return lambda r: r.write(party, "roll", 0, len(hashes), r.bundle(party, b"".join(hashes)))


def hashes(count: int) -> list[bytes]:
    return [bytes([number]) * 32 for number in range(1, count + 1)]


def batch(rehearsal: Rehearsal, number: int, data: bytes, last: int = 1, party: str = "registrar 1") -> bytes:
    """A batch entry over these records, as they are."""
    payload = (0, number, len(data) // 384, last, rehearsal.bundle(party, data))
    return entries.parse(rehearsal.write(party, "batch", *payload)).body_hash


def rest(rehearsal: Rehearsal) -> bytes:
    """The records of the last batch."""
    return b"".join(sorted(rehearsal.records[2:]))


def batch_again(rehearsal: Rehearsal) -> None:
    """The board logs a batch that was replaced once more, with the endorsement that it had."""
    old = batch(rehearsal, 2, rest(rehearsal)[:384])
    first = rehearsal.log_entries[-1]
    batch(rehearsal, 2, rest(rehearsal))
    rehearsal.log_entries.append(first)
    rehearsal.write("registrar 2", "endorse", 0, 2, old)


def lose_a_part(rehearsal: Rehearsal) -> None:
    batch(rehearsal, 2, rest(rehearsal))
    del rehearsal.log_entries[-2]


def issue(party: str, count: int = 2, listed: list[bytes] | None = None, secrets: bytes = b"") -> Step:
    def step(rehearsal: Rehearsal) -> None:
        number = rehearsal.authorities[party]
        right = b"".join(map(scalar_bytes, rehearsal.registrar[number].secrets[0]))
        chosen = sorted(rehearsal.rolls[number])[:count] if listed is None else listed
        digest = rehearsal.bundle(party, b"".join(chosen))
        rehearsal.write(party, "issued", 0, secrets or right, len(chosen), digest)

    return step


def several(*steps: Step) -> Step:
    def step(rehearsal: Rehearsal) -> None:
        for each in steps:
            each(rehearsal)

    return step


def open_at(time: int) -> Step:
    return several(lambda r: r.checkpoint(time), lambda r: r.write("board", "open", 0, 1))


VOID: dict[str, tuple[Callable[[], Rehearsal], Step, list[tuple[str, str]]]] = {
    "one key for both kinds": (
        defined,
        lambda r: keys(r, "registrar 2", 2 * publics(r, 2)[:32]),
        [("4.4", "registrar 2")],
    ),
    "the identity as a key": (
        defined,
        lambda r: keys(r, "registrar 2", bytes(32) + publics(r, 2)[:32]),
        [("4.4", "registrar 2")],
    ),
    "keys of more regions": (
        defined,
        lambda r: keys(r, "registrar 1", publics(r, 1) + publics(r, 2)),
        [("4.4", "registrar 1")],
    ),
    "an address that is none": (
        defined,
        lambda r: keys(r, "registrar 1", publics(r, 1), "https://a.example/"),
        [("4.4", "registrar 1")],
    ),
    "other keys once all rely on them": (
        begun,
        lambda r: keys(r, "registrar 2", provers.base(5) + provers.base(6)),
        [("1.6", "board")],
    ),
    "a roll out of order": (defined, roll("registrar 1", *hashes(2)[::-1]), [("4.1", "registrar 1")]),
    "a roll of another size": (
        defined,
        several(roll("registrar 1", *hashes(2)), roll("registrar 2", *hashes(3))),
        [("4.1", "registrar 2")],
    ),
    "a roll before the lead's": (defined, roll("registrar 2", *hashes(2)), [("1.6", "board")]),
    "a second roll": (begun, roll("registrar 2", *hashes(3)), [("1.6", "board")]),
    "a count that is no higher": (
        admitted,
        lambda r: resign(r, "registrar 1", last(r, "given")),
        [("1.6", "board")],
    ),
    "more tokens than people": (
        admitted,
        lambda r: r.write("registrar 2", "given", len(r.rolls[2]) + 1, bytes(32)),
        [("4.8", "registrar 2")],
    ),
    "a batch by another than the lead": (
        admitted,
        lambda r: batch(r, 2, rest(r), party="registrar 2"),
        [("1.5", "board")],
    ),
    "a batch out of order": (
        admitted,
        lambda r: batch(r, 2, b"".join(sorted(r.records[2:])[::-1])),
        [("4.2", "registrar 1")],
    ),
    "a batch of nothing that is not the last": (
        admitted,
        lambda r: batch(r, 2, b"", last=0),
        [("4.2", "registrar 1")],
    ),
    "a batch that the board logs before its parts": (admitted, lose_a_part, [("1.6", "board")]),
    "a card that is not in order": (
        admitted,
        lambda r: batch(r, 2, rest(r)[:290] + bytes([rest(r)[290] ^ 1]) + rest(r)[291:]),
        [("4.3", "registrar 1")],
    ),
    "a card in two batches": (admitted, lambda r: batch(r, 2, r.records[0]), [("4.5", "registrar 1")]),
    "a number twice": (admitted, lambda r: batch(r, 1, rest(r)), [("1.6", "board")]),
    "a last batch before the close": (
        begun,
        several(lambda r: r.checkpoint(CLOSES + TOLERANCE - 1), lambda r: batch(r, 1, b"")),
        [("1.6", "board")],
    ),
    "a batch and its endorsement again, that were replaced": (
        admitted,
        batch_again,
        [("1.6", "board"), ("1.6", "board")],
    ),
    "an endorsement by the lead": (
        admitted,
        lambda r: r.write("registrar 1", "endorse", 0, 2, batch(r, 2, rest(r))),
        [("1.5", "board")],
    ),
    "an endorsement of no batch": (
        admitted,
        lambda r: r.write("registrar 2", "endorse", 0, 2, bytes(32)),
        [("1.6", "board")],
    ),
    "issued before the last batch": (admitted, issue("registrar 1"), [("1.6", "board")]),
    "strangers got tokens": (complete, issue("registrar 2", listed=hashes(2)), [("4.6", "registrar 2")]),
    "secrets of other keys": (
        complete,
        issue("registrar 2", secrets=scalar_bytes(5) + scalar_bytes(6)),
        [("4.6", "registrar 2")],
    ),
    "somebody is taken off again": (
        complete,
        several(issue("registrar 2", 2), issue("registrar 2", 1)),
        [("1.6", "board")],
    ),
    "somebody is taken off for others": (
        complete,
        lambda r: (
            issue("registrar 2", listed=sorted(r.rolls[2])[:1])(r),
            issue("registrar 2", listed=sorted(r.rolls[2])[1:])(r),
        ),
        [("4.6", "registrar 2")],
    ),
    "opened without a registrar": (
        complete,
        several(issue("registrar 1"), lambda r: r.checkpoint(SEEN), open_at(START)),
        [("5.1", "board")],
    ),
    "opened before the review is over": (issued, open_at(SEEN + REVIEW - 1), [("5.1", "board")]),
    "enrolled when the region has opened": (
        issued,
        several(open_at(START), issue("registrar 2", 3)),
        [("1.6", "board")],
    ),
}


@pytest.mark.parametrize("name", sorted(VOID))
def test_what_breaks_a_rule_is_void_and_named(name: str) -> None:
    start, step, expected = VOID[name]
    rehearsal = start()
    step(rehearsal)
    assert void(rehearsal) == expected


def test_the_trustees_sign_when_all_token_keys_are_there() -> None:
    rehearsal = defined()
    rehearsal.token_keys("registrar 1")
    rehearsal.ceremony()
    assert void(rehearsal) == [("3.1", "board"), ("3.1", "board")]
    assert report(rehearsal)["phase"] == "ceremony"


def test_a_deadline_while_token_keys_are_missing_drops_nobody() -> None:
    rehearsal = Rehearsal(voters=2)
    rehearsal.begin()
    kinds = [entries.parse(entry).type for entry in rehearsal.log_entries]
    kept = [
        entry
        for kind, entry in zip(kinds, rehearsal.log_entries, strict=True)
        if kind not in ("token-keys", "checkpoint", "ceremony-sign")
    ]
    rehearsal.log_entries = kept
    rehearsal.checkpoint(START - 9_000)
    rehearsal.checkpoint(START - 8_000)
    rehearsal.write("organiser", "ceremony-deadline", 1, 5, START - 8_000)
    assert void(rehearsal) == [("3.1", "board")]


def test_a_batch_is_in_effect_when_every_other_registrar_has_endorsed_it() -> None:
    rehearsal = begun()
    rehearsal.enrol_voter(0)
    rehearsal.cut(1, rehearsal.records)
    entry = rehearsal.log_entries.pop()
    assert not rehearsal.fold().regions[0].cards
    rehearsal.log_entries.append(entry)
    assert rehearsal.fold().regions[0].cards.keys() == {record[:32] for record in rehearsal.records[:2]}


def test_another_batch_of_the_number_takes_its_place_and_its_endorsements() -> None:
    rehearsal = admitted()
    old = batch(rehearsal, 2, rest(rehearsal)[:384])
    new = batch(rehearsal, 2, rest(rehearsal))
    rehearsal.write("registrar 2", "endorse", 0, 2, old)
    assert void(rehearsal) == [("1.6", "board")]
    assert not rehearsal.fold().regions[0].last
    rehearsal.write("registrar 2", "endorse", 0, 2, new)
    assert len(rehearsal.fold().regions[0].cards) == 4


def test_a_void_entry_is_followed_by_a_right_one() -> None:
    rehearsal = complete()
    issue("registrar 2", listed=hashes(2))(rehearsal)
    rehearsal.issue()
    rehearsal.open()
    found = report(rehearsal)
    assert [v["check"] for v in found["void"]] == ["4.6"]
    assert found["phase"] == "voting"


def test_a_region_that_waits_in_vain_is_out_and_names_whom_it_waited_for() -> None:
    rehearsal = complete()
    rehearsal.checkpoint(SEEN)
    issue("registrar 1")(rehearsal)
    rehearsal.checkpoint(END)
    assert not report(rehearsal)["notices"]
    rehearsal.checkpoint(END + 1)
    issue("registrar 2")(rehearsal)
    rehearsal.write("board", "open", 0, 1)
    found = report(rehearsal)
    assert [n["message"] for n in found["notices"]] == ["north never opened; it waited for registrar 2"]
    assert [v["check"] for v in found["void"]] == ["1.6", "5.1"]


@pytest.mark.parametrize(
    ("party", "waited"), [("registrar 2", "registrar 1, registrar 2"), ("board", "registrar 2")]
)
def test_a_region_that_waits_for_who_objects_names_the_lead_too(party: str, waited: str) -> None:
    """Else the lead could have an honest registrar named by cutting what that one never admitted."""
    rehearsal = admitted()
    standing = batch(rehearsal, 2, rest(rehearsal))
    rehearsal.checkpoint(SEEN)
    rehearsal.write(party, "objection", standing, "batch 1", "en", "Cards were not admitted here.", b"")
    rehearsal.checkpoint(END + 1)
    assert not report(rehearsal)["void"]
    assert [n["message"] for n in report(rehearsal)["notices"]] == [
        f"north never opened; it waited for {waited}"
    ]


def led(act: str, seen: int) -> Rehearsal:
    """The lead logs its roll or a batch, which witnesses see then, and nobody follows."""
    rehearsal = keyed() if act == "roll" else admitted()
    if act == "roll":
        roll("registrar 1", *hashes(2))(rehearsal)
    elif act == "batch":
        batch(rehearsal, 2, rest(rehearsal))
    else:
        rehearsal.cut(2, rehearsal.records[2:], last=1)
        issue("registrar 1")(rehearsal)
    rehearsal.checkpoint(seen)
    rehearsal.checkpoint(END + 1)
    return rehearsal


@pytest.mark.parametrize(
    ("seen", "waited"), [(END - 3_600, "registrar 2"), (END - 3_599, "registrar 1, registrar 2")]
)
@pytest.mark.parametrize("act", ["roll", "batch", "last"])
def test_a_lead_that_leaves_the_others_less_than_an_hour_is_named_with_them(
    act: str, seen: int, waited: str
) -> None:
    """Else it could have honest registrars named alone by what it does in the last minutes."""
    found = report(led(act, seen))
    assert not found["void"]
    assert [n["message"] for n in found["notices"]] == [f"north never opened; it waited for {waited}"]


def test_without_a_roll_of_the_lead_the_lead_alone_is_named() -> None:
    """The others may log theirs only behind its own."""
    rehearsal = keyed()
    rehearsal.checkpoint(END + 1)
    assert [n["message"] for n in report(rehearsal)["notices"]] == [
        "north never opened; it waited for registrar 1"
    ]


def test_tokens_that_nobody_lists_end_the_referendum_in_the_registrars_name() -> None:
    rehearsal = complete()
    issue("registrar 1", 2)(rehearsal)
    issue("registrar 2", 1)(rehearsal)
    rehearsal.checkpoint(SEEN)
    rehearsal.checkpoint(SEEN + REVIEW)
    rehearsal.open()
    rehearsal.seal()
    rehearsal.close()
    for trustee in (1, 2):
        rehearsal.release(1, trustee)
    found = report(rehearsal)
    failed = [(c["check"], c["culprit"]) for c in found["checks"] if c["status"] == "failed"]
    assert (found["verdict"], failed) == ("failed", [("9.4", "registrar 2")])
    assert [n["message"] for n in found["notices"]] == [
        "north has 2 batches instead of at most 1",
        "registrar 2 counted 2 tokens and issued 1",
    ]


def test_an_area_in_which_too_few_finished_is_not_counted() -> None:
    rehearsal = Rehearsal(voters=2, unfinished=1, min_region=2)
    rehearsal.begin()
    rehearsal.enrol()
    rehearsal.open()
    rehearsal.ballot(0, 0)
    rehearsal.seal()
    rehearsal.finish()
    found = report(rehearsal)
    (area,) = found["result"]["contests"][0]["areas"]
    assert (found["verdict"], area["counted"], area["enrolled"], area["weight"]) == ("passed", 0, 2, 1)
    assert "votes" not in area


def test_a_region_in_which_nobody_does_anything_stops_no_other() -> None:
    rehearsal = Rehearsal(voters=2, idle=1)
    rehearsal.begin()
    rehearsal.enrol()
    rehearsal.open()
    rehearsal.ballot(0, 0)
    rehearsal.seal()
    rehearsal.finish()
    found = report(rehearsal)
    first, second = found["result"]["regions"]
    assert found["verdict"] == "passed-with-notices"
    (notice,) = [n["message"] for n in found["notices"] if "waited" in n["message"]]
    assert notice == "idle-0 never opened; it waited for registrar 1"
    assert (first["ballots"], second["ballots"], second["issued"]) == ([1], [], [0, 0])
    assert found["result"]["contests"][0]["total"]["votes"] == {"yes": 1, "no": 0}


def test_a_card_with_all_receipts_that_was_left_out_names_who_left_it_out() -> None:
    rehearsal = complete()
    state, hashes_ = rehearsal.fold(), [sha256(record).digest() for record in rehearsal.records]

    def receipts(key: bytes, record: bytes, named: int = 2) -> list[Receipt]:
        return [Receipt(key, record, named)] * 2

    inside = receipts(rehearsal.records[0][:32], hashes_[0])
    outside = receipts(provers.base(9), hashes(1)[0])
    replaced = receipts(rehearsal.records[0][:32], hashes_[1])
    late, early = (Answer(2, last, {*hashes(2), *hashes_}, {*hashes_}) for last in (1, 0))
    assert left_out(state, 0, inside, {}) == ""
    assert left_out(state, 0, outside, {}) == "registrar 1"
    assert left_out(state, 0, outside, {2: late}) == "registrar 2"
    assert left_out(state, 0, outside, {2: early}) == "registrar 1"
    assert left_out(state, 0, outside, {2: replace(early, batch=3)}) == "registrar 2"
    assert left_out(state, 0, replaced, {2: late}) == "registrar 1"
    assert left_out(state, 0, outside[:1], {2: late}) == ""
    state = admitted().fold()
    assert left_out(state, 0, receipts(provers.base(9), hashes(1)[0], named=1), {}) == ""


def test_a_false_refusal_is_judged_by_what_issued_shows() -> None:
    rehearsal = begun()
    messages: list[bytes] = []
    real = Registrar.admit
    with patch.object(
        Registrar, "admit", lambda own, message: (messages.append(message), real(own, message))[1]
    ):
        rehearsal.enrol()
    state = rehearsal.fold()
    shown = [entries.parse(entry) for entry in rehearsal.log_entries]
    issued_ = {state.registrar(entry): entry for entry in shown if entry.type == "issued"}
    right = next(message for message in messages if addressed(message) == 2)
    wrong = bytearray(right)
    wrong[-1] ^= 1
    assert false_refusal(state, issued_[2], right, "refused")
    assert false_refusal(state, issued_[2], right, "form")
    assert false_refusal(state, issued_[2], right, "busy")
    assert not false_refusal(state, issued_[2], bytes(wrong), "refused")
    assert not false_refusal(state, issued_[1], right, "form")
    assert false_refusal(state, issued_[2], right, "known")


@pytest.mark.parametrize(("decoys", "registrars"), [(4, 1), (4, 3), (0, 2)])
def test_referendums_of_other_numbers_of_registrars(decoys: int, registrars: int) -> None:
    rehearsal = Rehearsal(decoys=decoys, voters=2, registrars=registrars)
    rehearsal.begin()
    rehearsal.enrol()
    rehearsal.open()
    for card in range(len(rehearsal.card_secrets)):
        rehearsal.ballot(card, 0)
    rehearsal.seal()
    rehearsal.finish()
    found = report(rehearsal)
    (contest,) = found["result"]["contests"]
    assert found["verdict"] == "passed"
    assert contest["total"]["votes"] == {"yes": 2, "no": 0}
    assert found["result"]["regions"][0]["issued"] == [2] * registrars
