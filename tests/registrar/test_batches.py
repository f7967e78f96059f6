"""Batches: the lead cuts what all have signed that they admitted, the others endorse that alone."""

from __future__ import annotations

import os
from hashlib import sha256

import pytest

from psephos.crypto.column import rows
from psephos.keystore.lock import Lock
from psephos.keystore.store import KeyStore
from psephos.protocol.enrolment import agreement
from psephos.protocol.entries import Batch, BatchQuery, CardReceipt, Endorse, Given, Issued, Part
from psephos.registrar import attempts, endorsing
from psephos.registrar.cards import lacking
from psephos.registrar.registrar import NoAddress, Registrar
from psephos.registrar.shown import about_batch, about_card
from psephos.registrar.store import RegistrarStore
from psephos.simulation.definitions import sample
from psephos.simulation.referendum import Referendum
from tests.registrar.registering import Town, payloads


@pytest.fixture
def town(tmp_path):
    made = Town(tmp_path)
    yield made
    made.close()


@pytest.fixture
def patient(tmp_path):
    """With one batch, after the close."""
    made = Town(tmp_path, min_batch=1000)
    yield made
    made.close()


def test_two_registrars_enrol_from_token_keys_to_issued(town) -> None:
    roster = town.held.record.rosters[0]
    for voter in town.voters[:6]:
        draft, made = town.enrol(voter, 3)
        for receipts in town.admit(made).values():
            assert [type(receipt) for receipt in receipts] == [CardReceipt] * 3
    assert [batch.cards for batch in roster.batches] == [15]
    town.shut()
    logged = town.turn()
    assert [type(payload) for payload in logged if not isinstance(payload, Part)] == [
        Batch,
        Endorse,
        Issued,
        Issued,
    ]
    assert roster.complete
    assert roster.cards == 18
    assert roster.record(draft.records[:32]) == draft.records[:384]
    assert roster.issued_by(1) == roster.issued_by(2) == 6
    assert not town.held.record.void
    assert not town.turn()
    town.held.review(0)
    town.held.open(0, 1)
    assert not town.held.record.notices


def test_one_registrar_alone_needs_nobody(tmp_path) -> None:
    town = Town(tmp_path, registrars=1)
    for voter in town.voters:
        town.admit(town.enrol(voter)[1])
    town.shut()
    town.turn()
    roster = town.held.record.rosters[0]
    assert [(batch.cards, batch.last) for batch in roster.batches] == [(10, 0), (2, 1)]
    assert roster.issued_by(1) == 6
    town.close()


def test_without_decoys_several_registrars_work_the_same_way(tmp_path) -> None:
    town = Town(tmp_path, decoys=0, min_batch=2)
    for voter in town.voters[:3]:
        said = town.admit(town.enrol(voter, 1)[1])
        assert [type(receipts[0]) for receipts in said.values()] == [CardReceipt, CardReceipt]
    town.shut()
    town.turn()
    assert town.held.record.rosters[0].cards == 3
    assert not town.held.record.void
    town.close()


def test_nothing_is_cut_before_so_many_voters_were_given_tokens(town) -> None:
    roster = town.held.record.rosters[0]
    for voter in town.voters[:5]:
        town.admit(town.enrol(voter, 3)[1])
    town.turn()
    assert not roster.batches
    asked = town.ask_tokens(town.voters[5], town.draft())
    town.give(2, asked[2].message)
    town.turn()
    assert not roster.batches
    town.give(1, asked[1].message)
    town.turn()
    assert [batch.cards for batch in roster.batches] == [15]


def test_a_card_that_one_registrar_has_not_admitted_is_in_no_batch(town) -> None:
    lost = b""
    for voter in town.voters[:3]:
        draft, made = town.enrol(voter)
        if not lost:
            lost, made[2] = draft.records[:32], made[2][1:]
        town.admit(made)
    town.shut()
    town.turn()
    roster = town.held.record.rosters[0]
    assert roster.complete
    assert roster.cards == 5
    assert not roster.has(lost)


def test_a_registrar_endorses_no_card_that_it_has_not_admitted(patient) -> None:
    for voter in patient.voters[:3]:
        patient.admit(patient.enrol(voter)[1])
    patient.shut()
    patient.held.log(*patient.held.batch(0, [[1, 0]]))
    assert patient.one(2) == []
    assert patient.registrars[2].objections(patient.held.record) == {
        0: "batch 1 has 2 cards that were not admitted here"
    }


def test_who_cuts_what_another_never_admitted_is_named_with_it(patient, monkeypatch) -> None:
    """The other objects, once, and the region waits for both; what it found is not looked up at each pass."""
    roster, looked = patient.held.record.rosters[0], list[int]()
    monkeypatch.setattr(endorsing, "lacking", lambda *of: looked.append(1) or lacking(*of))
    for voter in patient.voters[:3]:
        patient.admit(patient.enrol(voter)[1])
    patient.shut()
    patient.held.log(*patient.held.batch(0, [[1, 0]]))
    assert patient.one(2) == []
    assert roster.waited_for() == [2]
    patient.held.now += 1200
    assert [payload.type_name() for payload in patient.one(2)] == ["objection"]
    assert patient.one(2) == []
    assert roster.waited_for() == [1, 2]
    assert len(looked) == 1
    patient.turn()
    patient.held.now += 601
    patient.turn()
    assert roster.complete
    assert not patient.held.record.void


def test_what_was_not_written_anew_is_written_anew_after_a_restart(patient, monkeypatch) -> None:
    """Else the order of cards would stay where the process ends right behind the batch's transaction."""
    for voter in patient.voters[:3]:
        patient.admit(patient.enrol(voter)[1])
    patient.shut()
    with monkeypatch.context() as broken:
        broken.setattr(RegistrarStore, "write_anew", lambda store: (_ for _ in ()).throw(KeyboardInterrupt))
        with pytest.raises(KeyboardInterrupt):
            patient.registrars[2].follow(patient.held.record)
    assert patient.registrars[2]._store.is_disordered
    patient.registrars[2].close()
    anew, written = RegistrarStore.write_anew, list[RegistrarStore]()
    monkeypatch.setattr(RegistrarStore, "write_anew", lambda store: written.append(store) or anew(store))
    patient.restart(2)
    patient.registrars[2].follow(patient.held.record)
    assert written == [patient.registrars[2]._store]
    assert not written[0].is_disordered


def test_in_the_last_hour_a_registrar_objects_at_once(patient) -> None:
    """A lead could else cut cards so late that nobody may object to them any more."""
    for voter in patient.voters[:3]:
        patient.admit(patient.enrol(voter)[1])
    patient.shut()
    patient.held.log(*patient.held.batch(0, [[1, 0]]))
    patient.held.now = patient.definition.regions[0].days[0].seal - 3_600
    assert patient.one(2) == []
    patient.restart(2)
    patient.held.now += 1
    assert [payload.type_name() for payload in patient.one(2)] == ["objection"]
    assert patient.held.record.rosters[0].waited_for() == [1, 2]


def test_a_registrar_shows_what_it_was_asked_about_a_batch(patient) -> None:
    for voter in patient.voters[:3]:
        patient.admit(patient.enrol(voter)[1])
    patient.shut()
    patient.turn()
    shown = [[*about_batch(one._store.read, 0, 1)] for one in patient.registrars.values()]
    assert shown[0] == shown[1]
    assert payloads(shown[0][0]) != []
    assert not [*about_batch(patient.registrars[2]._store.read, 0, 2)]


def test_a_registrar_endorses_no_batch_that_came_too_early(town) -> None:
    draft, made = town.enrol(town.voters[0])
    town.admit(made)
    records = draft.records
    batch = Batch(0, 1, 2, 0, sha256(records).digest())
    town.held.log(*town.held.bundle(records, batch, town.held.keys.registrars[0]))
    assert town.one(2) == []
    assert "fewer than 3" in town.registrars[2].objections(town.held.record)[0]


def test_the_lead_replaces_a_batch_of_which_another_has_lost_cards(patient) -> None:
    for voter in patient.voters[:3]:
        patient.admit(patient.enrol(voter)[1])
    patient.shut()
    patient.registrars[2].follow(patient.held.record)
    patient.turn([1])
    patient.ask([1, 2])
    [first] = [payload for payload in patient.turn([1]) if isinstance(payload, Batch)]
    assert first.cards == 6
    patient.registrars[2]._store.read("DELETE FROM new_cards WHERE card = (SELECT MIN(card) FROM new_cards)")
    assert patient.turn() == []
    patient.held.now += 601
    logged = patient.turn()
    assert [payload.cards for payload in logged if isinstance(payload, Batch)] == [5]
    assert patient.held.record.rosters[0].complete
    assert not patient.held.record.void


def test_a_registrar_that_does_not_answer_is_the_one_that_the_region_waits_for(patient) -> None:
    """By its silence it cannot have the log say that the lead did nothing."""
    roster = patient.held.record.rosters[0]
    for voter in patient.voters[:3]:
        patient.admit(patient.enrol(voter)[1])
    patient.shut()
    assert patient.turn([1]) == []
    assert roster.waited_for() == [1]
    patient.held.now += 601
    assert [payload.cards for payload in patient.turn([1]) if isinstance(payload, Batch)] == [6]
    assert roster.waited_for() == [2]
    assert patient.registrars[1].questions()
    patient.one(2)
    assert roster.complete
    patient.one(1)
    assert not patient.registrars[1].questions(), "what it would not answer any more is asked no more"
    assert not patient.held.record.void


def test_what_a_silent_registrar_lacks_is_cut_again_without_it(patient) -> None:
    lost = b""
    for voter in patient.voters[:3]:
        draft, made = patient.enrol(voter)
        if not lost:
            lost, made[2] = draft.records[:32], made[2][1:]
        patient.admit(made)
    patient.shut()
    patient.turn([1])
    patient.held.now += 601
    patient.turn([1])
    assert patient.one(2) == []
    patient.held.now += 601
    patient.turn()
    roster = patient.held.record.rosters[0]
    assert (roster.complete, roster.cards, roster.has(lost)) == (True, 5, False)
    assert not patient.held.record.void


def test_a_registrar_that_never_answers_fills_no_disk_of_the_lead(patient) -> None:
    """However long it is asked: a question takes the place of the one before."""
    for voter in patient.voters[:3]:
        patient.admit(patient.enrol(voter)[1])
    patient.shut()
    lead, sizes = patient.registrars[1], set()
    for _ in range(8):
        patient.turn([1])
        patient.held.now += 601
        tables = ("attempts", "queries")
        sizes.add(tuple(lead._store.read(f"SELECT count(*) FROM {table}")[0][0] for table in tables))
    assert max(sizes) <= (3, 2)
    assert len(lead.questions()) == 1
    patient.turn()
    assert patient.held.record.rosters[0].complete
    assert lead.questions() == []
    assert lead._store.read("SELECT 1 FROM queries WHERE answer IS NULL") == []


def test_a_lead_that_asks_without_end_fills_no_disk_of_another(patient, monkeypatch) -> None:
    monkeypatch.setattr(endorsing, "KEPT", 3)
    other = patient.registrars[2]
    for number in range(9):
        query = BatchQuery(0, 1, 0, sha256(bytes([number])).digest())
        message = patient.held.write(query, patient.held.keys.registrars[0])
        for _ in range(2):
            assert words([other.answer_query(message)]) == ["batch-answer"]
    assert other._store.read("SELECT count(*) FROM answers") == [(3,)]


def test_questions_come_a_few_at_a_time(patient, monkeypatch) -> None:
    monkeypatch.setattr(agreement, "MOST", 1)
    monkeypatch.setattr(attempts, "AT_ONCE", 2)
    for voter in patient.voters[:3]:
        patient.admit(patient.enrol(voter)[1])
    patient.shut()
    patient.one(1)
    assert len(patient.registrars[1].questions()) == 2
    for _ in range(3):
        patient.turn()
    assert patient.held.record.rosters[0].cards == 6


def test_token_keys_are_made_with_an_address_where_there_are_relays(tmp_path) -> None:
    """It would come out when tokens are spent that no relay can bring the registrar's cards."""
    relays = [{"name": "Relay", "address": "https://relay.example"}]
    told = Referendum(*sample(relays=relays, hold=60))
    told.publish()
    keys, key = KeyStore(tmp_path / "keys", Lock.draw()), told.keys.registrars[0]
    with Registrar(tmp_path / "state", told.definition, key, keys, lambda: 0, os.urandom) as registrar:
        with pytest.raises(NoAddress, match="psephos registrar init --address"):
            registrar.due(told.record)
        told.log(*registrar.due(told.record, "https://registrar.example/post"))
    assert told.record.registrar_keys.complete


def test_what_the_board_takes_in_one_bundle_bounds_a_batch(tmp_path) -> None:
    budgets = {"parts": 65_536}
    town = Town(tmp_path, voters=40, budgets=budgets, min_batch=1000, decoys=16)
    for voter in town.voters[:11]:
        town.admit(town.enrol(voter, 17)[1])
    town.shut()
    town.turn()
    roster = town.held.record.rosters[0]
    assert [(batch.cards, batch.last) for batch in roster.batches] == [(170, 0), (17, 1)]
    town.close()


def test_issued_is_replaced_by_one_that_contains_it(town) -> None:
    for voter in town.voters[:3]:
        town.admit(town.enrol(voter)[1])
    town.shut()
    town.turn()
    roster = town.held.record.rosters[0]
    state = town.registrars[2]._store
    given = {hashed for (hashed,) in state.read("SELECT hash FROM given")}
    fresh = next(name for name in rows(roster.rolls[2].excerpt(0, 192).data, 32) if name not in given)
    with state.write() as database:
        database.execute("INSERT INTO given (number, region, hash) VALUES (4, 0, ?)", [fresh])
    logged = town.turn()
    assert [payload.count for payload in logged if isinstance(payload, Given)] == [4]
    assert [payload.size for payload in logged if isinstance(payload, Issued)] == [4]
    assert roster.issued_by(2) == 4
    assert roster.lists(2, fresh)
    assert not town.held.record.void


def test_so_many_records_are_asked_about_in_one_query(patient, monkeypatch) -> None:
    monkeypatch.setattr(agreement, "MOST", 4)
    for voter in patient.voters[:5]:
        patient.admit(patient.enrol(voter)[1])
    patient.shut()
    patient.registrars[2].follow(patient.held.record)
    assert patient.one(1) == []
    queries = payloads([question.message for question in patient.registrars[1].questions()])
    assert [len(query.records) // 32 for query in queries] == [4, 4, 2]
    assert {(query.batch, query.last) for query in queries} == {(1, 1)}
    names = b"".join(query.records for query in queries)
    assert rows(names, 32) == sorted(set(rows(names, 32)))
    patient.restart(1)
    patient.turn()
    assert patient.held.record.rosters[0].cards == 10


def test_what_was_asked_and_answered_about_a_card_can_be_shown(patient) -> None:
    admitted, made = patient.enrol(patient.voters[0])
    patient.admit(made)
    lost, made = patient.enrol(patient.voters[1])
    patient.admit(made | {2: []})
    patient.shut()
    patient.turn()
    for draft, said in ((admitted, 1), (lost, 0)):
        for number in (1, 2):
            read = patient.registrars[number]._store.read
            shown = payloads([message for pair in about_card(read, draft.keys[:32]) for message in pair])
            if number == 2 and not said:
                assert shown == []
                continue
            query, answer = shown
            name = sha256(draft.records[:384]).digest()
            assert name in rows(query.records, 32)
            assert (name in rows(answer.records, 32)) == bool(said)
    assert list(about_card(patient.registrars[1]._store.read, bytes(32))) == []


def test_a_registrar_answers_only_about_the_batch_that_is_next_for_it(patient) -> None:
    for voter in patient.voters[:3]:
        patient.admit(patient.enrol(voter)[1])
    lead, other = patient.registrars[1], patient.registrars[2]
    patient.held.now = patient.definition.regions[0].closes
    [digest] = [sha256(b"a record").digest()]

    def asked(batch: int, last: int, key: int = 0) -> bytes | None:
        query = BatchQuery(0, batch, last, digest)
        return other.answer_query(patient.held.write(query, patient.held.keys.registrars[key]))

    assert words([asked(1, 0)]) == ["batch-answer"]
    assert asked(1, 1) is None
    assert asked(2, 0) is None
    assert words([asked(0, 0), asked(1, 0, key=1), other.answer_query(b"nothing")]) == [
        "form",
        "author",
        "form",
    ]
    query = patient.held.write(BatchQuery(0, 1, 0, digest), patient.held.keys.registrars[0])
    assert words([lead.answer_query(query)]) == ["author"]
    patient.held.shut(0)
    other.follow(patient.held.record)
    assert words([asked(1, 1)]) == ["batch-answer"]


def words(answers) -> list[str]:
    return [getattr(payload, "reason", payload.type_name()) for payload in payloads(answers)]
