"""What registrars hold against those who cheat them, and what is held against registrars."""

from __future__ import annotations

import shutil
from dataclasses import replace
from pathlib import Path

import batch
import group
import pytest
import tokens

from psephos.crypto.column import rows
from psephos.protocol.enrolment import presentation, response
from psephos.protocol.entries import decode
from tests.registrar.registering import Town, payloads


@pytest.fixture
def town(tmp_path):
    made = Town(tmp_path, regions=("piraeus", "athens"))
    yield made
    made.close()


def words(answers) -> list[str]:
    return [getattr(payload, "reason", payload.type_name()) for payload in payloads(answers)]


def test_a_decoy_token_admits_no_card_that_counts(town) -> None:
    """Nor does a voter token admit a decoy: the cards are exchanged between making and asking."""
    voter, draft = town.voters[0], town.draft(cards=2, counts=0)
    asked = town.ask_tokens(voter, draft)
    for number, one in asked.items():
        town.give(number, one.message)
    town.turn()
    exchanged = replace(draft, weights=bytes(1 - weight for weight in draft.weights))
    responses = [town.read(one) for one in asked.values()]
    given = response.tokens(town.setting, list(asked.values()), responses)
    [messages] = presentation.present(town.setting, 1, [exchanged], given[:1], town.rng.randbytes(64))
    assert words(town.registrars[1].admit(messages)) == ["refused", "refused"]


def test_q_and_the_registrars_secrets_leave_it_in_nothing(town) -> None:
    """Q is computed here as the registrar does; it stands in no answer, no entry and nowhere on disk."""
    draft, made = town.enrol(town.voters[0], 3)
    answers = town.registrars[1].admit(made[1])
    answers += town.registrars[1].admit([made[1][0][:-1] + b"\0", *made[1]])
    town.turn()
    shown = [decode(message, message=True).payload for message in made[1]]
    assert not batch.failures(tokens.admission, [claim(town, shown[0])])
    hidden = [q_of(town, payload) for payload in shown]
    secrets = town.registrars[1].secrets
    hidden += [secrets.gateway, secrets.salts, *rows(secrets.scalars, 32)]
    state = b"".join(path.read_bytes() for path in town.path.rglob("*") if path.is_file())
    for piece in hidden:
        assert piece not in b"".join(answers)
        assert piece not in b"".join(town.held.logged)
        assert piece not in state
    assert draft.records[:32] in state


def claim(town, payload) -> tuple:
    """What the reference checks with the registrar's secrets: they, and so Q, are the right ones."""
    setting, place = town.setting, (payload.region, 1)
    pieces = payload.record, payload.token, payload.proof
    return setting.election, place, setting.key, scalars(town, payload.region), *pieces


def scalars(town, region: int) -> tuple[int, int]:
    v, d = rows(town.registrars[1].secrets.of_region(region), 32)
    return int.from_bytes(v, "little"), int.from_bytes(d, "little")


def q_of(town, payload) -> bytes:
    """`d*T + (v - d)*F - E[1]`, by the reference."""
    v, d = scalars(town, payload.region)
    base = tokens.element(tokens.card_input(town.setting.election, payload.region, payload.record[:32]))
    f, second = group.decode(payload.token[:32]), group.decode(payload.token[64:])
    blinded = group.add(group.multiply(d, base), group.multiply((v - d) % group.L, f))
    return group.encode(group.subtract(blinded, second))


def test_the_state_tells_nothing_of_which_cards_came_together_or_when(town) -> None:
    """The same cards, in another order and one by one, leave the same rows, receipts among them."""
    made = [town.enrol(voter, 3)[1][1] for voter in town.voters[:3]]
    first = town.registrars[1]
    first.close()
    place = town.path / "again"
    shutil.copy(town.path / "registrar-1", place)
    town.restart(1)
    for messages in made:
        town.registrars[1].admit(messages)
    with town.open(1, place) as again:
        again.follow(town.held.record)
        for message in sorted(message for messages in made for message in messages):
            again.admit([message])
        statement = "SELECT * FROM admitted"
        assert again._store.read(statement) == town.registrars[1]._store.read(statement)
        assert again.numbers(0).cards == 9
        town.shut()
        for registrar in (again, town.registrars[1]):
            registrar.follow(town.held.record)
        assert _file(place) == _file(town.path / "registrar-1")


def test_a_batch_leaves_nothing_of_the_order_in_which_its_cards_came(town) -> None:
    """Not even in how their rows lie within a page of the file, which is not written anew."""
    made = [town.enrol(voter, 3)[1] for voter in town.voters[:6]]
    place = town.path / "again"
    town.registrars[2].close()
    shutil.copy(town.path / "registrar-2", place)
    town.restart(2)
    with town.open(2, place) as again:
        again.follow(town.held.record)
        for messages in made:
            again.admit(messages[2][:1])
        for messages in reversed(made):
            again.admit(messages[2][1:])
            town.admit(messages)
        again._store.empty_log()
        town.registrars[2]._store.empty_log()
        assert not _leaves(place) <= _leaves(town.path / "registrar-2")
        town.turn()
        for registrar in (again, town.registrars[2]):
            registrar.follow(town.held.record)
            registrar._store.empty_log()
            assert registrar.numbers(0)[2:5] == (18, 0, 1)
        assert _leaves(place) <= _leaves(town.path / "registrar-2")  # which was asked about the batch, too


def _leaves(state: Path) -> set[bytes]:
    """The pages of the file that hold rows of tables without row numbers, and entries of indices."""
    data = state.read_bytes()
    pages = [data[at : at + 4096] for at in range(4096, len(data), 4096)]
    return {page for page in pages if page[0] == 10 and any(page[3:5])}


def test_what_was_admitted_is_not_in_the_log_of_transactions_for_long(town) -> None:
    """That log has cards as they came; it is emptied while the registrar goes on."""
    town.enrol(town.voters[0], 3)
    registrar, log = town.registrars[1], town.path / "registrar-1-wal"
    registrar.admit(town.enrol(town.voters[1], 3)[1][1])
    town.held.now += 60
    assert log.read_bytes()
    registrar.follow(town.held.record)
    assert not log.read_bytes()


def _file(state: Path) -> bytes:
    """All of a state but the head of the file, which counts how often it was written."""
    assert not state.with_name(f"{state.name}-wal").read_bytes()
    return state.read_bytes()[100:]
