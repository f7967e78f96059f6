"""Ballots between their arrival and their round: checked, kept, promised (`spec/messages.md#ballots`)."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

from psephos.crypto.ballot import check_ballots, parse_ballots
from psephos.crypto.signature import SigningKey
from psephos.errors import FormatError, PhaseError
from psephos.log.merkle import leaf_hash
from psephos.protocol import entry as entries
from psephos.protocol.ballot_box import lengths
from psephos.protocol.entry import Ballot, Entry, Payload, Promise, Refusal
from psephos.protocol.record import Record

_TABLES = """
CREATE TABLE IF NOT EXISTS promised
    (hash BLOB PRIMARY KEY, card BLOB NOT NULL, day INTEGER NOT NULL, serial INTEGER NOT NULL,
     entry BLOB NOT NULL, promise BLOB NOT NULL, waiting INTEGER NOT NULL, UNIQUE (card, day, serial));
CREATE INDEX IF NOT EXISTS waiting ON promised (hash) WHERE waiting = 1;
"""


@dataclass(frozen=True)
class _Refused(Exception):
    """Why a ballot is not taken: one of the reasons that `spec/messages.md#ballots` names, and a detail."""

    reason: str
    detail: str


class Intake:
    """Takes ballots for the days that are open."""

    def __init__(self, path: Path, record: Record, key: SigningKey) -> None:
        self._record = record
        self._key = key
        self._state = sqlite3.connect(path, isolation_level=None)
        self._state.execute("PRAGMA journal_mode = WAL")
        self._state.execute("PRAGMA synchronous = FULL")
        self._state.executescript(_TABLES)
        if record.box is not None:  # logged, but not noted before the process ended
            seen = record.box.seen
            self.logged([data for data in self.waiting() if entries.decode(data).body_hash in seen])

    def close(self) -> None:
        """Close the state."""
        self._state.close()

    def receive(self, ballots: Sequence[bytes], now: int) -> list[bytes]:
        """A promise or a refusal for each ballot, in order; promises are on disk before they are returned."""
        decoded = [_decode(one) for one in ballots]
        proofs = self._unproven(ballots)
        with self._transaction():
            return [
                self._answer(data, entry, proofs.get(at), now)
                for at, (data, entry) in enumerate(zip(ballots, decoded, strict=True))
            ]

    def _unproven(self, ballots: Sequence[bytes]) -> dict[int, str]:
        """What is wrong with the form or proofs of ballots, by position."""
        election, styles = self._election, [region.style.shape for region in self._record.definition.regions]
        status = parse_ballots(b"".join(ballots), lengths(ballots), election, styles)[0]
        bad = {at: "form" for at, code in enumerate(status) if code}
        formed = [at for at in range(len(ballots)) if at not in bad]
        some = [ballots[at] for at in formed]
        if some:
            key = self._record.keys.key
            for at, reason in check_ballots(b"".join(some), lengths(some), election, key, styles):
                bad[formed[at]] = reason
        return bad

    @property
    def _election(self) -> bytes:
        election = self._record.election
        if election is None:
            raise PhaseError("no ballots before the ceremony is complete")
        return election

    def _answer(self, data: bytes, entry: Entry | None, problem: str | None, now: int) -> bytes:
        try:
            if entry is None or not isinstance(entry.payload, Ballot) or problem == "form":
                raise _Refused("form", "not a ballot of this referendum")
            known = self._state.execute(
                "SELECT promise FROM promised WHERE hash = ? AND entry = ?", [entry.body_hash, data]
            ).fetchone()
            if known:
                promise: bytes = known[0]
                return promise
            self._check(entry, entry.payload, problem)
            return self._promise(data, entry, entry.payload, now)
        except _Refused as refused:
            request = entry.body_hash if entry else sha256(data).digest()
            return self._sign(Refusal(request, refused.reason, refused.detail, b""))

    def _check(self, entry: Entry, ballot: Ballot, problem: str | None) -> None:
        record = self._record
        over = record.closed or record.cancelled is not None
        if over or record.windows[ballot.region].open_day != ballot.day:
            raise _Refused("closed", f"day {ballot.day} of region {ballot.region} is not open")
        if not record.rosters[ballot.region].has(entry.author):
            raise _Refused("card", "no batch of this region has this card")
        if problem is not None:
            raise _Refused("proof", problem)
        used = self._state.execute(
            "SELECT max(serial), sum(serial = ?) FROM promised WHERE card = ? AND day = ?",
            [ballot.serial, entry.author, ballot.day],
        ).fetchone()
        if used[1]:
            raise _Refused("serial", str(used[0]))

    def _promise(self, data: bytes, entry: Entry, ballot: Ballot, now: int) -> bytes:
        seal = self._record.windows[ballot.region].plans[ballot.day - 1][1]
        deadline = min(now + self._record.definition.round, seal)
        promise = Promise(entry.body_hash, leaf_hash(data), ballot.region, ballot.day, deadline)
        signed = self._sign(promise)
        self._state.execute(
            "INSERT INTO promised VALUES (?, ?, ?, ?, ?, ?, 1)",
            [entry.body_hash, entry.author, ballot.day, ballot.serial, data, signed],
        )
        return signed

    def _sign(self, payload: Payload) -> bytes:
        return entries.encode(payload, self._election, self._key.public.raw, self._key.sign)

    def waiting(self) -> list[bytes]:
        """Promised ballots that are not logged yet, ascending by hash."""
        rows = self._state.execute("SELECT entry FROM promised WHERE waiting = 1 ORDER BY hash").fetchall()
        return [data for (data,) in rows]

    def logged(self, ballots: Sequence[bytes]) -> None:
        """Take note that these are in the log."""
        hashes = [(entries.decode(one).body_hash,) for one in ballots]
        with self._transaction():
            self._state.executemany("UPDATE promised SET waiting = 0 WHERE hash = ?", hashes)

    @contextmanager
    def _transaction(self) -> Iterator[None]:
        self._state.execute("BEGIN IMMEDIATE")
        try:
            yield
            self._state.execute("COMMIT")
        except BaseException:
            self._state.execute("ROLLBACK")
            raise


def _decode(data: bytes) -> Entry | None:
    try:
        return entries.decode(data)
    except FormatError:
        return None
