"""The registrar: one group a token, no batch too small, and nothing kept that should be forgotten."""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path

import pytest

from psephos.crypto.column import KeyIndex
from psephos.crypto.signature import PublicKey
from psephos.errors import DatabaseError, FormatError, PhaseError
from psephos.keystore.lock import Lock
from psephos.keystore.store import KeyStore
from psephos.protocol.bundle import Bundles
from psephos.protocol.enrolment.group import sign_groups
from psephos.protocol.enrolment.roster import Roster, add_batch, add_issued, add_roll
from psephos.protocol.enrolment.token import Opening
from psephos.protocol.entry import (
    Batch,
    GroupReceipt,
    Issued,
    Part,
    Refusal,
    Roll,
    decode,
    encode_body,
    seal,
)
from psephos.protocol.proofs import Proofs
from psephos.protocol.shelf import MemoryShelf
from psephos.registrar.registrar import Registrar
from psephos.voter.enrolment import check_receipts, is_kept
from tests.protocol.enrolling import Referendum, payloads, reasons


class Board:
    """Takes the registrar's entries as the fold does."""

    def __init__(self, referendum: Referendum) -> None:
        self.referendum = referendum
        shelf = MemoryShelf()
        self.bundles = Bundles(shelf)
        index = KeyIndex()
        self.rosters = [Roster(region.index, shelf, index) for region in referendum.definition.regions]

    def take(self, entries: Sequence[bytes]) -> list:
        return [self._take(decode(entry)) for entry in entries][-1:]

    def _take(self, entry):
        registrar = self.referendum.keys.registrar.public.raw
        assert entry.author == registrar
        PublicKey(registrar).verify(entry.signed_bytes, entry.signature)
        scope = entry.payload.scope == "election"
        assert entry.referendum == (self.referendum.election if scope else self.referendum.definition.hash)
        payload = entry.payload
        if isinstance(payload, Part):
            self.bundles.add(entry.author, 0, payload)
            return payload
        content = partial(self.bundles.read, entry.author, payload.digest)
        roster = self.rosters[payload.region]
        if isinstance(payload, Roll):
            add_roll(roster, payload, content)
        elif isinstance(payload, Batch):
            add_batch(*self.referendum.context, roster, payload, content, Proofs())
        elif isinstance(payload, Issued):
            add_issued(roster, payload, content)
        return payload


class Enrolment:
    """A registrar, a board, and voters with their tokens."""

    def __init__(self, tmp_path: Path, voters: int = 12, decoys: int = 1, **shape) -> None:
        self.referendum = Referendum(**shape)
        self.path = tmp_path / "registrar"
        openings = [self.referendum.openings(voters) for _ in self.referendum.definition.regions]
        self.registrar = self.referendum.registrar(self.path, openings)
        self.board = Board(self.referendum)
        for roster in self.board.rosters:
            self.board.take(self.registrar.roll_entries(roster.region))
            assert roster.roll is not None
        self.openings = openings
        tokens = self.referendum.tokens(self.registrar, 0, openings[0], decoys)
        self.voters = [some[0] for some in tokens]
        self.decoys = [one for some in tokens for one in some[1:]]

    def restart(self) -> None:
        """The registrar comes back with what it has on disk."""
        self.registrar.close()
        self.registrar = self.referendum.registrar(self.path)

    def enrol(self, tokens) -> list[GroupReceipt | Refusal]:
        drafts = self.referendum.drafts(tokens)
        answers = self.registrar.enrol(sign_groups(drafts, self.referendum.seed()))
        return check_receipts(self.referendum.definition, self.referendum.election, drafts, answers)


@pytest.fixture
def enrolment(tmp_path):
    made = Enrolment(tmp_path)
    yield made
    made.registrar.close()


def test_the_honest_path_gives_batches_that_pass_every_check(enrolment) -> None:
    receipts = enrolment.enrol([*enrolment.voters[:7], *enrolment.decoys[:3], *enrolment.voters[7:]])
    roster, found = enrolment.board.rosters[0], []
    assert [is_kept(roster, receipt) for receipt in receipts] == [None] * 15
    while entries := enrolment.registrar.cut(0):
        found += enrolment.board.take(entries)
    found += enrolment.board.take(enrolment.registrar.close_enrolment(0))
    assert [(one.batch, one.voters, one.last, one.small) for one in found] == [
        (1, 3, 0, 0),
        (2, 3, 0, 0),
        (3, 3, 0, 0),
        (4, 3, 1, 0),
    ]
    assert sum(one.groups for one in found) == 15
    assert [is_kept(roster, receipt) for receipt in receipts] == [True] * 15
    assert not is_kept(roster, replace(receipts[0], commitment=bytes(32)))
    [issued] = enrolment.board.take(enrolment.registrar.issued_entries(0))
    assert issued.size == 12
    assert roster.voters == 12


def test_a_batch_waits_until_as_many_wait_behind_it(enrolment) -> None:
    batches = [one.batch for one in enrolment.enrol(enrolment.voters[:5])]
    assert batches == [1, 1, 1, 2, 2]
    assert enrolment.registrar.cut(0) == []
    [decoy, voter] = enrolment.enrol([enrolment.decoys[0], enrolment.voters[5]])
    assert (decoy.batch, voter.batch) == (2, 2)
    [first] = enrolment.board.take(enrolment.registrar.cut(0))
    assert (first.batch, first.groups) == (1, 3)
    assert enrolment.registrar.cut(0) == []
    assert enrolment.registrar.cut(1) == []


def test_what_is_left_joins_the_last_batch_whatever_its_receipts_say(enrolment) -> None:
    receipts = enrolment.enrol(enrolment.voters[:8])
    assert {one.batch for one in receipts} == {1, 2, 3}
    enrolment.board.take(enrolment.registrar.cut(0))
    [last] = enrolment.board.take(enrolment.registrar.close_enrolment(0))
    assert (last.batch, last.voters, last.last) == (2, 5, 1)
    assert all(is_kept(enrolment.board.rosters[0], one) for one in receipts)


def test_a_small_region_has_one_small_batch(enrolment) -> None:
    enrolment.enrol([*enrolment.voters[:2], *enrolment.decoys[:2]])
    [last] = enrolment.board.take(enrolment.registrar.close_enrolment(0))
    assert (last.batch, last.voters, last.groups, last.last, last.small) == (1, 2, 4, 1, 1)


def test_a_region_without_voters_has_no_batch(enrolment) -> None:
    enrolment.enrol(enrolment.decoys[:2])
    assert enrolment.registrar.close_enrolment(0) == []
    assert enrolment.registrar.close_enrolment(1) == []
    assert enrolment.registrar.batch_entries(0, 1) == []
    assert len(enrolment.registrar.issued_entries(0)) == 2


def test_batches_can_be_had_again_and_do_not_change(enrolment) -> None:
    enrolment.enrol(enrolment.voters)
    cut, last = enrolment.registrar.cut(0), enrolment.registrar.close_enrolment(0)
    enrolment.restart()
    assert enrolment.registrar.batch_entries(0, 1) == cut
    assert enrolment.registrar.close_enrolment(0) == last
    assert enrolment.registrar.cut(0) == []


def test_after_a_restart_waiting_groups_still_wait(enrolment) -> None:
    first = enrolment.enrol(enrolment.voters[:4])
    enrolment.restart()
    second = enrolment.enrol(enrolment.voters[4:7])
    assert [one.batch for one in first + second] == [1, 1, 1, 2, 2, 2, 3]
    assert enrolment.board.take(enrolment.registrar.cut(0))[0].voters == 3


# Refusals


def test_the_same_group_again_has_the_same_receipt(enrolment) -> None:
    [message] = enrolment.referendum.groups(enrolment.voters[:1])
    first = enrolment.registrar.enrol([message, message])
    enrolment.enrol(enrolment.voters[1:])
    enrolment.restart()
    assert enrolment.registrar.enrol([message]) == first[:1] == first[1:]
    enrolment.board.take(enrolment.registrar.cut(0))
    enrolment.board.take(enrolment.registrar.close_enrolment(0))
    assert enrolment.registrar.enrol([message]) == first[:1]


def test_a_spent_token_admits_nothing_else_and_shows_what_it_was_spent_on(enrolment) -> None:
    drafts = enrolment.referendum.drafts(enrolment.voters[:1] * 3)
    first, second, third = sign_groups(drafts, enrolment.referendum.seed())
    receipt, refusal = payloads(enrolment.registrar.enrol([first, second]))
    assert isinstance(receipt, GroupReceipt)
    assert (refusal.reason, refusal.evidence) == ("spent", drafts[0].commitment)
    assert refusal.request == decode(second, message=True).body_hash
    enrolment.restart()
    [refusal] = payloads(enrolment.registrar.enrol([third]))
    assert (refusal.reason, refusal.evidence) == ("spent", drafts[0].commitment)


def test_a_card_is_enrolled_once(enrolment) -> None:
    referendum = enrolment.referendum
    drafts = referendum.drafts(enrolment.voters[:4])
    copies = []
    for draft, token in zip(drafts[:3], enrolment.voters[4:7], strict=True):
        payload = decode(seal(draft.body, bytes(64)), message=True).payload
        body = encode_body(replace(payload, output=token.output), referendum.election, token.key)
        again = referendum.drafts([token])[0]
        again.body = body
        copies += sign_groups([again], referendum.seed())
    messages = sign_groups(drafts, referendum.seed())
    answers = enrolment.registrar.enrol([messages[0], copies[0], *messages[1:]])
    assert reasons(answers) == ["group-receipt", "card", "group-receipt", "group-receipt", "group-receipt"]
    assert reasons(enrolment.registrar.enrol(copies[1:2])) == ["card"]
    assert enrolment.enrol(enrolment.voters[7:])[0].batch == 2
    assert enrolment.registrar.cut(0)
    enrolment.restart()
    assert reasons(enrolment.registrar.enrol(copies)) == ["card"] * 3


def test_a_refused_group_leaves_its_token_unspent(enrolment) -> None:
    referendum, token = enrolment.referendum, enrolment.voters[0]
    [message] = referendum.groups([token])
    broken = message[:-1] + bytes([message[-1] ^ 1])
    assert reasons(enrolment.registrar.enrol([broken, message])) == ["token", "group-receipt"]


def test_tokens_of_nobody_another_kind_or_region_admit_nothing(enrolment) -> None:
    referendum = enrolment.referendum
    voter, decoy = enrolment.voters[0], enrolment.decoys[0]
    [[elsewhere]] = referendum.tokens(enrolment.registrar, 1, enrolment.openings[1][:1])
    wrong = [
        replace(voter, output=bytes(64)),
        replace(voter, output=enrolment.voters[1].output),
        replace(decoy, kind=1),
        replace(voter, kind=0),
        replace(voter, region=1),
        replace(elsewhere, region=0),
    ]
    assert reasons(enrolment.registrar.enrol(referendum.groups(wrong, 3))) == ["token"] * 6
    right = referendum.groups([voter, decoy, elsewhere], 3)
    assert reasons(enrolment.registrar.enrol(right)) == ["group-receipt"] * 3


def test_what_does_not_weigh_its_kind_is_refused(enrolment) -> None:
    referendum = enrolment.referendum
    [draft] = referendum.drafts(enrolment.voters[:1])
    payload = decode(seal(draft.body, bytes(64)), message=True).payload
    draft.body = encode_body(replace(payload, randomness=bytes(32)), referendum.election, draft.token.key)
    answers = enrolment.registrar.enrol([*sign_groups([draft], referendum.seed()), b"nothing"])
    assert reasons(answers) == ["proof", "form"]


def test_nothing_is_issued_or_enrolled_after_the_close(enrolment) -> None:
    referendum = enrolment.referendum
    enrolment.enrol(enrolment.voters[:3])
    late = referendum.groups(enrolment.voters[3:4])
    enrolment.registrar.close_enrolment(0)
    enrolment.registrar.close_enrolment(1)
    assert reasons(enrolment.registrar.enrol(late)) == ["closed"]
    [refusal] = referendum.tokens(enrolment.registrar, 1, enrolment.openings[1][:1])
    assert refusal.reason == "closed"


def test_a_group_that_could_not_be_written_down_was_not_taken(enrolment) -> None:
    messages = enrolment.referendum.groups(enrolment.voters[:2])
    batches = enrolment.registrar._batches

    def fail(*_):
        raise sqlite3.OperationalError("disk is full")

    batches.add = fail
    with pytest.raises(DatabaseError, match="disk is full"):
        enrolment.registrar.enrol(messages)
    del batches.add
    assert reasons(enrolment.registrar.enrol(messages)) == ["group-receipt"] * 2


# The roll and the keys


def test_a_roll_is_fixed_once_it_is_given_out(tmp_path) -> None:
    referendum = Referendum()
    voters = referendum.openings(3)
    with referendum.registrar(tmp_path / "registrar", [voters[:2]]) as registrar:
        with pytest.raises(FormatError):
            registrar.enter(0, [voters[2], Opening(bytes(16), voters[0].voter)])
        with pytest.raises(FormatError):
            registrar.enter(0, [Opening(bytes(15), "short of salt")])
        entries = registrar.roll_entries(0)
        assert decode(entries[-1]).payload.size == 2
        with pytest.raises(PhaseError):
            registrar.enter(0, voters[2:])
        assert registrar.roll_entries(0) == entries


def test_issued_hashes_come_after_the_close(enrolment) -> None:
    with pytest.raises(PhaseError):
        enrolment.registrar.issued_entries(0)


def test_the_registrar_refuses_keys_and_states_that_are_not_its_own(tmp_path) -> None:
    referendum, other = Referendum(), Referendum(seed=bytes([1]) * 32)
    path, secrets = tmp_path / "registrar", KeyStore(tmp_path / "keys", Lock.draw())
    with pytest.raises(FormatError):
        Registrar(path, referendum.definition, other.keys.registrar, secrets)
    with Registrar(path, referendum.definition, referendum.keys.registrar, secrets) as registrar:
        with pytest.raises(FormatError):
            registrar.keep_token_keys(0, referendum.keys.decoy_tokens[0], referendum.keys.voter_tokens[0])
        with pytest.raises(FormatError):
            registrar.keep_token_keys(0, referendum.keys.voter_tokens[0], None)
        with pytest.raises(PhaseError, match="ceremony"):
            registrar.enrol([])
        registrar.begin(referendum.election, referendum.key)
        with pytest.raises(PhaseError, match="election"):
            registrar.begin(bytes(32), referendum.key)
    with pytest.raises(PhaseError, match="definition"):
        Registrar(path, other.definition, other.keys.registrar, secrets)


def files(path: Path) -> bytes:
    """All bytes that the state has on disk: the database and whatever lies beside it."""
    return b"".join(one.read_bytes() for one in sorted(path.parent.rglob("*")) if one.is_file())


def test_token_keys_are_on_disk_only_sealed(tmp_path) -> None:
    enrolment = Enrolment(tmp_path, voters=3)
    enrolment.restart()
    answers = enrolment.registrar.enrol(enrolment.referendum.groups(enrolment.voters))
    assert reasons(answers) == ["group-receipt"] * 3
    keys = enrolment.referendum.keys
    secrets = KeyStore(tmp_path / "registrar-keys", enrolment.referendum.lock)
    for region, pair in enumerate(zip(keys.voter_tokens, keys.decoy_tokens, strict=True)):
        assert (secrets.read(f"voter-token-{region}"), secrets.read(f"decoy-token-{region}")) == pair
        assert not any(secret in files(enrolment.path) for secret in pair)
    enrolment.registrar.close()


# One card, no weights


def test_without_decoys_batches_have_any_size(tmp_path) -> None:
    enrolment = Enrolment(tmp_path, voters=8, decoys=0, cards=1)
    receipts = enrolment.enrol(enrolment.voters[:4])
    found = enrolment.board.take(enrolment.registrar.cut(0))
    assert enrolment.registrar.cut(0) == []
    receipts += enrolment.enrol(enrolment.voters[4:5])
    found += enrolment.board.take(enrolment.registrar.close_enrolment(0))
    assert [(one.voters, one.cards, one.last, one.small) for one in found] == [(3, 3, 0, 0), (2, 2, 1, 0)]
    assert all(is_kept(enrolment.board.rosters[0], one) for one in receipts)
    assert enrolment.board.take(enrolment.registrar.issued_entries(0))[0].size == 8
    enrolment.registrar.close()


def test_two_thousand_groups_in_one_call(tmp_path, capsys) -> None:
    many = 2_000
    enrolment = Enrolment(tmp_path, voters=many, decoys=0, min_batch=500)
    messages = enrolment.referendum.groups(enrolment.voters)
    cards = sum(len(decode(message, message=True).payload.cards) for message in messages) // 384
    start = time.perf_counter()
    answers = enrolment.registrar.enrol(messages)
    taken = (time.perf_counter() - start) / many * 1e6
    assert reasons(answers) == ["group-receipt"] * many
    with capsys.disabled():
        print(f" [{taken:.0f} us a group of {cards / many:.1f} cards]", end="")
    start = time.perf_counter()
    entries = enrolment.registrar.cut(0)
    print(f"cut {(time.perf_counter() - start) * 1e3:.0f} ms")
    assert enrolment.board.take(entries)[0].voters == 500
    enrolment.registrar.close()
