"""Ballots at the board: promised or refused, always under its signature (`spec/messages.md#ballots`)."""

from __future__ import annotations

import hashlib
from dataclasses import replace

import pytest

from psephos.board.board import Board
from psephos.crypto.ballot import sign_ballots
from psephos.errors import FormatError, PhaseError, VerificationError
from psephos.log.merkle import leaf_hash
from psephos.log.store import LogStore
from psephos.protocol import entries
from psephos.protocol.entries import Promise, Refusal
from psephos.protocol.message import read
from psephos.simulation.definitions import sample
from psephos.simulation.referendum import Referendum
from psephos.voter.promise import check_promise
from tests.board.station import DAYS, OPENS, SEALS, Station


def reason(answer: entries.Payload) -> str:
    assert isinstance(answer, Refusal)
    assert answer.evidence == b""
    return answer.reason


def body_hash(ballot: bytes) -> bytes:
    return entries.decode(ballot).body_hash


def test_a_promise_names_the_ballot_and_when_it_will_be_logged(station: Station) -> None:
    ballot = station.ballot(0)
    (promise,) = station.answers(ballot)
    round_ = station.referendum.definition.round
    assert promise == Promise(body_hash(ballot), leaf_hash(ballot), 0, 1, OPENS + 2 * round_)
    believed = check_promise(
        station.referendum.definition,
        station.board.record.joint_key.election_hash,
        ballot,
        station.board.receive([ballot])[0],
        SEALS,
    )
    assert believed == promise


def test_a_promise_is_never_for_after_the_planned_seal(station: Station) -> None:
    station.now = SEALS - 1
    (promise,) = station.answers(station.ballot(0))
    assert isinstance(promise, Promise)
    assert promise.deadline == SEALS
    station.now = SEALS  # the seal is late; a promise could not be kept any more
    (refusal,) = station.answers(station.ballot(1))
    assert reason(refusal) == "closed"


def test_an_extended_day_takes_ballots_until_its_new_seal(station: Station) -> None:
    keys = station.referendum.keys
    amend = entries.Amend(0, 1, OPENS, SEALS + 600, "a storm")
    station.board.submit([station.referendum.write(amend, keys.organiser)])
    station.now = SEALS + 599
    (promise,) = station.answers(station.ballot(0))
    assert isinstance(promise, Promise)
    assert promise.deadline == SEALS + 600


def test_the_same_bytes_get_the_same_promise_for_ever(station: Station) -> None:
    ballot = station.ballot(0)
    first, second = station.board.receive([ballot, ballot])
    assert first == second
    station.now += 1000
    assert station.board.receive([ballot]) == [first]
    assert station.board.round() == 1
    assert station.board.receive([ballot]) == [first]
    station.seal(0, 1)
    assert station.restart().receive([ballot]) == [first]
    assert station.ballots() == [ballot]


def test_another_ballot_with_a_used_serial_is_refused_with_the_highest(station: Station) -> None:
    one, three, other = station.ballot(0), station.ballot(0, serial=3), station.ballot(0, (1, 1))
    first, second, refusal = station.answers(one, three, other)
    assert (type(first), type(second)) == (Promise, Promise)
    assert refusal == Refusal(body_hash(other), "serial", "3", b"")
    station.board.round()
    assert station.answers(other) == [refusal]
    station.restart()
    assert station.answers(other) == [refusal]
    assert isinstance(station.answers(station.ballot(0, serial=2))[0], Promise)
    assert isinstance(station.answers(station.ballot(1))[0], Promise)


def test_of_two_with_one_serial_in_one_call_the_first_is_taken(station: Station) -> None:
    promise, refusal = station.answers(station.ballot(0, (1, 0)), station.ballot(0, (0, 1)))
    assert isinstance(promise, Promise)
    assert (reason(refusal), station.board.round()) == ("serial", 1)


def test_the_same_body_under_another_signature_is_another_ballot(station: Station) -> None:
    ballot, card = station.ballot(0), station.referendum.cards[0][0]
    body = entries.decode(ballot).body
    again, _ = sign_ballots(body, len(body).to_bytes(4, "little"), card.scalar, bytes([9]) * 32)
    assert again != ballot
    promise, refusal = station.answers(ballot, again)
    assert isinstance(promise, Promise)
    assert refusal == Refusal(body_hash(ballot), "serial", "1", b"")
    assert station.answers(again, ballot) == [refusal, promise]


@pytest.mark.parametrize("day", [2, 3])
def test_a_day_that_is_not_open_takes_none(station: Station, day: int) -> None:
    assert [reason(one) for one in station.answers(station.ballot(0, day=day))] == ["closed"]
    assert station.board.round() == 0


def test_before_the_opening_and_after_the_seal_it_is_closed(station: Station) -> None:
    ballot = station.ballot(0, of=1)
    assert [reason(one) for one in station.answers(ballot)] == ["closed"]
    station.board.open(1, 1)
    station.seal(1, 1)
    assert [reason(one) for one in station.answers(ballot)] == ["closed"]
    station.now = DAYS[1][0]
    station.board.open(1, 2)
    assert [reason(one) for one in station.answers(ballot)] == ["closed"]
    assert isinstance(station.answers(station.ballot(0, of=1, day=2))[0], Promise)


def test_after_a_cancel_it_is_closed(station: Station) -> None:
    station.board.submit([station.referendum.write(entries.Cancel("war"), station.referendum.keys.organiser)])
    assert [reason(one) for one in station.answers(station.ballot(0))] == ["closed"]


def test_a_card_of_no_batch_or_of_another_region_is_refused(station: Station) -> None:
    station.referendum.make_cards(0, [1])  # never enrolled
    unknown = station.ballot(-1)
    elsewhere = station.ballot(0, of=1, region=0)
    assert [reason(one) for one in station.answers(unknown, elsewhere)] == ["card", "card"]


def forged(ballot: bytes, at: int) -> bytes:
    return ballot[:at] + bytes([ballot[at] ^ 1]) + ballot[at + 1 :]


def test_what_does_not_prove_itself_is_refused(station: Station) -> None:
    good = station.ballot(0)
    entry = entries.decode(good)
    assert isinstance(entry.payload, entries.Ballot)
    votes = entry.payload.votes
    swapped = replace(entry.payload, votes=votes[64:128] + votes[:64] + votes[128:])
    moved = entries.seal(entries.encode_body(swapped, entry.referendum, entry.author), entry.signature)
    bad = [forged(good, len(good) - 40), forged(good, len(good) - 70), moved]
    assert [reason(one) for one in station.answers(*bad)] == ["proof"] * 3
    assert isinstance(station.answers(good)[0], Promise)  # a forgery uses up no serial


def malformed(station: Station) -> list[bytes]:
    good, referendum = station.ballot(0), station.referendum
    entry = entries.decode(good)
    ballot = entry.payload
    assert isinstance(ballot, entries.Ballot)

    def other(payload: entries.Payload, election: bytes = entry.referendum) -> bytes:
        return entries.seal(entries.encode_body(payload, election, entry.author), entry.signature)

    return [
        b"",
        b"\x89",
        b"nonsense",
        bytes(700),
        bytes(1 << 17),
        good[:-1],
        good + b"\x00",
        other(ballot, bytes(32)),
        other(replace(ballot, region=2)),
        other(replace(ballot, day=0)),
        other(replace(ballot, serial=0)),
        other(replace(ballot, serial=21)),
        other(replace(ballot, votes=ballot.votes[:-32])),
        other(entries.Cancel("called off")),
        referendum.logged[0],
        station.board.receive([station.ballot(1)])[0],  # a promise is no ballot
    ]


def test_whatever_is_no_ballot_of_this_referendum_is_refused_as_form(station: Station) -> None:
    bad = malformed(station)
    answers = station.answers(*bad)
    assert [reason(one) for one in answers] == ["form"] * len(bad)
    for one, answer in zip(bad[:14], answers, strict=False):
        assert isinstance(answer, Refusal)
        assert answer.request == hashlib.sha256(one).digest(), "nobody has signed it"


def test_every_single_bit_matters_to_the_form_the_proof_or_the_card(station: Station) -> None:
    good = station.ballot(0)
    flipped = [forged(good, at) for at in range(len(good))]
    reasons = {reason(one) for one in station.answers(*flipped)}
    assert reasons == {"form", "closed", "card", "proof"}
    assert station.board.round() == 0


def test_answers_come_in_the_order_of_the_ballots(station: Station) -> None:
    good, closed, card = station.ballot(0), station.ballot(1, day=2), station.ballot(0, of=1, region=0)
    used = station.ballot(0, (1, 1))
    given = [b"?", closed, good, card, used, forged(used, len(used) - 40), station.ballot(2), good]
    answers = station.answers(*given)
    found = ["promise" if isinstance(one, Promise) else reason(one) for one in answers]
    assert found == ["form", "closed", "promise", "card", "serial", "proof", "promise", "promise"]
    assert station.answers() == []


def test_there_are_no_ballots_before_there_is_a_key(tmp_path) -> None:
    document, keys = sample()
    referendum = Referendum(document, keys)
    referendum.publish()
    origin = referendum.definition.board.origin
    with LogStore(tmp_path / "log.sqlite", origin) as store:
        store.append(referendum.logged).result()
    board = Board(tmp_path, origin, keys.board, {}, lambda: 0)
    with pytest.raises(PhaseError, match="ceremony"):
        board.receive([b"?"])
    board.close()


def test_a_refusal_is_signed_and_nobody_else_can_make_it(station: Station) -> None:
    (message,) = station.board.receive([b"?"])
    election, key = station.board.record.joint_key.election_hash, station.referendum.keys.board.public.raw
    assert isinstance(read(message, election, key).payload, Refusal)
    for at in range(0, len(message), 7):
        with pytest.raises((FormatError, VerificationError)):
            read(forged(message, at), election, key)
