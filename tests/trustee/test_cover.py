"""A trustee's cover: the same again from its seed, of the right size, on days people vote."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from statistics import correlation

import pytest

from psephos.crypto import cbor
from psephos.errors import FormatError, PhaseError
from psephos.keystore.lock import Lock
from psephos.keystore.store import KeyStore
from psephos.post.leaving import SealedEnvelope
from psephos.protocol.enrolment.cover import noise
from psephos.protocol.enrolment.setting import Setting
from psephos.protocol.enrolment.token import NO_CARD
from psephos.protocol.enrolment.token_keys import RegistrarKeys
from psephos.protocol.setup.definition import Definition
from psephos.protocol.setup.document import parse
from psephos.protocol.voting.window import Windows
from psephos.simulation.definitions import sample
from psephos.trustee.coins import Coins, derive
from psephos.trustee.cover import Cover
from psephos.trustee.covering import Covering, Progress, Way, due, due_cards, next_serial

DAYS = ((1000, 2000), (3000, 4000), (5000, 6000))
LATER = 9000


def setting(definition: Definition) -> Setting:
    return Setting(definition, bytes(32), bytes(32), RegistrarKeys(definition))


def seed(number: int) -> bytes:
    return derive(bytes(32), str(number))


@pytest.fixture(scope="module")
def definition() -> Definition:
    return parse(sample(windows=DAYS, cover={"epsilon": [1, 2], "delta": 3, "ballots": 2})[0])


@pytest.fixture(scope="module")
def covers(definition: Definition) -> list[Cover]:
    return [Cover(setting(definition), 0, seed(number)) for number in range(300)]


def test_coins_are_fair_and_fall_the_same_again() -> None:
    drawn = [Coins(bytes(32)).below(7) for _ in range(3)]
    assert len(set(drawn)) == 1
    coins = Coins(bytes(32))
    counts = Counter(coins.below(6) for _ in range(6000))
    assert set(counts) == set(range(6))
    assert all(850 < count < 1150 for count in counts.values())
    assert coins.below(1) == 0
    assert 0 <= coins.below(2**80) < 2**80


def voting(cover: Cover) -> set[int]:
    return {ballot.card for ballot in cover.ballots}


def test_cards_are_around_the_shifts_and_both_numbers_are_drawn_apart(
    covers: list[Cover], definition: Definition
) -> None:
    wanted = noise(definition)
    votes = [len(voting(cover)) for cover in covers]
    assert votes == [cover.voting for cover in covers]
    silent = [cover.silent for cover in covers]
    for blur, numbers in ((wanted.silent, silent), (wanted.voting, votes)):
        assert abs(sum(numbers) / len(numbers) - blur.shift) < 5 * float(1 / blur.rate) / len(numbers) ** 0.5
        assert len(set(numbers)) > 10
    assert abs(correlation(silent, votes)) < 0.2


def test_ballots_fall_on_every_day_and_some_cards_vote_again(
    covers: list[Cover], definition: Definition
) -> None:
    ballots = [ballot for cover in covers for ballot in cover.ballots]
    days = Counter(ballot.day for ballot in ballots)
    assert set(days) == {1, 2, 3}
    assert max(days.values()) < 1.2 * min(days.values())
    assert all(0 <= ballot.moment < 1_000_000 for ballot in ballots)
    again = sum(len(cover.ballots) - len(voting(cover)) for cover in covers)
    assert 0.08 < again / len(ballots) < 0.17
    shape = definition.regions[0].style.shape
    assert {ballot.choices[0] for ballot in ballots} == {None, *range(shape[0][1])}


def test_cards_come_over_all_the_time_that_is_left_and_as_many_tokens_are_always_asked_for(
    covers: list[Cover], definition: Definition
) -> None:
    wanted = noise(definition)
    assert {cover.tokens for cover in covers} == {4 * (wanted.silent.shift + wanted.voting.shift)}
    for cover in covers:
        assert len(cover.moments) == cover.silent + cover.voting <= cover.tokens
        assert voting(cover) == set(range(cover.voting))
    moments = [moment for cover in covers for moment in cover.moments]
    quarters = Counter(moment // 250_000 for moment in moments)
    assert set(quarters) == {0, 1, 2, 3}
    assert max(quarters.values()) < 1.1 * min(quarters.values())


def test_a_card_is_enrolled_at_its_moment_and_once(covers: list[Cover]) -> None:
    cover, progress = covers[0], Progress(bytes(32), 1_000)
    order = due_cards(cover, progress, 2_000, 2_000)
    assert sorted(order) == list(range(len(cover.moments)))
    assert [cover.moments[card] // 1_000 for card in order] == sorted(one // 1_000 for one in cover.moments)
    assert due_cards(cover, progress, 2_000, 1_000 - 1) == []
    early = due_cards(cover, progress, 2_000, 1_500)
    assert early == [card for card in order if cover.moments[card] < 501_000]
    progress.cards.update(early)
    assert due_cards(cover, progress, 2_000, 2_000) == order[len(early) :]


def test_there_is_no_cover_with_one_card() -> None:
    with pytest.raises(PhaseError, match="no cover"):
        Cover(setting(parse(sample(decoys=0)[0])), 0, bytes(32))


def test_ballots_are_due_on_their_day_and_late_ones_on_the_next(
    covers: list[Cover], definition: Definition
) -> None:
    cover, progress = covers[0], Progress(bytes(32), 0)
    windows = Windows(definition.regions[0])
    assert list(due(cover, progress, windows, 1500)) == []
    windows.open(7, 1, LATER)
    first = {place for place, ballot in enumerate(cover.ballots) if ballot.day == 1}
    early = {place for place, _ in due(cover, progress, windows, 1500)}
    assert early == {place for place in first if cover.ballots[place].moment <= 500_000}
    assert {place for place, _ in due(cover, progress, windows, 1999)} == first
    for place in early:
        progress.cast[place] = 1, next_serial(cover, progress, cover.ballots[place], 1), 1
    windows.seal(8, 1, LATER)
    windows.open(9, 2, LATER)
    assert {place for place, _ in due(cover, progress, windows, 3000)} >= first - early
    assert not {place for place, _ in due(cover, progress, windows, 3999)} & early


def test_serials_of_a_card_go_up(covers: list[Cover]) -> None:
    cover = next(one for one in covers if len(voting(one)) < len(one.ballots))
    card = Counter(ballot.card for ballot in cover.ballots).most_common(1)[0][0]
    progress = Progress(bytes(32), 0)
    serials = []
    for place, ballot in enumerate(cover.ballots):
        if ballot.card == card:
            serials.append(next_serial(cover, progress, ballot, 2))
            progress.cast[place] = 2, serials[-1], 0
    assert serials == list(range(1, len(serials) + 1))
    assert next_serial(cover, progress, cover.ballots[0], 3) == 1


def test_what_is_drawn_is_drawn_once(tmp_path: Path) -> None:
    store = KeyStore(tmp_path, Lock.draw())
    drawn = iter([b"a" * 32, b"b" * 32])
    covering = Covering(store, lambda _: next(drawn))
    first = covering.draw(0, 7)
    assert covering.draw(0, 9) == first == Progress(b"a" * 32, 7)
    first.cards |= {5, 2}
    first.cast[4] = 2, 1, 1
    covering.keep(0, first)
    assert Covering(store, lambda _: b"").get(0) == first
    assert covering.draw(1, 8) == Progress(b"b" * 32, 8)
    assert covering.get(2) is None


def test_messages_and_ways_are_kept(tmp_path: Path) -> None:
    covering = Covering(KeyStore(tmp_path, Lock.draw()), bytes)
    assert covering.messages(0, 2) is None
    for messages in ([], [(b"a", b"b"), (b"c", b"d")]):
        covering.keep_messages(0, messages)
        assert covering.messages(0, 2) == messages
    envelopes = (
        SealedEnvelope(1, 0, b"m", b"o", "https://relay.example", True),
        SealedEnvelope(2, NO_CARD, b"n", b"p"),
    )
    way = Way(99, envelopes, "https://relay.example")
    covering.keep_way(0, 3, way)
    assert covering.way(0, 3) == way
    covering.keep_way(0, 3, None)
    assert covering.way(0, 3) is None


@pytest.mark.parametrize(
    "items", [[1, 1], [b"a", 0], [b"a", 0, b""], [b"a", 0, 2, 1], [b"a", 0, 0, b"", 1, 1, 1], [b"a", 0, 0, 1]]
)
def test_other_bytes_are_no_progress(items: list[cbor.Item]) -> None:
    with pytest.raises(FormatError, match="cover"):
        Progress.decode(cbor.encode(items))


@pytest.mark.parametrize("items", [[b"a", "b"], [1, "b", 1], [1, "b", 1, "c", "d"]])
def test_other_bytes_are_no_way(items: list[cbor.Item]) -> None:
    with pytest.raises(FormatError, match="cover"):
        Way.decode(cbor.encode(items))
