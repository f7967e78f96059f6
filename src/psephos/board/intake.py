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
            promises = ledger.given(one.hash for one in arrived)
            new = [one for one in arrived if one.entry not in promises]
            faults |= self._faults(new, now)
            sound = [one for one in new if one.entry not in faults]
            faults |= self._promise(ledger, sound, now, promises)
            self._proven.note(one.entry for one in sound if one.entry in promises)
        return [promises.get(one) or self._refuse(one, faults[one]) for one in ballots]

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
        days = {(one.region, one.day) for one in arrived}
        misplaced = {place: fault for place in days if (fault := self._misplaced(*place, now))}
        faults = {
            one.entry: misplaced[one.region, one.day]
            for one in arrived
            if misplaced and (one.region, one.day) in misplaced
        }
        for region in {one.region for one in arrived if one.entry not in faults}:
            some = [one for one in arrived if one.region == region and one.entry not in faults]
            faults |= {
                one.entry: Rejection("card", "no batch of this region has this card")
                for one in self._strangers(region, some)
            }
        standing = [one.entry for one in arrived if one.entry not in faults]
        if standing:
            bad = check_ballots(
                b"".join(standing),
                lengths(standing),
                self._election,
                self._record.joint_key.point,
                self._styles,
            )
            faults |= {standing[at]: Rejection("proof", reason) for at, reason in bad}
        return faults

    def _misplaced(self, region: int, day: int, now: int) -> Rejection | None:
        """Why a day takes no ballots now."""
        record, windows = self._record, self._record.windows[region]
        over, name = record.closed or record.cancelled is not None, f"day {day} of {windows.region.id}"
        if over or windows.open_day != day:
            return Rejection("closed", f"{name} is not open")
        if now >= windows.plans[day - 1][1]:  # no promise can be kept before the planned seal any more
            return Rejection("closed", f"{name} is about to be sealed")
        return None

    def _strangers(self, region: int, arrived: Sequence[_Arrival]) -> Iterator[_Arrival]:
        """Those whose cards are in no batch of a region."""
        places = self._record.rosters[region].places(b"".join(one.card for one in arrived))
        return (one for one, place in zip(arrived, places, strict=True) if place == ABSENT)

    # -- answers

    def _promise(
        self, ledger: Ledger, arrived: Sequence[_Arrival], now: int, promises: dict[bytes, bytes]
    ) -> dict[bytes, Rejection]:
        """Promise what is sound, by entry; the faults of those whose card has used their serial that day."""
        used, sound, faults = ledger.used({one.card for one in arrived}), [], dict[bytes, Rejection]()
        for one in arrived:
            serials = used.setdefault((one.card, one.day), set())
            if one.serial in serials:
                faults[one.entry] = Rejection("serial", str(max(serials)))
                continue
            serials.add(one.serial)
            sound.append(one)
        promises.update(self._write(sound, now))
        given = [
            Promised(one.hash, one.card, one.day, one.serial, one.entry, promises[one.entry]) for one in sound
        ]
        ledger.give(given)
        return faults

    def _write(self, arrived: Sequence[_Arrival], now: int) -> Iterator[tuple[bytes, bytes]]:
        """The promises for ballots, by entry."""
        leaves = rows(leaf_hashes([one.entry for one in arrived]), 32)
        places = {(one.region, one.day) for one in arrived}
        deadlines = {place: self._deadline(*place, now) for place in places}
        for one, leaf in zip(arrived, leaves, strict=True):
            deadline = deadlines[one.region, one.day]
            yield one.entry, self._sign(Promise(one.hash, leaf, one.region, one.day, deadline))

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
