"""Ceremonies, honest and not: the key is made, or whoever spoilt it is out (`spec/ceremony.md`)."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import replace
from itertools import combinations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from psephos.crypto import group
from psephos.errors import FormatError, PhaseError, VerificationError
from psephos.protocol import entries
from psephos.protocol.entries import (
    CeremonyAnswer,
    CeremonyCommit,
    CeremonyComplain,
    CeremonyConfirm,
    CeremonyDeadline,
    CeremonyDeal,
    CeremonyReveal,
    CeremonySign,
    Payload,
)
from psephos.protocol.setup.attempt import COMMIT, COMPLETE, CONFIRM, DEAL, REVEAL, SIGN
from psephos.protocol.setup.ceremony import Ceremony
from psephos.protocol.setup.dealing import Dealer, Secret, advance
from psephos.protocol.setup.document import parse
from psephos.protocol.witnessed import Witnessed
from psephos.simulation.definitions import sample

L = 2**252 + 27742317777372353535851937790883648493
ROOT = b"\x07" * 32
TOKEN_KEYS = b"\x08" * 32
"""The body hash of the one registrar's entry with them."""

Fraud = Callable[[Payload], Payload]


class Room:
    """A ceremony, its trustees with their stored secrets, and what they would say next."""

    def __init__(self, trustees: int = 3, threshold: int = 2) -> None:
        document, self.keys = sample(trustees=trustees, threshold=threshold)
        self.definition = parse(document)
        self.ceremony = Ceremony(self.definition)
        self.ceremony.take_token_keys(0, TOKEN_KEYS)
        self.stored: dict[int, bytes] = {}
        self.frauds: dict[tuple[int, type[Payload]], Fraud] = {}
        self.index, self.now = 10, 1_900_000_000

    def secret(self, trustee: int) -> Secret:
        return Secret.decode(self.stored[trustee])

    def write(self, author: int, payload: Payload) -> None:
        """Log what a trustee, or the organiser (0), says."""
        key = self.keys.trustees[author - 1] if author else self.keys.organiser
        data = entries.encode(payload, self.definition.hash, key.public.raw, key.sign)
        self.index += 1
        self.ceremony.apply(self.index - 1, entries.decode(data))

    def says(self, trustee: int) -> list[Payload]:
        """What an honest program says next; its secret is stored first and read again."""
        seed = hashlib.sha512(f"{trustee} {self.ceremony.attempt}".encode()).digest()
        stored = self.stored.get(trustee)
        secret = Secret.decode(stored) if stored is not None else None
        secret, payloads = advance(self.ceremony, trustee, secret, seed)
        self.stored.pop(trustee, None)
        if secret is not None:
            self.stored[trustee] = secret.encode()
        return payloads

    def turn(self, *trustees: int) -> None:
        """Let these, or all, say what they have to say, with the frauds laid on them."""
        for trustee in trustees or range(1, len(self.definition.trustees.members) + 1):
            for payload in self.says(trustee):
                fraud = self.frauds.pop((trustee, type(payload)), None)
                self.write(trustee, fraud(payload) if fraud else payload)

    def until(self, number: int) -> None:
        """Go on honestly up to a round."""
        while self.ceremony.round < number:
            self.checkpoint()
            self.turn()

    def checkpoint(self) -> None:
        self.witness(self.index, ROOT)
        self.index += 1

    def witness(self, size: int, root: bytes) -> None:
        self.ceremony.checkpoint(Witnessed(self.index, size, root, self.now, self.now))

    def deadline(self) -> None:
        """The organiser ends the round, as soon as witnesses have seen that it may."""
        self.checkpoint()
        self.now = max(self.now, self.ceremony.earliest_deadline() or 0)
        self.checkpoint()
        self.write(0, CeremonyDeadline(self.ceremony.attempt, self.ceremony.round, self.now))

    def finish(self) -> None:
        """Go on honestly to the end, and check that the key is what it should be."""
        self.until(COMPLETE)
        check_key(self)


def check_key(room: Room) -> None:
    """Every t participants, and no fewer, know the secret key; public keys and election hash are right."""
    result, needed = room.ceremony.result, room.definition.trustees.threshold
    assert room.ceremony.complete
    assert result is not None
    shares = {index: int.from_bytes(room.secret(index).share, "little") for index in result.participants}
    for index, share in shares.items():
        assert group.base_multiples(share.to_bytes(32, "little")) == result.public_shares[index]
    for some in combinations(shares, needed):
        assert public_key({index: shares[index] for index in some}) == result.point
    for some in combinations(shares, needed - 1):
        assert public_key({index: shares[index] for index in some}) != result.point
    assert result.election_hash == room.ceremony.election_hash == spelt_out_election_hash(room)


def public_key(shares: dict[int, int]) -> bytes:
    """G times the value at 0 of the polynomial through the shares."""
    secret = 0
    for i, share in shares.items():
        factor = 1
        for j in shares:
            if j != i:
                factor = factor * j * pow(j - i, -1, L) % L
        secret += factor * share
    return group.base_multiples((secret % L).to_bytes(32, "little"))


def spelt_out_election_hash(room: Room) -> bytes:
    """`spec/proofs.md#election-hash`, byte by byte."""
    result = room.ceremony.result
    assert result is not None
    participants = b"".join(index.to_bytes(2, "little") + x for index, x in result.public_shares.items())
    fields = [
        (b"psephos/1", b"election"),
        (b"definition", room.definition.hash),
        (b"attempt", result.attempt.to_bytes(2, "little")),
        (b"participants", participants),
        (b"key", result.point),
        (b"token-keys", TOKEN_KEYS),
        (b"hash", (32).to_bytes(8, "little")),
    ]
    joined = b"".join(bytes([len(a)]) + a + len(b).to_bytes(8, "little") + b for a, b in fields)
    return hashlib.shake_128(joined).digest(32)


def refused(check: str, culprit: str, action: Callable[[], None], complaint: str = ".") -> None:
    with pytest.raises(VerificationError, match=complaint) as caught:
        action()
    assert (caught.value.check, caught.value.culprit) == (check, culprit)


@pytest.mark.parametrize(("trustees", "needed"), [(2, 2), (3, 2), (5, 3)])
def test_an_honest_ceremony_gives_a_key_that_any_t_can_use(trustees: int, needed: int) -> None:
    room = Room(trustees, needed)
    room.finish()
    assert room.ceremony.attempt == 1
    assert room.ceremony.participants == tuple(range(1, trustees + 1))
    assert room.ceremony.waiting_for() == ()


def test_one_trustee_alone_may_hold_the_key_of_a_referendum_without_decoys() -> None:
    room = Room()
    document, room.keys = sample(trustees=1, threshold=1, decoys=0)
    room.definition = parse(document)
    room.ceremony = Ceremony(room.definition)
    room.ceremony.take_token_keys(0, TOKEN_KEYS)
    room.until(COMPLETE)
    assert room.ceremony.result is not None
    assert group.base_multiples(room.secret(1).share) == room.ceremony.result.point


def test_a_round_waits_for_everybody() -> None:
    room = Room()
    for number in (COMMIT, REVEAL, DEAL, CONFIRM, SIGN):
        assert (room.ceremony.round, room.ceremony.waiting_for()) == (number, (1, 2, 3))
        room.checkpoint()
        room.turn(2)
        assert (room.ceremony.round, room.ceremony.waiting_for()) == (number, (1, 3))
        assert room.ceremony.result is None
        assert room.ceremony.election_hash is None
        room.turn(1, 3)
    check_key(room)


def test_the_last_round_begins_with_the_last_token_keys() -> None:
    """Until then nobody can sign; and nobody is late for what came before."""
    room = Room()
    room.ceremony = Ceremony(room.definition)
    room.until(SIGN)
    room.checkpoint()
    assert room.ceremony.waits_for_registrars
    assert room.says(1) == []
    room.now += 5_000
    room.ceremony.take_token_keys(room.index, TOKEN_KEYS)
    room.index += 1
    assert room.ceremony.earliest_deadline() is None
    room.checkpoint()
    assert room.ceremony.earliest_deadline() == room.now + room.definition.tolerance
    room.finish()


def test_only_the_share_is_kept_in_the_end() -> None:
    room = Room()
    room.until(SIGN)
    assert all(not room.secret(index).hpke_key for index in (1, 2, 3))
    room.finish()
    room.turn()
    for index in (1, 2, 3):
        secret = room.secret(index)
        assert (secret.attempt, secret.coefficients, secret.hpke_key) == (1, b"", b"")
        assert len(secret.share) == 32


@settings(max_examples=15)
@given(st.data())
def test_trustees_may_be_killed_at_any_time_and_go_on(data: st.DataObject) -> None:
    room = Room(3, 2)
    for _ in range(200):
        if room.ceremony.complete:
            break
        trustee = data.draw(st.sampled_from((1, 2, 3)))
        payloads = room.says(trustee)
        for payload in payloads[: data.draw(st.integers(0, 2))]:
            room.write(trustee, payload)
        room.checkpoint()
    room.finish()


def test_a_lost_secret_is_noticed_and_not_replaced() -> None:
    room = Room()
    room.until(REVEAL)
    del room.stored[2]
    with pytest.raises(PhaseError, match="not the one committed to"):
        advance(room.ceremony, 2, None, b"\x05" * 64)
    room.turn(1, 3)
    room.deadline()
    room.finish()
    assert room.ceremony.participants == (1, 3)


def test_a_lost_share_is_noticed() -> None:
    room = Room()
    room.until(SIGN)
    room.checkpoint()
    for share, complaint in ((b"", "lost"), (bytes(32), "not that of the result")):
        with pytest.raises(PhaseError, match=complaint):
            advance(room.ceremony, 1, replace(room.secret(1), share=share), bytes(64))


def test_no_secret_shows() -> None:
    room = Room()
    room.until(CONFIRM)
    secret = room.secret(1)
    shown = f"{secret!r} {Dealer(room.ceremony, 1, secret)!r} {room.ceremony!r}"
    for part in (secret.coefficients, secret.hpke_key):
        assert part.hex() not in shown
        assert repr(part)[2:-1] not in shown
    with pytest.raises(FormatError, match="ceremony secret"):
        Secret.decode(b"\x81\x01")
    with pytest.raises(FormatError, match="seed of 32 bytes"):
        advance(Room().ceremony, 1, None, bytes(32))


def tampered(column: str, value: Callable[[bytes], bytes]) -> Fraud:
    return lambda payload: replace(payload, **{column: value(getattr(payload, column))})


def flipped(data: bytes) -> bytes:
    return data[:-1] + bytes([data[-1] ^ 1])


@pytest.mark.parametrize(
    ("number", "fraud", "complaint"),
    [
        (REVEAL, tampered("points", lambda p: p[32:] + p[:32]), "do not open"),
        (REVEAL, tampered("points", lambda p: p[:32]), "32 bytes are not 2 points"),
        (REVEAL, tampered("points", lambda p: p + p[:32]), "96 bytes are not 2 points"),
        (REVEAL, tampered("points", lambda p: b""), "0 bytes are not 2 points"),
        (REVEAL, tampered("proof", flipped), "not proven"),
        (REVEAL, tampered("proof", lambda p: bytes(64)), "not proven"),
        (DEAL, tampered("sealed", lambda s: s[:-1]), "159 bytes instead of 160"),
        (DEAL, tampered("sealed", lambda s: s + s), "320 bytes instead of 160"),
    ],
)
def test_who_cheats_is_out_and_the_next_attempt_begins(number: int, fraud: Fraud, complaint: str) -> None:
    room = Room()
    room.until(number)
    (payload,) = room.says(2)
    refused("3.2", "trustee 2", lambda: room.write(2, fraud(payload)), complaint)
    assert (room.ceremony.attempt, room.ceremony.participants) == (2, (1, 3))
    assert room.ceremony.round == COMMIT
    assert room.says(2) == []
    room.finish()
    assert 2 not in room.stored


def commits_to(room: Room, trustee: int, coefficients: bytes, points: bytes | None = None) -> None:
    """Make a trustee's secret another, and log its commitment to points of its choice."""
    room.stored[trustee] = Secret(room.ceremony.attempt, coefficients, bytes([trustee]) * 32).encode()
    dealer = Dealer(room.ceremony, trustee, room.secret(trustee))
    commitment = room.ceremony.context(trustee).commitment(points or dealer.secret.points)
    room.write(trustee, replace(dealer.commit(), commitment=commitment))


@pytest.mark.parametrize("count", [1, 3])
def test_points_that_were_committed_to_but_are_too_few_or_many_disqualify(count: int) -> None:
    room = Room()
    commits_to(room, 1, group.random_scalars(b"\x01" * 32, count))
    room.turn(2, 3)
    refused("3.2", "trustee 1", lambda: room.turn(1), "are not 2 points")


@pytest.mark.parametrize(
    ("points", "complaint"), [(bytes(32), "not canonical, or"), (b"\xff" * 32, "not canonical, or")]
)
def test_a_constant_term_that_is_no_key_disqualifies(points: bytes, complaint: str) -> None:
    room = Room()
    coefficients = group.random_scalars(b"\x01" * 32, 2)
    points += group.base_multiples(coefficients[32:])
    commits_to(room, 1, coefficients, points)
    room.turn(2, 3)
    reveal = replace(Dealer(room.ceremony, 1, room.secret(1)).reveal(bytes(32)), points=points)
    refused("3.2", "trustee 1", lambda: room.write(1, reveal), complaint)


def test_another_point_may_be_the_identity() -> None:
    room = Room()
    commits_to(room, 1, group.random_scalars(b"\x01" * 32, 1) + bytes(32))
    room.finish()
    assert room.ceremony.attempt == 1


def test_a_key_that_is_the_identity_is_fatal() -> None:
    room = Room()
    draws = [int.from_bytes(group.random_scalars(bytes([i]) * 32, 1), "little") for i in (1, 2)]
    for trustee, constant in ((1, draws[0]), (2, draws[1]), (3, -sum(draws))):
        commits_to(room, trustee, (constant % L).to_bytes(32, "little") + bytes([trustee]) + bytes(31))
    room.until(CONFIRM)
    refused("3.4", "trustees", room.turn, "identity")


def spoilt(receiver: int) -> Fraud:
    """A deal whose share for one of the others (0 or 1 in their order) does not open."""
    start = 80 * receiver

    def fraud(payload: Payload) -> Payload:
        assert isinstance(payload, CeremonyDeal)
        sealed = payload.sealed
        return replace(
            payload, sealed=sealed[:start] + flipped(sealed[start : start + 80]) + sealed[start + 80 :]
        )

    return fraud


def accused_room() -> Room:
    """Trustee 3 has dealt badly to trustee 1, who has complained; trustee 2 has confirmed."""
    room = Room()
    room.frauds[3, CeremonyDeal] = spoilt(0)
    room.until(CONFIRM)
    room.turn(1, 2)
    assert room.ceremony.current.complaints == {(1, 3): None}
    assert room.ceremony.waiting_for() == (1, 3)
    return room


def test_a_good_answer_lets_the_complainant_go_on() -> None:
    room = accused_room()
    assert room.says(1) == []
    room.turn(3)
    assert room.ceremony.waiting_for() == (1,)
    room.finish()
    assert room.ceremony.attempt == 1


@pytest.mark.parametrize("share", [bytes(32), b"\x01" + bytes(31), b"\xff" * 32])
def test_a_bad_answer_disqualifies(share: bytes) -> None:
    room = accused_room()
    refused("3.2", "trustee 3", lambda: room.write(3, CeremonyAnswer(1, 1, share)), "answers 1 is wrong")
    room.finish()
    assert (room.ceremony.attempt, room.ceremony.participants) == (2, (1, 2))


def test_a_wrong_share_that_opens_is_complained_of_too() -> None:
    room = Room()
    room.until(DEAL)
    dealer = Dealer(room.ceremony, 3, room.secret(3))
    wrong = replace(room.secret(3), coefficients=group.random_scalars(bytes(32), 2))
    room.write(
        3, CeremonyDeal(1, replace(dealer, secret=wrong).deal().sealed[:80] + dealer.deal().sealed[80:])
    )
    room.until(CONFIRM)
    assert room.says(1) == [CeremonyComplain(1, 3)]
    assert room.says(2) == [CeremonyConfirm(1)]
    room.finish()
    assert room.ceremony.attempt == 1


def test_shares_sealed_for_others_do_not_open() -> None:
    room = Room()
    room.frauds[3, CeremonyDeal] = tampered("sealed", lambda s: s[80:] + s[:80])
    room.until(CONFIRM)
    assert room.says(1) == room.says(2) == [CeremonyComplain(1, 3)]
    room.finish()


def test_a_trustee_whose_sealing_key_is_none_only_lays_its_own_share_open() -> None:
    room = Room()
    room.frauds[2, CeremonyCommit] = tampered("hpke_key", lambda _: bytes(32))
    room.until(CONFIRM)
    assert room.says(2) == [CeremonyComplain(1, 1), CeremonyComplain(1, 3)]
    room.finish()
    assert room.ceremony.attempt == 1


@pytest.mark.parametrize("number", [COMMIT, REVEAL, DEAL, CONFIRM, SIGN])
def test_who_is_missing_at_a_deadline_is_out(number: int) -> None:
    room = Room()
    room.until(number)
    room.checkpoint()
    room.turn(1, 3)
    room.deadline()
    assert (room.ceremony.attempt, room.ceremony.participants) == (2, (1, 3))
    room.finish()


def test_at_a_deadline_the_accused_is_out_and_the_complainant_not() -> None:
    room = accused_room()
    room.deadline()
    assert room.ceremony.participants == (1, 2)


def test_at_a_deadline_an_answered_complainant_that_does_not_confirm_is_out() -> None:
    room = accused_room()
    room.turn(3)
    assert room.ceremony.waiting_for() == (1,)
    room.deadline()
    assert room.ceremony.participants == (2, 3)


def test_two_who_accuse_each_other_are_both_out_at_a_deadline() -> None:
    room = Room(4, 2)
    room.until(CONFIRM)
    room.write(1, CeremonyComplain(1, 2))
    room.write(2, CeremonyComplain(1, 1))
    room.turn(3, 4)
    room.deadline()
    assert room.ceremony.participants == (3, 4)


def test_fewer_than_t_is_fatal() -> None:
    room = Room(3, 2)
    room.turn(1)
    refused("3.4", "organiser", room.deadline, r"without \[2, 3\]")
    room = Room(2, 2)
    room.frauds[2, CeremonyReveal] = tampered("proof", flipped)
    room.until(REVEAL)
    refused("3.4", "trustees", room.turn, r"without \[2\]")


def test_attempts_end_until_too_few_are_left() -> None:
    room = Room(5, 3)
    for out in (5, 2):
        room.until(REVEAL)
        room.turn(*(i for i in room.ceremony.participants if i != out))
        room.deadline()
    assert (room.ceremony.attempt, room.ceremony.participants) == (3, (1, 3, 4))
    room.finish()


@pytest.mark.parametrize("number", [COMMIT, REVEAL, DEAL, CONFIRM, SIGN])
def test_nothing_is_said_twice_or_out_of_its_round(number: int) -> None:
    room = Room()
    room.until(number)
    room.checkpoint()
    (payload,) = room.says(1)
    room.write(1, payload)
    before = room.ceremony.waiting_for()
    refused("3.1", "board", lambda: room.write(1, payload), "has done its part")
    assert room.ceremony.waiting_for() == before
    room.turn(2, 3)
    refused("3.1", "board", lambda: room.write(1, payload), f"comes in round {number + 1}")
    room.finish()


def test_nothing_comes_before_its_round() -> None:
    room = Room()
    early: list[Payload] = [
        CeremonyReveal(1, bytes(64), bytes(64)),
        CeremonyDeal(1, bytes(160)),
        CeremonyConfirm(1),
        CeremonyComplain(1, 2),
        CeremonyAnswer(1, 2, bytes(32)),
        CeremonySign(1, bytes(32), bytes(96), 1, ROOT),
    ]
    for payload in early:
        refused("3.1", "board", lambda payload=payload: room.write(1, payload), "comes in round 1")
    room.finish()


def test_nothing_of_another_attempt_counts() -> None:
    room = Room(4, 2)
    commits = room.says(1)
    room.turn()
    reveals = room.says(1)
    room.turn(1, 3, 4)
    room.deadline()
    room.until(REVEAL)
    for payload in commits + reveals:
        refused("3.1", "board", lambda payload=payload: room.write(1, payload), "of attempt 1 comes in")
        again = replace(payload, attempt=3)
        refused("3.1", "board", lambda again=again: room.write(1, again), "of attempt 3 comes in")
    reveal = replace(reveals[0], attempt=2)
    refused("3.2", "trustee 1", lambda: room.write(1, reveal), "do not open")


def test_who_is_out_or_nobody_takes_no_part() -> None:
    room = Room()
    room.turn(1, 3)
    room.deadline()
    commit = CeremonyCommit(2, bytes(32), bytes(32))
    refused("3.1", "board", lambda: room.write(2, commit), "no participant")
    key = room.keys.organiser
    data = entries.encode(commit, room.definition.hash, key.public.raw, key.sign)
    stranger = f"key {key.public.raw.hex()}"
    refused("3.1", stranger, lambda: room.ceremony.apply(99, entries.decode(data)), "not a trustee")


def test_complaints_have_their_rules() -> None:
    room = accused_room()
    for accused, complaint in ((3, "before"), (1, "dealt it nothing"), (9, "dealt it nothing"), (0, "dealt")):
        payload = CeremonyComplain(1, accused)
        culprit = "board" if complaint == "before" else "trustee 1"
        refused("3.1", culprit, lambda payload=payload: room.write(1, payload), complaint)
    refused("3.1", "board", lambda: room.write(2, CeremonyComplain(1, 3)), "has done its part")
    room.finish()


def test_answers_answer_complaints_once() -> None:
    room = accused_room()
    answer = room.says(3)[0]
    assert isinstance(answer, CeremonyAnswer)
    refused("3.1", "trustee 2", lambda: room.write(2, answer), "has not complained")
    refused("3.1", "trustee 3", lambda: room.write(3, replace(answer, complainant=2)), "has not complained")
    room.write(3, answer)
    refused("3.1", "board", lambda: room.write(3, answer), "has answered 1 before")
    room.finish()


def test_who_has_confirmed_still_answers() -> None:
    room = Room()
    room.frauds[1, CeremonyDeal] = spoilt(1)
    room.until(CONFIRM)
    room.turn(1, 2, 3)
    assert room.ceremony.current.confirmed == {1, 2}
    assert room.ceremony.waiting_for() == (1, 3)
    room.turn(1)
    assert room.ceremony.waiting_for() == (3,)
    room.finish()


@pytest.mark.parametrize(
    "change",
    [
        {"key": ROOT},
        {"publics": bytes(96)},
        {"publics": b""},
        {"size": 1},
        {"root": bytes(32)},
    ],
)
def test_only_the_result_at_the_right_checkpoint_is_signed(change: dict[str, object]) -> None:
    room = Room()
    room.until(SIGN)
    room.checkpoint()
    (right,) = room.says(1)
    refused("3.3", "trustee 1", lambda: room.write(1, replace(right, **change)), "signs something else")
    assert room.ceremony.waiting_for() == (1, 2, 3)
    room.finish()


def test_the_checkpoint_to_sign_is_the_first_that_covers_round_4() -> None:
    room = Room()
    room.until(SIGN)
    ended = room.index - 1
    assert room.says(1) == []
    result = room.ceremony.current.result
    assert result is not None
    early = CeremonySign(1, result.point, result.joined_shares, ended + 1, ROOT)
    refused("3.3", "trustee 1", lambda: room.write(1, early))
    room.witness(ended, bytes(32))
    assert room.says(1) == []
    room.witness(ended + 1, ROOT)
    room.witness(ended + 3, bytes(32))
    assert room.says(1) == [early]
    room.finish()


def test_deadlines_are_of_the_round_at_hand() -> None:
    room = Room()
    room.until(REVEAL)
    for attempt, number in ((1, COMMIT), (1, DEAL), (0, REVEAL), (2, REVEAL), (1, 0)):
        deadline = CeremonyDeadline(attempt, number, 0)
        refused("3.1", "board", lambda deadline=deadline: room.write(0, deadline), "comes in round 2")
    room.finish()
    refused("3.1", "board", lambda: room.write(0, CeremonyDeadline(1, COMPLETE, 0)))
    refused("3.1", "board", lambda: room.write(0, CeremonyDeadline(1, SIGN, 0)))
    assert room.ceremony.complete


def test_shares_of_an_attempt_do_not_outlive_it() -> None:
    room = Room()
    room.until(SIGN)
    shares = [room.secret(index).share for index in (1, 2)]
    room.checkpoint()
    room.turn(1, 2)
    room.deadline()
    room.finish()
    assert [room.secret(index).share for index in (1, 2)] != shares
