"""A trustee's cover on its way to registrars: as voters' cards, through relays, killed anywhere."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from types import SimpleNamespace

import pytest

from psephos.cli.process.stop import WAITING, Stop
from psephos.cli.trustee.covering import Coverer
from psephos.errors import PsephosError
from psephos.post.relayed import RelayAway
from psephos.protocol.enrolment.response import read_response
from psephos.protocol.enrolment.token import NO_CARD
from psephos.protocol.entries import Admission, TokenRequest, TokenResponse, decode
from psephos.trustee.cover import Cover
from psephos.trustee.covering import Covering, Progress
from psephos.trustee.enrolling import CoverEnrolment
from tests.voter.enrolling import Killed, MortalStore, Stage

COVER = {"epsilon": [8, 1], "delta": 1, "ballots": 1}


class Trustees(Stage):
    """One trustee, two registrars, and their relays."""

    def __init__(self, directory: Path, relays: int = 0) -> None:
        super().__init__(directory, relays, cover=COVER, windows=((1_900_000_000, 1_900_036_000),))
        self.cover = Cover(self.setting, 0, bytes(32))
        self.key = self.referendum.keys.trustees[0]

    @property
    def covering(self) -> Covering:
        store = MortalStore(self.directory / "keys", self.lock)
        store.life = self.life
        return Covering(store, self.rng.randbytes)

    @property
    def sending(self) -> CoverEnrolment:
        relays = self.relays.__getitem__
        return CoverEnrolment(self.setting, self.covering, self.posts, relays, self.rng.randbytes, 0)

    def messages(self) -> list[tuple[bytes, ...]]:
        asked = [one for number in self.posts for one in self.cover.ask(number, self.key)]
        responses = [
            read_response(self.setting, one, self.posts[one.registrar].exchange(one.message) or b"")
            for one in asked
        ]
        assert all(isinstance(one, TokenResponse) for one in responses)
        return self.cover.admissions(asked, responses)  # type: ignore[arg-type]

    def admitted(self, number: int) -> set[bytes]:
        return set(self.referendum.registrars[number].admitted)


def test_it_asks_every_registrar_for_a_fixed_number_and_enrols_what_was_drawn(tmp_path: Path) -> None:
    trustee = Trustees(tmp_path)
    messages = trustee.messages()
    assert len(messages) == len(trustee.cover.moments) > 0
    again = Trustees(tmp_path)
    assert again.cover.ask(2, again.key)[0].message == trustee.cover.ask(2, trustee.key)[0].message
    for number, post in trustee.posts.items():
        requests = [decode(one, message=True).payload for one in post.seen]
        assert sum(len(one.decoys) for one in requests if isinstance(one, TokenRequest)) == (
            32 * trustee.cover.tokens
        )
        sent = [decode(row[number - 1], message=True).payload for row in messages]
        assert {one.registrar for one in sent if isinstance(one, Admission)} == {number}
    for card, row in enumerate(messages):
        assert trustee.sending.send(0, card, row, trustee.now)
    assert trustee.admitted(1) == trustee.admitted(2)
    assert len(trustee.admitted(1)) == len(messages)
    votes = {trustee.cover.card(ballot) for ballot in trustee.cover.ballots}
    assert votes <= trustee.admitted(1)
    assert len(votes) == trustee.cover.voting


def test_cards_go_one_by_one_through_a_relay_that_is_drawn_with_dummies_as_voters_do(tmp_path: Path) -> None:
    trustee = Trustees(tmp_path, relays=3)
    messages = trustee.messages()
    decoys = trustee.setting.definition.decoys
    for card, row in enumerate(messages):
        seen = {address: len(relay.seen) for address, relay in trustee.relays.items()}
        assert not trustee.sending.send(0, card, row, trustee.now)
        more = {a: relay.seen[seen[a] :] for a, relay in trustee.relays.items() if len(relay.seen) > seen[a]}
        ((_, left),) = more.items()
        assert Counter(number for number, _ in left) == {1: 1 + decoys, 2: 1 + decoys}
        assert {len(message) for _, message in left} == {1591}
    assert not trustee.sending.send(0, 0, messages[0], trustee.now), "the window is not over"
    for relay in trustee.relays.values():
        relay.forward()
    way = trustee.covering.way(0, 0)
    assert way is not None
    for card, row in enumerate(messages):
        assert trustee.sending.send(0, card, row, way.due)
        assert trustee.covering.way(0, card) is None
    assert trustee.admitted(1) == trustee.admitted(2)
    assert len(trustee.admitted(2)) == len(messages)


def test_what_is_missing_after_the_window_is_sent_again(tmp_path: Path) -> None:
    trustee = Trustees(tmp_path, relays=1)
    (relay,), row = trustee.relays.values(), trustee.messages()[0]
    trustee.sending.send(0, 0, row, trustee.now)
    relay.forward(lambda at: relay.seen[at][0] == 2)
    decoys = trustee.setting.definition.decoys
    first = trustee.covering.way(0, 0)
    assert first is not None
    assert not trustee.sending.send(0, 0, row, first.due)
    again = trustee.covering.way(0, 0)
    assert again is not None
    assert [one.registrar for one in again.envelopes] == [2] * (1 + decoys)
    assert len(relay.fetched) == 2 * (1 + decoys), "those of dummies too, as voters do"
    relay.forward()
    assert trustee.sending.send(0, 0, row, again.due)
    assert len(trustee.admitted(2)) == 1


def test_a_card_comes_again_through_its_relay_as_voters_cards_do(tmp_path: Path) -> None:
    """Else a registrar that answers each K once with an error would know cover by its next relay."""
    trustee = Trustees(tmp_path, relays=3)
    row, now, used = trustee.messages()[0], trustee.now, list[str]()
    for _ in range(6):
        assert not trustee.sending.send(0, 0, row, now)
        way = trustee.covering.way(0, 0)
        assert way is not None
        used += {one.relay for one in way.envelopes}
        for relay in trustee.relays.values():
            registrars = [*relay.held.values()]
            relay.forward(lambda at, registrars=registrars: registrars[at] == 2)
        now = way.due
    assert used == used[:1] * 6
    assert (len(trustee.admitted(1)), len(trustee.admitted(2))) == (1, 0)


def test_another_relay_is_taken_when_one_fails(tmp_path: Path) -> None:
    trustee = Trustees(tmp_path, relays=2)
    first, second = trustee.relays.values()
    first.away = True
    row = trustee.messages()[0]
    assert not trustee.sending.send(0, 0, row, trustee.now)
    assert first.seen == []
    assert len(second.seen) == 2 * (1 + trustee.setting.definition.decoys)
    second.away = True
    with pytest.raises(RelayAway, match="no relay takes"):
        trustee.sending.send(0, 1, row, trustee.now)


def test_a_dummy_that_is_lost_is_made_up_for_without_the_card(tmp_path: Path) -> None:
    """As of voters' cards: else a registrar that answers no dummy would know cover by what comes again."""
    trustee = Trustees(tmp_path, relays=1)
    (relay,), row = trustee.relays.values(), trustee.messages()[0]
    trustee.sending.send(0, 0, row, trustee.now)
    way = trustee.covering.way(0, 0)
    assert way is not None
    dummy = next(at for at, one in enumerate(way.envelopes) if one.card == NO_CARD)
    relay.forward(lambda at: at == dummy)
    assert not trustee.sending.send(0, 0, row, way.due)
    again = trustee.covering.way(0, 0)
    assert again is not None
    assert {one.card for one in again.envelopes} == {NO_CARD}


def test_after_the_close_nothing_is_sent_any_more(tmp_path: Path) -> None:
    trustee = Trustees(tmp_path, relays=1)
    row = trustee.messages()[0]
    assert trustee.sending.send(0, 0, row, trustee.setting.definition.regions[0].closes)
    assert trustee.admitted(1) == set()


def test_killed_anywhere_it_goes_on(tmp_path: Path) -> None:
    trustee = Trustees(tmp_path, relays=2)
    row = trustee.messages()[0]
    now, killed = trustee.now, 0
    for steps in range(1, 60):
        trustee.life.steps = steps
        try:
            if trustee.sending.send(0, 0, row, now):
                break
        except Killed:
            killed += 1
            continue
        finally:
            trustee.life.steps = 10**9
        for relay in trustee.relays.values():
            relay.forward()
        way = trustee.covering.way(0, 0)
        assert way is not None
        now = way.due
    assert killed > 8
    assert len(trustee.admitted(1)) == len(trustee.admitted(2)) == 1


def test_a_refusal_ends_it_unless_the_card_came_too_late(tmp_path: Path) -> None:
    trustee = Trustees(tmp_path)
    messages = trustee.messages()
    wrong = tuple(one[:-1] + bytes([one[-1] ^ 1]) for one in messages[0])
    with pytest.raises(PsephosError, match="refuses a card: refused"):
        trustee.sending.send(0, 0, wrong, trustee.now)
    for registrar in trustee.referendum.registrars.values():
        registrar.closed.add(0)
    assert trustee.sending.send(0, 0, messages[0], trustee.now)
    assert trustee.admitted(1) == set()


def test_a_registrar_that_is_away_is_waited_for(tmp_path: Path) -> None:
    trustee = Trustees(tmp_path)
    messages = trustee.messages()
    trustee.posts[2].away = True
    assert not trustee.sending.send(0, 0, messages[0], trustee.now)
    trustee.posts[2].away = False
    assert trustee.sending.send(0, 0, messages[0], trustee.now)


class Covered(Coverer):
    """Over regions, or cards of one, of which some are refused or waited for."""

    def __post_init__(self) -> None:
        self.tried: list[int] = []
        self._covering = SimpleNamespace(keep=lambda region, progress: None)

    @property
    def _enrolling(self):
        return SimpleNamespace(send=lambda region, card, messages, now: self._one(card))

    def _enrol(self, roster, now: int, hurry: bool) -> int:
        return int(self._one(roster))

    def _one(self, number: int) -> bool:
        self.tried.append(number)
        if number == 0:
            raise PsephosError("a registrar refuses a card: refused")
        if number == 1:
            raise RelayAway("no relay takes the cover now")
        return True


def test_a_registrar_that_refuses_one_card_of_the_cover_keeps_no_other_from_being_enrolled(tmp_path) -> None:
    """Otherwise it could end a trustee's cover of every region with one refusal."""
    coverer = Covered(None, SimpleNamespace(rosters=[0, 2, 1, 3]), None, 0.0)
    with pytest.raises(Stop, match="refuses a card") as stopped:
        coverer.enrol(0)
    assert (coverer.tried, stopped.value.code) == ([0, 2, 1, 3], WAITING)
    progress, coverer.tried = Progress(bytes(32), 0), []
    with pytest.raises(Stop, match="refuses a card"):
        coverer._send(0, progress, dict.fromkeys((0, 2, 3), ()), 0)
    assert (coverer.tried, progress.cards) == ([0, 2, 3], {2, 3})


def test_a_trustee_is_told_which_registrar_gives_no_tokens(tmp_path: Path) -> None:
    """Without those of every registrar there is no card of the cover."""
    trustee = Trustees(tmp_path)
    trustee.posts[2].away = True
    coverer = Covered(None, SimpleNamespace(setting=trustee.setting), trustee.key, 0.0)
    coverer.__dict__["_posts"] = trustee.posts
    with pytest.raises(Stop, match="waits for registrar 2: tokens"):
        coverer._make(trustee.cover)


class Casting(Covered):
    """Over regions as above, and ballots of cards that were enrolled before."""

    def vote(self, now: int) -> int:
        self.progress.cast[0] = 1, 1, 1
        return 1

    @property
    def progress(self) -> Progress:
        return self.__dict__.setdefault("drawn", Progress(bytes(32), 0, {7}))

    def _drawn(self):
        yield 0, self.progress


@pytest.mark.parametrize("region", [0, 1])
def test_ballots_of_the_cover_are_cast_whatever_keeps_cards_from_being_enrolled(region: int) -> None:
    """A registrar that refuses, or is silent, else keeps the cover that is there from voting."""
    coverer = Casting(None, SimpleNamespace(rosters=[region, 2]), None, 0.0)
    enrolled, cast, stop = coverer.turn(0)
    assert (enrolled, cast) == (0, 1)
    assert stop is not None
    assert stop.code == WAITING
