"""Cheats of the ceremony as the record tells them: who cheats is named and out; the key is the others'.

What each cheat is in itself stands in the ceremony's own tests; here it goes through log and fold.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest

from psephos.crypto.group import base_multiples, random_scalars
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
from psephos.protocol.setup.dealing import Dealer, Secret, advance
from psephos.simulation.adversary import fatal, fork, refused
from psephos.simulation.definitions import HARBOUR, sample
from psephos.simulation.referendum import Referendum
from tests.attacks.scenes import begun

Fraud = Callable[[Payload], Payload]


def published(trustees: int = 3, *, token_keys: bool = True) -> Referendum:
    """The definition is logged, and the keys for tokens, without which nobody signs."""
    document, keys = sample(trustees=trustees, threshold=2)
    referendum = Referendum(document, keys)
    referendum.publish()
    for registrar in referendum.registrars if token_keys else ():
        referendum.log(*referendum.token_keys(registrar))
    return referendum


def says(referendum: Referendum, trustee: int) -> list[Payload]:
    """What an honest trustee would log now."""
    ceremony = referendum.record.ceremony
    secret, payloads = advance(ceremony, trustee, referendum.secrets.get(trustee), referendum.random(64))
    if secret is not None:
        referendum.secrets[trustee] = secret
    return payloads


def write(referendum: Referendum, trustee: int, *payloads: Payload) -> list[tuple[str, str]]:
    key = referendum.keys.trustees[trustee - 1]
    return refused(referendum, *(referendum.write(payload, key) for payload in payloads))


def until(referendum: Referendum, number: int) -> Referendum:
    """Everybody is honest up to a round."""
    ceremony = referendum.record.ceremony
    while ceremony.round < number:
        assert not ceremony.waits_for_registrars
        if ceremony.round == SIGN and ceremony.statement() is None:
            referendum.checkpoint()
        for trustee in ceremony.participants:
            assert write(referendum, trustee, *says(referendum, trustee)) == []
    return referendum


def flipped(data: bytes) -> bytes:
    return data[:-1] + bytes([data[-1] ^ 1])


CHEATS: dict[str, tuple[int, Fraud]] = {
    "points that do not open the commitment": (
        REVEAL,
        lambda p: replace(p, points=p.points[32:] + p.points[:32]),  # type: ignore[attr-defined, call-arg]
    ),
    "one point too few": (REVEAL, lambda p: replace(p, points=p.points[:32])),  # type: ignore[attr-defined, call-arg]
    "a constant term that is not proven": (
        REVEAL,
        lambda p: replace(p, proof=flipped(p.proof)),  # type: ignore[attr-defined, call-arg]
    ),
    "a deal of another length": (DEAL, lambda p: replace(p, sealed=p.sealed[:-1])),  # type: ignore[attr-defined, call-arg]
}


@pytest.mark.parametrize("name", CHEATS)
def test_who_cheats_is_named_and_the_others_make_the_key(name: str) -> None:
    number, fraud = CHEATS[name]
    referendum = until(published(), number)
    (payload,) = says(referendum, 2)
    assert write(referendum, 2, fraud(payload)) == [("3.2", "trustee 2")]
    until(referendum, COMPLETE)
    assert referendum.record.joint_key.participants == (1, 3)
    assert referendum.record.joint_key.attempt == 2
    assert [void.check for void in referendum.record.void] == ["3.2"]


def test_a_share_that_does_not_open_costs_the_dealer_its_place() -> None:
    """Complaint, a wrong answer in the clear, and the next attempt without who dealt badly."""
    referendum = until(published(), DEAL)
    (deal,) = says(referendum, 3)
    assert isinstance(deal, CeremonyDeal)
    assert write(referendum, 3, replace(deal, sealed=flipped(deal.sealed[:80]) + deal.sealed[80:])) == []
    for trustee in (1, 2):
        assert write(referendum, trustee, *says(referendum, trustee)) == []
    assert says(referendum, 1) == [CeremonyComplain(1, 3)]
    assert write(referendum, 1, CeremonyComplain(1, 3)) == []
    assert write(referendum, 3, CeremonyAnswer(1, 1, random_scalars(bytes(32), 1))) == [("3.2", "trustee 3")]
    until(referendum, COMPLETE)
    assert referendum.record.joint_key.participants == (1, 2)


def test_a_false_complaint_lays_one_share_open_and_nothing_else() -> None:
    referendum = until(published(), CONFIRM)
    assert write(referendum, 1, CeremonyComplain(1, 3)) == []
    answer = next(payload for payload in says(referendum, 3) if isinstance(payload, CeremonyAnswer))
    assert write(referendum, 3, answer) == []
    until(referendum, COMPLETE)
    assert referendum.record.joint_key.attempt == 1
    assert write(referendum, 1, CeremonyComplain(1, 2)) == [("3.1", "board")]


def test_a_key_copied_from_another_cannot_be_revealed() -> None:
    """A rogue key would cancel the others': commitments come first, and the constant term must be known."""
    referendum = until(published(), REVEAL)
    (honest,) = says(referendum, 1)
    assert isinstance(honest, CeremonyReveal)
    assert write(referendum, 1, honest) == []
    assert write(referendum, 2, honest) == [("3.2", "trustee 2")]
    until(referendum, COMPLETE)
    assert referendum.record.joint_key.participants == (1, 3)


def test_who_copies_a_commitment_cannot_open_it() -> None:
    """The commitment is bound to its trustee: the same bytes under another name do not open."""
    referendum = published()
    (commit,) = says(referendum, 1)
    assert write(referendum, 1, commit) == []
    assert write(referendum, 2, commit) == []
    assert write(referendum, 3, *says(referendum, 3)) == []
    (reveal,) = says(referendum, 1)
    assert write(referendum, 1, reveal) == []
    assert write(referendum, 2, reveal) == [("3.2", "trustee 2")]


SIGNED: dict[str, dict[str, object]] = {
    "another key": {"key": base_multiples(random_scalars(bytes(32), 1))},
    "others' publics": {"publics": bytes(96)},
    "no publics": {"publics": b""},
    "another size": {"size": 1},
    "another root": {"root": bytes(32)},
    "another attempt": {"attempt": 2},
}


@pytest.mark.parametrize("name", SIGNED)
def test_only_the_ceremonys_result_is_signed(name: str) -> None:
    referendum = until(published(), SIGN)
    referendum.checkpoint()
    (right,) = says(referendum, 2)
    refusal = ("3.1", "board") if name == "another attempt" else ("3.3", "trustee 2")
    assert write(referendum, 2, replace(right, **SIGNED[name])) == [refusal]  # type: ignore[arg-type]
    until(referendum, COMPLETE)
    assert referendum.record.joint_key.attempt == 1


def test_nothing_is_signed_before_a_witnessed_checkpoint_has_the_transcript() -> None:
    referendum = until(published(), SIGN)
    result = referendum.record.ceremony.current.result
    assert result is not None
    size = len(referendum.logged)
    early = CeremonySign(1, result.point, result.joined_shares, size, referendum.root(size))
    assert write(referendum, 1, early) == [("3.3", "trustee 1")]
    unwitnessed = referendum.write(
        entries.CheckpointEntry(referendum.note(witnesses=(0,))), referendum.keys.board
    )
    assert refused(referendum, unwitnessed) == [("1.8", "board")]
    assert referendum.record.ceremony.statement() is None


def test_nothing_is_signed_before_the_registrars_keys_for_tokens_are_logged() -> None:
    """Else a registrar could choose its keys for an election whose hash is already fixed."""
    referendum = until(published(token_keys=False), SIGN)
    referendum.checkpoint()
    result, size = referendum.record.ceremony.current.result, len(referendum.logged)
    assert result is not None
    early = CeremonySign(1, result.point, result.joined_shares, size, referendum.root(size))
    assert write(referendum, 1, early) == [("3.1", "board")]
    assert referendum.record.ceremony.waits_for_registrars


@pytest.mark.parametrize("number", [COMMIT, REVEAL, DEAL, CONFIRM, SIGN])
def test_parts_come_once_and_in_their_round(number: int) -> None:
    referendum = until(published(), number)
    if number == SIGN:
        referendum.checkpoint()
    payloads = says(referendum, 1)
    assert write(referendum, 1, *payloads) == []
    assert write(referendum, 1, payloads[-1]) == [("3.1", "board")]
    for payload in (
        CeremonyCommit(1, bytes(32), bytes(32)),
        CeremonyConfirm(1),
        CeremonyReveal(1, b"", bytes(64)),
    ):
        if type(payload) is not type(payloads[-1]):
            assert write(referendum, 2, replace(payload, attempt=9)) == [("3.1", "board")]


def deadline(referendum: Referendum, *, shift: int = 0, round_: int = COMMIT) -> bytes:
    """A deadline of attempt 1, `shift` seconds from the earliest time that it may name."""
    referendum.checkpoint()
    time = (referendum.record.ceremony.earliest_deadline() or 0) + shift
    return referendum.write(CeremonyDeadline(1, round_, time), referendum.keys.organiser)


def test_the_organiser_can_drop_the_late_but_no_more_than_can_be_missed() -> None:
    referendum = published()
    assert write(referendum, 1, *says(referendum, 1)) == []
    late = deadline(referendum)
    referendum.now += referendum.definition.tolerance
    referendum.checkpoint()
    assert fatal(referendum, late) == ("3.4", "organiser")
    lucky = published()
    for trustee in (1, 2):
        assert write(lucky, trustee, *says(lucky, trustee)) == []
    late = deadline(lucky)
    lucky.now += lucky.definition.tolerance
    lucky.checkpoint()
    assert refused(lucky, late, late) == [("3.1", "board")]
    assert lucky.record.ceremony.participants == (1, 2)


def test_a_deadline_before_its_time_drops_nobody_whoever_hurries() -> None:
    hasty = published()
    early = hasty.write(CeremonyDeadline(1, COMMIT, hasty.now), hasty.keys.organiser)
    assert refused(hasty, early) == [("3.1", "board")]  # nobody saw the round begin
    assert refused(hasty, deadline(hasty, shift=-1)) == [("3.1", "board")]
    assert refused(hasty, deadline(hasty)) == [("3.1", "board")]  # its time has not come
    assert hasty.record.ceremony.participants == (1, 2, 3)


def test_a_ceremony_never_ends_with_fewer_than_can_close() -> None:
    document, keys = sample(regions=("athens",), questions=(HARBOUR,), trustees=5, threshold=3, close=4)
    referendum = Referendum(document, keys)
    referendum.publish()
    for trustee in (1, 2, 3):
        assert write(referendum, trustee, *says(referendum, trustee)) == []
    late = deadline(referendum)
    referendum.now += referendum.definition.tolerance
    referendum.checkpoint()
    assert fatal(referendum, late) == ("3.4", "organiser")


@pytest.mark.parametrize("wrong", [(1, REVEAL), (2, COMMIT), (1, 0), (1, 9), (0, COMMIT)])
def test_deadlines_of_other_rounds_drop_nobody(wrong: tuple[int, int]) -> None:
    referendum = published()
    data = referendum.write(CeremonyDeadline(*wrong, 0), referendum.keys.organiser)
    assert refused(referendum, data) == [("3.1", "board")]
    assert referendum.record.ceremony.participants == (1, 2, 3)


def test_nothing_of_the_ceremony_counts_after_its_end() -> None:
    referendum = begun()
    key = referendum.record.joint_key.point
    for at in range(1, len(referendum.logged)):
        payload = entries.decode(referendum.logged[at]).payload
        if payload.type_name().startswith("ceremony-"):
            tried = fork(referendum)
            ((check, _),) = refused(tried, referendum.logged[at])
            assert check == "3.1"
            assert tried.record.joint_key.point == key
    late = referendum.write(CeremonyDeadline(1, COMPLETE, 0), referendum.keys.organiser)
    assert refused(referendum, late) == [("3.1", "board")]


def test_keys_that_cancel_are_fatal() -> None:
    """All three together, for nobody alone can: the joint key is the identity."""
    order = 2**252 + 27742317777372353535851937790883648493
    referendum = published()
    constants = [5, 7, order - 12]
    for trustee, constant in enumerate(constants, 1):
        coefficients = constant.to_bytes(32, "little") + random_scalars(bytes([trustee]) * 32, 1)
        referendum.secrets[trustee] = Secret(1, coefficients, bytes([trustee]) * 32)
        dealer = Dealer(referendum.record.ceremony, trustee, referendum.secrets[trustee])
        assert write(referendum, trustee, dealer.commit()) == []
    until(referendum, CONFIRM)
    for trustee in (1, 2):
        assert write(referendum, trustee, *says(referendum, trustee)) == []
    last = [referendum.write(payload, referendum.keys.trustees[2]) for payload in says(referendum, 3)]
    assert fatal(referendum, *last) == ("3.4", "trustees")
