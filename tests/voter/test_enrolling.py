"""A device's enrolment: it outlives its process, forgets what counts, and says who keeps it waiting."""

from __future__ import annotations

import random
from contextlib import suppress
from dataclasses import replace

import pytest

from psephos.crypto import cbor
from psephos.crypto.column import rows
from psephos.errors import FormatError, PhaseError, VerificationError
from psephos.keystore.store import KeyStore
from psephos.post.relayed import RelayAway
from psephos.protocol.enrolment.audit import open_cards
from psephos.protocol.enrolment.sealed import SEALED_REQUEST, open_request
from psephos.protocol.enrolment.token import NO_CARD
from psephos.protocol.entries import CardReceipt, Refusal, decode
from psephos.voter.enrolling import shows_use
from psephos.voter.memory import Memory
from psephos.voter.relaying import Relaying, TooLate
from psephos.voter.sending import refused
from tests.voter.enrolling import Killed, Stage


def admitted(stage: Stage) -> list[set[bytes]]:
    """K of the cards that each registrar has admitted."""
    return [set(registrar.admitted) for registrar in stage.referendum.registrars.values()]


def test_a_voter_enrols_every_card_at_every_registrar(tmp_path) -> None:
    stage = Stage(tmp_path)
    draft = stage.referendum.draft(4, counts=2)
    keys = set(rows(draft.keys, 32))
    stage.begin(draft)
    stage.go_on()
    made = stage.memory.made
    assert admitted(stage) == [keys, keys]
    answers = [decode(answer, message=True).payload for row in made.answers for answer in row]
    assert {type(answer) for answer in answers} == {CardReceipt}
    assert sorted(card.key for card in stage.enrolling.cards) == sorted(keys)
    stage.enrolling.end()
    assert stage.memory.made is None
    assert len(stage.memory.receipts) == 2


@pytest.mark.parametrize("relays", [0, 2])
def test_a_device_that_is_killed_anywhere_goes_on(tmp_path, relays) -> None:
    """After every single step that it makes, and enrols exactly its cards."""
    steps, ended = 0, False
    while not ended:
        stage = Stage(tmp_path / str(steps), relays, decoys=4)
        draft = stage.referendum.draft(2)
        keys = set(rows(draft.keys, 32))
        stage.begin(draft)
        stage.life.steps = steps
        try:
            stage.go_on()
            ended = True
        except Killed:
            stage.life.steps = 10**9
            stage.go_on()
        stage.life.steps = 10**9
        assert admitted(stage) == [keys, keys], steps
        assert all(all(row) for row in stage.memory.made.answers), steps
        steps += 1 if steps < 60 else 7
    assert steps > 20


@pytest.mark.parametrize("relays", [0, 2])
def test_a_device_that_is_killed_again_and_again_enrols_its_cards_once(tmp_path, relays) -> None:
    coins, killed = random.Random(7), 0
    for round_ in range(4):
        stage = Stage(tmp_path / str(round_), relays, seed=round_)
        draft = stage.referendum.draft(3, counts=1)
        keys = set(rows(draft.keys, 32))
        stage.begin(draft)
        killed += stage.survive(lambda: coins.randrange(14, 50))
        assert admitted(stage) == [keys, keys]
    assert killed


def test_what_is_kept_after_make_tells_nothing_of_weights(tmp_path) -> None:
    stage = Stage(tmp_path)
    draft = stage.referendum.draft()
    stage.begin(draft)
    assert stage.memory.asking is not None
    stage.make()
    secret = [draft.nonce, *rows(draft.randomness, 32)]
    kept = list((tmp_path / "keys").iterdir())
    assert sorted(path.name for path in kept) == ["admissions.age", "token-receipts.age"]
    inside = b"".join(stage.lock.open(path.read_bytes()) for path in kept)
    assert not any(piece in inside for piece in secret)
    assert stage.memory.asking is None


def test_nothing_is_sent_before_it_is_kept_and_nothing_kept_is_in_the_clear(tmp_path) -> None:
    stage = Stage(tmp_path)
    draft = stage.referendum.draft()
    stage.life.steps = 10**9
    waits = stage.waits()
    seen = [len(post.seen) for post in stage.posts.values()]
    stage.enrolling.begin(draft, stage.openings, waits, stage.now, stage.rng.randbytes)
    assert [len(post.seen) for post in stage.posts.values()] == seen
    files = b"".join(path.read_bytes() for path in (tmp_path / "keys").iterdir())
    assert draft.secrets[:16] not in files
    with pytest.raises(PhaseError, match="never opened"):
        open_cards(stage.setting, draft)


def test_tokens_are_asked_for_once_every_registrar_is_ready(tmp_path) -> None:
    stage = Stage(tmp_path)
    waits = stage.waits()
    del waits[2]
    with pytest.raises(PhaseError, match="registrar 2"):
        stage.enrolling.begin(stage.referendum.draft(), stage.openings, waits, 0, stage.rng.randbytes)
    assert stage.memory.asking is None
    stage.begin(stage.referendum.draft())
    with pytest.raises(PhaseError, match="under way"):
        stage.begin(stage.referendum.draft())


def test_a_silent_registrar_is_named_after_the_time_that_it_said(tmp_path) -> None:
    stage = Stage(tmp_path)
    stage.begin(stage.referendum.draft())
    stage.posts[2].away = True
    found = stage.collect()
    assert (found.waiting, found.silent, found.complete) == ([2], [], False)
    stage.now += 61
    assert stage.collect().silent == [2]
    stage.posts[2].away = False
    assert stage.collect().complete


def test_one_wrong_proof_and_nothing_is_used_or_forgotten(tmp_path) -> None:
    stage = Stage(tmp_path)
    stage.begin(stage.referendum.draft())
    responses = stage.collect().responses
    wrong = responses | {2: replace(responses[2], voter_proof=responses[1].voter_proof)}
    with pytest.raises(VerificationError, match="registrar 2"):
        stage.enrolling.make(wrong, stage.rng.randbytes)
    assert stage.memory.made is None
    assert stage.memory.asking is not None
    assert stage.make()


# A stolen invitation


def test_who_comes_after_a_thief_is_shown_the_thiefs_request(tmp_path) -> None:
    stage = Stage(tmp_path)
    thief = stage.referendum.ask(stage.referendum.draft(), {1: stage.openings[1]})
    waits = stage.waits()
    stage.referendum.registrars[1].give(thief[1].message)
    stage.enrolling.begin(stage.referendum.draft(), stage.openings, waits, stage.now, stage.rng.randbytes)
    found = stage.collect()
    [refusal] = [answer.refusal for answer in found.refused.values()]
    assert isinstance(refusal, Refusal)
    asked = stage.memory.asking.asked[0]
    assert refusal.reason == "issued"
    assert shows_use(stage.setting, asked, refusal)
    assert sorted(found.responses) == [2]
    for evidence in (b"", asked.message, thief[1].message[:-1], b"\xff"):
        assert not shows_use(stage.setting, asked, replace(refusal, evidence=evidence))
    other = stage.referendum.ask(stage.referendum.draft(), stage.referendum.openings())[1]
    assert not shows_use(stage.setting, asked, replace(refusal, evidence=other.message))


def test_a_refusal_that_is_taken_back_is_judged_anew(tmp_path) -> None:
    stage = Stage(tmp_path)
    stage.begin(stage.referendum.draft())
    stage.referendum.registrars[2].closed = {0}
    assert sorted(stage.collect().refused) == [2]
    stage.referendum.registrars[2].closed = set()
    assert sorted(stage.collect().refused) == [2]
    stage.enrolling.ask_again(stage.posts, 2)
    assert stage.collect().complete


def test_a_refused_admission_is_kept_and_not_sent_again(tmp_path) -> None:
    stage = Stage(tmp_path)
    stage.begin(stage.referendum.draft())
    stage.make()
    stage.referendum.registrars[2].closed = {0}
    made = stage.send()
    assert [bool(refused(stage.setting, made, number, 0)) for number in (1, 2)] == [False, True]
    sent = len(stage.posts[2].seen)
    stage.send()
    assert len(stage.posts[2].seen) == sent


# Through relays


def sent(stage: Stage) -> list[tuple[str, int, bytes]]:
    return [(name, *one) for name, relay in stage.relays.items() for one in relay.seen]


def begun(stage: Stage, cards: int = 3) -> Stage:
    """A voter who has made so many cards."""
    stage.begin(stage.referendum.draft(cards))
    stage.make()
    return stage


def contents(stage: Stage, number: int) -> list[bytes]:
    """What a registrar finds in all that relays have for it, dummies left out."""
    gateway, private = next(iter(stage.relays.values())).gateways[number]
    seen = [message for _, registrar, message in sent(stage) if registrar == number]
    return [one for one in (open_request(gateway, private, message).content for message in seen) if one]


def test_every_registrar_gets_as_many_sealed_requests_whatever_a_voter_has(tmp_path) -> None:
    for cards in (1, 3, 5):
        stage = begun(Stage(tmp_path / str(cards), relays=3), cards)
        stage.send()
        seen = sent(stage)
        assert len({name for name, *_ in seen}) == 1
        assert [registrar for _, registrar, _ in seen].count(1) == 5
        assert [registrar for _, registrar, _ in seen].count(2) == 5
        assert {len(message) for _, _, message in seen} == {SEALED_REQUEST}


def test_devices_draw_different_relays_and_orders(tmp_path) -> None:
    relays, orders = set(), set()
    for seed in range(12):
        made = begun(Stage(tmp_path / str(seed), relays=3, seed=seed), 2).send()
        relays.add(made.envelopes[0].relay)
        orders.add(tuple(one.card for one in made.envelopes if one.registrar == 1))
    assert len(relays) > 1
    assert len(orders) > 4


def test_another_relay_is_drawn_only_when_one_fails(tmp_path) -> None:
    stage = begun(Stage(tmp_path, relays=2))
    first, second = stage.relays.values()
    first.away = True
    stage.send()
    assert (len(first.seen), len(second.seen)) == (0, 10)
    both = begun(Stage(tmp_path / "both", relays=2))
    for relay in both.relays.values():
        relay.away = True
    with pytest.raises(Exception, match="no relay takes the cards now"):
        both.send()
    for relay in both.relays.values():
        relay.away = False
    both.go_on()
    assert len(admitted(both)[1]) == 3


@pytest.mark.parametrize("taken", [0, 1, 4, 9])
def test_no_card_goes_through_two_relays_when_one_fails_midway(tmp_path, taken) -> None:
    """A card that came twice would show with which others it belongs: the same number through each."""
    stage = begun(Stage(tmp_path, relays=2), 5)
    for relay in stage.relays.values():
        relay.breaks = taken
    with suppress(RelayAway):
        stage.send()
    for relay in stage.relays.values():
        relay.away, relay.breaks = False, 10**9
    made = stage.send()
    assert all(one.taken for one in made.envelopes)
    assert [registrar for _, registrar, _ in sent(stage)].count(1) == 5
    for number in (1, 2):
        assert sorted(contents(stage, number)) == sorted(made.messages[number - 1]), "each of them once"
    stage.go_on()
    assert [len(one) for one in admitted(stage)] == [5, 5]


def test_who_is_not_sure_asks_the_same_relay_and_fetches_there(tmp_path) -> None:
    stage = begun(Stage(tmp_path, relays=1))
    [relay] = stage.relays.values()
    relay.mute = True
    for _ in range(12):
        with suppress(RelayAway):
            stage.send()
    assert len(relay.seen) == 10
    relay.away = True
    relay.forward()
    stage.now = stage.memory.made.due
    assert not any(map(any, stage.send().answers)), (
        "it waits for a relay that is away, and sends nothing anew"
    )
    relay.away = relay.mute = False
    assert all(map(all, stage.send().answers))
    assert len(relay.seen) == 10


def test_what_is_missing_after_the_window_is_sent_again_as_many_as_before(tmp_path) -> None:
    stage = begun(Stage(tmp_path, relays=1))
    [relay] = stage.relays.values()
    made = stage.send()
    lost = [at for at, one in enumerate(made.envelopes) if one.registrar == 2 and one.card == 0]
    relay.forward(lambda at: at in lost)
    stage.send()
    assert len(relay.seen) == 10
    stage.now = made.due
    again = stage.send()
    assert [registrar for registrar, _ in relay.seen[10:]] == [2] * 5
    gateway, private = relay.gateways[2]
    opened = [open_request(gateway, private, message).content for _, message in relay.seen[10:]]
    assert sorted(opened) == [b""] * 4 + [made.messages[1][0]], "no other card comes again with it"
    assert len({message for _, message in relay.seen}) == 15
    assert again.due > made.due
    relay.forward()
    stage.now = again.due
    assert all(all(row) for row in stage.send().answers)
    assert len(relay.seen) == 15


def test_a_relay_does_not_learn_what_was_a_dummy_by_losing_it(tmp_path) -> None:
    """All responses are fetched, and as much comes again whatever was lost: so it counts no cards."""
    shapes = set()
    for lost in (NO_CARD, 0):
        stage = begun(Stage(tmp_path / str(lost), relays=2), 1)
        made = stage.send()
        [relay] = [one for one in stage.relays.values() if one.seen]
        first = [at for at, one in enumerate(made.envelopes) if one.card == lost][:1]
        relay.forward(lambda at, first=first: at in first)
        stage.now = made.due
        stage.send()
        again = [one for one in stage.relays.values() if len(one.seen) > 10]
        assert again == [relay], "the same relay: which one it is each time would tell devices apart"
        assert len(relay.fetched) == 10
        shapes.add((len(relay.seen), len({registrar for registrar, _ in relay.seen[10:]})))
    assert shapes == {(15, 1)}


def through(stage: Stage, rounds: int) -> list[str]:
    """Through which relay all comes each time, while registrar 2 gets nothing."""
    used = []
    for _ in range(rounds):
        before = {address: len(relay.seen) for address, relay in stage.relays.items()}
        made = stage.send()
        used += [a for a, relay in stage.relays.items() if len(relay.seen) > before[a]]
        for relay in stage.relays.values():
            registrars = [*relay.held.values()]
            relay.forward(lambda at, registrars=registrars: registrars[at] == 2)
        stage.now = made.due
    return used


def test_a_registrar_that_is_silent_has_no_device_draw_another_relay(tmp_path) -> None:
    """All of its cards would walk the same path of relays, and show that they belong together."""
    stage = begun(Stage(tmp_path, relays=3))
    used = through(stage, 6)
    assert used == used[:1] * 6
    assert [len(registrar.admitted) for registrar in stage.referendum.registrars.values()] == [3, 0]


def test_a_relay_that_never_brings_an_answer_is_left(tmp_path) -> None:
    stage = begun(Stage(tmp_path, relays=2))
    used = set()
    for _ in range(8):
        made = stage.send()
        used |= {one.relay for one in made.envelopes}
        for relay in stage.relays.values():
            relay.held.clear()
        stage.now = made.due
    assert len(used) == 2


def test_a_card_that_the_log_has_is_sent_to_nobody_again(tmp_path) -> None:
    stage = begun(Stage(tmp_path, relays=1), 2)
    [relay] = stage.relays.values()
    made = stage.send()
    relay.held.clear()
    stage.now = made.due
    relaying = Relaying(stage.setting, stage.memory, stage.relays.__getitem__, stage.rng.randbytes)
    relaying.run(stage.now, {0}.__contains__)
    gateway, private = relay.gateways[1]
    opened = [open_request(gateway, private, one).content for number, one in relay.seen[10:] if number == 1]
    assert sorted(opened) == [b""] * 4 + [made.messages[0][1]]


def test_after_the_close_of_its_region_a_device_sends_nothing_and_says_so(tmp_path) -> None:
    stage = begun(Stage(tmp_path, relays=1))
    [relay] = stage.relays.values()
    stage.now = stage.setting.definition.regions[0].closes
    with pytest.raises(TooLate, match="is closed"):
        stage.send()
    assert relay.seen == []
    late = begun(Stage(tmp_path / "late", relays=1))
    [relay] = late.relays.values()
    late.now = late.setting.definition.regions[0].closes - 1
    made = late.send()
    assert made.due == late.now + 1 + late.setting.definition.hold
    relay.forward(lambda at: at == 0)
    late.now = made.due
    with suppress(TooLate):  # unless it was a dummy that is lost
        late.send()
    assert len(relay.seen) == 10
    assert sum(map(bool, sum(late.memory.made.answers, ()))) in (5, 6)


def test_memory_takes_nothing_of_another_form(tmp_path) -> None:
    stage = Stage(tmp_path)
    store = KeyStore(tmp_path / "other", stage.lock)
    store.write("admissions", cbor.encode([1, 2]))
    with pytest.raises(FormatError, match="key store"):
        _ = Memory(store).made
