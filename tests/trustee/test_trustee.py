"""A trustee: killed and started again anywhere, it goes on; what it must never do twice, it never does."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pytest

from psephos.errors import PhaseError, PsephosError
from psephos.keystore.lock import Lock
from psephos.keystore.store import KeyStore
from psephos.protocol import entries
from psephos.protocol.setup.dealing import Secret
from psephos.protocol.storage import MemoryStore
from psephos.protocol.tally.weighing import Chain, Link
from psephos.simulation.definitions import sample
from psephos.simulation.referendum import Referendum
from psephos.trustee.trustee import Trustee, turn
from tests.board.station import DAYS, vote

IDENTITY = Lock.draw().encode()


class Bench:
    """The trustees of a referendum, each with a key store; every call is another process's."""

    def __init__(self, directory: Path, referendum: Referendum) -> None:
        self.directory = directory
        self.referendum = referendum
        self.trustees = tuple(range(1, len(referendum.keys.trustees) + 1))
        self.lock = Lock.parse(IDENTITY)

    def __getitem__(self, trustee: int) -> Trustee:
        """A process that begins: nothing but the store and the key is known."""
        key = self.referendum.keys.trustees[trustee - 1]
        return Trustee(self.store(trustee), key, self.referendum.random)

    def store(self, trustee: int) -> KeyStore:
        return KeyStore(self.directory / f"trustee-{trustee}", self.lock)

    def read(self, trustee: int, name: str) -> bytes:
        data = self.store(trustee).read(name)
        assert data is not None
        return data

    def make_key(self, lost: int = 0) -> list[list[bytes]]:
        """The ceremony; of everything said, the first `lost` copies never reach the log."""
        referendum, said = self.referendum, []
        while not referendum.record.ceremony.complete:
            if referendum.record.ceremony.round == 5:
                referendum.checkpoint()
            for trustee in self.trustees:
                for _ in range(lost):
                    said.append(self[trustee].ceremony(referendum.record))
                said.append(self[trustee].ceremony(referendum.record))
                referendum.log(*said[-1])
        return said

    def weigh(self, trustees: Sequence[int], stand_in: bool = False) -> None:
        for trustee in trustees:
            self.referendum.log(*self[trustee].weigh(self.referendum.record, stand_in))

    def close(self, trustees: Sequence[int]) -> None:
        self.referendum.checkpoint()
        for trustee in trustees:
            self.referendum.log(*self[trustee].close(self.referendum.record))

    def secrets(self, trustee: int) -> Secret:
        return Secret.decode(self.read(trustee, "ceremony"))


@pytest.fixture
def published(tmp_path: Path) -> Bench:
    document, keys = sample(windows=DAYS)
    referendum = Referendum(document, keys)
    referendum.publish()
    for registrar in referendum.registrars:
        referendum.log(*referendum.token_keys(registrar))
    return Bench(tmp_path, referendum)


@pytest.fixture
def weighable(published: Bench) -> Bench:
    """In both regions two days with ballots are over: four chunks are to be weighed."""
    published.make_key()
    vote(published.referendum)
    return published


# -- the ceremony


def kinds(said: Sequence[Sequence[bytes]]) -> list[str]:
    return [entries.decode(one).payload.type_name() for some in said for one in some]


@pytest.mark.parametrize("lost", [0, 1, 2])
def test_the_ceremony_survives_a_kill_at_every_step(published: Bench, lost: int) -> None:
    said = published.make_key(lost)
    record = published.referendum.record
    assert record.void == []
    assert record.joint_key.participants == (1, 2, 3)
    steps = ["ceremony-commit", "ceremony-reveal", "ceremony-deal", "ceremony-confirm", "ceremony-sign"]
    assert sorted(kinds(said)) == sorted(steps * 3 * (1 + lost))
    for trustee in published.trustees:
        secret = published.secrets(trustee)
        assert secret.share
        assert (secret.coefficients, secret.hpke_key) == (b"", b"")
    assert [published[trustee].ceremony(record) for trustee in published.trustees] == [[], [], []]


def test_a_secret_is_on_disk_before_anything_is_said_of_it(
    published: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    def crash(*_: object) -> None:
        raise KeyboardInterrupt

    record = published.referendum.record
    monkeypatch.setattr(Trustee, "_write", crash)
    with pytest.raises(KeyboardInterrupt):
        published[1].ceremony(record)
    kept = published.secrets(1)
    monkeypatch.undo()
    (commit,) = published[1].ceremony(record)
    assert published[1].ceremony(record) == [commit]
    assert published.secrets(1) == kept


def test_a_lost_secret_is_noticed_not_replaced(published: Bench) -> None:
    referendum = published.referendum
    referendum.log(*published[1].ceremony(referendum.record))
    published.store(1).erase("ceremony")
    with pytest.raises(PhaseError, match="not the one committed to"):
        published[1].ceremony(referendum.record)
    assert published.store(1).read("ceremony") is None


def test_whoever_is_out_of_the_attempt_says_nothing(published: Bench) -> None:
    referendum = published.referendum
    for trustee in (1, 2):
        referendum.log(*published[trustee].ceremony(referendum.record))
    referendum.deadline()
    assert published[3].ceremony(referendum.record) == []
    published.make_key()
    assert referendum.record.joint_key.participants == (1, 2)
    assert list(published[3].weigh(referendum.record)) == []


def test_only_trustees_have_an_index(published: Bench) -> None:
    key = published.referendum.keys.registrars[0]
    stranger = Trustee(published.store(9), key, published.referendum.random)
    with pytest.raises(ValueError, match="not a trustee's key"):
        stranger.ceremony(published.referendum.record)


# -- weighing


def places(weighings: Sequence[bytes]) -> list[tuple[int, int, int]]:
    found = [entries.decode(one).payload for one in weighings]
    assert all(isinstance(one, entries.Weighing) for one in found)
    return [(one.region, one.day, one.position) for one in found]


def test_trustees_take_turns_and_all_begin_as_many(weighable: Bench) -> None:
    record = weighable.referendum.record
    first = {trustee: places(list(weighable[trustee].weigh(record))) for trustee in weighable.trustees}
    began = sorted(place for some in first.values() for place in some)
    assert began == [(0, 1, 1), (0, 2, 1), (1, 1, 1), (1, 2, 1)]  # each chunk by one, none by two
    assert {len(some) for some in first.values()} == {1, 2}
    for _ in range(2):
        weighable.weigh(weighable.trustees)
    assert record.void == []
    assert all(len(chain.weighers) == 2 for chain in record.weighing_chains.chains.values())
    assert [list(weighable[trustee].weigh(record, True)) for trustee in weighable.trustees] == [[], [], []]


def test_turns_go_round_all_participants() -> None:
    chains = [Chain((0, 1, chunk), 6, 1, 2, MemoryStore(), 0) for chunk in range(30)]
    turns = [turn((1, 3, 4), chain) for chain in chains]
    assert {one: turns.count(one) for one in (1, 3, 4)} == {1: 10, 3: 10, 4: 10}
    chains[0].links.append(Link(0, turns[0], 0, bytes(32)))
    assert turn((1, 3, 4), chains[0]) == turns[1]


def test_others_stand_in_for_one_who_is_gone(weighable: Bench) -> None:
    record = weighable.referendum.record
    for _ in range(3):
        weighable.weigh([1, 2])
    waiting = [chain for chain in record.weighing_chains.chains.values() if len(chain.weighers) < 2]
    assert waiting  # trustee 3 is late
    for _ in range(2):
        weighable.weigh([1, 2], stand_in=True)
    assert record.void == []
    assert all(sorted(chain.weighers) == [1, 2] for chain in record.weighing_chains.chains.values())


def test_nobody_weighs_a_chunk_twice(weighable: Bench) -> None:
    record = weighable.referendum.record
    for _ in range(3):
        weighable.weigh([1], stand_in=True)
    assert record.void == []
    assert all(chain.weighers == [1] for chain in record.weighing_chains.chains.values())


def test_two_weighings_of_one_chunk_share_nothing(weighable: Bench) -> None:
    record = weighable.referendum.record
    one, two = (next(weighable[1].weigh(record, True)) for _ in range(2))
    rows = [entries.decode(each).payload.rows for each in (one, two)]
    chunks = [{each[at : at + 32] for at in range(0, len(each), 32)} for each in rows]
    assert not chunks[0] & chunks[1]


def test_there_is_nothing_to_weigh_before_or_after_its_time(published: Bench, weighable: Bench) -> None:
    document, keys = sample()
    fresh = Referendum(document, keys)
    fresh.publish()
    assert list(weighable[1].weigh(fresh.record)) == []
    referendum = weighable.referendum
    referendum.log(referendum.write(entries.Cancel("war"), referendum.keys.organiser))
    assert list(weighable[1].weigh(referendum.record, True)) == []
    assert weighable[1].close(referendum.record) == []
    assert weighable[1].release(referendum.record) == []


# -- close and release


@pytest.fixture
def weighed(weighable: Bench) -> Bench:
    for _ in range(2):
        weighable.weigh(weighable.trustees)
    return weighable


def test_there_is_no_close_before_the_record_fixes_it(weighable: Bench) -> None:
    record = weighable.referendum.record
    assert weighable[1].close(record) == []
    weighable.referendum.checkpoint()
    assert weighable[1].close(record) == []  # not all that counts is weighed
    assert weighable.store(1).read("closed") is None


def test_a_close_is_on_disk_before_it_is_signed(weighed: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    def crash(*_: object) -> None:
        raise KeyboardInterrupt

    weighed.referendum.checkpoint()
    monkeypatch.setattr(Trustee, "_write", crash)
    with pytest.raises(KeyboardInterrupt):
        weighed[1].close(weighed.referendum.record)
    monkeypatch.undo()
    record = weighed.referendum.record
    kept = weighed.read(1, "closed")
    (close,) = weighed[1].close(record)
    assert entries.decode(close).body == kept
    assert weighed[1].close(record) == [close]
    assert entries.decode(close).payload == record.closing.right


def forked(bench: Bench) -> Referendum:
    """The same log, going on with one statement more: its close checkpoint is another."""
    before = bench.referendum
    other = Referendum(before.document, before.keys)
    other.now, other.coins = before.now, bytes([7]) * 32
    other.log(*before.logged)
    other.log(other.write(entries.Statement("fork", "en", "text", b""), other.keys.registrars[0]))
    return other


def test_another_close_is_never_signed_and_nothing_is_released_on_it(weighed: Bench) -> None:
    other = Bench(weighed.directory, forked(weighed))
    weighed.close([1])
    other.referendum.checkpoint()
    rights = weighed.referendum.record.closing.right, other.referendum.record.closing.right
    assert rights[0] != rights[1]
    for _ in range(2):
        with pytest.raises(PhaseError, match="forked; nothing will be released"):
            other[1].close(other.referendum.record)
    for trustee in (2, 3):
        other.referendum.log(*other[trustee].close(other.referendum.record))
    other.referendum.checkpoint()
    assert other.referendum.record.released
    for _ in range(2):
        with pytest.raises(PhaseError, match="forked; nothing will be released"):
            other[1].release(other.referendum.record)
    assert weighed[1].close(weighed.referendum.record) == []  # the first one stands, and is logged


def test_whoever_released_after_one_close_signs_no_other(weighed: Bench) -> None:
    other = Bench(weighed.directory, forked(weighed))
    weighed.close([1, 2])
    weighed.referendum.checkpoint()
    assert weighed[3].release(weighed.referendum.record)
    other.referendum.checkpoint()
    with pytest.raises(PhaseError, match="forked"):
        other[3].close(other.referendum.record)


def test_shares_come_after_the_witnessed_close_and_once_a_stage(weighed: Bench) -> None:
    referendum = weighed.referendum
    weighed.close([1])
    assert weighed[1].release(referendum.record) == []
    referendum.log(*weighed[2].close(referendum.record))
    assert referendum.record.phase == "closed"
    assert weighed[3].close(referendum.record) == []  # enough have signed
    assert weighed[1].release(referendum.record) == []  # no checkpoint has the signatures
    referendum.checkpoint()
    stages = []
    for trustee in (3, 3, 1, 1, 2, 3, 1, 2):  # any two, whoever signed; in turn, and called too often
        data = weighed[trustee].release(referendum.record)
        stages += [(trustee, one.stage) for one in map(shares, data) if one]
        referendum.log(*data)
    assert stages == [(3, 1), (1, 1), (1, 2), (2, 2)]
    assert referendum.record.void == []
    assert referendum.record.phase == "counted"


def shares(data: bytes) -> entries.Shares | None:
    payload = entries.decode(data).payload
    return payload if isinstance(payload, entries.Shares) else None


def test_without_its_share_a_trustee_says_so(weighed: Bench) -> None:
    weighed.close([1, 2])
    weighed.referendum.checkpoint()
    weighed[1].forget()
    assert weighed.store(1).read("ceremony") is None
    with pytest.raises(PhaseError, match="share of the key is lost"):
        weighed[1].release(weighed.referendum.record)
    weighed[1].forget()


# -- nothing tells


def test_no_secret_is_in_a_repr_or_an_exception(weighed: Bench) -> None:
    other = Bench(weighed.directory, forked(weighed))
    weighed.close([1])
    other.referendum.checkpoint()
    said = [repr(weighed[1]), repr(vars(weighed[1])), repr(weighed.secrets(1)), repr(weighed.referendum.keys)]
    whole = weighed.read(1, "ceremony")
    share = weighed.secrets(1).share
    with pytest.raises(PhaseError) as refused:
        other[1].close(other.referendum.record)
    said.append(repr(refused.value))
    referendum = weighed.referendum
    referendum.log(*weighed[2].close(referendum.record))
    referendum.checkpoint()
    for broken in (whole[:-1], whole + b"\x00", whole[1:], b"\x84" + whole[2:], bytes(40) + share):
        weighed.store(1).write("ceremony", broken)
        with pytest.raises(PsephosError) as refused:
            weighed[1].release(referendum.record)
        said.append(repr(refused.value))
    for text in said:
        assert share.hex() not in text
        assert repr(share)[2:-1] not in text
        assert repr(share[:8])[2:-1] not in text
