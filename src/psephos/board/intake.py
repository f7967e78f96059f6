"""Ballots between their arrival and their round: checked, kept, promised (`spec/messages.md#ballots`)."""

from __future__ import annotations

from array import array
from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

from psephos.board.promises import Ledger, Promised, Promises
from psephos.board.proven import Proven
from psephos.crypto.ballot import Ballots, check_ballots, lengths
from psephos.crypto.column import ABSENT, rows
from psephos.crypto.hashing import leaf_hashes
from psephos.crypto.signature import SigningKey
from psephos.database.location import Location
from psephos.database.lock_wait import LockWait
from psephos.errors import PhaseError
from psephos.protocol import entries
from psephos.protocol.enrolment.admission import Rejection
from psephos.protocol.entries import Payload, Promise, Refusal
from psephos.protocol.message import refused_as
from psephos.protocol.record import Record

_ROUNDS = 2
"""A promise's time in rounds: the next may be one away, and logging and witnessing take time themselves."""


class _Arrival(NamedTuple):
    """A well-formed ballot: its entry, its body hash, and what it says."""

    entry: bytes
    hash: bytes
    card: bytes
    region: int
    day: int
    serial: int


class Intake:
    """Takes ballots for the days that are open."""

    def __init__(
        self,
        place: Location,
        record: Record,
        key: SigningKey,
        proven: Proven | None = None,
        lock_wait: LockWait | None = None,
    ) -> None:
        """`proven` is told whose proofs hold; the record that folds them may believe it."""
        self._record = record
        self._key = key
        self._proven = Proven() if proven is None else proven
        self._promises = Promises(place, lock_wait)

    def close(self) -> None:
        """Close the state."""
        self._promises.close()

    def receive(self, ballots: Sequence[bytes], now: int) -> list[bytes]:
        """A promise or a refusal for each ballot, in order; promises are on disk before they are returned."""
        arrived, faults = self._read(list(dict.fromkeys(ballots)))
        with self._promises.open() as ledger:
            promises = ledger.given(ballot.hash for ballot in arrived)
            new = [ballot for ballot in arrived if ballot.entry not in promises]
            faults |= self._faults(new, now)
            sound = [ballot for ballot in new if ballot.entry not in faults]
            faults |= self._promise(ledger, sound, now, promises)
            self._proven.note(ballot.entry for ballot in sound if ballot.entry in promises)
        return [promises.get(entry) or self._refuse(entry, faults[entry]) for entry in ballots]

    def misfit(self, ballots: Sequence[bytes]) -> bytes | None:
        """The first that is no well-formed ballot of this referendum, if there is any."""
        _, faults = self._read(ballots)
        return next(iter(faults), None)

    @property
    def _election(self) -> bytes:
        election = self._record.election
        if election is None:
            raise PhaseError("no ballots before the ceremony is complete")
        return election

    @property
    def _styles(self) -> list[list[tuple[int, int, int]]]:
        return [region.style.shape for region in self._record.definition.regions]

    # -- what is wrong with ballots

    def _read(self, ballots: Sequence[bytes]) -> tuple[list[_Arrival], dict[bytes, Rejection]]:
        """The well-formed ballots, and what is wrong with the others."""
        parsed = Ballots.parse(ballots, self._election, self._styles)
        columns = (
            ballots,
            rows(parsed.hashes, 32),
            rows(parsed.keys, 32),
            array("H", parsed.regions),
            array("H", parsed.days),
            parsed.serials,
        )
        arrived = [*map(_Arrival._make, zip(*columns, strict=True))]
        if any(parsed.status):
            arrived = [ballot for ballot, code in zip(arrived, parsed.status, strict=True) if not code]
        malformed = Rejection("form", "not a ballot of this referendum")
        return arrived, {
            ballot: malformed for ballot, code in zip(ballots, parsed.status, strict=True) if code
        }

    def _faults(self, arrived: Sequence[_Arrival], now: int) -> dict[bytes, Rejection]:
        """What is wrong with well-formed ballots: the time, then the card, then the proofs."""
        days = {(ballot.region, ballot.day) for ballot in arrived}
        misplaced = {place: fault for place in days if (fault := self._misplaced(*place, now))}
        faults = {
            ballot.entry: misplaced[ballot.region, ballot.day]
            for ballot in arrived
            if misplaced and (ballot.region, ballot.day) in misplaced
        }
        for region in {ballot.region for ballot in arrived if ballot.entry not in faults}:
            placed = [ballot for ballot in arrived if ballot.region == region and ballot.entry not in faults]
            faults |= {
                ballot.entry: Rejection("card", "no batch of this region has this card")
                for ballot in self._strangers(region, placed)
            }
        standing = [ballot.entry for ballot in arrived if ballot.entry not in faults]
        if standing:
            bad = check_ballots(
                b"".join(standing),
                lengths(standing),
                self._election,
                self._record.joint_key.point,
                self._styles,
            )
            faults |= {standing[row]: Rejection("proof", reason) for row, reason in bad}
        return faults

    def _misplaced(self, region: int, day: int, now: int) -> Rejection | None:
        """Why a day takes no ballots now."""
        record, windows = self._record, self._record.windows[region]
        over, name = record.over, f"day {day} of {windows.region.id}"
        if over or windows.open_day != day:
            return Rejection("closed", f"{name} is not open")
        if now >= windows.plans[day - 1][1]:  # no promise can be kept before the planned seal any more
            return Rejection("closed", f"{name} is about to be sealed")
        return None

    def _strangers(self, region: int, arrived: Sequence[_Arrival]) -> Iterator[_Arrival]:
        """Those whose cards are in no batch of a region."""
        places = self._record.rosters[region].places(b"".join(ballot.card for ballot in arrived))
        return (ballot for ballot, place in zip(arrived, places, strict=True) if place == ABSENT)

    # -- answers

    def _promise(
        self, ledger: Ledger, arrived: Sequence[_Arrival], now: int, promises: dict[bytes, bytes]
    ) -> dict[bytes, Rejection]:
        """Promise what is sound, by entry; the faults of those whose card has used their serial that day."""
        used, sound, faults = ledger.used({ballot.card for ballot in arrived}), [], dict[bytes, Rejection]()
        for ballot in arrived:
            serials = used.setdefault((ballot.card, ballot.day), set())
            if ballot.serial in serials:
                faults[ballot.entry] = Rejection("serial", str(max(serials)))
                continue
            serials.add(ballot.serial)
            sound.append(ballot)
        promises.update(self._write(sound, now))
        given = [
            Promised(
                ballot.hash, ballot.card, ballot.day, ballot.serial, ballot.entry, promises[ballot.entry]
            )
            for ballot in sound
        ]
        ledger.give(given)
        return faults

    def _write(self, arrived: Sequence[_Arrival], now: int) -> Iterator[tuple[bytes, bytes]]:
        """The promises for ballots, by entry."""
        leaves = rows(leaf_hashes([ballot.entry for ballot in arrived]), 32)
        places = {(ballot.region, ballot.day) for ballot in arrived}
        deadlines = {place: self._deadline(*place, now) for place in places}
        for ballot, leaf in zip(arrived, leaves, strict=True):
            deadline = deadlines[ballot.region, ballot.day]
            yield ballot.entry, self._sign(Promise(ballot.hash, leaf, ballot.region, ballot.day, deadline))

    def _deadline(self, region: int, day: int, now: int) -> int:
        """When a ballot that is promised now is in the log."""
        seal = self._record.windows[region].plans[day - 1][1]
        return min(now + _ROUNDS * self._record.definition.round, seal)

    def _refuse(self, ballot: bytes, fault: Rejection) -> bytes:
        return self._sign(Refusal(refused_as(ballot, message=False), fault.reason, fault.detail, b""))

    def _sign(self, payload: Payload) -> bytes:
        return entries.encode(payload, self._election, self._key.public.raw, self._key.sign)

    # -- rounds

    def waiting(self) -> dict[bytes, bytes]:
        """Promised ballots that are not logged yet, by their body hash, ascending."""
        return self._promises.waiting()

    def logged(self, hashes: Iterable[bytes]) -> None:
        """Take note that the ballots of these body hashes are in the log."""
        self._promises.logged(hashes)
